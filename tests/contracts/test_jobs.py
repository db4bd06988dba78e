"""Checks side by side: they find what they find one after another, and keep to the same limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.check import Check, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort
from streamproof.contracts.finding import Finding
from streamproof.contracts.latency import jobs_for
from streamproof.contracts.meter import Limits, Meter
from streamproof.contracts.names import Names
from streamproof.contracts.races import at_once
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.runner import Runner
from streamproof.contracts.transport import HttpTransport
from streamproof.contracts.wire import Answer
from streamproof.running import mock
from streamproof.specs import api
from tests.contracts.scripted import Scripted
from tests.contracts.test_runner import ok

DOTIDE = api.load("dotide")
FIELDPOST = str(Path(__file__).parents[2] / "examples" / "fieldpost")
FREE = [rule.id for rule in DOTIDE.rulebook if not rule.depends_on and not rule.needs][:8]
LATENCY_MS = 2
_LISTS_ALL = ("list_tokens/shows-created", "/any/model")


def ruled(name: str, jobs: int, faults: tuple[str, ...] = (), **options: Any) -> Run:
    """A run against a mock of its own, a little way off."""
    with mock(apis=(name,), faults=list(faults)) as served:
        spec = api.load(name)
        there = getattr(served, spec.name)
        served.fault("latency", ms=LATENCY_MS)
        credentials = {key: getattr(there, key) for key in spec.credentials}
        target = Target(spec, HttpTransport(there.url), credentials, spec.fixtures)
        usual = Options(seed=1, run_id="sidebyside", max_examples=2)
        return run(target, replace(usual, jobs=jobs, **options))


def told(done: Run) -> Mapping[str, Any]:
    """What a run says of each rule; examples but where a list has all that is there, whose pages
    may not come to an end while others write."""
    return {
        each.rule.id: (
            each.verdict,
            each.blocked_by,
            each.fingerprint,
            None if each.rule.id.endswith(_LISTS_ALL) else each.finding.examples,
            sorted(each.finding.seen),
        )
        for each in done.rulings
    }


def spent(done: Run) -> Mapping[str, int]:
    """Requests by rule, but where a list has all that is there, which others make beside it."""
    found = {each.rule.id: each.finding.requests for each in done.rulings}
    return {rule: n for rule, n in found.items() if not rule.endswith(_LISTS_ALL)}


def seen(done: Run) -> list[tuple[str, object, bool, str]]:
    """What a run saw of the silent points."""
    return [(each.point, each.choice, each.consistent, each.why) for each in done.observations]


@pytest.mark.parametrize("name", ["dotide", "bge", FIELDPOST])
def test_the_same_is_found_at_the_same_expense(name: str) -> None:
    alone, beside = ruled(name, 1, observe=True), ruled(name, 8, observe=True)
    assert alone.ended is None
    assert told(beside) == told(alone)
    assert seen(beside) == seen(alone)
    # on a busy machine a look or two come too early, and are taken again
    assert spent(beside) == pytest.approx(spent(alone), rel=0.05, abs=2)
    assert beside.cleanup.deleted == beside.cleanup.created or name == "bge"  # it has no delete


@pytest.mark.parametrize(
    ("name", "fault", "only"),
    [
        ("dotide", "dotide/list/limit.ignored", "dotide/list/*"),
        ("dotide", "dotide/read/as-created.nameless", "dotide/*/*-c*"),
        ("bge", "bge/range/sort-asc.descending", "bge/range/*"),
        ("dotide", "dotide/delete/others-stay.prefix", "dotide/delete/*"),
        ("dotide", "dotide/any/no-server-error.breaks-down", "dotide/any/*-t*"),
    ],
)
def test_a_rule_that_fails_blocks_the_same_ones(name: str, fault: str, only: str) -> None:
    selection = Selection(only=(only, fault.partition(".")[0]))
    alone, beside = (ruled(name, jobs, (fault,), selection=selection) for jobs in (1, 4))
    assert any(each.broken for each in alone.rulings)
    assert told(beside) == told(alone)


def examined(
    checks: Mapping[str, Check], jobs: int, meter: Meter, latency_s: float = 0.0
) -> tuple[dict[str, Finding], Scripted]:
    def answer(method: str, path: str, body: bytes | None) -> Answer:
        time.sleep(latency_s)
        return ok([])(method, path, body)

    target = Scripted(answer)
    client = Client(DOTIDE, target, {}, meter)
    runner = Runner(client, DOTIDE.rulebook, Names("abcdefgh"), {}, Effort(1))
    return runner.run([*checks.values()], jobs=jobs), target


def lists(trial: Trial) -> None:
    for _ in range(5):
        trial.client.call("list")


def test_a_rate_holds_for_all_together() -> None:
    begun = time.monotonic()
    _, target = examined({rule: Check(rule, lists) for rule in FREE}, 8, Meter(Limits(rate=100)))
    assert target.count == 40
    assert time.monotonic() - begun >= 0.39  # the first goes at once


def test_a_limit_of_requests_holds_for_all_together() -> None:
    findings, target = examined(
        {rule: Check(rule, lists) for rule in FREE}, 8, Meter(Limits(max_requests=17)), 0.001
    )
    assert target.count == 17
    assert any("17 requests" in str(found.unmet) for found in findings.values())


def test_a_budget_of_time_holds_for_all_together() -> None:
    meter = Meter(Limits(deadline=time.monotonic() + 0.1))

    def goes_on(trial: Trial) -> None:
        while True:
            trial.client.call("list")

    findings, _ = examined({rule: Check(rule, goes_on) for rule in FREE}, 4, meter, 0.005)
    assert {found.unmet for found in findings.values()} == {"the time budget is used up"}


def test_told_to_end_all_end() -> None:
    meter = Meter()

    def ends(trial: Trial) -> None:
        if trial.client.call("list") and meter.requests > 20:
            meter.stop.ask()

    def goes_on(trial: Trial) -> None:
        while True:
            ends(trial)

    findings, _ = examined({rule: Check(rule, goes_on) for rule in FREE}, 4, meter, 0.001)
    assert {found.unmet for found in findings.values()} == {"interrupted"}


def test_ctrl_c_ends_those_under_way() -> None:
    meter, begun = Meter(), threading.Event()

    def goes_on(trial: Trial) -> None:
        begun.set()
        while True:
            trial.client.call("list")

    def progress(_rule: str, done: int, _total: int) -> None:
        if done == 2:
            begun.wait()
            raise KeyboardInterrupt

    client = Client(DOTIDE, Scripted(ok([])), {}, meter)
    runner = Runner(client, DOTIDE.rulebook, Names("abcdefgh"), {}, Effort(1), progress)
    with pytest.raises(KeyboardInterrupt):
        runner.run([Check(rule, goes_on) for rule in FREE], jobs=4)
    assert meter.stop.count == 1


def test_nothing_goes_beside_a_race() -> None:
    under_way: set[str] = set()
    beside: list[set[str]] = []

    def answer(method: str, path: str, body: bytes | None) -> Answer:
        name = f"{path} {threading.get_ident()}"
        under_way.add(name)
        time.sleep(0.005)
        beside.append({*under_way})
        under_way.discard(name)
        return ok([])(method, path, body)

    def races(trial: Trial) -> None:
        at_once(trial.client, [trial.client.request("list", limit=7)] * 4)

    checks = [Check(FREE[0], races), *(Check(rule, lists) for rule in FREE[1:])]
    client = Client(DOTIDE, Scripted(answer), {}, Meter())
    Runner(client, DOTIDE.rulebook, Names("abcdefgh"), {}, Effort(1)).run(checks, jobs=8)
    kinds = [{"limit=7" in name for name in names} for names in beside]
    assert {True} in kinds
    assert {True, False} not in kinds


@pytest.mark.parametrize(("took_s", "jobs"), [(0.002, 1), (0.025, 3), (0.1, 8), (3.0, 8)])
def test_how_many_go_side_by_side_is_learnt(took_s: float, jobs: int) -> None:
    client = Client(DOTIDE, Scripted(ok([])), {}, Meter())
    first = replace(client.call("list"), accepted=False, took_s=took_s)
    assert jobs_for(client, first) == jobs


def test_what_was_slow_for_connecting_is_asked_again() -> None:
    client = Client(DOTIDE, Scripted(ok([])), {}, Meter())
    assert jobs_for(client, replace(client.call("list"), took_s=0.5)) == 1
