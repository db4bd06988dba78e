"""The law on malformed input finds the classic crashes, and takes no absence for one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.dotide.targets import Answer, Call, Proceed, bent, by_verdict, judged

RULE = "dotide/any/no-server-error"
CRASHES: dict[str, Callable[[Call], object]] = {
    "deep nesting": lambda call: call.body.startswith(b"[[[["),
    "no object": lambda call: call.body == b"[]",
    "no UTF-8": lambda call: b"\xff" in call.body,
    "an empty body": lambda call: call.operation == "update" and not call.body,
    "NUL in a path": lambda call: "\0" in call.path,
    "NUL in a text": lambda call: "\0" in str(call.fields.get("name")),
    "half a surrogate pair": lambda call: "\ud800" in str(call.fields.get("name")),
    "an object for an array": lambda call: isinstance(call.fields.get("tags"), dict),
    "a number for an id": lambda call: isinstance(call.fields.get("id"), int),
    "a limit in words": lambda call: call.query.get("limit") == "ten",
    "a huge offset": lambda call: len(call.query.get("offset", "")) == 40,
    "a long zone": lambda call: len(call.query.get("tz", "")) > 1000,
}


@pytest.mark.parametrize("status", [500, 502])
@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_on_odd_input_fails_the_rule(crash: str, status: int) -> None:
    def bend(call: Call, proceed: Proceed) -> Answer:
        return Answer(status) if CRASHES[crash](call) else proceed(call)

    assert list(by_verdict(judged(bent(bend), RULE), Verdict.FAILED)) == [RULE]


def test_all_kinds_of_crashes_are_told_with_the_steps_to_each() -> None:
    def bend(call: Call, proceed: Proceed) -> Answer:
        crashes = any(crash(call) for crash in CRASHES.values())
        return Answer(500) if crashes else proceed(call)

    [ruling] = judged(bent(bend), RULE).rulings
    assert ruling.finding.mismatch is not None
    told = ruling.finding.mismatch.expected
    for what in (
        "list with limit='ten' is answered below 500",
        "read with '%00' in the path too",
        "update with the body b'' too",
        "create with tags {'a': {}} too",
        "update with half a surrogate pair in the name too",
    ):
        assert what in told
    crashed = [step for step in ruling.finding.steps if step.status == 500]
    assert len(crashed) == told.count(" too") + 1 == ruling.finding.mismatch.actual.count("500")


def test_a_service_that_is_away_now_and_then_is_not_blamed() -> None:
    asked = 0

    def bend(call: Call, proceed: Proceed) -> Answer:
        nonlocal asked
        asked += 1
        return Answer(503) if asked % 7 == 0 else proceed(call)

    assert not by_verdict(judged(bent(bend), RULE), Verdict.FAILED)
