"""What stays: calls that must leave something as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome

LOOKED_TWICE = "the same thing, seen before and after"
REJECTED = "a rejected call"


def stays(
    trial: Trial, look: Callable[[], Any], act: Callable[[], object], what: str, *, reason: str
) -> None:
    """What `look` sees is the same after `act` as before."""
    before = look()
    act()
    as_before(trial, look, before, what, reason)
    trial.witness(LOOKED_TWICE)


def rejected_changes_nothing(
    trial: Trial, look: Callable[[], Any], call: Callable[[], Outcome], what: str, *rules: str
) -> None:
    """What `look` sees is the same after a rejected call as before.

    Whether the call is rejected is for other `rules` to say.
    """
    before = look()
    outcome = call()
    trial.refused(outcome, "a bad call", *rules)
    as_before(trial, look, before, what, "changed-by-a-rejected-call")
    trial.witness(REJECTED)


def as_before(trial: Trial, look: Callable[[], Any], before: Any, what: str, reason: str) -> None:
    """Looking shows the same as before, unless looking itself changes what is seen."""
    after = look()
    if not same(after, before):
        trial.require(same(look(), after), f"{what}, the same when looked at twice")
        trial.equal(after, before, what, reason=reason)
