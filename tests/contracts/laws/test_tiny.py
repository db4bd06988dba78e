"""The larder in which laws are tried out: good as it is, and bent by one sentence."""

from __future__ import annotations

from streamproof.contracts.verdict import Verdict
from tests.contracts.laws.tiny import judged


def test_it_breaks_nothing_and_is_left_as_it_was() -> None:
    run = judged()

    told = [f"{r.rule.id}: {r.message}" for r in run.rulings if r.verdict is not Verdict.PASSED]
    assert not [each for each in told if not each.endswith("no check yet")]
    assert run.cleanup.left == 0
