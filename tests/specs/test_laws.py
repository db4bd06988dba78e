"""Rules that are laws: of an API without rules.yaml all that its facets allow, else those named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from streamproof.specs import api
from streamproof.specs.api import Api
from streamproof.specs.errors import SpecError
from streamproof.specs.laws import laws
from streamproof.specs.rulebook import Level

FIELDPOST = Path(__file__).parents[2] / "examples" / "fieldpost"


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Api]:
    """Fieldpost with a rules.yaml of these rules."""

    def load(*rules: dict[str, Any]) -> Api:
        folder = copytree(FIELDPOST, tmp_path / "fieldpost")
        written = {
            "api": "fieldpost",
            "title": {"en": "Device readings", "zh": "设备读数"},
            "documents": [
                {"id": "document.md", "title": "Device readings", "home": "", "level": "documented"}
            ],
            "rules": [{"sources": ["document.md"], **rule} for rule in rules],
        }
        (folder / "rules.yaml").write_text(yaml.safe_dump(written), "utf-8")
        return api.load(str(folder))

    return load


def test_a_law_is_said_of_every_facet_that_it_speaks_of() -> None:
    rules = api.load(str(FIELDPOST)).rulebook.rules
    assert rules["fieldpost/list_devices/model-every-match"].law == "filters/every-match"
    assert rules["fieldpost/list_readings/until-edge"].en.startswith("What lies exactly at `until`")
    assert rules["fieldpost/remove_device/readings-go-too"].depends_on == (
        "fieldpost/remove_device/key-free-again",
        "fieldpost/list_readings/shows-made",
    )


def test_an_answer_to_any_error_does_not_say_that_something_may_not_be_there(
    tmp_path: Path,
) -> None:
    folder = copytree(FIELDPOST, tmp_path / "fieldpost")
    file = folder / "openapi.yaml"
    file.write_text(file.read_text("utf-8").replace('"404"', "default"), "utf-8")

    rules = api.load(str(folder)).rulebook.rules

    assert "fieldpost/get_device/unknown-serial" in rules
    assert "fieldpost/remove_device/unknown-serial" not in rules
    assert "fieldpost/remove_device/removed-once" not in rules
    assert "fieldpost/list_readings/unknown-serial" not in rules


def test_pages_may_have_numbers_and_lead_on_too(tmp_path: Path) -> None:
    folder = copytree(FIELDPOST, tmp_path / "fieldpost")
    for name, old, new in (
        ("openapi.yaml", "name: cursor,", "name: page,"),
        ("resources.yaml", "cursor: cursor, next: /next_cursor", "number: page, link: true"),
        ("resources.yaml", "[until, limit, cursor]", "[until, limit, page]"),
    ):
        file = folder / name
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    rules = api.load(str(folder)).rulebook.rules
    assert rules["fieldpost/list_devices/pages-by-page"].law == "pages/by-offset"
    assert rules["fieldpost/list_devices/pages-complete"].law == "cursors/complete"


def test_only_what_is_there_is_depended_on() -> None:
    for law in laws().values():
        assert set(law.depends_on) <= laws().keys(), law.name


def test_a_rule_that_names_its_law_needs_no_wording(loaded: Callable[..., Api]) -> None:
    spec = loaded(
        {"id": "fieldpost/list_devices/all-pages", "law": "cursors/complete"},
        {"id": "fieldpost/list_devices/shown", "law": "lists/shows-made", "level": "documented"},
    )
    rule = spec.rulebook["fieldpost/list_devices/all-pages"]
    assert rule.level is Level.DECLARED
    assert rule.en == laws()["cursors/complete"].en
    assert rule.depends_on == ("fieldpost/list_devices/shown",)


def test_a_rule_may_have_words_of_its_own(loaded: Callable[..., Api]) -> None:
    spec = loaded(
        {
            "id": "fieldpost/list_readings/needs-since",
            "law": "one-of/only-with",
            "about": "until",
            "en": "An end needs a start.",
        }
    )
    rule = spec.rulebook["fieldpost/list_readings/needs-since"]
    assert rule.en == "An end needs a start."
    assert rule.facet is not None
    assert (rule.facet.name, rule.facet.other) == ("since", "until")


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ({"id": "fieldpost/list_devices/x", "law": "cursors/whole"}, "no law 'cursors/whole'"),
        ({"id": "fieldpost/get_device/x", "law": "cursors/once"}, "resources.yaml doesn't give"),
        ({"id": "fieldpost/list_readings/x", "law": "one-of/only-with"}, "add `about: until`"),
        ({"id": "fieldpost/list_devices/x"}, "level"),
    ],
)
def test_what_is_no_law_there_is_told(
    loaded: Callable[..., Api], rule: dict[str, Any], fault: str
) -> None:
    with pytest.raises(SpecError, match=fault.replace("(", r"\(")):
        loaded(rule)
