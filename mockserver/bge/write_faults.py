"""Writes that break a rule: one function and one sentence each."""

from __future__ import annotations

import json
import uuid
from typing import Any

from streamproof.mockserver.bge.tampering import (
    asked,
    each_row,
    only_rows,
    payload,
    pretended,
    refused,
    remembered,
    resigned,
    rows,
    sent,
    showing,
)
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

DUPLICATE = "bge/write/duplicate-not-stored"
_ENTITY, _ELEMENT = "fundamental_entity_id", "data_element_id"
_TIME, _DATA = "stream_generate_time", "stream_data"


@fault("bge/write/duplicate-despite-other-data.data-counts")
def _data_counts(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Calls a record a duplicate only when its data is the same too."""
    answer = proceed(call)
    if answer.rule != DUPLICATE:
        return answer
    same = any(row[_DATA] == call.arguments[_DATA] for row in standing(proceed, call, context))
    return answer if same else proceed(call.changed(duplicate_enabled=True))


@fault("bge/write/duplicate-of-flagged.not-seen")
def _flagged_not_seen(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Finds no duplicate in a record that was written with `duplicate_enabled` true."""
    written = remembered(context, "bge/write/duplicate-of-flagged")
    key = _key(call, _ENTITY, _ELEMENT, _TIME)
    flagged = call.arguments.get("duplicate_enabled") is True
    answer = proceed(call)
    if answer.rule == DUPLICATE and written.get(key):
        answer = proceed(call.changed(duplicate_enabled=True))
    if answer.accepted:
        written[key] = flagged and written.get(key, True)
    return answer


@fault("bge/write/duplicate-keeps-older.data-replaced", on="any")
def _data_replaced(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a duplicate, but gives its data to the older record."""
    replaced = remembered(context, "bge/write/duplicate-keeps-older")
    answer = proceed(call)
    if answer.rule == DUPLICATE:
        for row in standing(proceed, call, context):
            replaced[row["stream_id"]] = call.arguments[_DATA]
    return each_row(
        answer, context, lambda row: {**row, _DATA: replaced.get(row["stream_id"], row[_DATA])}
    )


@fault("bge/write/other-entity-no-duplicate.rejected")
def _other_entity(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a record like one of another entity."""
    return _unlike(proceed, call, context, _ENTITY, _key(call, _ELEMENT, _TIME))


@fault("bge/write/other-element-no-duplicate.rejected")
def _other_element(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a record like one of another data element."""
    return _unlike(proceed, call, context, _ELEMENT, _key(call, _ENTITY, _TIME))


@fault("bge/write/concurrent-one-stored.look-first")
def _look_first(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Looks for a duplicate first, and stores every one of the writes that saw none."""
    saw_none = not standing(proceed, call, context)
    context.race_window()
    return proceed(call.changed(duplicate_enabled=True) if saw_none else call)


@fault("bge/write/unknown-entity-rejected.pretended")
def _unknown_entity(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers a write for an unknown entity as if it were stored."""
    answer = proceed(call)
    return _unstored(context) if answer.rule == "bge/write/unknown-entity-rejected" else answer


@fault("bge/write/bad-time-rejected.read-as-1970")
def _read_as_1970(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads a generate time that is no time as 1970."""
    answer = proceed(call)
    if answer.rule != "bge/write/bad-time-rejected":
        return answer
    return proceed(call.changed(stream_generate_time="1970"))


@fault("bge/write/data-not-json-rejected.kept-as-text")
def _kept_as_text(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores data that is no JSON as text."""
    answer = proceed(call)
    if answer.rule != "bge/write/data-not-json-rejected":
        return answer
    return proceed(resigned(call, context, stream_data=json.dumps(sent(call)[_DATA])))


@fault("bge/write/retrievable.other-id")
def _other_id(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers an id that the stored record doesn't have."""
    return showing(proceed(call), context, stream_id=str(uuid.uuid4()))


@fault("bge/write/found-by-range.latest-hidden", on="any")
def _latest_hidden(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Leaves the record that was written last out of every range."""
    latest = remembered(context, "bge/write/found-by-range")
    answer = proceed(call)
    if call.operation.id == "write" and answer.accepted:
        latest["id"] = payload(answer, context)["stream_id"]
    if call.operation.id == "range":
        return only_rows(answer, context, lambda row: row["stream_id"] != latest.get("id"))
    return answer


def standing(proceed: Proceed, call: Call, context: Context) -> list[dict[str, Any]]:
    """The records that a write repeats."""
    time = call.arguments.get(_TIME)
    found = asked(
        call,
        context,
        "range",
        namespace=context.fixtures["namespace"],
        data_element_id=call.arguments.get(_ELEMENT),
        fundamental_entity_id=call.arguments.get(_ENTITY),
        start_time=time,
        end_time=time,
    )
    return list(rows(proceed(found), context))


def _unlike(
    proceed: Proceed, call: Call, context: Context, differing: str, key: tuple[object, ...]
) -> Answer:
    """Reject a write whose `key` was written before with another value of `differing`."""
    written = remembered(context, f"bge/unlike/{differing}")
    value = str(call.arguments.get(differing))
    if written.setdefault(key, value) != value:
        return refused(proceed, call)
    return proceed(call)


def _unstored(context: Context) -> Answer:
    return pretended(context, {"stream_id": str(uuid.uuid4())})


def _key(call: Call, *names: str) -> tuple[object, ...]:
    return tuple(str(call.arguments.get(name)) for name in names)
