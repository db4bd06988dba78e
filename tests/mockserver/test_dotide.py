"""The dotide API in its default dialect: every rule that a client leans on."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api, schema
from tests.mockserver.dotide_http import FIXTURES, START, TOKEN, Dotide, basic, dotide, rule

pytestmark = pytest.mark.usefixtures("database")

OTHER = FIXTURES["other_database"]
EXAMPLE = {"name": "Demo", "type": "string", "tags": ["a", "b"], "properties": {"p": [1, {"q": 2}]}}


@pytest.fixture
def demo() -> Dotide:
    return dotide()


def test_create_answers_what_was_sent_and_where_it_is(demo: Dotide) -> None:
    answer = demo.create("数据/1", **EXAMPLE)
    assert answer.status_code == 201
    assert answer.headers["Location"] == (
        "http://localhost/v1/demo/datastreams/%E6%95%B0%E6%8D%AE%2F1"
    )
    assert answer.json is not None
    assert EXAMPLE.items() <= answer.json.items()
    assert demo.read("数据/1").json == answer.json
    assert demo.list().json == [answer.json]


def test_answers_keep_to_the_specification(demo: Dotide) -> None:
    spec = api.load("dotide")
    answers = {
        "create": demo.create("x", **EXAMPLE),
        "read": demo.read("x"),
        "update": demo.update("x", name="y"),
        "list": demo.list(),
    }
    for operation, answer in answers.items():
        success = spec.operations[operation].success
        assert str(answer.status_code) == success.status
        assert answer.mimetype == "application/json"
        assert success.schema is not None
        assert not schema.Validator(success.schema, spec.openapi).errors(answer.json)
    gone = demo.delete("x")
    assert (gone.status_code, gone.data) == (204, b"")
    assert "Content-Type" not in gone.headers


def test_a_taken_id_is_rejected_and_its_stream_unharmed(demo: Dotide) -> None:
    first = demo.create("x", name="first").json
    again = demo.create("x", name="second")
    assert (again.status_code, rule(again)) == (409, "dotide/create/unique-id")
    assert demo.read("x").json == first


def test_streams_differ_whatever_a_test_does_to_chance(demo: Dotide) -> None:
    """What is shown of a stream is remembered by a random number; hypothesis, for one, seeds."""
    for stream_id in ("x", "y"):
        random.seed(0)
        demo.create(stream_id, name=stream_id)
        random.seed(0)
        demo.update(stream_id, name=f"{stream_id} again")
        assert demo.read(stream_id).json["name"] == f"{stream_id} again"  # type: ignore[index]
    assert [row["name"] for row in demo.list().json or ()] == ["x again", "y again"]


def test_generated_ids_differ(demo: Dotide) -> None:
    made = [demo.create().json for _ in range(20)]
    assert len({each["id"] for each in made if each}) == 20


@pytest.mark.parametrize(
    ("fields", "broken"),
    [
        ({"type": "text"}, "dotide/create/type-enum"),
        ({"properties": {"a.b": 1}}, "dotide/create/property-names"),
        ({"properties": {"$a": 1}}, "dotide/create/property-names"),
        ({"name": 5}, "dotide/dialect/wrong_type"),
        ({"tags": ["a", 5]}, "dotide/dialect/wrong_type"),
        ({"tz": "Nowhere/Land"}, "dotide/dialect/unknown_tz"),
    ],
)
def test_a_rejected_create_names_its_rule_and_stores_nothing(
    demo: Dotide, fields: dict[str, object], broken: str
) -> None:
    answer = demo.create("x", **fields)
    assert (answer.status_code, rule(answer)) == (422, broken)
    assert answer.json
    assert answer.json["message"]
    assert demo.ids() == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"name": NaN}', b'"\\ud800"', b"[" * 90_000])
def test_a_body_that_is_no_json_is_rejected(demo: Dotide, body: bytes) -> None:
    for method, path in (("POST", "/datastreams"), ("PUT", "/datastreams/x")):
        answer = demo.send(method, path, data=body, content_type="application/json")
        operation = "create" if method == "POST" else "update"
        assert (answer.status_code, rule(answer)) == (400, f"dotide/{operation}/malformed-json")


def test_filters_and_pages(demo: Dotide) -> None:
    for number in range(6):
        demo.create(f"s{number}", tags=["all", "even" if number % 2 == 0 else "odd"])
    demo.create("untagged")
    assert demo.ids() == ["s0", "s1", "s2", "s3", "s4", "s5", "untagged"]
    assert demo.ids("tags=all,even") == ["s0", "s2", "s4"]
    assert demo.ids("tags=al") == []
    assert demo.ids("ids=s5,s1,s1,nobody") == ["s1", "s5"]
    assert demo.ids("ids=s1,s2&tags=even") == ["s2"]
    pages = [demo.ids(f"tags=all&limit=2&offset={offset}") for offset in (0, 2, 4, 6)]
    assert pages == [["s0", "s1"], ["s2", "s3"], ["s4", "s5"], []]
    assert demo.ids("tags=even&limit=1&offset=1") == ["s2"]
    assert demo.ids("limit=500")[-1] == "untagged"


def test_order_is_that_of_code_points(demo: Dotide) -> None:
    ids = ["é", "a", "B", "10", "9", "Z", "\U0001f600", "\uffee"]
    for each in ids:
        demo.create(each)
    assert demo.ids() == sorted(ids)


def test_filters_keep_the_order(demo: Dotide) -> None:
    ids = ["b", "é", "Z", f"{'z' * 200}b", f"{'z' * 200}a", "ab"]  # two begin alike in an index
    for number, each in enumerate(ids):
        demo.create(each, tags=["all", f"{number % 2}"])
    demo.update("é", tags=["all", "new"])
    demo.delete("Z")
    left = sorted(set(ids) - {"Z"})
    assert demo.ids("tags=all") == left
    assert demo.ids("tags=1") == sorted([ids[3], ids[5]])
    assert demo.ids("tags=1,all") == demo.ids("tags=all,1,1") == demo.ids("tags=1")
    assert demo.ids("tags=new") == ["é"]
    assert demo.ids("tags=all,1,0") == demo.ids("tags=nobody,all") == demo.ids("ids=nobody") == []
    assert demo.ids(f"ids=é,{ids[3]},{ids[4]},b") == ["b", ids[4], ids[3], "é"]
    assert demo.ids(f"ids=é,{ids[3]},{ids[4]},b&tags=0,all") == ["b", ids[4]]
    assert demo.ids(f"ids=é,{ids[3]},{ids[4]},b&limit=2&offset=1") == [ids[4], ids[3]]


def test_update_replaces_what_it_names_and_nothing_else(demo: Dotide) -> None:
    before = demo.create("x", **EXAMPLE).json
    assert before
    after = demo.update("x", tags=["c"], properties={"r": 3}).json
    assert after == {
        **before,
        "tags": ["c"],
        "properties": {"r": 3},
        "updated_at": after and after["updated_at"],
    }
    assert after
    assert after["updated_at"] >= before["updated_at"]
    assert demo.ids("tags=a") == []
    assert demo.ids("tags=c") == ["x"]
    assert demo.read("x").json == after


def test_a_rejected_update_changes_nothing(demo: Dotide) -> None:
    before = demo.create("x", name="n").json
    assert rule(demo.update("x", name="m", properties={"$": 1})) == "dotide/update/property-names"
    assert demo.read("x").json == before
    unknown = demo.update("y", name="m")
    assert (unknown.status_code, rule(unknown)) == (404, "dotide/update/unknown-id")
    assert rule(demo.read("y")) == "dotide/read/unknown-id"


def test_a_deleted_stream_is_gone_and_leaves_nothing_behind(demo: Dotide) -> None:
    demo.create("x", **EXAMPLE)
    demo.create("xx")
    demo.delete("x")
    assert demo.read("x").status_code == 404
    assert demo.ids() == ["xx"]
    assert rule(demo.delete("x")) == "dotide/dialect/delete_unknown"
    again = demo.create("x").json
    assert again
    assert (again["name"], again["tags"], again["properties"]) == (None, [], {})
    assert demo.ids("tags=a") == []


def test_times_show_in_the_zone_that_is_asked_for(demo: Dotide) -> None:
    created = demo.create("x", tz="America/New_York").json
    assert created
    instant = datetime.fromisoformat(created["created_at"])
    assert abs(START - instant) < timedelta(minutes=1)
    for query, headers, offset in (
        ("", {}, "+08:00"),
        ("tz=UTC", {}, "+00:00"),
        ("tz=Asia/Kathmandu", {}, "+05:45"),
        ("", {"Timezone": "UTC"}, "+00:00"),
        ("tz=Asia/Tokyo", {"Timezone": "UTC"}, "+09:00"),
        ("", {"Time-Zone": "UTC"}, "+08:00"),
    ):
        for path in ("/datastreams/x", "/datastreams"):
            answer = demo.send("GET", f"{path}?{query}", headers={**basic(), **headers}).json
            shown = (answer[0] if isinstance(answer, list) else answer or {})["created_at"]
            assert shown.endswith(offset)
            assert datetime.fromisoformat(shown) == instant


def test_version_two_is_an_alias_that_honours_its_own_header(demo: Dotide) -> None:
    demo.create("x")
    two = Dotide(demo.app, "/v2/demo")
    answer = two.send("GET", "/datastreams/x", headers={**basic(), "Time-Zone": "UTC"}).json
    assert answer
    assert answer["created_at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("headers", "query", "broken"),
    [
        ({}, "", "no-credentials"),
        (basic("demo-client:hunter2"), "", "wrong-secret"),
        (basic(OTHER["credentials"]["basic"]), "", "other-database"),
        ({"Authorization": "Basic !"}, "", "wrong-secret"),
        ({"Authorization": "Bearer 00"}, "", "unknown-token"),
        ({"Authorization": "Digest x"}, "", "no-credentials"),
        ({}, "access_token=00", "unknown-token"),
    ],
)
def test_bad_credentials_are_answered_404_and_have_no_effect(
    demo: Dotide, headers: dict[str, str], query: str, broken: str
) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("POST", "", {"id": "y"}),
        ("GET", "/x", None),
        ("PUT", "/x", {"name": "n"}),
        ("DELETE", "/x", None),
    ):
        if "access_token" in query and method in ("POST", "PUT"):
            continue  # a write looks at its headers only
        answer = demo.send(method, f"/datastreams{path}?{query}", headers, json=body)
        assert (answer.status_code, rule(answer)) == (404, f"dotide/any/{broken}")
        assert "hunter2" not in answer.text
    assert demo.ids() == []


def test_every_published_way_to_prove_who_calls(demo: Dotide) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert demo.send("POST", headers=bearer, json={"id": "x"}).status_code == 201
    assert demo.send("PUT", "/datastreams/x", bearer, json={"name": "n"}).status_code == 200
    for method, path, status in (("GET", "", 200), ("GET", "/x", 200), ("DELETE", "/x", 204)):
        query = f"/datastreams{path}?access_token={TOKEN}"
        assert demo.send(method, query, {}).status_code == status


def test_data_bases_do_not_meet(demo: Dotide) -> None:
    other = Dotide(demo.app, f"/v1/{OTHER['database']}")
    proof = basic(OTHER["credentials"]["basic"])
    demo.create("x", name="ours")
    assert other.send("POST", headers=proof, json={"id": "x"}).status_code == 201
    assert other.send("DELETE", "/datastreams/x", proof).status_code == 204
    assert (demo.read("x").json or {})["name"] == "ours"
    assert rule(other.send("GET", "/datastreams", basic())) == "dotide/any/other-database"


def test_a_space_starts_with_the_seed() -> None:
    seed = {"datastreams": [{"id": "a", "tags": ["t"]}, {"id": "b", "type": "geojson"}]}
    app = create_app(MockConfig(apis=("dotide",), fixtures={"dotide": seed}))
    demo, mine = Dotide(app), Dotide(app, "/_space/mine/v1/demo")
    demo.delete("a")
    assert demo.ids() == ["b"]
    assert mine.ids("tags=t") == ["a"]
