"""What resources.yaml says is kept, in every kind of data base."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.mockserver.engine.calls import Caller

MORNING, NOON = "2025-03-01T09:00:00Z", "2025-03-01T12:00:00Z"


def grown(gardens: Caller, name: str, **fields: Any) -> int:
    """The id of a new garden."""
    answer = gardens("POST", "/gardens", json={"name": name, **fields})
    assert answer.status == 201
    number: int = answer.body["id"]
    return number


def names(gardens: Caller, **query: Any) -> list[str]:
    return [row["name"] for row in gardens("GET", "/gardens", {"limit": 3, **query}).body]


def test_what_is_made_is_shown_with_what_the_server_adds(gardens: Caller) -> None:
    made = gardens("POST", "/gardens", json={"name": "north", "area": 2.5, "colour": "red"})

    number = made.body["id"]
    assert made.headers["Location"] == f"/api/acme/gardens/{number}"
    assert made.headers["X-Cost"] == "3"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made.body.pop("madeAt"))
    assert isinstance(made.body.pop("changedAt"), int)
    assert made.body == {
        "id": number,
        "name": "north",
        "area": 2.5,
        "tags": [],
        "note": "none",
        "state": "growing",
    }


def test_it_is_read_by_a_path_variable_of_another_name(gardens: Caller) -> None:
    number = grown(gardens, "north")
    assert gardens("GET", f"/gardens/{number}").body["name"] == "north"
    unknown = gardens("GET", f"/gardens/{number + 1}")
    assert (unknown.status, unknown.rule) == (
        404,
        "gardens/get_gardens_garden_id/unknown-garden-id",
    )


def test_patch_changes_what_it_names(gardens: Caller) -> None:
    number = grown(gardens, "north", area=1, tags=["sunny"], note="mine")
    before = gardens("GET", f"/gardens/{number}").body

    after = gardens("PATCH", f"/gardens/{number}", json={"area": 2, "id": 7}).body

    assert after == {**before, "area": 2, "changedAt": after["changedAt"]}
    assert after["changedAt"] >= before["changedAt"]
    assert gardens("GET", f"/gardens/{number}").body == after


def test_filters_know_the_members_of_sets(gardens: Caller) -> None:
    grown(gardens, "a", tags=["sunny", "dry"])
    changed = grown(gardens, "b", tags=["sunny", "sunny"])
    grown(gardens, "c", tags=["wet"], area=2)
    assert names(gardens, tags="sunny") == ["a", "b"]
    assert names(gardens, tags="sunny,dry,sunny") == ["a"]
    assert names(gardens, tags="") == ["a", "b", "c"]
    assert names(gardens, any=["dry", "wet"]) == ["a", "c"]
    assert names(gardens, area="2.0") == ["c"]
    gardens("PATCH", f"/gardens/{changed}", json={"tags": ["wet"]})
    assert names(gardens, tags="sunny") == ["a"]
    assert names(gardens, tags="wet") == ["b", "c"]


def test_offsets_pass_over_in_either_direction(gardens: Caller) -> None:
    for name in ("b", "d", "a", "c", "B"):
        grown(gardens, name)
    assert names(gardens, limit=2, offset=1) == ["a", "b"]
    assert names(gardens, limit=50) == ["B", "a", "b"]
    assert names(gardens, limit=3, offset=3) == ["c", "d"]
    assert names(gardens, order="desc", offset=1) == ["c", "b", "a"]
    assert names(gardens, offset=10**17) == []


def test_pages_have_numbers_from_the_described_one_on(gardens: Caller) -> None:
    where = f"/gardens/{grown(gardens, 'north')}/beds"
    for code, depth in (("x", 3), ("y", 1), ("z", 2)):
        gardens("POST", where, json={"code": code, "depth": depth})

    def codes(**query: int) -> list[str]:
        return [row["code"] for row in gardens("GET", where, query).body["items"]]

    assert codes() == codes(page=0) == ["y", "z"]
    assert codes(page=1) == ["x"]
    assert codes(page=2, size=1) == ["x"]


def test_a_key_is_taken_once_in_each_thing(gardens: Caller) -> None:
    one, two = grown(gardens, "one"), grown(gardens, "two")
    made = gardens("POST", f"/gardens/{one}/beds", json={"code": "x"})
    assert (made.status, made.body) == (201, {"ok": True, "data": {"code": "x"}})
    assert gardens("POST", f"/gardens/{two}/beds", json={"code": "x"}).status == 201
    again = gardens("POST", f"/gardens/{one}/beds", json={"code": "x"})
    assert (again.status, again.body, again.rule) == (409, None, "gardens/add_bed/unique-code")


def test_a_header_leads_from_page_to_page_of_an_open_window(gardens: Caller) -> None:
    where = f"/gardens/{grown(gardens, 'north')}/beds/x/samples"
    gardens("POST", where.removesuffix("/x/samples"), json={"code": "x"})
    for minute in (0, 5, 10, 15, 20):
        at = f"2025-03-01T10:{minute:02}:00+01:00"
        assert gardens("POST", where, json={"at": at, "ph": minute}).status == 201
    query = {"from": MORNING, "to": "2025-03-01T09:20:00Z"}

    first = gardens("GET", where, query)
    rest = gardens("GET", where, {**query, "token": first.headers["X-Next"]})
    url, _, relation = first.headers["Link"].partition("; ")
    linked = gardens("GET", url.strip("<>").partition("/api/acme")[2])

    assert [row["ph"] for row in first.body] == [5, 10]
    assert [row["ph"] for row in rest.body] == [15]
    assert first.body[0]["at"] == "2025-03-01T09:05:00.000Z"
    assert "X-Next" not in rest.headers
    assert "Link" not in rest.headers
    assert (linked.body, relation) == (rest.body, 'rel="next"')


@pytest.mark.parametrize("token", ["", "x", "W10=", "WyJsaXN0X3NhbXBsZXMiLCJhIiwxXQ==", "é"])
def test_a_cursor_of_nobody_is_rejected(gardens: Caller, token: str) -> None:
    garden = grown(gardens, "north")
    gardens("POST", f"/gardens/{garden}/beds", json={"code": "x"})
    answer = gardens("GET", f"/gardens/{garden}/beds/x/samples", {"token": token})
    assert (answer.status, answer.rule) == (400, "gardens/list_samples/token")


def test_all_that_is_in_a_thing_goes_with_it(gardens: Caller) -> None:
    stays, goes = grown(gardens, "stays"), grown(gardens, "goes", tags=["dry"])
    for garden in (stays, goes):
        gardens("POST", f"/gardens/{garden}/beds", json={"code": "x"})
        gardens("POST", f"/gardens/{garden}/beds/x/samples", json={"at": NOON})

    assert gardens("DELETE", f"/gardens/{goes}").status == 204

    assert gardens("GET", f"/gardens/{goes}/beds/x/samples").status == 404
    assert gardens("GET", f"/gardens/{goes}").status == 404
    assert names(gardens) == ["stays"]
    assert len(gardens("GET", f"/gardens/{stays}/beds/x/samples").body) == 1
    assert grown(gardens, "new") > goes
