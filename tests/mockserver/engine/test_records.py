"""A record of a log is read by its id alone, whatever it stands in, and a page counts its rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamproof.mockserver.config import MockConfig
from tests.mockserver.databases import create_app
from tests.mockserver.engine.calls import Caller

_TEXT = {"type": "string"}
_RECORD = {"type": "object", "properties": {"id": _TEXT, "at": _TEXT}}
_ROWS, _HOW = {"type": "array", "items": _RECORD}, {"type": "object"}
_PAGE = {"type": "object", "properties": {"rows": _ROWS, "how": _HOW}}


def _call(name: str, path: tuple[str, ...], answer: Any, body: Any = None) -> dict[str, Any]:
    def content(schema: Any) -> dict[str, Any]:
        return {"content": {"application/json": {"schema": schema}}}

    return {
        "operationId": name,
        "parameters": [{"name": n, "in": "path", "required": True, "schema": _TEXT} for n in path],
        "responses": {"200": {"description": "Good.", **content(answer)}},
        **({} if body is None else {"requestBody": content(body)}),
    }


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Meters", "version": "1"},
    "paths": {
        "/meters": {"post": _call("add", (), {"type": "object"}, {"type": "object"})},
        "/meters/{meter}/marks": {
            "post": _call("mark", ("meter",), _RECORD, _RECORD),
            "get": _call("marks", ("meter",), _PAGE),
        },
        "/marks/{id}": {"get": _call("one", ("id",), _RECORD)},
    },
}
RESOURCES = {
    "meters": {"kind": "collection", "key": "meter", "keyed_by": "server", "create": "add"},
    "marks": {
        "kind": "log",
        "within": {"meter": "meters"},
        "id": "id",
        "instant": "at",
        "append": "mark",
        "read": "one",
        "list": {"call": "marks", "rows": "/rows", "page": {"count": "/how/many"}},
    },
}


def test_an_id_alone_names_a_record_and_a_page_counts_its_rows(
    database: str, tmp_path: Path
) -> None:
    (tmp_path / "openapi.yaml").write_text(json.dumps(OPENAPI), "utf-8")
    (tmp_path / "resources.yaml").write_text(json.dumps({"resources": RESOURCES}), "utf-8")
    call = Caller(create_app(MockConfig((str(tmp_path),))))
    meters = [call("POST", "/meters", json={}).body["meter"] for _ in range(2)]
    made = [
        call("POST", f"/meters/{meter}/marks", json={"at": f"2025-03-01T09:0{n}:00Z"}).body
        for n, meter in enumerate((*meters, meters[1]))
    ]

    read = [call("GET", f"/marks/{mark['id']}").body for mark in made]
    page = call("GET", f"/meters/{meters[1]}/marks").body

    assert read == made
    assert page["how"] == {"many": 2}
    assert [row["id"] for row in page["rows"]] == [mark["id"] for mark in made[1:]]
    assert call("GET", "/marks/none").rule is not None
