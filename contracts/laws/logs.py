"""Logs: a record's time is kept as the instant that it is, and what is rejected isn't kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Row
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws.stays import REJECTED
from streamproof.specs.schema import Validator
from streamproof.specs.wording import shown

IN_ANOTHER_ZONE = "a time in another zone, kept"
_ODD = 7 * timeline.SECOND  # so that an instant is no whole minute
_LEFT_OUT: Any = object()
_WRONG: Any = ("no such thing", True, {}, [])


@law("logs/instant-kept", IN_ANOTHER_ZONE)
def instant_kept(trial: Trial, subject: Subject) -> None:
    """A time in any zone that the target takes is listed as the same instant."""
    things, lists, name = subject.things, subject.lists, subject.facet.name
    trial.require(name in things.maker.arguments, f"a {name} that whoever makes a record sets")
    where = things.place(trial)
    known: list[Row] = []
    for zone in (UTC, timeline.EAST, timeline.WEST):
        at = timeline.fresh(trial.names) + _ODD
        sent = timeline.written(at, zone)
        fields = things.fields(trial, **{name: sent})
        outcome = trial.client.send(things.request(trial, where, fields))
        if zone is UTC:
            trial.given(outcome, f"a record with {name}={sent}")
        elif not trial.granted(outcome, f"a record with {name}={sent}"):
            continue
        thing = things.made(where, fields, outcome)
        if thing.key is None:
            trial.require(where, f"a key of a record, or a list of {subject.resource.name} alone")
        rows = lists.everything(trial, where, seek=[thing])
        new = lists.find(rows, thing) if thing.key is not None else _new(rows, known)
        known = rows
        times = {timeline.read(row.get(name)) for row in new}
        trial.require(times - {None}, f"a record with {name}={sent}, in the list, and its time")
        trial.holds(
            at in times,
            "another-instant",
            expected=f"{name} at the instant of {sent}",
            actual=shown(new[0].get(name)),
        )
        if zone is not UTC:
            trial.witness(IN_ANOTHER_ZONE)
    trial.require(IN_ANOTHER_ZONE in trial.seen, f"a zone in which {name} is taken")


@law("logs/rejected-keeps-nothing", REJECTED)
def rejected_keeps_nothing(trial: Trial, subject: Subject) -> None:
    """After a call with a bad field, or without a needed one, was rejected, no record of it is
    listed; a good one that follows is."""
    things, lists, name = subject.things, subject.lists, subject.facet.name
    first = things.make(trial)
    before = lists.everything(trial, first.where, seek=[first])
    breaches = [*_breaches(things, things.fields(trial))]
    trial.require(breaches, f"a bad record of {subject.resource.name}")
    sent, told = things.fields(trial), trial.draw(st.sampled_from(breaches))
    for what, change in (told, *(each for each in breaches if each is not told)):
        bad = {n: v for n, v in {**sent, **change}.items() if v is not _LEFT_OUT}
        outcome = trial.client.send(things.request(trial, first.where, bad))
        if not outcome.accepted:
            trial.refused(outcome, what)
            trial.witness(REJECTED)
            break
        sent, first = things.fields(trial), things.make(trial)  # what was kept is another's affair
        before = lists.everything(trial, first.where, seek=[first])
    trial.require(REJECTED in trial.seen, f"a bad record of {subject.resource.name}, rejected")
    last = things.make(trial, first.where)
    after = lists.everything(trial, first.where, seek=[last])
    trial.require(lists.find(after, last), "a good record, in the list")
    at = timeline.read(sent.get(name))
    good = lists.find(after, last)
    kept = [
        row
        for row in _new(after, before)
        if row not in good and (first.where or timeline.read(row.get(name)) == at)
    ]
    trial.holds(
        not kept,
        "kept",
        expected="no record of a rejected call",
        actual=f"{shown(kept[:1])}, after {what}",
    )


def _breaches(things: Things, fields: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What makes a good record a bad one by its schema, and a name for that."""
    body = things.maker.body
    for name in fields:
        judge = Validator(things.schema(name), things.api.openapi)
        wrong = next((value for value in _WRONG if judge.errors(value)), None)
        if wrong is not None:
            yield f"a record with {name}={shown(wrong)}", {name: wrong}
        if body is not None and name in body.needed:
            yield f"a record without {name}", {name: _LEFT_OUT}


def _new(rows: Sequence[Row], known: Sequence[Row]) -> list[Row]:
    """The rows that weren't known; of equal ones those beyond the number known."""
    left = Counter(map(repr, known))
    found = []
    for row in rows:
        if left[repr(row)]:
            left[repr(row)] -= 1
        else:
            found.append(row)
    return found


LAWS = (instant_kept, rejected_keeps_nothing)
