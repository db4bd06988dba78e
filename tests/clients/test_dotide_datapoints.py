"""The published client `dotide` makes its calls on datapoints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dotide import Dotide  # type: ignore[import-untyped]
from requests.exceptions import HTTPError

from tests.clients.dotide_examples import EXAMPLE, Connect

ID = EXAMPLE["id"]
NOON = datetime(2014, 1, 3, 12)  # in UTC, as the client takes it
SIX = [[NOON + timedelta(minutes=at), value] for at, value in enumerate([5, 1, 4, 2, 6, 3])]


@pytest.fixture
def dotide(connect: Connect) -> Dotide:
    """A client of version 2, which is what it calls, with a datastream of six datapoints."""
    client = connect(version="v2")
    client.datastreams.create(EXAMPLE)
    client.datapoints.create(ID, SIX)
    return client


def values(answer: dict[str, Any]) -> list[Any]:
    """The values of a list, which version 2 shows in pairs."""
    return [value for _, value in answer["datapoints"]]


def test_what_is_stored_is_answered_as_it_was_sent(dotide: Dotide) -> None:
    [[time, value]] = dotide.datapoints.create(ID, [[NOON + timedelta(hours=1), 7]])

    assert datetime.fromisoformat(time) == datetime(2014, 1, 3, 13, tzinfo=UTC)
    assert value == 7


def test_a_list_is_newest_first_unless_it_is_said_otherwise(dotide: Dotide) -> None:
    assert values(dotide.datapoints.filter(ID)) == [3, 6, 2, 4, 1, 5]
    assert values(dotide.datapoints.filter(ID, {"order": "asc"})) == [5, 1, 4, 2, 6, 3]


def test_a_list_has_a_window_and_pages(dotide: Dotide) -> None:
    window = {"start": SIX[1][0], "end": SIX[4][0], "order": "asc"}

    assert values(dotide.datapoints.filter(ID, window)) == [1, 4, 2, 6]
    assert values(dotide.datapoints.filter(ID, window | {"limit": 2, "offset": 1})) == [4, 2]
    assert values(dotide.datapoints.filter(ID, window | {"t": SIX[0][0]})) == [5]


def test_a_datapoint_is_found_by_its_instant(dotide: Dotide) -> None:
    assert dotide.datapoints.get(ID, SIX[2][0])[1] == 4
    with pytest.raises(HTTPError, match="no datapoint"):
        dotide.datapoints.get(ID, NOON - timedelta(days=1))


def test_a_window_is_deleted(dotide: Dotide) -> None:
    assert dotide.datapoints.delete(ID, {"start": SIX[1][0], "end": SIX[4][0]}) is True

    assert values(dotide.datapoints.filter(ID)) == [3, 5]


def test_the_newest_shows_in_its_datastream(dotide: Dotide) -> None:
    def newest() -> tuple[Any, Any]:
        shown = dotide.datastreams.get(ID)
        assert [shown] == dotide.datastreams.filter()
        return shown["current_t"], shown["current_v"]

    assert newest() == ("2014-01-03T12:05:00.000+00:00", 3)
    dotide.datapoints.delete(ID, {"start": SIX[4][0], "end": SIX[5][0]})
    assert newest() == ("2014-01-03T12:03:00.000+00:00", 2)
    dotide.datapoints.delete(ID, {"start": SIX[0][0], "end": SIX[5][0]})
    assert newest() == (None, None)


def test_a_summary_tells_of_all_in_the_window(dotide: Dotide) -> None:
    answer = dotide.datapoints.filter(ID, {"summary": 1, "limit": 2})

    assert answer["summary"] == {"count": 6, "max": 6, "min": 1, "sum": 21, "avg": 3.5}
    assert "summary" not in dotide.datapoints.filter(ID)


@pytest.mark.parametrize(
    ("function", "made"),
    [
        *((None, [3, 4.5]), ("avg", [3, 4.5]), ("sum", [12, 9])),
        *(("max", [5, 6]), ("min", [1, 3]), ("count", [4, 2])),
    ],
)
def test_an_interval_has_one_datapoint(dotide: Dotide, function: str, made: list[float]) -> None:
    query = {"interval": 240_000, "order": "asc"} | ({"function": function} if function else {})

    assert values(dotide.datapoints.filter(ID, query)) == made


def test_version_1_takes_and_shows_objects(connect: Connect) -> None:
    client = connect()
    client.datastreams.create(EXAMPLE)
    point = {"t": "2014-01-03T20:00:00.000+08:00", "v": 1.5}

    assert client.client.post(f"/datastreams/{ID}/datapoints", data=json.dumps(point)) == point
    assert client.client.post(f"/datastreams/{ID}/datapoints", data=json.dumps([point])) == [point]
    shown = client.datapoints.filter(ID, {"tz": "UTC"})
    assert shown["datapoints"] == [{"t": "2014-01-03T12:00:00.000+00:00", "v": 1.5}]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("number", 1.5, "1.5"),
        ("string", "on", 1),
        ("geojson", {"type": "Point", "coordinates": [1, 2]}, {"type": "Spot"}),
    ],
)
def test_a_value_is_of_the_datastreams_type(
    connect: Connect, kind: str, good: Any, bad: Any
) -> None:
    client = connect()
    client.datastreams.create({"id": "a", "type": kind})

    client.datapoints.create("a", [[NOON, good], [NOON + timedelta(1), None]])

    with pytest.raises(HTTPError, match="value-type"):
        client.datapoints.create("a", [[NOON, bad]])


def test_datapoints_go_with_their_datastream(dotide: Dotide) -> None:
    dotide.datastreams.delete(ID)
    with pytest.raises(HTTPError, match="no datastream"):
        dotide.datapoints.filter(ID)

    dotide.datastreams.create(EXAMPLE)

    assert values(dotide.datapoints.filter(ID)) == []
