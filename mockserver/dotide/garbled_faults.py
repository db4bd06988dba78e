"""Faults of Dotide whose answers are no JSON, or JSON that is read in two ways."""

from __future__ import annotations

from dataclasses import replace

from streamproof.mockserver import garbled
from streamproof.mockserver.call import Answer, Call, Json
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault


@fault("dotide/list/shape.byte-order-mark")
def _list_marked(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Begins a list with a byte order mark."""
    answer = proceed(call)
    return garbled.marked(answer) if answer.accepted else answer


@fault("dotide/list/shape.name-twice")
def _list_named_twice(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows two names in each row, the right one last."""
    answer = proceed(call)
    return garbled.named_twice(answer, "name") if answer.accepted else answer


@fault("dotide/create/shape.empty")
def _create_empty(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with no body."""
    answer = proceed(call)
    return garbled.nothing(answer) if answer.accepted else answer


@fault("dotide/read/shape.not-a-number")
def _read_not_a_number(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows NaN for a `current_v` that isn't there."""
    answer = proceed(call)
    return garbled.not_a_number(answer, "current_v") if answer.accepted else answer


@fault("dotide/update/shape.cut-short")
def _update_cut_short(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves out the last bracket."""
    answer = proceed(call)
    return garbled.cut_short(answer) if answer.accepted else answer


@fault("dotide/delete/empty-body.null-behind-204")
def _null_behind_204(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 204 with the body `null`, where the way to the client lets it through."""
    answer = proceed(call)
    return replace(answer, body=Json("null")) if answer.accepted else answer


GARBLED_FAULTS: tuple[Fault, ...] = tuple(
    each for each in globals().values() if isinstance(each, Fault)
)
