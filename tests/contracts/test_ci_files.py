"""Files for pipelines: GitLab's report on code quality, and a badge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamproof.contracts.report.badge import badge
from streamproof.contracts.report.files import write
from streamproof.contracts.report.gitlab import code_quality
from streamproof.contracts.run import Run
from tests.contracts.runs import (
    ALL_HELD,
    CONFORMING,
    CRASHED,
    FAILING,
    SECRET,
    UNREACHABLE,
    broken,
    make_run,
    outcome,
)
from tests.contracts.test_waivers import waived, waiver


def test_a_failure_stands_where_the_target_is_described() -> None:
    [entry] = code_quality(FAILING, ("ci/targets.toml", 7))
    assert entry["description"] == "shop/list/ordered: expected [a, b]; got [b, a]"
    assert entry["check_name"] == "shop/list/ordered"
    assert entry["severity"] == "major"
    assert entry["location"] == {"path": "ci/targets.toml", "lines": {"begin": 7}}
    assert code_quality(CONFORMING, None) == []


def test_the_same_failure_has_one_fingerprint_in_every_run_and_another_has_another() -> None:
    once, again = (code_quality(FAILING, None)[0]["fingerprint"] for _ in range(2))
    run = make_run({**ALL_HELD, "shop/create/status": broken(outcome())})
    [other] = code_quality(run, None)
    assert once == again != other["fingerprint"]


def test_a_waiver_of_no_use_is_an_entry() -> None:
    [entry] = code_quality(waived(waiver(), waiver("shop/create/status")), None)
    assert entry["description"] == "shop/create/status: the rule holds now; take the entry out"


def test_no_secret_is_shown_not_even_a_part_of_one() -> None:
    text = "x" * 450 + SECRET * 20
    run = make_run({**ALL_HELD, "shop/list/ordered": broken(outcome(), actual=text)})
    [entry] = code_quality(run, None)
    assert SECRET[:5] not in str(entry["description"])
    assert len(str(entry["description"])) <= 500


@pytest.mark.parametrize(
    ("run", "message", "color"),
    [
        (CONFORMING, "conforms (6 of 6 rules)", "brightgreen"),
        (FAILING, "does not conform (4 of 6 rules)", "red"),
        (UNREACHABLE, "inconclusive (0 of 6 rules)", "lightgrey"),
        (CRASHED, "harness error (5 of 6 rules)", "lightgrey"),
    ],
)
def test_a_badge_tells_the_verdict(run: Run, message: str, color: str) -> None:
    told = badge(run)
    assert (told["label"], told["message"], told["color"]) == ("shop", message, color)
    assert told["schemaVersion"] == 1


def test_both_stand_beside_the_report(tmp_path: Path) -> None:
    write(FAILING, tmp_path, place=("targets.toml", 2))
    assert json.loads((tmp_path / "badge.json").read_text("utf-8")) == badge(FAILING)
    [entry] = json.loads((tmp_path / "gl-code-quality-report.json").read_text("utf-8"))
    assert entry["location"]["path"] == "targets.toml"
