"""The published client `dotide` is told what was wrong with a call, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from dotide import Dotide  # type: ignore[import-untyped]
from requests.exceptions import HTTPError

from tests.clients.dotide_examples import (
    BASIC,
    CHANGES,
    EXAMPLE,
    FIXTURES,
    ID,
    SECRET,
    Connect,
)


def rejection(call: Callable[[], Any]) -> tuple[int, str, str]:
    """The status of a call that has to be rejected, the rule that it broke, and the message."""
    with pytest.raises(HTTPError) as error:
        call()
    response = error.value.response
    assert response is not None
    return response.status_code, response.headers["Streamproof-Rule"], str(error.value)


Call = Callable[[Dotide], Any]


def create(**fields: Any) -> Call:
    return lambda dotide: dotide.datastreams.create(fields)


def update(name: str, /, **fields: Any) -> Call:
    return lambda dotide: dotide.datastreams.update(name, fields)


def lists(**params: Any) -> Call:
    return lambda dotide: dotide.datastreams.filter(params)


UNKNOWN = "000000000000000000000000"
MINE = EXAMPLE["id"]
assert isinstance(MINE, str)

REJECTED: dict[str, tuple[Call, int, str, str]] = {
    "duplicate id": (create(**EXAMPLE), 409, "create/unique-id", MINE),
    "unknown type": (create(type="boolean"), 422, "create/type-enum", "geojson"),
    "type of a wrong type": (create(type=1), 422, "create/type-enum", "geojson"),
    "id of a wrong type": (create(id=7), 422, "dialect/wrong_type", "id"),
    "name of a wrong type": (create(name=["a"]), 422, "dialect/wrong_type", "name"),
    "tags as text": (create(tags="a,b"), 422, "dialect/wrong_type", "tags"),
    "tag of a wrong type": (create(tags=["a", 1]), 422, "dialect/wrong_type", "tags"),
    "properties as text": (create(properties="a"), 422, "dialect/wrong_type", "properties"),
    "property name with $": (create(properties={"$a": 1}), 422, "create/property-names", "$a"),
    "property name with .": (create(properties={"a.b": 1}), 422, "create/property-names", "a.b"),
    "zone that is none": (create(tz="Mars/Olympus"), 422, "dialect/unknown_tz", "Mars/Olympus"),
    "body that is no object": (
        lambda dotide: dotide.datastreams.create(["id"]),
        422,
        "dialect/non_object_body",
        "object",
    ),
    "update of an unknown id": (update(UNKNOWN, **CHANGES), 404, "update/unknown-id", UNKNOWN),
    "updated property with $": (
        update(MINE, properties={"a$": 1}),
        422,
        "update/property-names",
        "a$",
    ),
    "updated tags as text": (update(MINE, tags="a"), 422, "dialect/wrong_type", "tags"),
    "read of an unknown id": (
        lambda dotide: dotide.datastreams.get(UNKNOWN),
        404,
        "read/unknown-id",
        UNKNOWN,
    ),
    "delete of an unknown id": (
        lambda dotide: dotide.datastreams.delete(UNKNOWN),
        404,
        "dialect/delete_unknown",
        UNKNOWN,
    ),
    "negative limit": (lists(limit=-1), 422, "dialect/limit_negative", "limit"),
    "limit that is no number": (lists(limit="many"), 422, "dialect/limit_malformed", "limit"),
    "negative offset": (lists(limit=1, offset=-1), 422, "dialect/offset_negative", "offset"),
    "list in no zone": (lists(tz="Mars/Olympus"), 422, "dialect/unknown_tz", "Mars/Olympus"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_rejection_names_its_rule_says_what_was_wrong_and_changes_nothing(
    dotide: Dotide, case: str
) -> None:
    call, status, rule, told = REJECTED[case]
    created = dotide.datastreams.create(EXAMPLE)

    *known, message = rejection(lambda: call(dotide))

    assert known == [status, f"dotide/{rule}"]
    assert told in message
    assert dotide.datastreams.filter() == [created]


STRANGERS: dict[str, tuple[str, dict[str, str], str]] = {
    "wrong secret": ("demo", {"client_id": ID, "client_secret": "guessed"}, "wrong-secret"),
    "unknown client": ("demo", {"client_id": "nobody", "client_secret": SECRET}, "wrong-secret"),
    "unknown token": ("demo", {"access_token": "0" * 64}, "unknown-token"),
    "no credentials": ("demo", {"client_id": ID}, "no-credentials"),
    "another data base": (
        FIXTURES["other_database"]["database"],
        BASIC,
        "other-database",
    ),
    "unknown data base": (
        "nowhere",
        BASIC,
        "other-database",
    ),
}


@pytest.mark.parametrize("case", STRANGERS)
def test_a_stranger_is_told_404_by_every_call_and_changes_nothing(
    connect: Connect, dotide: Dotide, case: str
) -> None:
    database, credentials, rule = STRANGERS[case]
    created = dotide.datastreams.create(EXAMPLE)
    stranger = connect(database, **credentials).datastreams
    calls = [
        stranger.filter,
        partial(stranger.create, {"id": "new"}),
        partial(stranger.get, EXAMPLE["id"]),
        partial(stranger.update, EXAMPLE["id"], CHANGES),
        partial(stranger.delete, EXAMPLE["id"]),
    ]

    for call in calls:
        assert rejection(call)[:2] == (404, f"dotide/any/{rule}")

    assert dotide.datastreams.filter() == [created]
