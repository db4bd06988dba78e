"""An answer that can't be read breaks the rule on its shape, and keeps others from being judged."""

from streamproof.contracts.verdict import Verdict
from tests.contracts.dotide.targets import Answer, Bend, Call, Proceed, bent, by_verdict, judged


def reads_not_a_number(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    return answer.showing(current_v=float("nan")) if call.operation == "read" else answer


def test_only_the_shape_is_blamed_for_no_json() -> None:
    bend: Bend = reads_not_a_number
    rules = ("dotide/read/shape", "dotide/read/status", "dotide/any/id-in-path")
    done = judged(bent(bend), *rules, max_examples=2)
    failed = by_verdict(done, Verdict.FAILED)
    assert failed.keys() == {"dotide/read/shape"}
    assert "the body is no JSON: NaN at character" in failed["dotide/read/shape"]
    others = [ruling for ruling in done.rulings if ruling.verdict is Verdict.NOT_TESTED]
    assert {ruling.rule.id for ruling in others} == {*rules[1:]}
    assert {ruling.blocked_by for ruling in others} == {("dotide/read/shape",)}
