"""Rules as tests of pytest: the same verdicts as `check`, selected and told as tests are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.specs import api
from tests.test_cli import streamproof

pytest_plugins = ["pytester"]

FAULT = "dotide/list/tags-only.any-of-them"
LIST = "dotide/list/tags or dotide/list/limit or dotide/list/pages"


@pytest.fixture
def target(pytester: pytest.Pytester) -> Iterator[Path]:
    """A configuration file whose target `here` is a mock with a fault."""
    basic = api.load("dotide").fixtures["credentials"]["basic"]
    config = MockConfig(apis=("dotide",), faults=(FAULT,))
    with serve_in_thread(config) as running, running.door("test") as url:
        table = ("[targets.here]", 'api = "dotide"', f'url = "{url}/v1/demo"', f'basic = "{basic}"')
        file = pytester.path / "streamproof.toml"
        file.write_text("\n".join(table), "utf-8")
        yield file


def judged(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(
        *("--pyargs", "streamproof.contracts", "--streamproof-target", "here"),
        *("-p", "no:cacheprovider", "-v", *arguments),
    )


def outcomes(report: Path) -> dict[str, str]:
    told = {"passed": "PASSED", "failed": "FAILED", "not_tested": "FAILED"}
    rules = json.loads(report.read_text("utf-8"))["rules"]
    return {
        rule["id"]: "SKIPPED"
        if rule["verdict"] == "not_tested" and rule["level"] != "documented"
        else told[rule["verdict"]]
        for rule in rules
    }


def test_they_tell_what_check_tells(pytester: pytest.Pytester, target: Path) -> None:
    seeded = ("--streamproof-seed", "7", "--streamproof-run-id", "abcdefgh")
    done = judged(pytester, "-k", LIST, *seeded)
    told = {
        line.split("::")[1].split()[0]: line.split("::")[1].split()[1]
        for line in done.outlines
        if "::dotide/" in line and not line.startswith(("FAILED", "SKIPPED"))
    }
    globs = ("dotide/list/tags*", "dotide/list/limit*", "dotide/list/pages*")
    only = [word for glob in globs for word in ("--only", glob)]
    where = ("--config", str(target), "--target", "here", "--report-dir", str(pytester.path))
    streamproof("check", *where, *only, "--seed", "7")
    assert told == outcomes(pytester.path / "report.json")
    assert {"PASSED", "FAILED"} <= {*told.values()}
    done.stdout.fnmatch_lines(
        [
            "*A list with `tags`, separated by commas, holds no datastream that lacks one of them.",
            "*source: datastream.cn.md*",
            "*actual: *",
            "dotide at http://*: DOES NOT CONFORM: *",
            "replay: --streamproof-seed 7 --streamproof-run-id abcdefgh",
        ]
    )
    assert "Traceback" not in done.stdout.str()


def test_each_has_its_statement_and_marks(pytester: pytest.Pytester, target: Path) -> None:
    done = judged(pytester, "--collect-only", "-m", "dotide and list and documented")
    done.stdout.fnmatch_lines(
        ["*<RuleItem dotide/list/tags-only>", "*A list with `tags`, separated by commas*"]
    )
    documented = [r for r in api.load("dotide").rulebook if r.level.value == "documented"]
    count = sum(rule.operation == "list" for rule in documented)
    assert done.stdout.str().count("<RuleItem ") == count


def test_the_first_failure_may_end_it(pytester: pytest.Pytester, target: Path) -> None:
    done = judged(pytester, "-x", "-k", LIST)
    assert done.parseoutcomes()["failed"] == 1


def test_workers_share_one_run(pytester: pytest.Pytester, target: Path) -> None:
    done = judged(pytester, "-n", "2", "-k", LIST, "--junitxml=junit.xml")
    assert done.parseoutcomes()["failed"] >= 1
    told = [line for line in done.outlines if line.startswith("replay: ")]
    assert len(told) == 1
    seeds = {
        part for part in (pytester.path / "junit.xml").read_text().split('"') if "replay" in part
    }
    assert len(seeds) == 1


def test_a_wrong_target_is_one_clear_line(pytester: pytest.Pytester, target: Path) -> None:
    done = pytester.runpytest_subprocess(
        *("--pyargs", "streamproof.contracts", "--streamproof-target", "there")
    )
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["ERROR: *targets.there: no such target; there are here"])


def test_without_a_target_there_are_no_rules(pytester: pytest.Pytester) -> None:
    done = pytester.runpytest_subprocess("--pyargs", "streamproof.contracts")
    assert done.ret == pytest.ExitCode.NO_TESTS_COLLECTED
