"""The runner keeps what it saw: failures, missing witnesses, the end of a run, its own faults."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from streamproof.contracts.check import Check, Mismatch, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort
from streamproof.contracts.finding import Finding, blockers
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.names import Names
from streamproof.contracts.runner import Runner
from streamproof.contracts.transport import NoAnswer
from streamproof.contracts.verdict import Headline, Verdict, headline, rule_on_all
from streamproof.contracts.wire import Answer, Outcome
from streamproof.specs import api
from tests.contracts.scripted import Respond, Scripted

DOTIDE = api.load("dotide")
RULES = [rule for rule in DOTIDE.rulebook if not rule.depends_on and not rule.needs][:3]
RULE = RULES[0].id
DEPENDENT = next(rule for rule in DOTIDE.rulebook if rule.depends_on and not rule.needs)


def ok(body: Any, status: int = 200) -> Respond:
    return lambda *_: Answer(status, {}, json.dumps(body).encode())


def silent(*_: object) -> Answer:
    raise NoAnswer("connection refused")


def calls_list(trial: Trial) -> None:
    for _ in range(3):
        trial.client.call("list")


def run(
    *checks: Check,
    answer: Respond | None = None,
    limits: Limits | None = None,
    effort: Effort | None = None,
) -> tuple[dict[str, Finding], Runner, Scripted]:
    target = Scripted(answer or ok([]))
    client = Client(DOTIDE, target, {}, Meter(limits or Limits()))
    runner = Runner(client, DOTIDE.rulebook, Names("abcdefgh"), {}, effort or Effort(seed=1))
    return runner.run(checks), runner, target


def verdict_of(rule_id: str, findings: Mapping[str, Finding]) -> Verdict:
    (ruling,) = rule_on_all([DOTIDE.rulebook[rule_id]], findings, DOTIDE.rulebook)
    return ruling.verdict


def test_a_check_without_its_witness_is_not_a_pass() -> None:
    findings, _, _ = run(Check(RULE, lambda trial: None, ("two pages",)))
    assert findings[RULE].missing == ("two pages",)
    assert verdict_of(RULE, findings) is Verdict.NOT_TESTED


def test_a_check_with_its_witness_passes() -> None:
    findings, _, _ = run(Check(RULE, lambda trial: trial.witness("seen"), ("seen",)))
    assert verdict_of(RULE, findings) is Verdict.PASSED


def test_the_smallest_failure_is_kept() -> None:
    def check(trial: Trial) -> None:
        length = trial.draw(st.integers(0, 50))
        for _ in range(length):
            trial.client.call("list")
        trial.holds(length < 7, "too-many", expected="fewer than 7", actual=str(length))

    findings, _, _ = run(Check(RULE, check), effort=Effort(1, 100, shrink_requests=2000))
    assert findings[RULE].mismatch == Mismatch("too-many", "fewer than 7", "7")
    assert len(findings[RULE].steps) == 7


def test_shrinking_keeps_to_its_budget() -> None:
    def check(trial: Trial) -> None:
        length = trial.draw(st.integers(1, 50))
        for _ in range(length):
            trial.client.call("list")
        trial.holds(length < 30, "too-many", expected="fewer", actual=str(length))

    findings, _, target = run(Check(RULE, check), effort=Effort(1, 100, shrink_requests=60))
    first_failure_at = sum(1 for _ in findings[RULE].steps)
    assert findings[RULE].mismatch is not None
    assert first_failure_at >= 30
    assert target.count <= 100 * 30 + 60 + 50


def test_a_failure_that_does_not_come_again_is_still_a_failure() -> None:
    calls: list[int] = []

    def check(trial: Trial) -> None:
        trial.draw(st.integers(0, 5))
        calls.append(1)
        trial.holds(len(calls) != 3, "once", expected="never", actual="once")

    findings, _, _ = run(Check(RULE, check))
    assert verdict_of(RULE, findings) is Verdict.FAILED


def test_the_same_seed_draws_the_same() -> None:
    drawn: list[list[int]] = [[], []]
    for notes in drawn:

        def check(trial: Trial, notes: list[int] = notes) -> None:
            notes.append(trial.draw(st.integers(0, 1000)))

        run(Check(RULE, check))
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) > 5


def test_a_fault_of_the_suite_is_no_verdict_on_the_target() -> None:
    def check(trial: Trial) -> None:
        raise ZeroDivisionError

    findings, _, _ = run(Check(RULE, check))
    assert verdict_of(RULE, findings) is Verdict.HARNESS_ERROR
    assert (
        headline(rule_on_all(RULES, findings, DOTIDE.rulebook), complete=True)
        is Headline.HARNESS_ERROR
    )


def test_five_silent_requests_end_the_run() -> None:
    checks = [Check(rule.id, calls_list) for rule in RULES]
    findings, runner, target = run(*checks, answer=silent)
    assert runner.ended == "the target does not answer (connection refused)"
    assert target.count == 5
    assert all(verdict_of(rule.id, findings) is not Verdict.FAILED for rule in RULES)


def test_the_limit_of_requests_ends_the_run() -> None:
    def check(trial: Trial) -> None:
        while True:
            trial.client.call("list")

    _, runner, target = run(Check(RULE, check), limits=Limits(max_requests=20))
    assert target.count == 20
    assert runner.ended == "the limit of 20 requests is used up"


def test_a_rule_is_not_blamed_for_what_it_depends_on() -> None:
    def broken(trial: Trial) -> None:
        trial.fail("wrong", expected="right", actual="wrong")

    needed = DEPENDENT.depends_on[0]
    asked: list[str] = []
    findings, _, _ = run(
        Check(needed, broken),
        Check(DEPENDENT.id, lambda trial: asked.append("asked")),
    )
    assert not asked
    assert blockers(DEPENDENT.id, DOTIDE.rulebook, findings) == (needed,)
    assert verdict_of(DEPENDENT.id, findings) is Verdict.NOT_TESTED


def test_what_a_rule_waits_for_is_told_at_any_remove_though_two_wait_for_each_other() -> None:
    failed = Finding((), mismatch=Mismatch("wrong", "right", "wrong"))
    first, second, third = (rule.id for rule in RULES)
    findings = {
        first: Finding((), unmet="the second", owed=(second,)),
        second: Finding((), unmet="the first and the third", owed=(first, third)),
        third: failed,
    }
    assert blockers(first, DOTIDE.rulebook, findings) == (third,)
    assert blockers(second, DOTIDE.rulebook, {**findings, third: Finding((), examples=1)}) == ()


def test_a_watch_judges_answers_that_other_checks_receive() -> None:
    def watch(outcome: Outcome) -> Mismatch | bool:
        return Mismatch("status", "status 200", "status 202") if outcome.status == 202 else True

    findings, _, _ = run(
        Check(RULES[0].id, lambda trial: None, watch=watch),
        Check(RULES[1].id, calls_list),
        answer=ok([], status=202),
    )
    assert verdict_of(RULES[0].id, findings) is Verdict.FAILED
    assert [step.status for step in findings[RULES[0].id].steps] == [202]


def test_what_is_built_once_stands_in_every_transcript() -> None:
    def build(trial: Trial) -> int:
        trial.client.call("create", id="a")
        return 1

    def check(trial: Trial) -> None:
        assert trial.once(build) == 1
        trial.client.call("read", id="a")
        trial.holds(trial.draw(st.booleans()), "x", expected="x", actual="y")

    findings, _, _ = run(Check(RULE, check))
    assert [step.request.method for step in findings[RULE].steps] == ["POST", "GET"]


@pytest.mark.parametrize(
    ("verdicts", "complete", "expected"),
    [
        ([], True, Headline.INCONCLUSIVE),
        (["passed"], True, Headline.CONFORMS),
        (["passed"], False, Headline.INCONCLUSIVE),
        (["passed", "failed"], False, Headline.DOES_NOT_CONFORM),
        (["passed", "unseen"], True, Headline.INCONCLUSIVE),
        (["failed", "crashed"], True, Headline.HARNESS_ERROR),
    ],
)
def test_headline(verdicts: list[str], complete: bool, expected: Headline) -> None:
    kinds = {
        "passed": Finding((), examples=1),
        "failed": Finding((), examples=1, mismatch=Mismatch("r", "a", "b")),
        "unseen": Finding(("w",), examples=1),
        "crashed": Finding((), examples=1, crash="Traceback\nZeroDivisionError"),
    }
    rules = [r for r in DOTIDE.rulebook if r.level.value == "documented" and not r.depends_on]
    chosen = rules[: len(verdicts)]
    findings = {r.id: kinds[v] for r, v in zip(chosen, verdicts, strict=True)}
    assert headline(rule_on_all(chosen, findings, DOTIDE.rulebook), complete) is expected


def test_what_comes_last_of_all_comes_last() -> None:
    order: list[str] = []

    def notes(name: str) -> Callable[[Trial], None]:
        return lambda _trial: order.append(name)

    run(
        Check(RULES[0].id, notes("last"), last=True),
        Check(RULES[1].id, notes("first")),
        Check(RULES[2].id, notes("second")),
    )
    assert order == ["first", "second", "last"]
