"""All checks of the bge API, and the life of what they write."""

from __future__ import annotations

from collections.abc import Mapping

from streamproof.contracts import shapes
from streamproof.contracts.bge import (
    answering,
    batch_duplicating,
    batch_items,
    batching,
    calls,
    duplicating,
    oddities,
    paging,
    ranging,
    reading,
    sequences,
    signing,
    windowing,
    writing,
)
from streamproof.contracts.check import Check, Unmet
from streamproof.contracts.laws.defaults import Show
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs import api

_SHOWS: Mapping[str, Show] = {
    "bge/range/sort-default": ranging.times_shown,
    "bge/write/duplicate-default": duplicating.count_of_two,
    "bge/batch_write/duplicate-default": batch_duplicating.count_of_two,
}

CHECKS: tuple[Check, ...] = (
    *shapes.generated(api.load("bge"), answering.ARGUMENTS, _SHOWS),
    *answering.CHECKS,
    *signing.CHECKS,
    *ranging.CHECKS,
    *windowing.CHECKS,
    *paging.CHECKS,
    *writing.CHECKS,
    *oddities.CHECKS,
    *duplicating.CHECKS,
    *batching.CHECKS,
    *batch_items.CHECKS,
    *batch_duplicating.CHECKS,
    *reading.CHECKS,
    *sequences.CHECKS,
)


# The rules that say that a good call of an operation is accepted.
PROMISES = {operation: (f"bge/{operation}/minimal-call",) for operation in calls.CHIEF}


def _will_create(_request: Request) -> str | None:
    """Nothing is known of a record before its server names it."""
    return None


def _did_create(outcome: Outcome) -> tuple[str, ...]:
    operation = outcome.request.operation.id
    if operation not in ("write", "batch_write") or not calls.tells(outcome):
        return ()
    try:
        if operation == "write":
            return (calls.stream_id(outcome.payload),)
        answers = calls.answers(outcome.payload)
    except Unmet:
        return ()
    return tuple(found for answer in answers if (found := calls.told_id(answer)))


# No call deletes a record: what was written stays.
LIFECYCLE = Lifecycle(_will_create, _did_create, remove=None, room=("time_span",))
