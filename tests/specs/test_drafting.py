"""What an OpenAPI file lets one guess about its resources, form by form as vendors have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamproof import draft as drafts
from streamproof.specs import api, openapi, resources
from streamproof.specs.drafts.drafting import Draft, draft
from streamproof.specs.schema import check_file

ROOT = Path(__file__).parents[2]
SCHEMA = api.read_json(ROOT / "specs" / "resources.schema.json")
TEXT, COUNT = {"type": "string"}, {"type": "integer"}
TIME = {"type": "string", "format": "date-time"}
THING = {
    "type": "object",
    "properties": {"id": TEXT, "name": TEXT, "tags": {"type": "array"}, "created_at": TIME},
}


def drafted(document: dict[str, Any]) -> Draft:
    """A draft, of which is seen that it loads, and that the file says what the guesses are."""
    described = openapi.read(document, "openapi.yaml")
    found = draft(described)
    assert yaml.safe_load(drafts.text(found)) == found.plain
    check_file(found.plain, SCHEMA, "resources.yaml")
    resources.read(found.plain, described.operations, "resources.yaml")
    return found


def document(paths: dict[str, Any]) -> dict[str, Any]:
    """A file of these operations, by path and method, with what they need to be one."""
    paths = json.loads(json.dumps(paths))  # each operation its own
    for path, item in paths.items():
        for method, operation in item.items():
            operation.setdefault("operationId", f"{method} {path}")
            operation.setdefault("responses", {"200": {"description": "Done."}})
            own = {p["name"] for p in operation.setdefault("parameters", [])}
            operation["parameters"] += [
                {"name": name, "in": "path", "required": True, "schema": TEXT}
                for name in openapi._VARIABLE.findall(path)
                if name not in own
            ]
    return {"openapi": "3.1.0", "info": {"title": "Made up", "version": "1"}, "paths": paths}


def answer(schema: Any, status: str = "200", **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {status: {"description": "Done.", "content": content, **more}}


def query(name: str, schema: Any = COUNT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


def listed(*parameters: Any, said: str = "", answers: Any = None, thing: Any = THING) -> Any:
    """The list of a draft of one collection: rows in an array, if no `answers` are given."""
    many = {"type": "array", "items": thing}
    call = {
        "operationId": "listThings",
        "description": said,
        "parameters": [*parameters],
        "responses": answers or answer(many),
    }
    found = drafted(document({"/things": {"get": call}}))
    return found.plain["resources"]["things"]["list"]


def holding(**members: Any) -> Any:
    """An answer with rows, and other members beside them."""
    rows = {"type": "array", "items": THING}
    return answer({"type": "object", "properties": {"things": rows, **members}})


def within(name: str, **members: Any) -> Any:
    return {name: {"type": "object", "properties": members}}


LINK = {"Link": {"schema": TEXT}}
PAGES: dict[str, tuple[list[Any], Any, dict[str, Any] | None]] = {
    "by an offset": (
        [query("limit", {"type": "integer", "maximum": 200}), query("skip")],
        None,
        {"limit": "limit", "largest": 200, "offset": "skip"},
    ),
    "by a number": (
        [query("per_page", description="Rows on a page (max 100)."), query("page")],
        None,
        {"limit": "per_page", "largest": 100, "number": "page"},
    ),
    "by a number from 0": (
        [query("PageSize"), query("Page", {"type": "integer", "minimum": 0})],
        None,
        {"limit": "PageSize", "number": "Page", "first": 0},
    ),
    "by a number and the header Link": (
        [query("page[size]"), query("page[number]")],
        answer({"type": "array", "items": THING}, headers=LINK),
        {"limit": "page[size]", "number": "page[number]", "link": True},
    ),
    "by the header Link alone": (
        [query("count")],
        answer({"type": "array", "items": THING}, headers=LINK),
        {"limit": "count", "link": True},
    ),
    "by a cursor beside the rows": (
        [query("page_size"), query("start_cursor", TEXT)],
        holding(next_cursor={"type": ["string", "null"]}),
        {"limit": "page_size", "cursor": "start_cursor", "next": "/next_cursor"},
    ),
    "by a cursor in what tells of the list": (
        [query("limit"), query("continue", TEXT)],
        holding(**within("metadata", resourceVersion=TEXT, **{"continue": TEXT})),
        {"limit": "limit", "cursor": "continue", "next": "/metadata/continue"},
    ),
    "by an offset that is a cursor": (
        [query("limit"), query("offset", TEXT)],
        holding(**within("next_page", offset=TEXT, uri=TEXT)),
        {"limit": "limit", "cursor": "offset", "next": "/next_page/offset"},
    ),
    "by a cursor in a header": (
        [query("limit"), query("cursor", TEXT)],
        answer({"type": "array", "items": THING}, headers={"X-Next-Cursor": {"schema": TEXT}}),
        {"limit": "limit", "cursor": "cursor", "next_header": "X-Next-Cursor"},
    ),
    "by the key of the last row, which has no entry": (
        [query("limit"), query("starting_after", TEXT)],
        None,
        {"limit": "limit"},
    ),
    "by an address, which is no cursor": (
        [query("limit"), query("cursor", TEXT)],
        holding(next={"type": "string", "format": "uri"}),
        {"limit": "limit"},
    ),
    "not at all": ([], None, None),
}


@pytest.mark.parametrize("form", PAGES)
def test_pages(form: str) -> None:
    parameters, answers, page = PAGES[form]
    assert listed(*parameters, answers=answers).get("page") == page


ROWS: dict[str, tuple[Any, str]] = {
    "the answer": (answer({"type": "array", "items": THING}), ""),
    "a member called as the things": (holding(total=COUNT), "/things"),
    "a usual name": (answer({"properties": {"items": {"items": THING}}}), "/items"),
    "a member deeper down": (
        answer({"properties": within("data", list={"type": "array", "items": THING})}),
        "/data/list",
    ),
}


@pytest.mark.parametrize("place", ROWS)
def test_rows(place: str) -> None:
    answers, at = ROWS[place]
    assert listed(answers=answers)["rows"] == at


ORDERS = {
    "Sorted by name.": ["name"],
    "In descending order of `name`.": {"by": ["name"], "default": "desc"},
    "The newest first.": {"by": ["created_at"], "default": "desc"},
    "按 name 升序排列。": ["name"],
    "All of them.": None,
}


@pytest.mark.parametrize("said", ORDERS)
def test_order(said: str) -> None:
    assert listed(said=said).get("order") == ORDERS[said]


def test_order_by_arguments() -> None:
    way = {"type": "string", "enum": ["asc", "desc"], "default": "desc"}
    found = listed(query("sort", {"type": "string", "default": "name"}), query("order", way))
    assert found["order"] == {"by": ["name"], "direction": "order", "default": "desc"}


def test_filters() -> None:
    found = listed(
        query("name", TEXT),
        query("ids", TEXT, description="Ids, separated by commas."),
        query("tags", TEXT, description="Those that carry all of these tags."),
        query("colour", TEXT),
        query("created_at", TIME),
    )
    assert found["filters"] == {
        "name": "equals",
        "ids": {"field": "id", "how": "one_of"},
        "tags": "all_of",
    }


@pytest.mark.parametrize(
    ("start", "end"),
    [("created_after", "created_before"), ("createdFrom", "createdTo"), ("created_gte", None)],
)
def test_window_of_a_collection(start: str, end: str | None) -> None:
    names = [name for name in (start, end) if name]
    found = listed(*(query(name, TIME) for name in names))
    assert found["window"] == dict(zip(("start", "end"), names, strict=False))


def test_a_window_about_another_time_is_a_question() -> None:
    assert "window" not in listed(query("updated_after", TIME), query("updated_before", TIME))


def test_an_edge_that_lies_outside() -> None:
    asked = query("created_after", TIME, description="Strictly later than this.")
    assert listed(asked)["window"] == {"start": "created_after", "closed": False}


def test_arguments_that_exclude_each_other() -> None:
    said = "Exactly one of `ids` and `name`. limit only with name."
    found = listed(query("ids", TEXT), query("name", TEXT), query("limit"), said=said)
    assert found["exactly_one"] == ["ids", "name"]
    assert found["only_with"] == {"name": ["limit"]}


KEYS: dict[str, tuple[str, dict[str, Any], str | None]] = {
    "called alike": ("serial", {"serial": TEXT, "id": TEXT}, "serial"),
    "the thing's id": ("thing_id", {"id": TEXT}, "id"),
    "the thing's id in capitals": ("ThingSid", {"sid": TEXT}, "sid"),
    "another name for the id": ("thing", {"uuid": TEXT}, "uuid"),
    "not to be seen": ("which", {"name": TEXT}, None),
}


@pytest.mark.parametrize("form", KEYS)
def test_keys(form: str) -> None:
    variable, fields, key = KEYS[form]
    one = {"get": {"responses": answer({"properties": fields})}}
    found = drafted(document({"/things/{" + variable + "}": one}))
    assert found.plain["resources"]["things"].get("key") == key


def test_deeds() -> None:
    sent = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    one, body = {"responses": answer({"$ref": "#/components/schemas/Thing"})}, sent
    whole = document(
        {
            "/v1/Things.json": {
                "post": {"operationId": "make", "requestBody": body, **one},
            },
            "/v1/Things/{Id}.json": {
                "get": {"operationId": "show", **one},
                "put": {"operationId": "replace", "requestBody": body, **one},
                "patch": {"operationId": "change", "requestBody": body, **one},
                "delete": {"operationId": "remove"},
            },
        }
    )
    found = drafted({**whole, "components": {"schemas": {"Thing": THING}}})
    things = found.plain["resources"]["things"]
    deeds = {deed: things[deed] for deed in ("create", "read", "update", "delete")}
    assert deeds == {"create": "make", "read": "show", "update": "change", "delete": "remove"}
    assert [op.given for op in found.left] == ["replace"]


def test_a_wrapped_thing() -> None:
    wrapped = {"responses": answer({"properties": {"thing": THING}})}
    found = drafted(document({"/things/{id}": {"get": wrapped, "delete": {}}}))
    things = found.plain["resources"]["things"]
    assert (things["shows"], things["key"], things["made_at"]) == ("/thing", "id", ["created_at"])


def test_records_within_things_within_things() -> None:
    record = {"type": "object", "required": ["at"], "properties": {"at": TIME, "value": COUNT}}
    sent = {"content": {"application/json": {"schema": record}}}
    many = {"responses": answer({"type": "array", "items": record})}
    one = {"responses": answer(THING)}
    said = "A second one of the same instant is refused."
    adding = {"requestBody": sent, "description": said, "responses": {"409": {"description": "No"}}}
    found = drafted(
        document(
            {
                "/farms/{farm}": {"get": one, "delete": {}},
                "/farms/{farm}/fields/{field}": {"get": one, "delete": {}},
                "/farms/{farm}/fields/{field}/readings": {"get": many, "post": adding},
            }
        )
    )
    readings = found.plain["resources"]["readings"]
    assert readings["kind"] == "log"
    assert readings["instant"] == "at"
    assert readings["within"] == {"farm": "farms", "field": "fields"}
    assert readings["duplicates"] == {"same": ["at"]}


def test_another_list_of_the_same_things_is_a_question() -> None:
    many = {"responses": answer({"type": "array", "items": THING})}
    one = {"responses": answer(THING)}
    found = drafted(
        document({"/pets/{id}": {"get": one, "delete": {}}, "/pets/found": {"get": many}})
    )
    assert [*found.plain["resources"]] == ["pets"]
    assert "# list: {call: get /pets/found, rows: ''}" in drafts.text(found)


def test_a_file_in_chinese() -> None:
    device = {"type": "object", "properties": {"deviceId": TEXT, "name": TEXT, "createTime": TEXT}}
    held = {"records": {"type": "array", "items": device}, "total": COUNT}
    page = {"code": COUNT, "data": {"type": "object", "properties": held}}
    asked = [
        query("pageNum", {"type": "integer", "default": 1}, description="页码,从 1 开始"),
        query("pageSize", description="每页数量,最大 100"),
        query("name", TEXT, description="设备名称"),
    ]
    listing = {
        "summary": "查询设备列表,按创建时间排列",
        "parameters": asked,
        "responses": answer({"type": "object", "properties": page}),
    }
    one = {"responses": answer({"properties": {"code": COUNT, "data": device}})}
    found = drafted(
        document({"/设备/devices": {"get": listing}, "/设备/devices/{id}": {"get": one}})
    )
    devices = found.plain["resources"]["devices"]
    assert devices["list"]["rows"] == "/data/records"
    assert devices["list"]["page"] == {"limit": "pageSize", "largest": 100, "number": "pageNum"}
    assert devices["list"]["filters"] == {"name": "equals"}
    assert (devices["key"], devices["shows"]) == ("deviceId", "/data")
    assert devices["made_at"] == ["createTime"]


def test_a_status_without_quotes_is_the_same_status() -> None:
    file = (ROOT / "examples" / "fieldpost" / "openapi.yaml").read_text("utf-8")
    bare = drafted(yaml.safe_load(file.replace('"200"', "200").replace('"201"', "201")))
    assert bare.plain == drafted(yaml.safe_load(file)).plain


def test_a_schema_that_is_nothing_but_itself_ends() -> None:
    odd = {"anyOf": [{"$ref": "#/components/schemas/Odd"}, {"type": "null"}]}
    listing = {"responses": answer({"type": "array", "items": {"properties": {"id": odd}}})}
    found = drafted(
        {**document({"/odd": {"get": listing}}), "components": {"schemas": {"Odd": odd}}}
    )
    assert found.plain["resources"]["odd"]["list"]["rows"] == ""


# -- whole files -----------------------------------------------------------------------------------


def test_fieldpost_is_guessed_as_it_is_written() -> None:
    folder = ROOT / "examples" / "fieldpost"
    described = openapi.read(yaml.safe_load((folder / "openapi.yaml").read_text()), "openapi.yaml")
    written = yaml.safe_load((folder / "resources.yaml").read_text())
    guessed = draft(described).plain
    operations = described.operations
    assert resources.read(guessed, operations, "") == resources.read(written, operations, "")


@pytest.mark.parametrize(
    "folder", ["examples/fieldpost", "specs/dotide", "tests/mockserver/engine/gardens"]
)
def test_every_file_of_ours_has_a_draft_that_loads(folder: str) -> None:
    found = drafted(yaml.safe_load((ROOT / folder / "openapi.yaml").read_text("utf-8")))
    assert found.resources


def test_dotide() -> None:
    found = drafted(yaml.safe_load((ROOT / "specs/dotide/openapi.yaml").read_text("utf-8")))
    streams = found.plain["resources"]["datastreams"]
    assert (streams["key"], streams["made_at"], streams["changed_at"]) == (
        "id",
        ["created_at"],
        ["updated_at"],
    )
    assert streams["list"] == {
        "call": "list",
        "rows": "",
        "order": ["id"],
        "filters": {"ids": {"field": "id", "how": "one_of"}, "tags": "all_of"},
        "page": {"limit": "limit", "offset": "offset"},
    }


def test_every_guess_has_its_reason() -> None:
    folder = ROOT / "examples" / "fieldpost"
    text = drafts.text(
        draft(openapi.read(yaml.safe_load((folder / "openapi.yaml").read_text()), ""))
    )
    lines = [line for line in text.splitlines()[3:] if not line.strip().startswith("#")]
    bare = [line.strip() for line in lines if "  # " not in line]
    assert bare == [
        "resources:",
        "devices:",
        "list:",
        "page:",
        "readings:",
        "list:",
        "window:",
        "page:",
    ]
