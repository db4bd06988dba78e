"""The server around the APIs: spaces, control paths, stray requests, limits, the store."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from threading import Thread

import pytest
from flask import Flask, Response, request, request_finished, request_tearing_down
from sqlalchemy import func, insert, select

from streamproof.mockserver.app import LONGEST_QUERY, create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.database import connect
from streamproof.mockserver.dotide import tables
from streamproof.mockserver.parsing import Unreadable, read_json, typed
from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.store import Part, Store
from streamproof.specs import api
from streamproof.specs.errors import SpecError
from tests.mockserver.dotide_http import Dotide, dotide, rule


@pytest.fixture
def app() -> Flask:
    return create_app(MockConfig())


def test_spaces_never_meet_and_a_reset_is_of_one(app: Flask) -> None:
    default, one, two = (Dotide(app, f"{at}/v1/demo") for at in ("", "/_space/1", "/_space/2"))
    for each in (default, one, two):
        created = each.create("x")
        assert created.status_code == 201
        assert created.headers["Location"] == f"http://localhost{each.base}/datastreams/x"
    assert app.test_client().post("/_space/1/_mock/reset").status_code == 204
    assert [each.ids() for each in (default, one, two)] == [["x"], [], ["x"]]


def test_a_dropped_space_leaves_nothing(app: Flask) -> None:
    mine = Dotide(app, "/_space/mine/v1/demo")
    mine.create("x", tags=["t"])
    store: Store = app.extensions["store"]
    store.drop("mine")
    with store.transaction("other") as connection:
        for table in (tables.streams, tables.tags):
            assert connection.execute(select(func.count()).select_from(table)).scalar() == 0
    assert mine.ids() == []


def test_control_paths_tell_of_health_and_rules(app: Flask) -> None:
    client = app.test_client()
    health = client.get("/_mock/health").json
    assert health
    assert health["status"] == "ok"
    assert set(health["apis"]) == set(api.names())
    listed = client.get("/_mock/rules").json
    assert listed
    assert {each["id"] for each in listed} == {
        each.id for name in api.names() for each in api.load(name).rulebook
    }
    one = client.get("/_mock/rules/dotide/list/pages").json
    assert one in listed
    point = client.get("/_mock/rules/dotide/dialect/duplicate_id_status").json
    assert point
    assert point["chosen"] == 409
    assert client.get("/_mock/rules/nothing").status_code == 404


def test_others_can_reach_health_only() -> None:
    client = create_app(MockConfig(loopback=False)).test_client()
    assert client.get("/_mock/health").status_code == 200
    assert client.get("/_mock/rules").status_code == 403
    assert client.post("/_space/x/_mock/reset").status_code == 403


def test_stray_requests_are_told_a_way_on(app: Flask) -> None:
    client = app.test_client()
    nowhere = client.get("/nowhere")
    assert nowhere.status_code == 404
    assert "/v1/{database}/datastreams" in (nowhere.json or {})["paths"]
    assert client.get("/_space/bad name/v1/demo/datastreams").status_code == 404
    wrong = client.delete("/v1/demo/datastreams")
    assert (wrong.status_code, rule(wrong)) == (405, "dotide/dialect/wrong_method")
    assert wrong.headers["Allow"] == "GET, HEAD, POST"
    assert wrong.headers["Allow"] in wrong.text


def test_what_is_too_large_is_refused_unread(app: Flask) -> None:
    demo = Dotide(app)
    body = demo.send("POST", data=b" " * 2_000_000, content_type="application/json")
    assert (body.status_code, rule(body)) == (413, "dotide/dialect/largest_body")
    assert demo.list("ids=" + "," * (LONGEST_QUERY + 1)).status_code == 414
    most = ",".join(map(str, range(9_999)))[: LONGEST_QUERY - 10]
    assert demo.ids(f"ids={most}") == []


def test_a_configuration_is_checked_at_once_and_can_be_handed_on() -> None:
    config = MockConfig(apis=("dotide",), dialects={"dotide": {"duplicate_id_status": 422}})
    assert pickle.loads(pickle.dumps(config)) == config
    with pytest.raises(SpecError, match="no such silent point"):
        MockConfig(dialects={"dotide": {"colour": "red"}})
    with pytest.raises(SpecError, match="duplicate_id_status"):
        MockConfig(dialects={"dotide": {"duplicate_id_status": 200}})
    with pytest.raises(SpecError, match="datastreams"):
        MockConfig(fixtures={"dotide": {"datastreams": [{"name": "without id"}]}})


def test_credentials_stand_in_no_answer(app: Flask) -> None:
    answers = [Dotide(app).list(), app.test_client().get("/v1/demo/datastreams")]
    assert not any("demo-secret" in answer.text for answer in answers)


def test_an_exception_undoes_its_transaction() -> None:
    def insert_and_reject() -> None:
        with store.transaction("s") as connection:
            row = {"space": "s", "database": "d", "tag": "t", "key": "k", "place": "k"}
            connection.execute(insert(tables.tags), row)
            raise Rejected("dotide/create/unique-id", "no")

    store = Store({"dotide": Part(tables.metadata, lambda *_: None)}, connect(None))
    with pytest.raises(Rejected):
        insert_and_reject()
    with store.transaction("s") as connection:
        assert connection.execute(select(func.count()).select_from(tables.tags)).scalar() == 0


def test_threads_share_the_store() -> None:
    demo = dotide()
    answers: list[int] = []

    def create() -> None:
        answers.extend(demo.create(f"x{number}").status_code for number in range(20))

    threads = [Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 20 + [409] * 140


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", "integer", 12),
        ("-1", "number", -1),
        ("1.5", "number", 1.5),
        ("1e999", "number", "1e999"),
        ("9" * 5000, "number", "9" * 5000),
        ("٣", "integer", "٣"),
        ("", "integer", ""),
        ("True", "boolean", True),
        ("yes", "boolean", "yes"),
        ("12", "string", "12"),
    ],
)
def test_texts_are_read_by_their_type_or_left(text: str, kind: str, value: object) -> None:
    assert typed(text, {"type": kind}) == value


def test_json_may_nest_a_hundred_levels() -> None:
    assert read_json("[" * 100 + "]" * 100, "body")
    assert read_json(b"[" + b"{}," * 500 + b"{}]", "body")
    for bad in ("[" * 101 + "]" * 101, "[" * 5000, "\ufeff{}", "", "1e999", '{"a":NaN}'):
        with pytest.raises(Unreadable):
            read_json(bad, "body")


def test_hooks_of_a_users_own_see_whole_requests_and_responses(app: Flask) -> None:
    bodies: list[bytes] = []

    def look() -> None:
        bodies.append(request.get_data())

    def mark(response: Response) -> Response:
        bodies.append(response.get_data())
        response.headers["X-Mine"] = "yes"
        return response

    def end(_sender: object, **_: object) -> None:
        bodies.append(b"end")

    app.before_request(look)
    app.after_request(mark)
    with request_tearing_down.connected_to(end, app):
        made = Dotide(app).create("x")
    assert [body[:9] for body in bodies] == [b'{"id": "x', b'{"id":"x"', b"end"]
    gone = Dotide(app).delete("x")
    assert made.headers["X-Mine"] == gone.headers["X-Mine"] == "yes"
    assert made.headers["Location"].endswith("/datastreams/x")
    assert gone.status_code == 204
    assert not {"Content-Type", "Content-Length"} & {*gone.headers.keys()}


def test_a_signal_tells_of_a_whole_response(app: Flask) -> None:
    seen: list[int] = []

    def finished(_sender: object, response: Response, **_: object) -> None:
        seen.append(response.status_code)

    with request_finished.connected_to(finished, app):
        Dotide(app).create("x")
    assert seen == [201]


def test_the_last_hour_of_the_calendar_is_shown_in_utc_where_the_zone_has_left_it() -> None:
    demo = Dotide(create_app(MockConfig(), lambda: datetime(9999, 12, 31, 23, tzinfo=UTC)))

    shown = [demo.create("a").json, demo.read("a").json, demo.read("a", "tz=Asia/Tokyo").json]

    assert {answer["created_at"] for answer in shown if answer} == {"9999-12-31T23:00:00.000+00:00"}
