"""docs/your-own-api.md does what it says: its files are written, its commands run, in its order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from streamproof.specs import api
from tests.command import running

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "your-own-api.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with the examples in it, where `streamproof` is the one under test."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    command = tmp_path / "bin" / "streamproof"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m streamproof "$@"\n', "utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{command.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_of_the_page(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses: dict[str, str] = {"8080": "", "8081": ""}
    ran = 0
    with ExitStack() as mocks:
        for kind, block in _BLOCK.findall(PAGE):
            if kind == "toml":
                name = block.partition("\n")[0].removeprefix("# ")
                (here / name).write_text(_moved(block, addresses), "utf-8")
            for line in block.splitlines() if kind == "sh" else ():
                ran += 1
                words = line.split()
                if words[0] == "export":
                    name, _, value = words[1].partition("=")
                    monkeypatch.setenv(name, value)
                elif words[:2] == ["streamproof", "mock"] and "--list-faults" not in words:
                    documented = words[words.index("--port") + 1] if "--port" in words else "8080"
                    given = [w for w in words[2:] if w not in ("--port", documented)]
                    addresses[documented] = mocks.enter_context(running(*given)).url
                else:
                    _run(_moved(line, addresses))
    assert ran >= 15
    assert all(addresses.values())


def _moved(text: str, addresses: dict[str, str]) -> str:
    """A text of the page with the addresses at which its mocks really are."""
    for port, url in addresses.items():
        text = text.replace(f"http://127.0.0.1:{port}", url)
    return text


def _run(line: str) -> None:
    """Run a command and compare its exit code; few examples show as well that it does that."""
    said = re.search(r"# exit code (\d)$", line)
    few = re.sub(r"^(streamproof check\b[^#]*\S)", r"\1 --max-examples 2", line)
    ran = subprocess.run(["bash", "-c", few], capture_output=True, text=True, timeout=120)
    assert ran.returncode == (int(said[1]) if said else 0), f"{line}\n{ran.stdout}{ran.stderr}"


def test_what_init_prints_is_what_the_page_shows(here: Path) -> None:
    first, shown = (block for _, block in _BLOCK.findall(PAGE)[:2])
    ran = subprocess.run(["bash", "-c", first], capture_output=True, text=True, timeout=120)
    assert ran.stdout == shown


def test_every_line_of_the_draft_that_it_shows_is_in_the_draft(here: Path) -> None:
    first = _BLOCK.findall(PAGE)[0][1]
    subprocess.run(["bash", "-c", first], capture_output=True, check=True, timeout=120)
    drafted = (here / "fieldpost" / "resources.yaml").read_text("utf-8").splitlines()
    shown = [
        line
        for kind, block in _BLOCK.findall(PAGE)
        if kind == "yaml" and not block.startswith("# rules.yaml")
        for line in block.splitlines()
    ]
    assert shown
    assert not [line for line in shown if line not in drafted]


def test_its_tables_have_every_key() -> None:
    schema = api.read_json(ROOT / "specs" / "resources.schema.json")
    told = {*re.findall(r"^\| `(\w+)` \|", PAGE, re.M)}
    assert told == {*_keys(schema["$defs"])}


def _keys(node: Any) -> Iterator[str]:
    """The names of all entries that a schema describes."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if name == "properties":
            yield from value
        yield from _keys(value)
    for value in node if isinstance(node, list) else ():
        yield from _keys(value)
