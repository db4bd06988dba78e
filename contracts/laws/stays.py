"""What stays: calls that must leave something as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome

LOOKED_TWICE = "the same thing, seen before and after"
REJECTED = "a rejected call"
_ROUNDS: Final = 4


def stays(
    trial: Trial, look: Callable[[], Any], act: Callable[[], object], what: str, *, reason: str
) -> None:
    """What `look` sees is the same after `act` as before.

    Where others may write, it has to change with every act, and never in a pause as long.
    """
    for _ in range(_ROUNDS if trial.reads_only else 1):
        before, begun = look(), time.monotonic()
        act()
        after, took_s = look(), time.monotonic() - begun
        if same(after, before):
            trial.witness(LOOKED_TWICE)
            return
        if trial.reads_only:
            time.sleep(took_s)
        trial.require(same(look(), after), f"{what}, the same when looked at twice")
    trial.equal(after, before, what, reason=reason)


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
