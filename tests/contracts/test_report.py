"""Reports are valid, leak no secret, and survive whatever a target sends."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamproof.contracts.finding import Finding
from streamproof.contracts.report import console
from streamproof.contracts.report.details import details
from streamproof.contracts.report.document import document
from streamproof.contracts.report.files import SCHEMA, write
from streamproof.contracts.report.har import har
from streamproof.contracts.report.junit import junit
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Ruling, Verdict, rule_on_all
from streamproof.specs.api import read_json
from streamproof.specs.errors import SpecError
from streamproof.specs.rulebook import Level
from streamproof.specs.schema import check_file
from tests.contracts.runs import (
    ALL_HELD,
    CONFORMING,
    CRASHED,
    CREATE,
    FAILING,
    HOPELESS,
    RULES,
    SECRET,
    UNCHECKED,
    UNREACHABLE,
    UNTESTED,
    URL,
    broken,
    held,
    make_run,
    outcome,
)


def valid(run: Run) -> dict[str, Any]:
    """The run's document, seen to be valid as it is written and read again."""
    report = document(run)
    check_file(report, read_json(SCHEMA), "report.json")
    text = json.dumps(report, ensure_ascii=False, allow_nan=False).encode()
    assert json.loads(text) == report
    return report


def told(run: Run, rule_id: str) -> dict[str, Any]:
    entry: dict[str, Any] = next(r for r in valid(run)["rules"] if r["id"] == rule_id)
    return entry


# -- report.json -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "run", [CONFORMING, FAILING, UNREACHABLE, UNTESTED, UNCHECKED, CRASHED, HOPELESS]
)
def test_every_run_makes_a_valid_document(run: Run) -> None:
    report = valid(run)
    assert report["headline"] == run.headline.value
    assert report["complete"] is (run.ended is None)
    assert [entry["id"] for entry in report["rules"]] == [r.id for r in RULES]


@settings(deadline=None)
@given(*[st.text(st.characters(), max_size=60)] * 4, st.binary(max_size=60))
def test_whatever_a_target_sends_every_report_is_well_formed(
    expected: str, actual: str, ended: str, crash: str, body: bytes
) -> None:
    """Also with control characters and halves of surrogate pairs."""
    findings = {
        **ALL_HELD,
        "shop/list/ordered": broken(outcome(body=body), expected=expected, actual=actual),
        "shop/create/status": Finding((), unmet=actual),
        "shop/any/json": Finding((), crash=f"Trace\n{crash}!"),
    }
    run = make_run(findings, ended=ended)
    valid(run)
    ElementTree.fromstring(junit(run))
    for text in (console.summary(run).plain, details(run).plain):
        assert all(line.isprintable() for line in text.split("\n"))


def test_the_schema_describes_every_member_and_admits_no_other() -> None:
    def objects(node: Any) -> Any:
        if isinstance(node, dict):
            if "properties" in node and "required" in node:
                yield node
            for child in node.values():
                yield from objects(child)

    found = list(objects(read_json(SCHEMA)))
    assert len(found) == 11
    for described in found:
        assert described["additionalProperties"] is False
        left_out = {"archive"}  # which reports of earlier versions lack
        assert set(described["required"]) == set(described["properties"]) - left_out
        for name, member in described["properties"].items():
            assert "description" in member or "$ref" in member, name


def test_the_schema_knows_every_verdict_and_headline() -> None:
    schema = read_json(SCHEMA)
    verdicts = schema["$defs"]["rule"]["properties"]["verdict"]["enum"]
    assert {verdict.value for verdict in Verdict} <= set(verdicts)
    assert {headline.value for headline in Headline} <= set(
        schema["properties"]["headline"]["enum"]
    )
    assert [level.value for level in Level] == schema["$defs"]["level"]["enum"]


def test_a_document_that_is_not_by_the_schema_is_refused() -> None:
    report = {**document(CONFORMING), "mood": "fine"}
    with pytest.raises(SpecError, match="mood"):
        check_file(report, read_json(SCHEMA), "report.json")


def test_a_failure_is_told_with_steps_and_commands() -> None:
    entry = told(FAILING, "shop/list/ordered")
    assert entry["failure"] == {
        "did": "called create once, list once",
        "expected": "[a, b]",
        "actual": "[b, a]",
        "steps": [
            'POST /things {"id": "b"} -> 201 {"id": "b"}',
            'GET /things -> 200 ["b", "a"]',
        ],
        "curl": [
            'curl -sSi -X POST -u "$STREAMPROOF_BASIC" --data-raw \'{"id": "b"}\' '
            "-H Content-Type: http://shop.example/v1/things",
            'curl -sSi -X GET -u "$STREAMPROOF_BASIC" http://shop.example/v1/things',
        ],
        "evidence": "evidence/shop.list.ordered.har",
    }
    assert entry["source"] == "things.md › List › order"
    assert entry["message"] == "expected [a, b]; got [b, a]"


def test_a_blocked_rule_names_what_blocks_it() -> None:
    entry = told(FAILING, "shop/list/paged")
    assert entry["verdict"] == "not_tested"
    assert entry["blocked_by"] == ["shop/list/ordered"]
    assert entry["failure"] is entry["fingerprint"] is None


def test_a_fingerprint_tells_kinds_of_failure_apart_and_nothing_else() -> None:
    def fingerprint(rule_id: str, finding: Finding) -> str | None:
        chosen = next(r for r in RULES if r.id == rule_id)
        rulebook = make_run({}).api.rulebook
        (ruling,) = rule_on_all([chosen], {chosen.id: finding}, rulebook, {"tags"})
        return ruling.fingerprint

    first = fingerprint("shop/list/ordered", broken(outcome(body=b"1")))
    assert first == fingerprint("shop/list/ordered", broken(actual="[z, y]"))
    assert first != fingerprint("shop/list/ordered", broken(reason="lost"))
    assert first != fingerprint("shop/create/status", broken())
    assert fingerprint("shop/create/status", held()) is None


def test_the_same_step_in_a_row_is_told_once_and_its_command_repeats_it() -> None:
    steps = [outcome(CREATE), *[outcome()] * 500, outcome(CREATE)]
    entry = told(make_run({"shop/list/ordered": broken(*steps)}), "shop/list/ordered")
    assert entry["failure"]["steps"][1] == "GET /things -> 200 [] (500 times)"
    assert entry["failure"]["curl"][1].startswith("for i in $(seq 500); do curl ")
    assert len(entry["failure"]["steps"]) == 3


def test_of_many_steps_all_are_told() -> None:
    steps = [outcome(body=f"[{n}]".encode()) for n in range(500)]
    entry = told(make_run({"shop/list/ordered": broken(*steps)}), "shop/list/ordered")
    assert len(entry["failure"]["steps"]) == 500
    assert entry["failure"]["steps"][0] == "GET /things -> 200 [0]"
    assert entry["failure"]["curl"] == [
        "for i in $(seq 500); do "
        'curl -sSi -X GET -u "$STREAMPROOF_BASIC" http://shop.example/v1/things; done'
    ]
    assert entry["failure"]["did"] == "called list 500 times"


def test_of_a_large_answer_the_beginning_is_told_and_what_decides() -> None:
    rows = ", ".join(f'"row{n:07}"' for n in range(100_000))
    large = outcome(body=f"[{rows}]".encode()).kept()
    found = broken(large, expected="row0090000 before row0090002", actual="both in another order")
    entry = told(make_run({"shop/list/ordered": found}), "shop/list/ordered")
    [line] = entry["failure"]["steps"]
    assert line.startswith('GET /things -> 200 ["row0000000", "row0000001"')
    assert '"row0089999", "row0090000", "row0090001", "row0090002", "row0090003"' in line
    assert line.endswith("… (1,400,000 characters)")
    assert len(line) < 1000


def test_a_race_is_told_whole_the_winners_first() -> None:
    lost = [replace(outcome(CREATE, b"no", b"%d" % n, 409), race=3) for n in range(7)]
    won = replace(outcome(CREATE, b"yes", b"7", 201), race=3)
    entry = told(make_run({"shop/list/ordered": broken(*lost, won)}), "shop/list/ordered")
    steps, [command] = entry["failure"]["steps"], entry["failure"]["curl"]
    assert steps[0] == "at once: POST /things 7 -> 201 yes"
    assert [line[-6:] for line in steps[1:]] == ["409 no"] * 7
    assert command.count(" & curl ") == 7
    assert command.endswith(" & wait")


# -- secrets -----------------------------------------------------------------------------------


def test_a_secret_that_the_target_echoes_stands_in_no_report(tmp_path: Path) -> None:
    echo = f"you are {SECRET}"
    findings = {
        "shop/list/ordered": broken(
            outcome(body=echo.encode(), sent=echo.encode()), expected=echo, actual=echo
        ),
        "shop/create/status": Finding((), unmet=echo),
        "shop/any/json": Finding((), crash=f"Trace\n{echo}"),
    }
    run = make_run(findings, ended=echo, url=f"{URL}/{SECRET}")
    texts = [console.summary(run).plain, details(run).plain]
    texts += [file.read_text("utf-8") for file in write(run, tmp_path)]
    assert len(texts) == 8
    assert not [text for text in texts if SECRET in text]
    assert len([text for text in texts if "***" in text]) >= 6


# -- files -------------------------------------------------------------------------------------


def test_files_are_written_whole(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "shop"
    write(FAILING, folder)
    evidence = folder / "evidence" / "shop.list.ordered.har"
    assert json.loads(evidence.read_text("utf-8")) == har(FAILING, FAILING.rulings[0])
    write(CONFORMING, folder)
    assert sorted(file.name for file in folder.iterdir()) == [
        "badge.json",
        "gl-code-quality-report.json",
        "junit.xml",
        "report.html",
        "report.json",
    ]
    assert json.loads((folder / "report.json").read_text("utf-8")) == document(CONFORMING)
    assert (folder / "junit.xml").read_text("utf-8") == junit(CONFORMING)


def test_a_report_that_is_not_valid_is_not_written(tmp_path: Path) -> None:
    wrong = Ruling(RULES[0], Verdict.FAILED, "", Finding(()))  # a failure without its mismatch
    with pytest.raises(SpecError, match="fingerprint"):
        write(replace(CONFORMING, rulings=(wrong,)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
