"""The specifications load, and a broken one is refused by file, entry and fault."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import validate

from streamproof.specs import api
from streamproof.specs.errors import SpecError
from streamproof.specs.schema import resolve

ROOM = Path(api.__file__).parent


@pytest.mark.parametrize("name", api.names())
def test_openapi_is_valid(name: str) -> None:
    validate(api.load(name).openapi)


@pytest.mark.parametrize("name", api.names())
def test_every_rule_names_its_source_in_both_languages(name: str) -> None:
    loaded = api.load(name)
    assert loaded.name == name
    for rule in loaded.rulebook:
        assert rule.sources
        assert rule.en.endswith(".")
        assert rule.zh.endswith("。")


@pytest.mark.parametrize("name", api.names())
def test_every_pointer_belongs_to_one_rule(name: str) -> None:
    loaded = api.load(name)
    pointers = [rule.pointer for rule in loaded.rulebook if rule.pointer]
    assert len(pointers) == len(set(pointers))
    for pointer in pointers:
        assert loaded.rulebook.by_pointer(pointer, "any") is not None
        resolve(loaded.openapi, pointer)


@pytest.mark.parametrize("name", api.names())
def test_dependencies_come_first(name: str) -> None:
    seen: set[str] = set()
    for rule in api.load(name).rulebook.in_dependency_order():
        assert set(rule.depends_on) <= seen
        seen.add(rule.id)


@pytest.mark.parametrize("name", api.names())
def test_a_specification_states_no_silent_point_as_certain(name: str) -> None:
    """Each choice of a point is admitted, the default among them."""
    spec = api.load(name).dialect
    for point in spec.points.values():
        for choice in point.choices:
            assert spec.read({point.name: choice.value}, "test")[point.name] == choice.value


Edit = Callable[[dict[str, Any]], object]


def _first(entries: list[dict[str, Any]], **changed: Any) -> None:
    entries[0].update(changed)


BROKEN: dict[str, tuple[str, Edit, str]] = {
    "unknown level": (
        "rules.yaml",
        lambda s: _first(s["rules"], level="certain"),
        "rules/0/level: one of",
    ),
    "missing statement": ("rules.yaml", lambda s: s["rules"][0].pop("zh"), "zh is missing"),
    "pointer": (
        "rules.yaml",
        lambda s: _first(s["rules"], pointer="/paths/nowhere"),
        "leads nowhere in openapi.yaml",
    ),
    "dependency": (
        "rules.yaml",
        lambda s: _first(s["rules"], depends_on=["x/y/z"]),
        "depends on unknown rule 'x/y/z'",
    ),
    "cycle": (
        "rules.yaml",
        lambda s: _first(s["rules"], depends_on=[s["rules"][0]["id"]]),
        "depends on itself",
    ),
    "silent point": (
        "rules.yaml",
        lambda s: _first(s["rules"], silent=["nothing"]),
        "unknown silent point 'nothing'",
    ),
    "document": (
        "rules.yaml",
        lambda s: _first(s["rules"], sources=["nowhere.md › here"]),
        "unknown document 'nowhere.md'",
    ),
    "twice": ("rules.yaml", lambda s: s["rules"].append(s["rules"][0]), "stands twice"),
    "default": (
        "dialect.yaml",
        lambda s: next(iter(s["points"].values())).update(default="never heard of"),
        "never heard of",
    ),
    "paths": ("openapi.yaml", lambda s: s.pop("paths"), "paths: missing, or no mapping"),
}


@pytest.mark.parametrize("case", BROKEN)
@pytest.mark.parametrize("name", api.names())
def test_a_broken_specification_is_refused(name: str, case: str, tmp_path: Path) -> None:
    file, edit, fault = BROKEN[case]
    folder = tmp_path / name
    shutil.copytree(ROOM / name, folder)
    spec = yaml.safe_load((folder / file).read_text("utf-8"))
    edit(spec)
    (folder / file).write_text(yaml.safe_dump(spec, allow_unicode=True), "utf-8")

    with pytest.raises(SpecError) as error:
        api.load(str(folder))

    assert file in str(error.value)
    assert fault in str(error.value)
    assert "\n" not in str(error.value)


def test_text_that_is_no_yaml_is_one_line(tmp_path: Path) -> None:
    shutil.copytree(ROOM / "dotide", tmp_path / "dotide")
    (tmp_path / "dotide" / "rules.yaml").write_text("rules: [", "utf-8")
    with pytest.raises(SpecError, match=r"^.*rules\.yaml: is no YAML: [^\n]*$"):
        api.load(str(tmp_path / "dotide"))


def test_an_unknown_api_names_the_known_ones() -> None:
    with pytest.raises(SpecError, match="bge, dotide"):
        api.load("nowhere")
