"""Deletes that break a rule: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace

from streamproof.mockserver.call import Answer, Call, Json
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import longer
from streamproof.mockserver.faults import Proceed, fault


@fault("dotide/delete/empty-body.null-behind-204")
def _null_behind_204(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 204 with the body `null`, where the way to the client lets it through."""
    answer = proceed(call)
    return replace(answer, body=Json("null")) if answer.accepted else answer


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
