"""Faults of bge whose answers are no JSON, or JSON that is read in two ways."""

from __future__ import annotations

from streamproof.mockserver import garbled
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault


@fault("bge/range/shape.byte-order-mark")
def _range_marked(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Begins a page with a byte order mark."""
    answer = proceed(call)
    return garbled.marked(answer) if answer.accepted else answer


@fault("bge/write/shape.name-twice")
def _write_named_twice(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers two ids, the right one last."""
    answer = proceed(call)
    return garbled.named_twice(answer, "stream_id") if answer.accepted else answer


@fault("bge/batch_write/shape.cut-short")
def _batch_cut_short(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves out the last bracket."""
    answer = proceed(call)
    return garbled.cut_short(answer) if answer.accepted else answer


@fault("bge/retrieve/shape.not-a-number")
def _retrieve_not_a_number(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows NaN for `data_type`."""
    answer = proceed(call)
    return garbled.not_a_number(answer, "data_type") if answer.accepted else answer


@fault("bge/bind/shape.empty")
def _bind_empty(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with no body."""
    answer = proceed(call)
    return garbled.nothing(answer) if answer.accepted else answer


FAULTS: tuple[Fault, ...] = tuple(each for each in globals().values() if isinstance(each, Fault))
