"""The pipelines of docs/ci.md: their files are well-formed, their commands do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import streamproof

PAGE = (Path(__file__).parents[1] / "docs" / "ci.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n# (\S+)\n(.*?)^```$", PAGE, re.M | re.S)
FEW = " --only 'dotide/create/status' --max-examples 2"


def lines(node: Any) -> Iterator[str]:
    """The commands of ours in a pipeline."""
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(part, str) and part.startswith("streamproof "):
            yield part
        yield from lines(part)


COMMANDS = {
    line for kind, _, text in BLOCKS if kind == "yaml" for line in lines(yaml.safe_load(text))
}


def test_there_are_pipelines_and_the_target_that_they_judge() -> None:
    assert {name for _, name, _ in BLOCKS} >= {"streamproof.toml", ".gitlab-ci.yml"}
    assert any(" check " in command for command in COMMANDS)
    assert any(" validate " in command for command in COMMANDS)


@pytest.mark.parametrize("seed", ["", "--seed 1"])
def test_their_commands_pass_against_a_good_target(seed: str, tmp_path: Path) -> None:
    with streamproof.mock(apis=["dotide"]) as mock:
        [target] = [text for _, name, text in BLOCKS if name == "streamproof.toml"]
        moved = target.replace("http://127.0.0.1:8080/v1/demo", mock.dotide.url)
        (tmp_path / "streamproof.toml").write_text(moved, "utf-8")
        environment = {**os.environ, "DOTIDE_BASIC": mock.dotide.basic, "SEED": seed}
        for command in COMMANDS:
            few = FEW if " check " in command else ""
            typed = command.replace("streamproof", f'"{sys.executable}" -m streamproof', 1) + few
            done = subprocess.run(
                ["bash", "-c", typed], cwd=tmp_path, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    written = {file.name for file in (tmp_path / "streamproof-report").iterdir()}
    assert {*re.findall(r"streamproof-report/([\w.-]+)", PAGE), "badge.json"} <= written
