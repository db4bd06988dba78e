"""Answers of another status or form than the rules say: one function and one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import (
    Stream,
    each_stream,
    showing,
    stored,
    stream_id,
    tags,
)
from streamproof.mockserver.faults import Proceed, fault


@fault("dotide/create/echo.without-properties")
def _without_properties(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers without properties, though it stores them."""
    answer = proceed(call)
    return showing(answer, properties={}) if answer.accepted else answer


@fault("dotide/read/status.zoned-only")
def _read_zoned_203(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 203 to a read with `tz`."""
    answer = proceed(call)
    return _answering(203, answer) if "tz" in call.arguments else answer


@fault("dotide/read/as-created.nameless")
def _nameless(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads a datastream without its name."""
    return each_stream(proceed(call), lambda row: {**row, "name": None})


@fault("dotide/update/status.accepted")
def _update_202(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 202 to an update of tags alone."""
    answer = proceed(call)
    return _answering(202, answer) if call.fields.keys() == {"tags"} else answer


@fault("dotide/update/answers-new.old-tags")
def _old_tags(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers with the tags that the datastream had before."""
    old, answer = stored(proceed, call, context), proceed(call)
    return showing(answer, tags=tags(old)) if answer.accepted else answer


@fault("dotide/update/id-stays.of-the-body")
def _id_of_the_body(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with the id that the body sends."""
    answer, sent = proceed(call), call.fields.get("id")
    return showing(answer, id=sent) if answer.accepted and isinstance(sent, str) else answer


@fault("dotide/update/id-stays.moves")
def _moves(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Moves a datastream to the id that the body of an update sends."""
    answer, sent = proceed(call), call.fields.get("id")
    if not answer.accepted or not isinstance(sent, str) or sent == stream_id(call):
        return answer
    content = {n: v for n, v in answer.body.items() if n in _CONTENT and v is not None}
    made = proceed(call.to(context.api.operations["create"], id=sent, **content))
    if made.accepted:
        proceed(call.to(context.api.operations["delete"], id=stream_id(call)))
    return replace(made, status=200, headers={}) if made.accepted else answer


@fault(
    "dotide/delete/empty-body.what-was-deleted",
    also_fails={
        "dotide/delete/status": "Few clients see a body behind a 204, so another status stands."
    },
)
def _what_was_deleted(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers 200 with the datastream that it deleted."""
    old, answer = stored(proceed, call, context), proceed(call)
    return replace(answer, status=200, body=old) if answer.accepted else answer


@fault("dotide/any/updated-not-before-created.an-hour-earlier")
def _an_hour_earlier(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows every `updated_at` an hour too early."""
    return each_stream(proceed(call), _earlier(timedelta(hours=1)))


@fault("dotide/any/updated-not-before-created.a-moment-earlier")
def _a_moment_earlier(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows every `updated_at` a millisecond too early."""
    return each_stream(proceed(call), _earlier(timedelta(milliseconds=1)))


def _answering(status: int, answer: Answer) -> Answer:
    return replace(answer, status=status) if answer.accepted else answer


def _earlier(by: timedelta) -> Callable[[Stream], Stream]:
    def change(row: Stream) -> Stream:
        shown = datetime.fromisoformat(row["updated_at"]) - by
        return {**row, "updated_at": shown.isoformat(timespec="milliseconds")}

    return change


_CONTENT = ("name", "type", "tags", "properties")
