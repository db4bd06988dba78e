"""Sequences over a server of fieldpost: a good one contradicts nothing, whatever the seed; of bent
ones each is told under the rule whose own check finds it, or else under that of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamproof.contracts.report.details import details
from streamproof.contracts.report.document import document
from streamproof.contracts.verdict import Verdict
from tests.contracts.laws.tiny import judged as judged_larder
from tests.contracts.models.bent import (
    Crowded,
    Forgetful,
    Haunted,
    Lossy,
    LossyOnce,
    Ordered,
    Tired,
    judged,
    ruling,
)
from tests.fieldpost.server import Fieldpost


@pytest.mark.parametrize("seed", range(10))
def test_a_good_server_contradicts_nothing_and_keeps_nothing(seed: int) -> None:
    server = Fieldpost()
    server._register({"serial": "TH-1", "model": "somebody-elses"})

    run = judged(server, seed=seed)

    assert ruling(run).verdict is Verdict.PASSED
    assert [*server.devices] == ["TH-1"]


def test_keys_of_the_servers_own_updates_offsets_and_page_numbers_are_no_contradiction() -> None:
    run = judged_larder(None, "any/model", max_examples=60)
    [found] = run.rulings
    assert found.verdict is Verdict.PASSED, found.message
    assert run.cleanup.left == 0


@pytest.mark.parametrize("server", [Lossy, Crowded, Haunted, Forgetful])
def test_a_wrong_state_that_no_rule_was_asked_for_is_told_under_the_models_own(
    server: Callable[[], Any],
) -> None:
    for seed in range(1, 6):
        found = ruling(judged(server(), seed=seed))
        if found.verdict is not Verdict.PASSED:
            break
    assert found.verdict is Verdict.FAILED, found.message
    assert "found by a sequence of" in found.message
    assert "not judged in this run: fieldpost/" in found.message
    assert found.finding.steps


def test_a_failure_that_a_rules_own_check_finds_is_that_rules() -> None:
    run = judged(Tired(), "list_devices/model-nothing-else", "any/model")

    found = ruling(run, "list_devices/model-nothing-else")
    assert found.verdict is Verdict.FAILED
    assert "found by a sequence of" in found.message
    assert ruling(run).verdict is Verdict.NOT_TESTED
    assert ruling(run).blocked_by == ("fieldpost/list_devices/model-nothing-else",)


def test_a_state_that_is_wrong_once_and_never_again_is_no_failure() -> None:
    run = judged(LossyOnce())
    assert ruling(run).verdict is not Verdict.FAILED


def test_a_server_that_takes_nothing_has_kept_nothing() -> None:
    def refuses(_environ: Any, start: Any) -> list[bytes]:
        start("404 Not Found", [("Content-Type", "application/json")])
        return [b"{}"]

    assert ruling(judged(refuses)).verdict is Verdict.NOT_TESTED


def test_what_a_known_failure_explains_is_neither_a_failure_nor_a_pass_of_the_model() -> None:
    run = judged(Ordered(), "list_devices/ordered-by-serial", "any/model")

    assert ruling(run, "list_devices/ordered-by-serial").verdict is Verdict.FAILED
    assert ruling(run).verdict is Verdict.NOT_TESTED
    assert ruling(run).blocked_by == ("fieldpost/list_devices/ordered-by-serial",)


def test_a_report_says_that_a_sequence_found_it_and_what_else_it_may_be() -> None:
    run = judged(Tired(), "list_devices/model-nothing-else", "any/model")

    [told] = [rule for rule in document(run)["rules"] if rule["failure"]]
    assert told["id"] == "fieldpost/list_devices/model-nothing-else"
    assert "found by a sequence of" in told["failure"]["did"]
    assert "it may also be fieldpost/" in told["failure"]["did"]
    assert "found by a sequence of" in details(run).plain
    assert "次调用的序列发现；也可能是 fieldpost/" in details(run, "zh").plain
