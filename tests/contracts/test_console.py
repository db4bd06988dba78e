"""The first screen: plain words first, under 25 lines, the same in a pipe."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from streamproof.contracts.finding import Finding
from streamproof.contracts.report import console
from streamproof.contracts.run import Run, Selection
from streamproof.contracts.verdict import rule_on_all
from tests.contracts.runs import (
    CONFORMING,
    CRASHED,
    FAILING,
    HOPELESS,
    RULES,
    UNCHECKED,
    UNREACHABLE,
    UNTESTED,
    URL,
    broken,
    held,
    make_run,
    outcome,
    rule,
)


def lines(run: Run, report_dir: str | None = None) -> list[str]:
    return console.summary(run, report_dir).plain.splitlines()


@pytest.mark.parametrize(
    ("run", "first_line"),
    [
        (CONFORMING, "CONFORMS: all 6 rules hold"),
        (FAILING, "DOES NOT CONFORM: 1 of 6 rules does not hold"),
        (HOPELESS, "DOES NOT CONFORM: 5 of 6 rules do not hold"),
        (UNREACHABLE, "INCONCLUSIVE: the target does not answer (connection refused)"),
        (UNTESTED, "INCONCLUSIVE: no rule is broken, but 1 of 4 documented rules was not tested"),
        (UNCHECKED, "INCONCLUSIVE: no rule could be tested: no check yet"),
        (CRASHED, "HARNESS ERROR: 1 of 6 checks failed by a fault of the suite"),
        (make_run({}, rulings=()), "INCONCLUSIVE: no rule is selected"),
        (
            replace(FAILING, ended="the time budget is used up"),
            "DOES NOT CONFORM: 1 of 6 rules does not hold; "
            "the run ended early: the time budget is used up",
        ),
        (
            replace(
                CONFORMING, selection=Selection(("shop/list/*",)), rulings=CONFORMING.rulings[:3]
            ),
            "CONFORMS: all 3 rules hold (3 of 6 rules selected)",
        ),
    ],
)
def test_the_first_line_says_it_in_plain_words(run: Run, first_line: str) -> None:
    assert lines(run)[0] == f"shop at {URL}: {first_line}"


def many(count: int, operations: int = 6) -> Run:
    """A run in which everything goes wrong that can, each rule for a reason of its own."""
    rules = [rule(f"operation{n % operations}/slug{n}") for n in range(count)]
    findings = {
        r.id: Finding((), unmet=f"reason {n}") if n % 2 else broken(outcome())
        for n, r in enumerate(rules)
    }
    return make_run(findings, rules)


@pytest.mark.parametrize("run", [CONFORMING, FAILING, UNREACHABLE, UNCHECKED, CRASHED, many(200)])
def test_the_screen_has_less_than_25_lines(run: Run) -> None:
    assert len(lines(run, "out")) < 25


def test_the_screen_says_what_failed_what_was_not_tested_and_what_to_do() -> None:
    screen = "\n".join(lines(FAILING, "out"))
    assert "FAILED shop/list/ordered  Rule list/ordered holds." in screen
    blocked = "can't be judged, because shop/list/ordered does not hold (list/paged)"
    assert f"NOT TESTED 1: {blocked}" in screen
    assert "clean-up: 12 created, 11 deleted, 1 left" in screen
    assert "replay: the same command with --seed 17 --run-id abcdefgh" in screen
    assert f"report: {Path('out/report.html')}, " in screen
    assert lines(FAILING)[-1] == "next: streamproof rules shop/list/ordered"


def test_rules_without_a_check_are_named() -> None:
    findings = {r.id: held() for r in RULES[:3]}
    rulings = rule_on_all(RULES, findings, make_run({}).api.rulebook, {"tags"})
    run = make_run({}, rulings=rulings)
    assert "NOT TESTED 3: no check yet (create/status, create/unique, any/json)" in lines(run)
    assert "  shop/create/status, shop/create/unique, shop/any/json" in str(console.details(run))


def test_details_tell_five_failures_in_full_and_the_rest_by_id() -> None:
    text = console.details(many(20)).plain
    assert text.count("  expected ") == console.IN_FULL
    assert "FAILED TOO shop/operation4/slug10, " in text
    assert "curl -sSi -X GET" in text
    assert "Export your credentials first: STREAMPROOF_BASIC." in text


def test_a_long_failure_keeps_its_last_steps() -> None:
    steps = [outcome(body=f"[{n}]".encode()) for n in range(20)]
    text = console.details(make_run({"shop/list/ordered": broken(*steps)})).plain
    assert "… 15 steps before these" in text
    assert "16 GET /things -> 200 [15]" in text
    assert "20 GET /things -> 200 [19]" in text
    assert "15 GET" not in text


def test_a_terminal_and_a_pipe_read_the_same_words() -> None:
    def printed(terminal: bool) -> str:
        colours: Any = "standard" if terminal else None
        screen = Console(force_terminal=terminal, width=60, color_system=colours)
        with screen.capture() as capture:
            screen.print(console.summary(FAILING), soft_wrap=True)
        return capture.get()

    assert printed(False) == console.summary(FAILING).plain + "\n"
    assert "\x1b[1;31mDOES NOT CONFORM\x1b[0m" in printed(True)
