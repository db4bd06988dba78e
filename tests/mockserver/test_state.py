"""`/_mock/state`, snapshots and the clock, over HTTP and in every kind of data base."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copy
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs.bge import signature
from tests.mockserver.databases import create_app as kept

FIELDPOST = Path(__file__).parents[2] / "examples" / "fieldpost"
AUTH = ("demo-client", "demo-secret")
STREAMS = "/v1/demo/datastreams"
MADE = "2020-01-31T12:00:00.123456Z"
ENTITY, ELEMENT = "093f5e9a-7c96-11eb-a38f-00163e0eae20", "45f69871-7d89-11eb-a38f-00163e0eae20"


@pytest.fixture
def app(database: str) -> Flask:
    return kept(MockConfig())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def other() -> str:
    """Another space, which nobody has used before."""
    return f"/_space/{uuid4().hex}"


def ids(client: FlaskClient, space: str = "") -> list[str]:
    rows: Any = client.get(f"{space}{STREAMS}", auth=AUTH).json
    return [row["id"] for row in rows]


def write(client: FlaskClient, year: str, **more: Any) -> Any:
    """What bge answers to the write of a record."""
    fields = {
        "fundamental_entity_id": ENTITY,
        "data_element_id": ELEMENT,
        "stream_generate_time": year,
        "stream_data": json.dumps({"year": year, "large": 12345678901234567890123}),
        **more,
    }
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    form = signature.signed(fields, "demo-key", "demo-secret", f"{hash(year):032x}"[-32:], stamp)
    return client.post("/openbge/stream/write", data=form).json


def test_what_was_read_can_be_written_elsewhere(client: FlaskClient, other: str) -> None:
    body = {"id": "a/1", "name": "é", "tags": ["x"], "properties": {"n": {"m": [1, None]}}}
    client.post(STREAMS, json=body, auth=AUTH)
    client.post(STREAMS, json={"id": "b", "type": "string"}, auth=AUTH)
    write(client, "1920")
    write(client, "1920", duplicate_enabled=True)
    state: Any = client.get("/_mock/state").data

    written = client.put(f"{other}/_mock/state", data=state)

    assert written.status_code == 204, written.text
    assert client.get(f"{other}/_mock/state").data == state
    assert client.get(f"{other}{STREAMS}/a%2F1", auth=AUTH).json == (
        client.get(f"{STREAMS}/a%2F1", auth=AUTH).json
    )


def test_a_space_is_seeded_with_times(client: FlaskClient) -> None:
    stream = {"id": "old", "type": "string", "created_at": MADE}
    client.put("/_mock/state", json={"dotide": {"datastreams": [stream]}})

    shown: Any = client.get(f"{STREAMS}/old", auth=AUTH).json
    told: Any = client.get("/_mock/state").json

    assert datetime.fromisoformat(shown["created_at"]).date().isoformat() == "2020-01-31"
    assert told["dotide"]["datastreams"] == [{**stream, "updated_at": MADE}]


def test_datapoints_and_tokens_are_state(client: FlaskClient, other: str) -> None:
    client.post(STREAMS, json={"id": "a"}, auth=AUTH)
    points = f"{STREAMS}/a/datapoints"
    client.post(points, json=[[MADE, 1.5], ["2021-01-01T00:00:00Z", None]], auth=AUTH)
    scope = {"permissions": ["read"], "global": True, "ids": [], "tags": []}
    made = client.post("/v1/demo/access_tokens", json={"scopes": [scope]}, auth=AUTH).json or {}
    state: Any = client.get("/_mock/state").json

    client.put(f"{other}/_mock/state", json={"dotide": state["dotide"]})

    by_token = {"Authorization": f"Bearer {made['access_token']}"}
    shown: Any = client.get(f"{other}{points}", headers=by_token).json
    assert [point["v"] for point in shown["datapoints"]] == [None, 1.5]
    assert shown == client.get(points, auth=AUTH).json
    stream: Any = client.get(f"{other}{STREAMS}/a", auth=AUTH).json
    assert stream["current_t"] == "2021-01-01T08:00:00.000+08:00"
    again: Any = client.get(f"{other}/_mock/state").json
    assert again["dotide"] == state["dotide"]
    client.put(f"{other}/_mock/state", json={"dotide": {"datastreams": []}})


def test_a_state_replaces_what_was_there_of_its_api_alone(client: FlaskClient) -> None:
    client.post(STREAMS, json={"id": "gone"}, auth=AUTH)
    record = write(client, "1921")

    client.put("/_mock/state", json={"dotide": {"datastreams": [{"id": "new"}]}})

    state: Any = client.get("/_mock/state").json
    assert ids(client) == ["new"]
    assert record["data"]["stream_id"] in [r["stream_id"] for r in state["bge"]["streams"]]
    client.post("/_mock/reset")
    assert ids(client) == []


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("[]", "a JSON object with a member for each API expected"),
        ('{"dot": {}}', "state: dot: isn't served; there are bge, dotide"),
        ('{"dotide": {"datastreams": [{"name": "x"}]}}', "state of dotide: datastreams/0"),
        ('{"dotide": {"database": "x"}}', "is no state; there are datastreams"),
        ('{"dotide": {"datastreams": [{"id": "a"}, {"id": "a"}]}}', "this id stands twice"),
        (
            '{"dotide": {"datastreams": [{"id": "a", "created_at": "2021-02-30T00:00:00Z"}]}}',
            "day",
        ),
    ],
)
def test_a_state_that_can_not_be_is_told_and_changes_nothing(
    client: FlaskClient, sent: str, message: str
) -> None:
    client.post(STREAMS, json={"id": "kept"}, auth=AUTH)

    answer = client.put("/_mock/state", data=sent)

    assert answer.status_code == 400
    assert message in (answer.json or {})["message"]
    assert ids(client) == ["kept"]


def test_an_api_without_resources_has_no_state_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    copy(FIELDPOST / "openapi.yaml", folder)
    client = create_app(MockConfig(apis=(str(folder),))).test_client()

    assert client.get("/_mock/state").json == {}
    answer = client.put("/_mock/state", json={"plain": {}})
    assert "take a snapshot instead" in (answer.json or {})["message"]


def test_a_snapshot_is_restored_whole_and_in_its_space_only(
    client: FlaskClient, other: str
) -> None:
    client.post(STREAMS, json={"id": "a"}, auth=AUTH)
    client.post(f"{other}{STREAMS}", json={"id": "b"}, auth=AUTH)
    record = write(client, "1922")
    assert client.put("/_mock/snapshots/good").status_code == 204

    client.delete(f"{STREAMS}/a", auth=AUTH)
    client.post(STREAMS, json={"id": "c"}, auth=AUTH)
    write(client, "1923")
    client.post("/_mock/reset")
    assert client.post("/_mock/snapshots/good").status_code == 204

    state: Any = client.get("/_mock/state").json
    assert ids(client) == ["a"]
    assert ids(client, other) == ["b"]
    assert state["bge"]["streams"][-1]["stream_id"] == record["data"]["stream_id"]
    assert write(client, "1924")["code"] == 0
    assert client.get("/_mock/snapshots").json == ["good"]
    told: Any = client.get("/_mock/snapshots/good").json
    assert told["name"] == "good"
    assert told["rows"] > 1
    assert client.get(f"{other}/_mock/snapshots").json == []


def test_a_snapshot_that_is_not_there(client: FlaskClient) -> None:
    for method in ("GET", "POST"):
        answer = client.open("/_mock/snapshots/none", method=method)
        assert (answer.status_code, answer.json) == (
            404,
            {"message": "no snapshot 'none'; PUT takes one"},
        )
    assert client.put("/_mock/snapshots/a b").status_code == 400


def test_snapshots_of_an_api_without_code() -> None:
    client = create_app(MockConfig(apis=("examples/fieldpost",))).test_client()
    client.put("/_mock/snapshots/empty")
    assert client.post("/_mock/snapshots/empty").status_code == 204


def created_at(client: FlaskClient) -> datetime:
    made: Any = client.post(STREAMS, json={}, auth=AUTH).json
    return datetime.fromisoformat(made["created_at"])


class Ticking:
    """A clock of the machine that goes on a second each time that it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 31, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def ticking() -> Iterator[FlaskClient]:
    app = create_app(MockConfig(), clock=Ticking())
    with closing(app.extensions["store"]):
        yield app.test_client()


def test_a_frozen_clock_stands(ticking: FlaskClient) -> None:
    told: Any = ticking.put("/_mock/clock", json={"frozen": MADE}).json

    assert (told["now"], told["frozen"]) == (MADE, True)
    assert created_at(ticking) == created_at(ticking)
    assert created_at(ticking).date().isoformat() == "2020-01-31"


def test_a_clock_that_is_off_runs_on(ticking: FlaskClient) -> None:
    ticking.put("/_mock/clock", json={"offset_s": -3600})

    first, second = created_at(ticking), created_at(ticking)
    assert first.astimezone(UTC).hour == 23
    assert first < second


def test_a_fast_clock_shows_more_time_than_passes(ticking: FlaskClient) -> None:
    ticking.put("/_mock/clock", json={"speed": 3600})

    assert created_at(ticking) + timedelta(hours=1) <= created_at(ticking)


def test_each_space_has_a_clock_and_a_reset_sets_it_right(ticking: FlaskClient) -> None:
    ticking.put("/_space/old/_mock/clock", json={"frozen": MADE})

    assert created_at(ticking).year == 2026
    ticking.post("/_space/old/_mock/reset")
    told: Any = ticking.get("/_space/old/_mock/clock").json
    assert (told["frozen"], told["offset_s"], told["speed"]) == (False, 0, 1)


def test_an_empty_setting_is_the_real_time(ticking: FlaskClient) -> None:
    ticking.put("/_mock/clock", json={"frozen": MADE})
    ticking.put("/_mock/clock", json={})

    assert created_at(ticking).year == 2026


def test_signatures_expire_by_it() -> None:
    dialect = {"bge": {"signature_expiry_s": 60}}
    client = create_app(MockConfig(apis=("bge",), dialects=dialect)).test_client()
    assert write(client, "1930")["code"] == 0

    client.put("/_mock/clock", json={"offset_s": 3600})

    assert "timestamp is older than 60 seconds" in write(client, "1931")["msg"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("[]", "no JSON object"),
        ('{"now": 1}', "no setting 'now'; there are frozen, offset_s, speed"),
        ('{"frozen": "2020-01-31"}', "frozen: a time with its offset expected"),
        ('{"frozen": "0001-01-31T00:00:00Z"}', "within 100 years"),
        ('{"frozen": true}', "frozen: a time with its offset expected"),
        ('{"offset_s": 1e99}', "offset_s: a number from"),
        ('{"speed": -1}', "speed: a number from 0 to 100,000 expected"),
        ('{"speed": true}', "speed: a number"),
        ('{"frozen": "2026-01-31T00:00:00Z", "speed": 2}', "neither offset_s nor speed"),
    ],
)
def test_a_clock_that_can_not_be_set_so(ticking: FlaskClient, sent: str, message: str) -> None:
    answer = ticking.put("/_mock/clock", data=sent)

    assert answer.status_code == 400
    assert message in (answer.json or {})["message"]


def test_several_workers_have_neither_clock_nor_snapshots(new_file: Callable[[], str]) -> None:
    app = create_app(MockConfig(apis=("dotide",), workers=2, database_url=new_file()))
    with closing(app.extensions["store"]):
        client = app.test_client()
        assert client.put("/_mock/clock", json={}).status_code == 409
        assert client.put("/_mock/snapshots/a").status_code == 409
        assert client.put("/_mock/state", json={"dotide": {}}).status_code == 204
