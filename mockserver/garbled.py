"""Answers that a strict reader of JSON (RFC 8259) refuses, or reads in two ways, made from good
ones: for faults."""

from __future__ import annotations

from dataclasses import replace

import orjson

from streamproof.mockserver.call import Answer, Json


def not_a_number(answer: Answer, name: str) -> Answer:
    """With NaN, which is no JSON, for every member called `name`."""
    text = _text(answer).replace(f'"{name}":', f'"{name}":NaN,"-":')
    return replace(answer, body=Json(text))


def marked(answer: Answer) -> Answer:
    """With a byte order mark in front."""
    return replace(answer, body=Json("\ufeff" + _text(answer)))


def cut_short(answer: Answer) -> Answer:
    """Without its last character, though its head says that it is whole."""
    return replace(answer, body=Json(_text(answer)[:-1]))


def named_twice(answer: Answer, name: str) -> Answer:
    """With another value before the right one, for every member called `name`."""
    text = _text(answer).replace(f'"{name}":', f'"{name}":"other","{name}":')
    return replace(answer, body=Json(text))


def nothing(answer: Answer) -> Answer:
    """With no body."""
    return replace(answer, body=None)


def _text(answer: Answer) -> str:
    return orjson.dumps(answer.body).decode()
