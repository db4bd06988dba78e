"""The published client `dotide` makes every documented call, with the printed values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from dotide import Dotide  # type: ignore[import-untyped]
from requests.exceptions import HTTPError

from tests.clients.dotide_examples import (
    CHANGES,
    EXAMPLE,
    FIXTURES,
    TOKEN,
    Connect,
)


def content(datastream: dict[str, Any]) -> dict[str, Any]:
    """What a user wrote into a datastream."""
    return {name: datastream[name] for name in EXAMPLE}


def test_a_create_answers_what_was_sent_and_when(dotide: Dotide) -> None:
    created = dotide.datastreams.create(EXAMPLE)

    assert content(created) == EXAMPLE
    assert created["current_t"] is None
    assert created["current_v"] is None
    assert created["created_at"] == created["updated_at"]
    time = datetime.fromisoformat(created["created_at"])
    assert time.utcoffset() == timedelta(hours=8)
    assert abs(datetime.now(time.tzinfo) - time) < timedelta(minutes=1)


def test_a_created_datastream_is_read_and_listed_by_the_printed_call(dotide: Dotide) -> None:
    created = dotide.datastreams.create(EXAMPLE)

    assert dotide.datastreams.get(EXAMPLE["id"]) == created
    assert dotide.datastreams.filter({"tags": ["a", "b"], "limit": 500}) == [created]


def test_an_update_replaces_what_it_names_and_keeps_the_rest(dotide: Dotide) -> None:
    created = dotide.datastreams.create(EXAMPLE)

    updated = dotide.datastreams.update(EXAMPLE["id"], CHANGES)

    assert content(updated) == EXAMPLE | CHANGES
    assert updated["created_at"] == created["created_at"]
    assert updated["updated_at"] >= created["updated_at"]
    assert dotide.datastreams.get(EXAMPLE["id"]) == updated


def test_a_deleted_datastream_is_gone_and_its_id_is_free(dotide: Dotide) -> None:
    dotide.datastreams.create(EXAMPLE)

    assert dotide.datastreams.delete(EXAMPLE["id"]) is True

    assert dotide.datastreams.filter() == []
    with pytest.raises(HTTPError, match="51e51544fa36a48592000074"):
        dotide.datastreams.get(EXAMPLE["id"])
    assert content(dotide.datastreams.create(EXAMPLE)) == EXAMPLE


def test_a_create_of_nothing_gets_an_id_and_the_documented_type(dotide: Dotide) -> None:
    one, other = dotide.datastreams.create({}), dotide.datastreams.create({})

    assert one["id"] != other["id"]
    assert one["type"] == "number"
    assert dotide.datastreams.get(one["id"]) == one


@pytest.mark.parametrize("kind", ["number", "string", "geojson"])
def test_every_documented_type_is_taken(dotide: Dotide, kind: str) -> None:
    assert dotide.datastreams.create({"type": kind})["type"] == kind


@pytest.mark.parametrize("name", ["数据流", "a/b", "/a", "a//b", "with blank", "ü~+&=", "100"])
def test_an_id_is_any_text(dotide: Dotide, name: str) -> None:
    dotide.datastreams.create({"id": name})

    assert dotide.datastreams.get(name)["id"] == name
    assert dotide.datastreams.update(name, CHANGES)["name"] == "Demo"
    assert [row["id"] for row in dotide.datastreams.filter({"ids": [name]})] == [name]
    assert dotide.datastreams.delete(name) is True


def test_a_list_is_in_order_filtered_and_in_pages(dotide: Dotide) -> None:
    for name, tags in {"c": ["x", "y"], "a": ["x"], "d": ["xy"], "b": ["y", "x", "z"]}.items():
        dotide.datastreams.create({"id": name, "tags": tags})

    def ids(**params: Any) -> str:
        return "".join(row["id"] for row in dotide.datastreams.filter(params))

    assert ids() == "abcd"
    assert ids(ids=["d", "b", "nowhere"]) == "bd"
    assert ids(tags=["x"]) == "abc"
    assert ids(tags=["x", "y"]) == "bc"
    assert ids(tags=["x"], ids=["a", "d"]) == "a"
    assert [ids(tags=["x"], limit=2, offset=start) for start in (0, 2, 4)] == ["ab", "c", ""]


def test_times_are_shown_in_the_zone_that_is_asked_for(connect: Connect) -> None:
    plain, header = connect(), connect(version="v2")  # of the versions only v2 reads `Time-Zone`
    created = plain.datastreams.create(EXAMPLE | {"tz": "America/New_York"})["created_at"]
    times = {
        "plain": plain.datastreams.get(EXAMPLE["id"])["created_at"],
        "parameter": plain.datastreams.filter({"tz": "Asia/Kolkata"})[0]["created_at"],
        "header": header.datastreams.get(EXAMPLE["id"])["created_at"],
    }

    assert created[-6:] in ("-05:00", "-04:00")
    assert {way: time[-6:] for way, time in times.items()} == {
        "plain": "+08:00",
        "parameter": "+05:30",
        "header": "+00:00",
    }
    assert len({datetime.fromisoformat(time) for time in (created, *times.values())}) == 1


def test_the_clients_own_version_is_an_alias(connect: Connect) -> None:
    connect(version="v2").datastreams.create(EXAMPLE)

    assert content(connect(version="v1").datastreams.get(EXAMPLE["id"])) == EXAMPLE


def test_a_token_has_all_rights(connect: Connect) -> None:
    dotide = connect(access_token=TOKEN)

    created = dotide.datastreams.create(EXAMPLE)

    assert dotide.datastreams.filter() == [created]
    assert dotide.datastreams.get(EXAMPLE["id"]) == created
    assert dotide.datastreams.update(EXAMPLE["id"], CHANGES)["name"] == "Demo"
    assert dotide.datastreams.delete(EXAMPLE["id"]) is True


def test_an_id_is_unique_in_its_data_base_only(connect: Connect, dotide: Dotide) -> None:
    other = FIXTURES["other_database"]
    name, secret = other["credentials"]["basic"].split(":")
    elsewhere = connect(other["database"], client_id=name, client_secret=secret)

    dotide.datastreams.create(EXAMPLE)
    assert elsewhere.datastreams.filter() == []
    elsewhere.datastreams.create(EXAMPLE)
    dotide.datastreams.delete(EXAMPLE["id"])

    assert len(elsewhere.datastreams.filter()) == 1
