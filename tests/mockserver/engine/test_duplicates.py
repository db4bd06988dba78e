"""Of things that are the same in some fields one is kept, or as many as are permitted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamproof.mockserver.config import MockConfig
from tests.mockserver.databases import create_app
from tests.mockserver.engine.calls import Caller, Got

_NOTE = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "day": {"type": "string"}, "by": {"type": "string"}},
}
_JSON = {"content": {"application/json": {"schema": _NOTE}}}
_KEPT = {"200": {"description": "Kept.", **_JSON}}
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_FORCE = {"name": "force", "in": "query", "schema": {"type": "boolean"}}


def _call(name: str, *parameters: Any, **more: Any) -> dict[str, Any]:
    return {"operationId": name, "parameters": [*parameters], "responses": _KEPT, **more}


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {
        "/notes": {"post": _call("add", _FORCE, requestBody=_JSON)},
        "/notes/{id}": {
            "put": _call("replace", _ID, requestBody=_JSON),
            "delete": _call("drop", _ID),
        },
    },
}
NOTES = {
    "kind": "collection",
    "key": "id",
    "keyed_by": "server",
    "create": "add",
    "update": "replace",
    "delete": "drop",
    "duplicates": {"same": ["day", "by"], "permit": {"force": True}},
}


@pytest.fixture
def notes(database: str, tmp_path: Path) -> Caller:
    (tmp_path / "openapi.yaml").write_text(json.dumps(OPENAPI), "utf-8")
    (tmp_path / "resources.yaml").write_text(json.dumps({"resources": {"notes": NOTES}}), "utf-8")
    return Caller(create_app(MockConfig((str(tmp_path),))))


def added(notes: Caller, day: str, *, force: bool = False, **other: str) -> Got:
    return notes("POST", "/notes", {"force": "true"} if force else {}, json={"day": day, **other})


def test_a_duplicate_is_rejected_or_permitted(notes: Caller) -> None:
    assert added(notes, "monday", force=True).status == 200
    assert added(notes, "monday").status == 409
    assert added(notes, "monday", force=True).status == 200
    assert added(notes, "monday", by="me").status == 200
    assert added(notes, "tuesday").status == 200


def test_what_is_left_after_a_delete_still_forbids_another(notes: Caller) -> None:
    first, second = added(notes, "monday"), added(notes, "monday", force=True)
    notes("DELETE", f"/notes/{first.body['id']}")
    assert added(notes, "monday").status == 409
    notes("DELETE", f"/notes/{second.body['id']}")
    assert added(notes, "monday").status == 200


def test_an_update_makes_no_duplicate(notes: Caller) -> None:
    added(notes, "monday")
    one = added(notes, "tuesday").body["id"]
    assert notes("PUT", f"/notes/{one}", json={"day": "monday"}).status == 409
    assert added(notes, "tuesday").status == 409


def test_an_update_leaves_a_permitted_duplicate_one(notes: Caller) -> None:
    first, second = added(notes, "monday"), added(notes, "monday", force=True)
    for each in (first, second):
        assert notes("PUT", f"/notes/{each.body['id']}", json={"day": "monday"}).status == 200
    assert added(notes, "monday").status == 409


def test_what_an_update_takes_away_may_be_made_anew(notes: Caller) -> None:
    one = added(notes, "monday").body["id"]
    two = added(notes, "monday", force=True).body["id"]
    assert notes("PUT", f"/notes/{two}", json={"day": "tuesday"}).status == 200
    assert added(notes, "tuesday").status == 409
    assert notes("PUT", f"/notes/{one}", json={"day": "friday"}).status == 200
    assert added(notes, "monday").status == 200
