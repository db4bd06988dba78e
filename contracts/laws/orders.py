"""Orders: by a key that is shown, and the same wherever two things are shown together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from streamproof.contracts.check import Trial

IN_BOTH = "two members in both lists"


def in_order(
    trial: Trial,
    records: Sequence[Any],
    *,
    key: Callable[[Any], Any],
    descending: bool,
    told: Callable[[Any], str] = str,
) -> None:
    """Records come by `key`, rising or falling; equal keys may stand in any order. Messages show
    keys as `told`."""
    keys = [key(record) for record in records]
    wanted = sorted(keys, reverse=descending)
    if keys != wanted:
        at = next(i for i, (got, want) in enumerate(zip(keys, wanted, strict=True)) if got != want)
        trial.fail(
            "out-of-order",
            expected=f"{'falling' if descending else 'rising'} order, {told(wanted[at])} at {at}",
            actual=f"{told(keys[at])} at {at}",
        )
    if len(set(keys)) > 1:
        trial.witness("two distinct keys")


def one_order(trial: Trial, whole: Sequence[str], other: Sequence[str], what: str) -> None:
    """Members that stand in both lists stand in the same order; a repeated one counts once."""
    common = [member for member in dict.fromkeys(other) if member in whole]
    trial.equal(common, sorted(common, key=whole.index), what, reason="another-order")
    if len(common) > 1:
        trial.witness(IN_BOTH)
