"""OpenAPI files are read as vendors write them; one that can't be used is told by its fault."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from streamproof.specs import api
from streamproof.specs.errors import SpecError
from streamproof.specs.openapi import Described, read, snake
from streamproof.specs.schema import Validator, resolve

PLAIN: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "2"},
    "paths": {
        "/things/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {}}],
            "get": {"operationId": "getThing", "responses": {"200": {"description": "It."}}},
        }
    },
}


def described(**changes: Any) -> Described:
    """What is read of the plain file with these members in place of its own."""
    return read({**deepcopy(PLAIN), **changes}, "openapi.yaml")


def test_references_are_followed_wherever_they_may_stand() -> None:
    parameter = {"name": "model", "in": "query", "schema": {"$ref": "#/components/schemas/Word"}}
    found = described(
        paths={
            "/things": {"$ref": "#/components/pathItems/Things"},
        },
        components={
            "pathItems": {
                "Things": {
                    "parameters": [{"$ref": "#/components/parameters/model"}],
                    "post": {
                        "requestBody": {"$ref": "#/components/requestBodies/Thing"},
                        "responses": {"201": {"$ref": "#/components/responses/Made"}},
                    },
                }
            },
            "parameters": {"model": {"$ref": "#/components/parameters/word"}, "word": parameter},
            "requestBodies": {
                "Thing": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    }
                }
            },
            "responses": {
                "Made": {
                    "description": "Made.",
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}
                    },
                }
            },
            "schemas": {
                "Word": {"type": "string", "minLength": 1},
                "Thing": {
                    "type": "object",
                    "properties": {"name": {"$ref": "#/components/schemas/Word"}},
                },
            },
        },
    )

    made = found.operations["post_things"]

    assert [p.name for p in made.parameters] == ["model"]
    assert made.body is not None
    assert made.success.status == "201"
    at = f"{made.body.pointer}/properties/name/minLength"
    assert resolve(found.document, at) == 1


def test_a_violation_is_told_where_the_schema_is_used() -> None:
    root = {"components": {"schemas": {"Word": {"type": "string", "minLength": 2}}}}
    schema = {"properties": {"name": {"$ref": "#/components/schemas/Word"}}}

    [violation] = Validator(schema, root).errors({"name": "a"})

    assert violation.schema_pointer == "/properties/name/minLength"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://api.fieldpost.example/v1", "/v1"),
        ("https://api.example/", ""),
        ("https://{region}.api.example:8443/{tenant}/v1/", "/{tenant}/v1"),
        ("/v1/{database}", "/v1/{database}"),
        ("v2", "/v2"),
    ],
)
def test_a_server_is_known_by_the_path_of_its_url(url: str, path: str) -> None:
    assert described(servers=[{"url": url}]).servers == (path,)


def test_a_schema_is_compiled_with_what_it_refers_to_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Any] = []
    compiler = jsonschema_rs.validator_for

    def watched(document: Any, **options: Any) -> Any:
        compiled.append(document)
        return compiler(document, **options)

    monkeypatch.setattr(jsonschema_rs, "validator_for", watched)
    parts = {f"Part{n}": {"type": "string", "maxLength": n} for n in range(100)}
    parts["A/B"] = {"properties": {"x": {"$ref": "#/components/schemas/Part7"}}}

    judge = Validator({"$ref": "#/components/schemas/A~1B"}, {"components": {"schemas": parts}})

    assert [each.schema_pointer for each in judge.errors({"x": "too long"})] == [
        "/properties/x/maxLength"
    ]
    assert {*compiled[0]["components"]["schemas"]} == {"A/B", "Part7"}


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("#/components/schemas/Broken", "Pointer '/components/schemas/None' does not exist"),
        ("#/components/schemas/Odd", "Unexpected type"),
        ("#/components/else/Odd", "Pointer '/components/else/Odd' does not exist"),
        ("#/paths/Odd", "Pointer '/paths/Odd' does not exist"),
    ],
)
def test_what_a_reference_leads_to_is_told_of_at_any_remove(reference: str, told: str) -> None:
    broken = {"items": {"$ref": "#/components/schemas/None"}}
    schemas = {"Broken": broken, "Odd": {"type": "nonsense"}}

    with pytest.raises(ValueError, match=told):
        Validator({"properties": {"x": {"$ref": reference}}}, {"components": {"schemas": schemas}})


def test_without_servers_the_base_is_the_root() -> None:
    assert described().servers == ("",)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("listDevices", "list_devices"),
        ("range", "range"),
        ("batch_write", "batch_write"),
        ("Get HTTP status/v2", "get_http_status_v2"),
        ("get /things/{id}", "get_things_id"),
        ("列出", "call"),
    ],
)
def test_any_operation_id_gives_a_name_for_rules(given: str, name: str) -> None:
    assert snake(given) == name


def test_an_operations_own_parameter_stands_before_its_paths() -> None:
    paths = deepcopy(PLAIN["paths"])
    own = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths["/things/{id}"]["get"]["parameters"] = [own]

    [parameter] = described(paths=paths).operations["get_thing"].parameters

    assert parameter.schema == {"type": "integer"}


def test_words_of_3_0_are_read_as_those_of_3_1() -> None:
    schema = {
        "type": "object",
        "properties": {
            "nullable": {"type": "string", "nullable": True, "enum": ["a"]},
            "limit": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "either": {"nullable": True, "allOf": [{"type": "string"}]},
        },
    }
    found = described(openapi="3.0.3", components={"schemas": {"Thing": schema}})

    properties = found.document["components"]["schemas"]["Thing"]["properties"]

    assert properties == {
        "nullable": {"type": ["string", "null"], "enum": ["a", None]},
        "limit": {"type": "integer", "exclusiveMinimum": 0},
        "either": {"anyOf": [{"allOf": [{"type": "string"}]}, {"type": "null"}]},
    }


@pytest.mark.parametrize(
    ("scheme", "kind", "parameter"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Api-Key"}, "header", "X-Api-Key"),
        ({"type": "apiKey", "in": "query", "name": "key"}, "query", "key"),
        ({"type": "apiKey", "in": "cookie", "name": "session"}, "cookie", "session"),
        ({"type": "http", "scheme": "Basic"}, "basic", "Authorization"),
        ({"type": "http", "scheme": "bearer"}, "bearer", "Authorization"),
        ({"type": "oauth2", "flows": {}}, "bearer", "Authorization"),
    ],
)
def test_ways_to_sign_in(scheme: dict[str, Any], kind: str, parameter: str) -> None:
    found = described(components={"securitySchemes": {"key": scheme}}, security=[{"key": []}])

    assert found.operations["get_thing"].security == ("key",)
    assert (found.schemes["key"].kind, found.schemes["key"].parameter) == (kind, parameter)
    assert list(found.schemes["key"].credentials) == ["key"]


def test_an_operation_that_may_be_called_by_anybody_needs_no_scheme() -> None:
    schemes = {"securitySchemes": {"key": {"type": "http", "scheme": "basic"}}}
    found = described(components=schemes, security=[{}, {"key": []}])
    assert found.operations["get_thing"].security == ()


THING = PLAIN["paths"]["/things/{id}"]
AT_GET = "paths//things/{id}/get"
BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "version 2": ({"openapi": None, "swagger": "2.0"}, "OpenAPI 3.0 or 3.1 expected"),
    "no paths": ({"paths": None}, "paths: missing, or no mapping"),
    "nothing to call": ({"paths": {}}, "paths: no operation in it"),
    "a reference to itself": (
        {"paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}},
        "paths//a: #/paths/~1b refers to itself",
    ),
    "a reference to nothing": (
        {"paths": {"/a": {"$ref": "#/components/pathItems/A"}}},
        "paths//a: #/components/pathItems/A leads nowhere",
    ),
    "a reference to another file": (
        {"paths": {"/a": {"$ref": "paths.yaml#/a"}}},
        "paths//a: paths.yaml#/a is another file; put all into one",
    ),
    "no parameter for the path": (
        {"paths": {"/things/{id}": {"get": THING["get"]}}},
        f"{AT_GET}: no parameter describes {{id}} of the path",
    ),
    "no answers": (
        {"paths": {"/a": {"get": {}}}},
        "paths//a/get/responses: missing, or no mapping",
    ),
    "one name for two": (
        {"paths": {"/a": {"get": THING["get"]}, "/b": {"get": THING["get"]}}},
        "paths//b: get_thing stands twice",
    ),
    "a way to sign in that needs two": (
        {"security": [{"a": [], "b": []}]},
        f"{AT_GET}/security: no way to sign in that can be used",
    ),
    "a schema that is none": (
        {
            "paths": {
                "/a": {
                    "get": {
                        **THING["get"],
                        "parameters": [
                            {"name": "a", "in": "query", "schema": {"type": "no such type"}}
                        ],
                    }
                }
            }
        },
        "getThing: ",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cant_be_used_is_told_by_place_and_fault(case: str) -> None:
    changes, told = BROKEN[case]

    with pytest.raises(SpecError) as error:
        described(**changes)

    assert str(error.value).startswith("openapi.yaml: ")
    assert told in str(error.value)


FIELDPOST = """
openapi: 3.1.0
info: {title: Device readings, version: "1"}
servers: [{url: "https://api.fieldpost.example/v1"}]
security: [{key: []}]
paths:
  /devices:
    post:
      operationId: registerDevice
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewDevice"}}}
      responses:
        "201":
          description: Registered.
          content: {application/json: {schema: {$ref: "#/components/schemas/NewDevice"}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Api-Key}}
  schemas:
    NewDevice:
      type: object
      required: [serial]
      properties: {serial: {type: string, pattern: "^[A-Z]+$"}, label: {type: string}}
"""


def test_a_folder_with_nothing_else_has_a_rulebook_of_what_is_declared(tmp_path: Path) -> None:
    folder = tmp_path / "Field Post"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(FIELDPOST, "utf-8")

    found = api.load(str(folder))

    assert found.name == "field-post"
    assert set(found.rulebook.rules) == {
        "field-post/any/no-server-error",
        "field-post/any/no-credentials",
        "field-post/any/wrong-key",
        "field-post/register_device/status",
        "field-post/register_device/shape",
        "field-post/register_device/body-type",
        "field-post/register_device/serial-required",
        "field-post/register_device/serial-type",
        "field-post/register_device/serial-pattern",
        "field-post/register_device/label-type",
    }
    for rule in found.rulebook:
        assert rule.pointer is None or resolve(found.openapi, rule.pointer) is not None
    assert found.fixtures["credentials"] == {"key": "demo-key"}


def test_the_credentials_of_a_folder_are_replaced_by_the_users(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(FIELDPOST, "utf-8")
    fixtures = {"credentials": {"key": "another"}}
    (tmp_path / "fixtures.yaml").write_text(yaml.safe_dump(fixtures), "utf-8")
    assert api.load(str(tmp_path)).fixtures["credentials"] == {"key": "another"}


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_that_is_no_home_is_told(folder: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"no API of that name, and no folder|has no openapi.yaml"):
        api.load(str(tmp_path / folder))
