"""An example is allowed by its schema, whatever keywords that has."""

from __future__ import annotations

from typing import Any

import pytest

from streamproof.specs.examples import example
from streamproof.specs.schema import Validator

DOCUMENT = {
    "components": {
        "schemas": {
            "Word": {"type": "string", "pattern": "^[A-Z]{2}-[0-9]{4}$"},
            "Node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"$ref": "#/components/schemas/Word"},
                    "next": {"$ref": "#/components/schemas/Node"},
                },
            },
        }
    }
}

SCHEMAS: dict[str, dict[str, Any]] = {
    "own example": {"type": "string", "example": "own"},
    "3.1 examples": {"type": "integer", "examples": [7]},
    "reference": {"$ref": "#/components/schemas/Word"},
    "a schema that holds itself": {"$ref": "#/components/schemas/Node"},
    "lengths": {"type": "string", "minLength": 9, "maxLength": 9},
    "format": {"type": "string", "format": "date-time"},
    "bounds": {"type": "integer", "minimum": 3, "maximum": 3},
    "open bound": {"type": "number", "exclusiveMinimum": 0},
    "upper bound": {"type": "integer", "maximum": -4},
    "multiple": {"type": "integer", "minimum": 1, "multipleOf": 5},
    "enum": {"enum": ["a", "b"]},
    "const": {"const": {"a": 1}},
    "members": {"type": "array", "minItems": 2, "items": {"type": "boolean"}},
    "all of": {
        "allOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}},
        ]
    },
    "one of": {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "nullable": {"type": ["string", "null"], "minLength": 1},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_example_is_allowed(name: str) -> None:
    value = example(SCHEMAS[name], DOCUMENT)
    assert Validator(SCHEMAS[name], DOCUMENT).errors(value) == ()


def test_a_whole_example_has_all_members() -> None:
    value = example(SCHEMAS["a schema that holds itself"], DOCUMENT, whole=True)
    assert value["next"]["next"]["name"]


def test_it_is_the_same_each_time() -> None:
    schema = SCHEMAS["reference"]
    assert example(schema, DOCUMENT) == example(schema, DOCUMENT)
