"""All checks of the bge API, and the life of what they write."""

from __future__ import annotations

from streamproof.contracts import shapes
from streamproof.contracts.bge import (
    answering,
    batch_duplicating,
    batching,
    calls,
    duplicating,
    paging,
    ranging,
    reading,
    signing,
    windowing,
    writing,
)
from streamproof.contracts.check import Check
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs import api

_SHOWS = {
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
    *duplicating.CHECKS,
    *batching.CHECKS,
    *batch_duplicating.CHECKS,
    *reading.CHECKS,
)


def _will_create(_request: Request) -> str | None:
    """Nothing is known of a record before its server names it."""
    return None


def _did_create(outcome: Outcome) -> str | None:
    if outcome.request.operation.id == "write" and calls.tells(outcome):
        return str(outcome.payload["stream_id"])
    return None


# No call deletes a record: what was written stays.
LIFECYCLE = Lifecycle(_will_create, _did_create, remove=None)
