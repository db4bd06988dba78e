"""A rule of every keyword of JSON Schema: the mock keeps it, and each fault of it is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import switch_on
from streamproof.mockserver.store import DEFAULT_SPACE
from streamproof.specs import api
from tests.fieldpost.test_declared import verdicts

NUMBERS: Mapping[str, Any] = {
    "low": {"type": "integer", "minimum": 3},
    "high": {"type": "integer", "maximum": 3},
    "above": {"type": "number", "exclusiveMinimum": 0},
    "below": {"type": "number", "exclusiveMaximum": 10},
    "tens": {"type": "integer", "multipleOf": 10},
    "colour": {"type": "string", "enum": ["red", "green"]},
    "when": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "flag": {"type": "boolean"},
}
MEMBERS: Mapping[str, Any] = {
    **NUMBERS,
    "short": {"type": "string", "maxLength": 3},
    "long": {"type": "string", "minLength": 3},
    "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]+$"},
    "one": {"const": 1},
    "list": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
    "set": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "few": {"type": "object", "maxProperties": 2},
    "some": {"type": "object", "minProperties": 1, "example": {"a": 1}},
    "named": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
    "either": {"oneOf": [{"type": "integer"}, {"type": "boolean"}]},
    "deep": {
        "type": "object",
        "required": ["inner"],
        "additionalProperties": False,
        "properties": {"inner": {"type": "integer", "maximum": 5}},
    },
}
ANSWER = {"type": "object", "required": ["ok"], "properties": {"ok": {"type": "boolean"}}}
GIVEN = {"200": {"description": "OK", "content": {"application/json": {"schema": ANSWER}}}}


def in_query(schemas: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": n, "in": "query", "required": True, "schema": s} for n, s in schemas.items()]


def in_body(media_type: str, schemas: Mapping[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": [*schemas],
        "properties": dict(schemas),
        "additionalProperties": False,
    }
    return {"required": True, "content": {media_type: {"schema": schema}}}


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Keywords", "version": "1"},
    "paths": {
        "/query": {"get": {"parameters": in_query(NUMBERS), "responses": GIVEN}},
        "/plain": {"get": {"responses": GIVEN}},  # what a target shows itself by, if not by that
        "/json": {
            "post": {"requestBody": in_body("application/json", MEMBERS), "responses": GIVEN}
        },
        "/form": {
            "post": {
                "requestBody": in_body("application/x-www-form-urlencoded", NUMBERS),
                "responses": GIVEN,
            }
        },
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    made: Path = tmp_path_factory.mktemp("keywords") / "keywords"
    made.mkdir()
    (made / "openapi.yaml").write_text(json.dumps(OPENAPI), "utf-8")
    return str(made)


def judged(folder: str, app: Any, only: tuple[str, ...] = ()) -> Run:
    target = Target(api.load(folder), WsgiTransport(app, "http://localhost"), {}, {})
    return run(target, Options(Selection(only), seed=1, run_id="keywords", max_examples=6))


def test_the_mock_keeps_every_rule(folder: str) -> None:
    run = judged(folder, create_app(MockConfig((folder,))))
    assert not verdicts(run, Verdict.FAILED, Verdict.HARNESS_ERROR, Verdict.NOT_TESTED)


def test_each_fault_is_found_by_its_rule(folder: str) -> None:
    app = create_app(MockConfig((folder,)))
    store = app.extensions["store"]
    survivors = []
    for fault in domain.faults(folder):
        switch_on(store.space(DEFAULT_SPACE), (fault,))
        if verdicts(judged(folder, app, (fault.rule,)), Verdict.FAILED) != {fault.rule}:
            survivors.append(fault.name)
    assert not survivors


def test_a_body_that_is_an_array_breaks_no_run(tmp_path: Path) -> None:
    member = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "maxLength": 3}},
    }
    many = {"content": {"application/json": {"schema": {"type": "array", "items": member}}}}
    call = {
        "operationId": "addMany",
        "requestBody": many,
        "responses": {"200": {"description": "Done."}},
    }
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Many", "version": "1"},
        "paths": {"/many": {"post": call}},
    }
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(json.dumps(described), "utf-8")

    found = run(
        Target(
            api.load(str(folder)), WsgiTransport(create_app(MockConfig((str(folder),)))), {}, {}
        ),
        Options(seed=1, run_id="arraybody", max_examples=2),
    )

    assert not verdicts(found, Verdict.FAILED, Verdict.HARNESS_ERROR)
    assert verdicts(found, Verdict.NOT_TESTED) >= {"many/add_many/items-name-max-length"}
