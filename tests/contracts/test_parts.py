"""Parts of a check: as if one went after another, and at once where checks go so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest

from streamproof.contracts.check import Check, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort
from streamproof.contracts.finding import Finding
from streamproof.contracts.meter import Meter
from streamproof.contracts.names import Names
from streamproof.contracts.parts import parts
from streamproof.contracts.runner import Runner
from streamproof.specs import api
from tests.contracts.scripted import Scripted
from tests.contracts.test_runner import ok

DOTIDE = api.load("dotide")
RULE = "dotide/any/accepted-readable"
MANY = 6


def examined(run: Callable[[Trial], None], jobs: int, *others: Check) -> dict[str, Finding]:
    client = Client(DOTIDE, Scripted(ok([])), {}, Meter(jobs=jobs))
    runner = Runner(client, DOTIDE.rulebook, Names("abcdefgh"), {}, Effort(1))
    return runner.run([Check(RULE, run, last=True), *others], jobs=jobs)


def asks(trial: Trial, number: int) -> int:
    for _ in range(number):
        trial.client.call("list", limit=number)
    trial.holds(number != 3, "three", expected="another", actual="three")
    return number


@pytest.mark.parametrize("jobs", [1, 4])
def test_the_first_that_fails_is_told_with_its_own_steps(jobs: int) -> None:
    def run(trial: Trial) -> None:
        trial.client.call("list", limit=9)
        for _ in parts(trial, "parts", [partial(asks, number=n) for n in (1, 2, 3, 3)]):
            pass

    found = examined(run, jobs)[RULE]

    assert found.mismatch is not None
    assert found.mismatch.reason == "three"
    asked = [step.request.query for step in found.steps]
    assert asked[-3:] == [(("limit", "3"),)] * 3
    assert found.requests == (7 if jobs == 1 else 10)  # what goes at once isn't called back


@pytest.mark.parametrize("jobs", [1, 4])
def test_all_are_given_in_their_order(jobs: int) -> None:
    given: list[int] = []

    def run(trial: Trial) -> None:
        given.extend(parts(trial, "parts", [partial(asks, number=n) for n in (5, 1, 4, 2)]))

    found = examined(run, jobs)[RULE]

    assert given == [5, 1, 4, 2]
    assert found.requests == 12


def test_as_many_go_at_once_as_checks_do() -> None:
    together = threading.Barrier(MANY, timeout=60)

    def waits(trial: Trial) -> str:
        together.wait()
        return trial.names.letters()

    names: list[str] = []

    def run(trial: Trial) -> None:
        names.extend(parts(trial, "parts", [waits] * MANY))

    examined(run, MANY)

    assert len({*names}) == MANY


def test_what_may_do_harm_goes_when_all_else_is_judged() -> None:
    ended: list[str] = []
    free = [rule.id for rule in DOTIDE.rulebook if not rule.depends_on and not rule.needs][:8]

    def ends(trial: Trial, name: str) -> None:
        trial.client.call("list")
        ended.append(name)

    others = [Check(rule, partial(ends, name=rule)) for rule in free]
    examined(partial(ends, name=RULE), 8, *others)

    assert ended[-1] == RULE
    assert len(ended) == 9
