"""Faults about what a datastream shows of its datapoints, and what becomes of them with it."""

from __future__ import annotations

from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import Stream, each_stream, stored, stream_id
from streamproof.mockserver.faults import Proceed, fault

_NO_DATAPOINT = {"current_t": None, "current_v": None}


@fault("dotide/any/current-datapoint.never", on="any")
def _never(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows no datastream's newest datapoint."""
    return each_stream(proceed(call), _without)


@fault("dotide/any/current-datapoint.not-in-lists", on="list")
def _not_in_lists(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists datastreams without their newest datapoints."""
    return each_stream(proceed(call), _without)


def _without(row: Stream) -> Stream:
    return {**row, **_NO_DATAPOINT} if row.get("current_t") else row


@fault("dotide/delete_datapoints/current-follows.stays", on="any")
def _stays(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Goes on showing a newest datapoint that is deleted."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/current-follows", {})
    if call.operation.id == "delete_datapoints":
        old = stored(proceed, call, context)
        answer = proceed(call)
        if answer.accepted and old.get("current_t"):
            memory[old["id"]] = {name: old[name] for name in _NO_DATAPOINT}
        return answer
    answer = proceed(call)
    if call.operation.id == "create_datapoints":
        memory.pop(stream_id(call), None)
    return each_stream(answer, lambda row: {**row, **memory.get(row["id"], {})})


@fault("dotide/delete_datapoints/current-follows.none", on="any")
def _none(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows no newest datapoint once any was deleted, though others are left."""
    cleared: set[str] = context.space.scratch.setdefault("dotide/current-cleared", set())
    answer = proceed(call)
    if call.operation.id == "delete_datapoints" and answer.accepted:
        cleared.add(stream_id(call))
    if call.operation.id == "create_datapoints":
        cleared.discard(stream_id(call))
    return each_stream(answer, lambda row: _without(row) if row["id"] in cleared else row)


def _inherited(proceed: Proceed, call: Call, context: Context, most: int) -> Answer:
    """Gives the next datastream of a deleted one's id its newest datapoints."""
    memory: dict[str, list[Any]] = context.space.scratch.setdefault("dotide/inherited", {})
    operations = context.api.operations
    if call.operation.id == "delete":
        found = proceed(call.to(operations["list_datapoints"], id=stream_id(call)))
        answer = proceed(call)
        if answer.accepted and found.accepted:
            memory[stream_id(call)] = found.body["datapoints"][:most]
        return answer
    answer = proceed(call)
    if call.operation.id == "create" and answer.accepted:
        points = memory.pop(answer.body["id"], [])
        if points:
            proceed(call.to(operations["create_datapoints"], id=answer.body["id"], sent=points))
    return answer


@fault("dotide/any/datapoints-gone.kept", on="any")
def _kept(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives a new datastream the datapoints of a deleted one of its id."""
    return _inherited(proceed, call, context, 1000)


@fault("dotide/any/datapoints-gone.newest-kept", on="any")
def _newest_kept(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives a new datastream the newest datapoint of a deleted one of its id."""
    return _inherited(proceed, call, context, 1)
