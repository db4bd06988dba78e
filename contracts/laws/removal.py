"""Removal: what was removed is no longer there, wherever one looks."""

from __future__ import annotations

from collections.abc import Callable

from streamproof.contracts.check import Trial
from streamproof.contracts.wire import Outcome

SEEN_BEFORE = "the object, seen before its removal"


def not_found(
    trial: Trial, find: Callable[[], bool], remove: Callable[[], Outcome], where: str, *shows: str
) -> None:
    """`find` finds the object before its removal, as the rules `shows` say, and no longer
    afterwards."""
    trial.require(find(), f"the object in {where} before its removal", *shows)
    trial.given(remove(), "the removal")
    trial.holds(
        not find(),
        "still-there",
        expected=f"gone from {where} after its removal",
        actual="still there",
    )
    trial.witness(SEEN_BEFORE)
