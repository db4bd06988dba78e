"""Values that break one keyword of a schema, and where in a call they have to stand.

The slightest breach comes first (one beyond a bound, one character too many), then gross ones.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streamproof.specs.operation import Operation
from streamproof.specs.schema import JsonSchema, Validator, referenced, resolve

Tokens = tuple[str | int, ...]

_OF_EACH_TYPE: Final[Mapping[str, Any]] = {
    "string": "text",
    "number": 2.5,
    "integer": 7,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
_NO_FORMAT: Final = ("no-such-form", "2025-13-45T99:99:99Z", "")
_NO_PATTERN: Final = ("", " ", "?", "\u00e9", "0", "a", "A a", "x" * 300)
_LONGEST: Final = 100_000  # members or characters that a breach of an upper bound may take


@dataclass(frozen=True, slots=True)
class Place:
    """Where a keyword of a call's schema stands: the argument (None: the body as a whole), the
    way into it, the schema that holds the keyword, and whether all is text there."""

    argument: str | None
    inner: Tokens
    schema: JsonSchema
    text: bool

    def __str__(self) -> str:
        inner = "".join(f".{token}" for token in self.inner)
        return "the body" if self.argument is None else f"{self.argument}{inner}"

    def put(self, arguments: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """The arguments with `value` at this place; the members of an object beside those that
        are there. Raises LookupError where there is no such place in them."""
        if self.argument is None:
            return {**arguments, **value}
        if not self.inner:
            return {**arguments, self.argument: _beside_those(arguments.get(self.argument), value)}
        changed = copy.deepcopy(dict(arguments))
        holder: Any = changed
        *way, last = (self.argument, *self.inner)
        for token in way:
            holder = holder[token]
        if isinstance(holder, list) and not holder:
            holder.append(value)
        else:
            there = holder.get(last) if isinstance(holder, dict) else None
            holder[last] = _beside_those(there, value)
        return changed

    def without(self, arguments: Mapping[str, Any], name: str) -> dict[str, Any]:
        """The arguments without the member `name` of what stands at this place."""
        changed = copy.deepcopy(dict(arguments))
        holder: Any = changed
        for token in () if self.argument is None else (self.argument, *self.inner):
            holder = holder[token]
        holder.pop(name, None)
        return changed


def _beside_those(there: Any, value: Any) -> Any:
    both = value and isinstance(value, Mapping) and isinstance(there, Mapping)
    return {**there, **value} if both else value


PLACE_OF_ALL: Final = Place(None, (), {}, text=False)


def place_of(operation: Operation, pointer: str, document: Mapping[str, Any]) -> Place:
    """Where the keyword at a JSON pointer of openapi.yaml stands. Raises LookupError."""
    holder = referenced(document, resolve(document, pointer.rpartition("/")[0]))
    for parameter in operation.parameters:
        if pointer.startswith(f"{parameter.pointer}/schema/"):
            return Place(parameter.name, (), holder, text=True)
    body = operation.body
    if body is None or not pointer.startswith(f"{body.pointer}/"):
        raise LookupError(pointer)
    tokens = [
        token.replace("~1", "/").replace("~0", "~")
        for token in pointer.removeprefix(body.pointer).split("/")[1:-1]
    ]
    way: list[str | int] = []
    while tokens:
        match tokens.pop(0):
            case "properties":
                way.append(tokens.pop(0))
            case "allOf":
                tokens.pop(0)
            case "items":
                way.append(0)
    argument = str(way[0]) if way else None
    return Place(argument, tuple(way[1:]), holder, text=False)


def breaches(place: Place, keyword: str, document: Mapping[str, Any]) -> list[Any]:
    """Values that break `keyword` at a place, the slightest breach first."""
    expected = place.schema[keyword]
    judge = Validator({keyword: expected, **_beside(keyword, place.schema)}, document)
    whole = Validator(place.schema, document)

    def broken(value: Any) -> bool:
        return any(each.keyword == keyword for each in judge.errors(value))

    found = [value for value in _candidates(keyword, expected, place) if broken(value)]
    found.sort(key=lambda value: len(whole.errors(value)))  # what breaks nothing else, first
    return [_as_text(value) for value in found] if place.text else found


def _beside(keyword: str, schema: JsonSchema) -> dict[str, Any]:
    """The keywords that another one leans on."""
    leant_on = {"additionalProperties": ("properties", "patternProperties")}
    return {name: schema[name] for name in leant_on.get(keyword, ()) if name in schema}


def _candidates(keyword: str, expected: Any, place: Place) -> Iterator[Any]:
    match keyword:
        case "minimum":
            yield from (expected - 1, expected - 1000)
        case "maximum":
            yield from (expected + 1, expected + 1000)
        case "exclusiveMinimum":
            yield from (expected, expected - 1)
        case "exclusiveMaximum":
            yield from (expected, expected + 1)
        case "multipleOf":
            for value in (expected * 1.5, expected + expected / 4):
                yield int(value) if value == int(value) else value  # 15, which a text can spell
        case "minLength":
            yield from ("x" * (expected - 1), "")
        case "maxLength" if expected < _LONGEST:
            yield from ("x" * (expected + 1), "x" * (2 * expected + 100))
        case "minItems":
            yield from ([], ["x"] * (expected - 1))
        case "maxItems" if expected < _LONGEST:
            yield [_OF_EACH_TYPE.get(str(place.schema.get("items", {}).get("type")), "x")] * (
                expected + 1
            )
        case "uniqueItems":
            yield ["x", "x"]
        case "minProperties":
            yield {}
        case "maxProperties" if expected < _LONGEST:
            yield {f"name{n}": "x" for n in range(expected + 1)}
        case "additionalProperties":
            yield {"no_such_member": "x"}
        case "propertyNames":
            yield from ({name: "x"} for name in ("", "$", ".", "A", "a b", "x" * 300))
        case "pattern":
            yield from _NO_PATTERN
        case "format":
            yield from _NO_FORMAT
        case "enum" | "const":
            yield from ("no-such-value", *_OF_EACH_TYPE.values())
        case "type" if place.text:
            yield from ("no-such-value", 1.5)
        case _:
            yield from _OF_EACH_TYPE.values()


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
