"""Arguments against the specification's schemas, compiled once; defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamproof.mockserver.call import ABSENT
from streamproof.mockserver.problems import Rejected
from streamproof.specs import schema
from streamproof.specs.api import Api
from streamproof.specs.operation import Operation, Parameter


@dataclass(frozen=True, slots=True)
class _Part:
    """What one schema judges: a parameter's value, or (`parameter` None) a body's fields.

    `pointer` leads to the schema in openapi.yaml, `source` is the schema as it stands there.
    """

    parameter: Parameter | None
    validator: schema.Validator
    pointer: str
    source: schema.JsonSchema


class Validation:
    """The schemas of one operation. `defaults` are the documented values of absent arguments."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self._fallback, self._operation = f"{api.name}/{operation.id}", operation.id
        self._rulebook = api.rulebook
        self._parameters = {p.name for p in operation.parameters}
        self._parts = [
            _Part(p, schema.Validator(p.schema, api.openapi), f"{p.pointer}/schema", p.schema)
            for p in operation.parameters
        ]
        defaults = {p.name: p.schema.get("default") for p in operation.parameters}
        if operation.body is not None:
            source = operation.body.schema
            body = _fields_schema(source)
            validator = schema.Validator(body, api.openapi)
            self._parts.append(_Part(None, validator, operation.body.pointer, source))
            if operation.method != "PATCH":  # which leaves what it doesn't name as it is
                fields = {**operation.body.fields, **body.get("properties", {})}
                defaults |= {name: field.get("default") for name, field in fields.items()}
        self.defaults = {name: value for name, value in defaults.items() if value is not None}

    def check(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with defaults filled in. Raises `Rejected` for the first broken keyword.

        An `ABSENT` argument is passed over and stays.
        """
        for part in self._parts:
            if part.parameter is None:
                instance: Any = {
                    name: value
                    for name, value in arguments.items()
                    if name not in self._parameters and value is not ABSENT
                }
            elif part.parameter.name in arguments:
                instance = arguments[part.parameter.name]
            elif part.parameter.required:
                detail = f"{part.parameter.name} is missing in the {part.parameter.place}; send it"
                raise Rejected(self._rule(f"{part.parameter.pointer}/required"), detail)
            else:
                continue
            for violation in part.validator.errors(instance):
                subject = f"{part.parameter.name}: " if part.parameter else ""
                keyword = _in_specification(violation.schema_pointer, part.source)
                raise Rejected(self._rule(part.pointer + keyword), subject + violation.message)
        return {**self.defaults, **arguments}

    def _rule(self, pointer: str) -> str:
        """The rule of a keyword, or of the nearest thing around it that has one."""
        while pointer:
            if rule := self._rulebook.by_pointer(pointer, self._operation):
                return rule.id
            pointer = pointer.rpartition("/")[0]
        return self._fallback


def _fields_schema(body: schema.JsonSchema) -> schema.JsonSchema:
    """The schema of a body's fields as parsed: JSON text by the schema of its value."""
    properties = {
        name: field.get("contentSchema", field)
        for name, field in body.get("properties", {}).items()
    }
    return {**body, "properties": properties}


def _in_specification(pointer: str, body: schema.JsonSchema) -> str:
    """Where a keyword of `_fields_schema(body)` stands in `body` itself."""
    tokens = pointer.split("/")
    match tokens[1:3]:
        case ["properties", name] if "contentSchema" in body["properties"].get(name, {}):
            return "/".join((*tokens[:3], "contentSchema", *tokens[3:]))
    return pointer
