"""Orders: what stands before what is the same wherever both are shown."""

from __future__ import annotations

from collections.abc import Sequence

from streamproof.contracts.check import Trial

IN_BOTH = "two members in both lists"


def one_order(trial: Trial, whole: Sequence[str], other: Sequence[str], what: str) -> None:
    """Members that stand in both lists stand in the same order; a repeated one counts once."""
    common = [member for member in dict.fromkeys(other) if member in whole]
    trial.equal(common, sorted(common, key=whole.index), what, reason="another-order")
    if len(common) > 1:
        trial.witness(IN_BOTH)
