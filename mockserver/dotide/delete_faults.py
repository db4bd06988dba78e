"""Deletes that break a rule: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import longer, stored, stream_id, tags
from streamproof.mockserver.faults import Fault, Proceed, fault


@fault("dotide/delete/status.ok")
def _ok(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 200 in place of 204."""
    answer = proceed(call)
    return replace(answer, status=200) if answer.accepted else answer


@fault("dotide/delete/not-readable.from-memory", on="any")
def _from_memory(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Still reads a datastream that is deleted."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/not-readable", {})
    sent_id = stream_id(call)
    old = stored(proceed, call, context) if call.operation.id == "delete" else None
    answer = proceed(call)
    if old and answer.accepted:
        memory[sent_id] = old
    if call.operation.id == "read" and not answer.accepted and sent_id in memory:
        return Answer(200, memory[sent_id])
    return answer


@fault("dotide/delete/not-listed.from-memory", on="any")
def _listed_from_memory(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Still lists a datastream that is deleted, where the list holds all that carry its tags."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/not-listed", {})
    old = stored(proceed, call, context) if call.operation.id == "delete" else None
    answer = proceed(call)
    if old and answer.accepted:
        memory[old["id"]] = old
    paged = call.arguments.keys() & {"limit", "offset"}
    if call.operation.id != "list" or not answer.accepted or paged:
        return answer
    rows = {row["id"]: row for row in answer.body}
    rows = {i: row for i, row in memory.items() if _matches(call, row)} | rows
    return replace(answer, body=[rows[i] for i in sorted(rows)])


@fault("dotide/delete/stays-deleted.revived-by-update", on="any")
def _revived(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Brings a deleted datastream back when an update of it is rejected."""
    deleted: set[str] = context.space.scratch.setdefault("dotide/stays-deleted", set())
    answer = proceed(call)
    if call.operation.id == "delete" and answer.accepted:
        deleted.add(call.arguments["id"])
    if answer.rule == "dotide/update/unknown-id" and call.arguments["id"] in deleted:
        proceed(call.to(context.api.operations["create"], id=call.arguments["id"]))
    return answer


@fault("dotide/delete/others-stay.prefix")
def _prefix_deleted(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Deletes also datastreams whose ids begin with the id."""
    answer = proceed(call)
    for other in longer(proceed, call, context) if answer.accepted else ():
        proceed(call.to(context.api.operations["delete"], id=other))
    return answer


def _matches(call: Call, row: dict[str, Any]) -> bool:
    named, tagged = call.arguments.get("ids"), call.arguments.get("tags")
    return (not named or row["id"] in named.split(",")) and (
        not tagged or set(tagged.split(",")) <= set(tags(row))
    )


DELETE_FAULTS: tuple[Fault, ...] = (
    _ok,
    _from_memory,
    _listed_from_memory,
    _revived,
    _prefix_deleted,
)
