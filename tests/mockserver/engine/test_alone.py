"""An openapi.yaml alone: calls are validated, and answered by examples."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.mockserver.engine.calls import Caller
from tests.mockserver.engine.conftest import GARDENS


def test_a_good_call_is_answered_by_the_example_that_the_file_gives(alone: Caller) -> None:
    assert alone("GET", "/report").body == "garden,beds\nnorth,3\n"
    weather = alone("GET", "/weather", headers={"Cookie": "SID=demo-session"})
    assert weather.body == {"sky": "clear", "wind": 2}


def test_without_an_example_it_is_one_of_the_schema(alone: Caller) -> None:
    answer = alone("GET", "/gardens/7")
    assert answer.status == 200
    assert answer.body.keys() >= {"id", "name", "tags", "state", "area"}
    assert alone("PUT", "/gardens/7", json={"name": "north"}).status == 204


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"area": 0}, "area-exclusive-minimum"),
        ({"area": "much"}, "area-type"),
        ({"order": "up"}, "order-enum"),
        ({"limit": 0}, "limit-minimum"),
        ({"offset": -1}, "offset-minimum"),
    ],
)
def test_what_breaks_a_keyword_names_its_rule(
    alone: Caller, query: dict[str, Any], rule: str
) -> None:
    answer = alone("GET", "/gardens", query)
    assert answer.status == 422
    assert answer.rule == f"gardens/list_gardens/{rule}"


def test_a_keyword_that_calls_share_names_the_rule_of_the_call(alone: Caller) -> None:
    assert alone("DELETE", "/gardens/x").rule == "gardens/remove_garden/garden-id-type"
    assert alone("GET", "/gardens/x").rule == "gardens/get_gardens_garden_id/garden-id-type"
    assert alone("GET", "/gardens/x/beds").rule == "gardens/list_beds/garden-id-type"


def test_a_rejection_has_the_described_form(alone: Caller) -> None:
    answer = alone("GET", "/gardens", {"area": 0})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["errors"] == [{"detail": "area: the value: more than 0 expected, got 0"}]


def test_a_message_that_has_no_room_is_left_out(alone: Caller) -> None:
    answer = alone("GET", "/weather", headers={"Cookie": "SID=other"})
    assert (answer.status, answer.body) == (403, {"ok": False, "msg": "text"})


def test_a_cookie_is_an_argument_and_a_credential(alone: Caller) -> None:
    good = alone("GET", "/weather", headers={"Cookie": "SID=demo-session; unit=metric"})
    odd = alone("GET", "/weather", headers={"Cookie": "SID=demo-session; unit=both"})
    assert good.status == 200
    assert odd.rule == "gardens/weather/unit-enum"


@pytest.mark.parametrize(
    ("headers", "status", "rule"),
    [
        ({"Authorization": "Basic ZGVtbzpvdGhlcg=="}, 401, "gardens/any/wrong-login"),
        ({"Authorization": ""}, 401, "gardens/any/no-credentials"),
        ({"Authorization": "Bearer demo:secret"}, 401, "gardens/any/no-credentials"),
        ({"Authorization": "", "Cookie": "SID=no"}, 401, "gardens/any/wrong-session"),
        ({"Authorization": "", "Cookie": "SID=demo-session"}, 200, None),
    ],
)
def test_any_one_of_the_credentials_lets_in(
    alone: Caller, headers: dict[str, str], status: int, rule: str | None
) -> None:
    answer = alone("GET", "/gardens/7", headers=headers)
    assert (answer.status, answer.rule) == (status, rule)


def test_a_body_of_any_media_type_is_taken(alone: Caller) -> None:
    answer = alone("POST", "/photos", data=b"\x89PNG", content_type="image/png")
    assert (answer.status, answer.body) == (202, None)


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"5"])
def test_what_is_no_object_is_rejected(alone: Caller, body: bytes) -> None:
    answer = alone("POST", "/gardens", data=body, content_type="application/json")
    assert (answer.status, answer.rule) == (400, "gardens/add_garden/body-type")


def test_what_is_said_twice_is_one_rule() -> None:
    assert "gardens/add_garden/body-type-2" not in api.load(str(GARDENS)).rulebook.rules


def test_what_has_no_state_is_known() -> None:
    assert domain.stateless(str(GARDENS)) == ("replaceGarden", "report", "weather", "addPhoto")
    assert domain.stateless("dotide") == ()


def test_a_text_in_json_and_a_header_with_an_underscore(tmp_path: Path) -> None:
    answer = {"content": {"application/json": {"schema": {"type": "string"}}}, "description": "It."}
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Words", "version": "1"},
        "security": [{"key": []}],
        "paths": {"/word": {"get": {"operationId": "word", "responses": {"200": answer}}}},
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "api_key"}}
        },
    }
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(json.dumps(described), "utf-8")
    words = Caller(create_app(MockConfig((str(folder),))), "", {"api_key": "demo-key"})
    assert words("GET", "/word").body == "text"
    assert words("GET", "/word", headers={"api_key": "another"}).rule == "words/any/wrong-key"
