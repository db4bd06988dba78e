"""Each rule and law that others wait for is on docs/dependencies.md, with the reason."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml

from streamproof import specs
from streamproof.specs import api

PAGE = Path(__file__).parents[2] / "docs" / "dependencies.md"
LAWS = Path(specs.__file__).with_name("laws.yaml")


def needed(part: str) -> set[str]:
    """What others depend on, without the name of the API."""
    if part == "Laws":
        laws = yaml.safe_load(LAWS.read_text("utf-8"))
        return {each for law in laws.values() for each in law.get("depends_on", ())}
    return {each.partition("/")[2] for rule in api.load(part).rulebook for each in rule.depends_on}


def rows(part: str) -> list[list[str]]:
    """The patterns of each row that has a reason."""
    text = PAGE.read_text("utf-8").partition(f"## {part}\n")[2].partition("\n## ")[0]
    cells = [line.split(" | ", 1) for line in text.splitlines() if line.startswith("| `")]
    return [re.findall(r"`([^`]+)`", names) for names, why in cells if len(why) > len("| |")]


@pytest.mark.parametrize("part", [*api.names(), "Laws"])
def test_every_dependency_has_its_reason_once_and_every_reason_a_dependency(part: str) -> None:
    found = needed(part)
    for each in found:
        fitting = [row for row in rows(part) if any(fnmatchcase(each, name) for name in row)]
        assert len(fitting) == 1, f"{each} has {len(fitting)} reasons"
    for name in (name for row in rows(part) for name in row):
        assert any(fnmatchcase(each, name) for each in found), f"nothing depends on {name}"
