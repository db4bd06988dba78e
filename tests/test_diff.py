"""`streamproof diff`: what newly fails, what is mended, and what can't be compared."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.finding import Finding
from streamproof.contracts.report.document import document
from streamproof.report_diff import Difference, compare, told
from streamproof.specs.errors import SpecError
from tests.contracts.runs import ALL_HELD, CONFORMING, FAILING, broken, make_run, outcome
from tests.contracts.test_waivers import waived, waiver
from tests.test_cli import streamproof

GOOD, BAD = document(CONFORMING), document(FAILING)
ORDERED, PAGED = "shop/list/ordered", "shop/list/paged"


def names(difference: Difference) -> dict[str, list[str]]:
    kinds = ("newly_failing", "fixed", "still_failing", "newly_not_tested", "observations")
    found = {kind: [change.name for change in getattr(difference, kind)] for kind in kinds}
    return {kind: changed for kind, changed in found.items() if changed}


def test_a_rule_that_held_and_fails_newly_fails() -> None:
    difference = compare(GOOD, BAD)
    assert names(difference) == {"newly_failing": [ORDERED], "newly_not_tested": [PAGED]}
    assert difference.worse


def test_a_rule_that_failed_and_holds_is_fixed() -> None:
    difference = compare(BAD, GOOD)
    assert names(difference) == {"fixed": [ORDERED]}
    assert not difference.worse


def test_a_rule_that_fails_in_both_still_fails() -> None:
    difference = compare(BAD, BAD)
    assert names(difference) == {"still_failing": [ORDERED]}
    assert not difference.worse


def test_a_failure_of_another_kind_is_told() -> None:
    other = document(make_run({**ALL_HELD, ORDERED: broken(outcome(), reason="lost")}))
    (change,) = compare(BAD, other).still_failing
    marks = BAD["rules"][0]["fingerprint"], other["rules"][0]["fingerprint"]
    assert f"in another way ({marks[0]} -> {marks[1]})" in change.how


def test_what_was_not_tested_and_fails_newly_fails() -> None:
    blind = document(make_run({**ALL_HELD, ORDERED: Finding((), unmet="nothing there")}))
    assert compare(blind, BAD).worse
    assert names(compare(BAD, blind)) == {"newly_not_tested": [ORDERED]}


def test_what_was_not_selected_and_fails_newly_fails() -> None:
    narrow = {**GOOD, "rules": GOOD["rules"][1:]}
    assert compare(narrow, BAD).worse
    (change,) = compare(GOOD, narrow).newly_not_tested
    assert (change.name, change.how) == (ORDERED, "wasn't selected")


def test_a_new_failure_that_is_waived_is_told_and_counts_for_nothing() -> None:
    accepted = document(waived(waiver()))
    difference = compare(GOOD, accepted)
    assert names(difference) == {"newly_failing": [ORDERED]}
    assert difference.newly_failing[0].how.startswith("(waived until 2026-12-28) ")
    assert not difference.worse


def test_a_failure_whose_waiver_has_gone_is_no_new_one() -> None:
    accepted = document(waived(waiver()))
    assert names(compare(accepted, BAD))["still_failing"] == [ORDERED]
    assert not compare(accepted, BAD).worse


def observed(choice: Any, consistent: bool = True) -> dict[str, Any]:
    seen = {"point": "order", "choice": choice, "consistent": consistent, "evidence": "GET /"}
    return {**GOOD, "observations": [seen]}


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        (observed(409), observed(422), "409 -> 422"),
        (observed("a"), observed("a", consistent=False), '"a" -> "a", not always'),
        (GOOD, observed(True), "not observed -> true"),
        (observed(None), GOOD, "not seen -> not observed"),
    ],
)
def test_another_choice_where_the_documents_are_silent_is_told(
    old: dict[str, Any], new: dict[str, Any], how: str
) -> None:
    difference = compare(old, new)
    assert [(c.name, c.how) for c in difference.observations] == [("order", how)]
    assert not difference.worse
    assert compare(new, new).observations == ()


def test_what_else_makes_two_runs_differ_is_told() -> None:
    new = {**deepcopy(GOOD), "suite_version": "0.2.0", "target": "http://b.example\x1b[2J"}
    new["spec"] = {"version": "2027-01", "sha256": "cd" * 32}
    new["selection"] = {**new["selection"], "only": ["shop/list/*"], "selected": 3}
    lines = list(told(compare(GOOD, new), GOOD, new))
    assert lines[0] == (
        "shop: http://shop.example/v1 (2026-11-22T10:30:00+00:00, seed 17) -> "
        "http://b.example\\x1b[2J (2026-11-22T10:30:00+00:00, seed 17)"
    )
    assert lines[1] == "conforms -> conforms"
    assert lines[3] == "the rules changed: 2026-10, sha256 abababab… -> 2027-01, sha256 cdcdcdcd…"
    assert lines[4].endswith("-> 3 of 6 rules, --level linked, --only shop/list/*")
    assert lines[5:] == ["nothing newly fails"]


def test_reports_of_two_apis_are_not_compared() -> None:
    with pytest.raises(SpecError, match="of shop; give two of one API"):
        compare(GOOD, {**GOOD, "api": "school"}, ("a.json", "b.json"))


# -- the real command --------------------------------------------------------------------------


def kept(folder: Path, name: str, report: dict[str, Any]) -> str:
    file = folder / name
    file.write_text(json.dumps(report), "utf-8")
    return str(file)


def test_the_command_compares_and_its_exit_code_tells(tmp_path: Path) -> None:
    old, new = kept(tmp_path, "old.json", GOOD), kept(tmp_path, "report.json", BAD)
    done = streamproof("diff", old, str(tmp_path))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[1] == "conforms -> does not conform"
    assert lines[2:] == [
        "NEWLY FAILING 1",
        "  shop/list/ordered  Rule list/ordered holds.",
        "NEWLY NOT TESTED 1",
        "  shop/list/paged  not tested: can't be judged, because shop/list/ordered does not hold",
        "something newly fails",
    ]
    assert streamproof("diff", new, old).returncode == 0


@pytest.mark.parametrize(
    ("report", "told"),
    [
        ({**GOOD, "schema_version": 2}, "schema_version: 2 is none that this streamproof reads"),
        ({**GOOD, "api": "school"}, "api: is of school, and"),
        ({"targets": {}}, "is no report of a run"),
    ],
)
def test_what_can_not_be_compared_is_one_clear_line(
    tmp_path: Path, report: dict[str, Any], told: str
) -> None:
    old, new = kept(tmp_path, "old.json", GOOD), kept(tmp_path, "new.json", report)
    done = streamproof("diff", old, new)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert told in done.stderr
