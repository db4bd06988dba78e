"""`streamproof validate` finds what is wrong in files, and asks nobody."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from streamproof.commands.validate import validate

ROOT = Path(__file__).parents[1]
SOON = date.today() + timedelta(30)
TARGET = '[targets.a]\napi = "dotide"\nurl = "http://x.example/v1/a"\nbasic = "env:NOT_SET"\n'
WAIVER = f'[[waivers]]\nrule = "dotide/list/pages"\nreason = "soon"\nexpires = {SOON}\n'


@pytest.mark.parametrize(
    ("name", "text", "code", "told"),
    [
        ("streamproof.toml", TARGET, 0, "streamproof.toml: 1 target"),
        ("streamproof.toml", TARGET + "ulr = 1\n", 2, "targets.a.ulr: "),
        ("waivers.toml", WAIVER, 0, "waivers.toml: 1 waiver"),
        ("waivers.toml", WAIVER.replace("pages", "pagse"), 2, "did you mean dotide/list/pages"),
        ("dialect.toml", "[dotide]\nid_case = 'same'\n", 0, "a dialect of 1 silent point"),
        ("dialect.toml", "[dotide]\nid_case = 'sane'\n", 2, "dialect.toml: dotide"),
        ("dialect.toml", "[dotide\n", 2, "is no TOML"),
    ],
)
def test_a_file_is_told_apart_by_what_it_holds(
    name: str, text: str, code: int, told: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    done = CliRunner().invoke(validate, [str(file)], standalone_mode=False)
    assert done.exception is None
    assert done.return_value == code
    assert told in done.output
    assert len(done.output.splitlines()) == 1


def test_all_files_are_looked_at_even_behind_one_that_is_wrong(tmp_path: Path) -> None:
    wrong, right = tmp_path / "dialect.toml", tmp_path / "streamproof.toml"
    wrong.write_text("[dotide]\nnope = 1\n", "utf-8")
    right.write_text(TARGET, "utf-8")
    done = CliRunner().invoke(validate, [str(wrong), str(right)], standalone_mode=False)
    assert done.return_value == 2
    assert "1 target" in done.output


def test_the_hook_runs_that_command() -> None:
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"] == "streamproof validate"
    assert hook["id"] == "streamproof"
