"""The first screen: plain words first, under 25 lines, the same in a pipe."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from streamproof.contracts.finding import Finding
from streamproof.contracts.report import console
from streamproof.contracts.report.details import details
from streamproof.contracts.report.headline import IN_FULL
from streamproof.contracts.run import Run, Selection
from streamproof.contracts.verdict import rule_on_all
from streamproof.specs.homes import Home
from tests.contracts.runs import (
    CONFORMING,
    CRASHED,
    CREATE,
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


def printed(text: Text, width: int | None = None, colours: Any = None) -> str:
    """What a pipe gets, or a terminal of that width."""
    screen = Console(force_terminal=width is not None, width=width or 80, color_system=colours)
    with screen.capture() as capture:
        console.show(screen, text)
    return capture.get()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("run", [CONFORMING, FAILING, UNREACHABLE, UNCHECKED, CRASHED, many(200)])
def test_the_screen_has_less_than_25_lines_of_80_columns(run: Run, lang: Any) -> None:
    text = console.summary(run, "streamproof-report", lang, "streamproof check --target staging")
    screen = printed(text, width=80).splitlines()
    assert len(screen) < 25
    assert max(map(cell_len, screen)) <= 80


def test_no_id_is_broken_at_80_columns() -> None:
    names = "-".join(["slug"] * 9)
    rules = [rule(f"operation/{names}{n}") for n in range(9)]
    why = Finding((), unmet="nothing there")
    run = make_run({r.id: broken(outcome()) if n < 3 else why for n, r in enumerate(rules)}, rules)
    for text in (console.summary(run), details(run)):
        words = (
            printed(text, width=80).replace(",", " ").replace("(", " ").replace(")", " ").split()
        )
        told = [word for word in words if names[:20] in word]
        assert told
        assert {word.removeprefix("shop/").rstrip(":") for word in told} <= {
            r.id.removeprefix("shop/") for r in rules
        }


def test_the_screen_says_what_failed_what_was_not_tested_and_what_to_do() -> None:
    screen = "\n".join(lines(FAILING, "out"))
    assert "FAILED shop/list/ordered  Rule list/ordered holds." in screen
    assert "  1 can't be judged for it: list/paged" in screen
    assert "clean-up: 12 created, 11 deleted, 1 left" in screen
    assert "replay: the same command with --seed 17 --run-id abcdefgh" in screen
    assert f"report: {Path('out/report.html')}, " in screen
    assert lines(FAILING)[-1] == "next: streamproof rules shop/list/ordered"


def test_rules_without_a_check_are_named() -> None:
    findings = {r.id: held() for r in RULES[:3]}
    rulings = rule_on_all(RULES, findings, make_run({}).api.rulebook, {"tags"})
    run = make_run({}, rulings=rulings)
    assert "NOT TESTED 3: no check yet (create/status, create/unique, any/json)" in lines(run)
    assert details(run).plain == ""  # all that there is to say stands on the first screen


def test_details_tell_five_failures_in_full_and_the_rest_by_id() -> None:
    text = details(many(20)).plain
    assert text.count("  expected ") == IN_FULL
    assert "FAILED TOO shop/operation4/slug10, " in text
    assert "curl -sSi -X GET" in text
    assert "Export your credentials first: STREAMPROOF_BASIC." in text


def test_a_long_failure_keeps_its_last_steps() -> None:
    steps = [outcome(body=f"[{n}]".encode()) for n in range(20)]
    text = details(make_run({"shop/list/ordered": broken(*steps)})).plain
    assert "… 15 steps before these" in text
    assert "16 GET /things -> 200 [15]" in text
    assert "20 GET /things -> 200 [19]" in text
    assert "15 GET" not in text


def test_a_terminal_and_a_pipe_read_the_same_words() -> None:
    text = console.summary(FAILING)
    assert printed(text) == text.plain + "\n"
    coloured = printed(text, width=200, colours="standard")
    assert "\x1b[1;31mDOES NOT CONFORM\x1b[0m" in coloured
    assert re.sub("\x1b[^m]*m", "", coloured) == text.plain + "\n"


def test_a_command_stays_on_its_line() -> None:
    steps = [outcome(CREATE, sent=b'{"id": "%s"}' % (b"x y" * 90))]
    text = printed(details(make_run({"shop/list/ordered": broken(*steps)})), width=80)
    (line,) = (line for line in text.splitlines() if line.startswith("  repeat    curl "))
    assert line.endswith("http://shop.example/v1/things")


def test_a_cause_comes_first_with_what_it_blocks() -> None:
    rules = [
        rule("list/alone"),
        rule("list/cause"),
        *(rule(f"list/behind{n}", depends_on=("shop/list/cause",)) for n in range(6)),
    ]
    findings = {r.id: broken(outcome()) for r in rules[:2]}
    run = make_run({**findings, **{r.id: held() for r in rules[2:]}}, rules)
    failed = [line for line in lines(run) if line.startswith(("FAILED", "  "))]
    assert failed[0].startswith("FAILED shop/list/cause")
    named = ", ".join(f"list/behind{n}" for n in range(4))
    assert failed[1] == f"  6 can't be judged for it: {named} and 2 more"
    assert failed[2].startswith("FAILED shop/list/alone")
    told = details(run).plain
    assert "shop/list/cause: 6 can't be judged for it\n  shop/list/behind0, " in told
    assert "does not hold" not in told


def test_where_nothing_could_be_tested_one_reason_is_enough() -> None:
    for run in (UNREACHABLE, UNCHECKED):
        assert details(run).plain == ""
    assert not [line for line in lines(UNREACHABLE) if line.startswith("NOT TESTED")]


@pytest.mark.parametrize(
    ("again", "told"),
    [
        (None, "next: streamproof rules shop"),
        (
            "streamproof check --target staging",
            "next: streamproof check --target staging --ci --report-dir streamproof-report",
        ),
        (
            "streamproof check --target staging --ci --report-dir out",
            "next: streamproof check --target staging --ci --report-dir out",
        ),
    ],
)
def test_the_next_command_runs_as_printed(again: str | None, told: str) -> None:
    assert console.summary(CONFORMING, again=again).plain.splitlines()[-1] == told


def test_the_next_command_finds_an_api_in_a_folder_again() -> None:
    home = Home("shop", Path("my apis/shop"))
    for run, told in (
        (FAILING, "next: streamproof rules 'my apis/shop' shop/list/ordered"),
        (CONFORMING, "next: streamproof rules 'my apis/shop'"),
    ):
        moved = replace(run, api=replace(run.api, home=home))
        assert console.summary(moved).plain.splitlines()[-1] == told


def test_all_is_told_in_chinese() -> None:
    screen = console.summary(FAILING, "out", "zh").plain
    for text in (
        "shop，目标 http://shop.example/v1: 不符合: 6 条规则中有 1 条不成立",
        "成立的规则",
        "1 失败, 1 未检验",
        "失败 shop/list/ordered  …",
        "  因此有 1 条无法判断: list/paged",
        "清理：创建 12，删除 11，遗留 1",
        "重放：在同一命令后加 --seed 17 --run-id abcdefgh",
        "报告: out/report.html, out/report.json",
        "下一步: streamproof rules shop/list/ordered",
    ):
        assert text in screen, screen
    told = details(FAILING, "zh").plain
    for text in (
        "失败 shop/list/ordered (文档明示)",
        "  出处      things.md",
        "  期望      [a, b]",
    ):
        assert text in told, told
