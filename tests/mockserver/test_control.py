"""`/_mock/faults`: faults are switched on and off per space, while the server runs."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from tests.mockserver.dotide_http import Dotide

OK_FOR_CREATED = "dotide/create/status.other"
TWICE = "dotide/create/generated-ids-differ.twice"


def put(app: Flask, names: Any, space: str = "") -> TestResponse:
    return app.test_client().put(f"{space}/_mock/faults", json=names)


def made(app: Flask, space: str = "") -> int:
    return Dotide(app, f"{space}/v1/demo").create().status_code


@pytest.fixture
def app() -> Flask:
    return create_app(MockConfig(apis=("dotide",)))


def test_a_fault_is_switched_on_and_off(app: Flask) -> None:
    assert made(app) == 201
    answer = put(app, [OK_FOR_CREATED])
    assert answer.status_code == 200
    assert answer.json == [{"name": OK_FOR_CREATED, "says": "Answers 200 in place of 201."}]
    assert made(app) == 200
    assert app.test_client().delete("/_mock/faults").status_code == 204
    assert made(app) == 201


def test_faults_are_of_one_space(app: Flask) -> None:
    put(app, [OK_FOR_CREATED], "/_space/one")
    assert [made(app, space) for space in ("", "/_space/one", "/_space/two")] == [201, 200, 201]


def test_faults_take_the_place_of_those_before_and_remember_nothing(app: Flask) -> None:
    put(app, [OK_FOR_CREATED])
    put(app, [TWICE])
    demo = Dotide(app)
    first = demo.create()
    assert first.status_code == 201
    put(app, [TWICE])
    assert demo.create().json != first.json


def test_a_reset_goes_back_to_the_faults_of_the_start() -> None:
    app = create_app(MockConfig(apis=("dotide",), faults=(OK_FOR_CREATED,)))
    app.test_client().delete("/_mock/faults")
    assert made(app) == 201
    app.test_client().post("/_mock/reset")
    assert made(app) == 200


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["dotide/create/status.othr"], f"did you mean {OK_FOR_CREATED}?"),
        ([OK_FOR_CREATED, "bge/write/retrievable.other-id"], "no fault 'bge/write/retr"),
        ([OK_FOR_CREATED, 1], "no JSON array of names"),
        ({"faults": []}, "no JSON array of names"),
    ],
)
def test_what_cannot_be_switched_on_changes_nothing(app: Flask, names: Any, message: str) -> None:
    put(app, [OK_FOR_CREATED])
    answer = put(app, names)
    assert answer.status_code == 400
    assert message in (answer.json or {})["message"]
    assert made(app) == 200


def test_others_cannot_switch_faults_on() -> None:
    app = create_app(MockConfig(apis=("dotide",), loopback=False))
    assert put(app, [OK_FOR_CREATED]).status_code == 403
    assert made(app) == 201


def test_a_space_is_forgotten_with_all_that_is_in_it(app: Flask) -> None:
    put(app, [OK_FOR_CREATED], "/_space/one")
    assert made(app, "/_space/one") == 200
    made(app)
    client = app.test_client()
    client.put("/_space/one/_mock/snapshots/a")

    assert client.delete("/_mock/spaces/one").status_code == 204

    assert client.get("/_space/one/_mock/journal").json == []
    assert client.get("/_space/one/_mock/snapshots").json == []
    assert made(app, "/_space/one") == 201
    assert client.get("/_mock/journal?count").json == {"count": 1}
