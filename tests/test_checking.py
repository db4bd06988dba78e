"""`streamproof.check` says what the command says, of a name, of a URL and of an application."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import streamproof
from streamproof.contracts.run import Run
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.running import Mock
from streamproof.specs.errors import SpecError

FAULT = "dotide/list/limit.one-too-many"
KEYS: Mapping[str, Any] = {"basic": "demo-client:demo-secret"}
HOW: Mapping[str, Any] = {
    "only": ("dotide/list/limit*", "dotide/create/status"),
    "seed": 5,
    "run_id": "bothways",
    "max_examples": 4,
}


@pytest.fixture(scope="module")
def faulty() -> Iterator[Mock]:
    with streamproof.mock(apis=["dotide"], faults=[FAULT]) as served:
        yield served


@pytest.fixture(scope="module")
def commanded(faulty: Mock, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The verdicts of the command."""
    folder = tmp_path_factory.mktemp("report")
    flags = ["--url", faulty.dotide.url, "--basic", KEYS["basic"], "--report-dir", str(folder)]
    flags += ["--seed", "5", "--run-id", "bothways", "--max-examples", "4"]
    flags += [word for pattern in HOW["only"] for word in ("--only", pattern)]
    command = [sys.executable, "-m", "streamproof", "check", "dotide", *flags]
    assert subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 1
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {rule["id"]: rule["verdict"] for rule in report["rules"]}


def verdicts(run: Run) -> dict[str, str]:
    return {ruling.rule.id: ruling.verdict.value for ruling in run.rulings}


def test_of_a_url(faulty: Mock, commanded: dict[str, str]) -> None:
    run = streamproof.check(faulty.dotide.url, api="dotide", **KEYS, **HOW)

    assert verdicts(run) == commanded
    assert "failed" in commanded.values()
    assert "passed" in commanded.values()
    assert run.headline.exit_code == 1


def test_of_a_name(faulty: Mock, commanded: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    table = f'api = "dotide"\nurl = "{faulty.dotide.url}"\nbasic = "{KEYS["basic"]}"'
    file.write_text(f"[targets.here]\n{table}\n", "utf-8")

    run = streamproof.check("here", config=file, report_dir=tmp_path / "told", **HOW)

    assert verdicts(run) == commanded
    assert json.loads((tmp_path / "told" / "report.json").read_text("utf-8"))["seed"] == 5


def test_of_an_application(commanded: dict[str, str]) -> None:
    app = create_app(MockConfig(apis=("dotide",), faults=(FAULT,)))

    run = streamproof.check(app, api="dotide", **KEYS, **HOW)

    assert verdicts(run) == commanded


@pytest.mark.parametrize(
    ("target", "options", "told"),
    [
        ("http://127.0.0.1:9/v1/demo", KEYS, "options: api: is missing; one of bge, dotide"),
        ("http://127.0.0.1:9", {"api": "dotide", **KEYS}, "options: url: ends too early"),
        ("http://127.0.0.1:9/v1/demo", {"api": "dotide"}, "options: basic: is missing"),
        ("http://127.0.0.1:9/v1/demo", {"api": "dotide", "basik": "a:b"}, "options: basik: "),
        ("http://127.0.0.1:9/v1/demo", {"api": "dotide", **KEYS, "level": "high"}, "level: 'high'"),
        ("here", {"config": "nowhere.toml"}, "nowhere.toml: No such file"),
        ("here", KEYS, "options: basic: the file has it all of here"),
        (print, {"api": "dotide", **KEYS, "proxy": "http://p"}, "options: proxy: says how"),
    ],
)
def test_what_cant_be_used_is_told_in_one_line(
    target: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(SpecError) as fault:
        streamproof.check(target, **options)

    assert told in str(fault.value)
    assert "\n" not in str(fault.value)
