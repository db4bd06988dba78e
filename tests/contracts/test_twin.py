"""A target and its twin are told the same; the first difference is found, and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.run import Options, Target
from streamproof.contracts.transport import NoAnswer, WsgiTransport
from streamproof.contracts.twin import Likeness, compare, explanations
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import base_urls
from streamproof.specs import api as apis
from streamproof.specs.dialect import Value

FIELDPOST = str(Path(__file__).parents[2] / "examples" / "fieldpost")


@contextmanager
def mock(
    of: str, dialect: Mapping[str, Value] | None = None, *faults: str, **fixtures: Any
) -> Iterator[Target]:
    api = apis.load(of)
    mine = {**api.fixtures, **fixtures}
    config = MockConfig(
        (of,), dialects={api.name: dialect or {}}, faults=faults, fixtures={api.name: fixtures}
    )
    app = create_app(config)
    try:
        transport = WsgiTransport(app, base_urls(api, "http://target", mine)[0])
        yield Target(api, transport, mine["credentials"], mine)
    finally:
        app.extensions["store"].close()


def likeness(target: Target, twin: Target, examples: int = 8) -> Likeness:
    return compare(target, twin, Options(seed=1, max_examples=examples))


@pytest.mark.parametrize("of", ["dotide", "bge", FIELDPOST])
def test_a_mock_is_not_to_be_told_from_its_like(of: str) -> None:
    with mock(of) as target, mock(of) as twin:
        found = likeness(target, twin)

    assert (found.difference, found.ended) == (None, None)
    assert found.sequences == 8
    assert found.compared > 100


CHOICES: dict[str, tuple[str, Value]] = {
    "a form of fields": ("dotide/absent_fields", "null"),
    "an odd argument": ("dotide/limit_zero", "rejected"),
    "a precision": ("dotide/time_precision", "seconds"),
    "an answer to duplicates": ("bge/duplicate_answer", "older_id"),
}


@pytest.mark.parametrize("what", CHOICES)
def test_a_choice_that_the_twin_makes_otherwise_is_found(what: str) -> None:
    at, choice = CHOICES[what]
    of, name = at.split("/")
    with mock(of, {name: choice}) as target, mock(of) as twin:
        found = likeness(target, twin, examples=20)

    assert found.difference is not None


def test_the_point_that_explains_a_difference_is_named() -> None:
    with mock("dotide", {"duplicate_id_status": 422}) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=20)
        points = explanations(found, target.api, {}, lambda other: mock("dotide", other))

    assert found.difference == "create: status 422, in the twin 409"
    assert points is not None
    assert points[0] == ("duplicate_id_status", 422)


def test_what_the_same_twin_does_not_repeat_is_explained_by_nothing() -> None:
    with mock("dotide", {"duplicate_id_status": 422}) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=20)
        learnt: dict[str, Value] = {"duplicate_id_status": 422}

        points = explanations(found, target.api, learnt, lambda other: mock("dotide", other))

    assert points is None


def test_what_no_point_explains_is_told_so() -> None:
    fault = "dotide/update/tags-replaced.appended"
    with mock("dotide", {}, fault) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=20)
        points = explanations(found, target.api, {}, lambda other: mock("dotide", other))

    assert found.difference is not None
    assert points == ()
    assert found.cleanup.left == 0


@pytest.mark.parametrize(
    "fault",
    [
        "dotide/any/other-database.let-in",  # other credentials, at another base address
        "dotide/any/timezone-header.ignored",  # the offset of a time that nobody sent
        "dotide/delete_token/let-in-no-more.still-let-in",  # operations that no sequence calls
    ],
)
def test_what_the_checks_alone_show_is_found(fault: str) -> None:
    with mock("dotide", {}, fault) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=1)

    assert found.difference is not None
    assert found.checks > 0
    assert found.cleanup.left == 0


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("dotide/create/location.last-character-lost", "header location: it ends in"),
        ("dotide/create/shape.name-twice", "stands twice, at the target alone"),
    ],
)
def test_what_no_value_shows_is_compared_too(fault: str, told: str) -> None:
    with mock("dotide", {}, fault) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=1)

    assert told in str(found.difference)


def test_what_others_keep_there_is_no_difference() -> None:
    theirs = [{"id": f"theirs-{n}", "tags": ["t"]} for n in range(3)]
    with mock("dotide", datastreams=theirs) as target, mock("dotide") as twin:
        found = likeness(target, twin, examples=20)

    assert found.difference is None


class Silent(WsgiTransport):
    def exchange(self, *_: Any) -> Any:
        raise NoAnswer("nobody is there")


def test_a_target_that_never_answers_leaves_it_open() -> None:
    api = apis.load("dotide")
    silent = Silent(lambda _environ, _start: [])
    target = Target(api, silent, api.fixtures["credentials"], api.fixtures)
    with mock("dotide") as twin:
        found = likeness(target, twin)

    assert found.difference is None
    assert found.compared == 0
    assert found.ended is not None
