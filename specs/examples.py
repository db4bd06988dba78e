"""A value that a schema allows: its own example if it has one, else the plainest that fits."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

import rstr

from streamproof.specs.schema import JsonSchema, referenced

_DEEPEST: Final = 8  # a schema that holds itself ends there
_TEXTS: Final[Mapping[str, str]] = {
    "date-time": "2025-03-01T09:00:00Z",
    "date": "2025-03-01",
    "time": "09:00:00Z",
    "duration": "PT1M",
    "email": "somebody@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uri-reference": "/",
    "uuid": "6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b",
}


def example(schema: Any, document: Mapping[str, Any], *, whole: bool = False) -> Any:
    """A value of `schema`, the same each time; references lead into `document`.

    Of an object the members that it needs, or all that are described if `whole`.
    """
    return _value(schema, document, whole, 0)


def _value(schema: Any, document: Mapping[str, Any], whole: bool, depth: int) -> Any:
    found: Any = joined(schema, document)
    if not isinstance(found, Mapping) or depth > _DEEPEST:
        return None
    for given in ("example", "const", "default"):
        if given in found:
            return found[given]
    for several in ("examples", "enum"):
        if isinstance(found.get(several), list) and found[several]:
            return found[several][0]
    for options in ("oneOf", "anyOf"):
        if found.get(options):
            rest = {name: value for name, value in found.items() if name != options}
            chosen = joined(found[options][0], document)
            return _value(_merged(rest, chosen), document, whole, depth)
    make = _BY_TYPE.get(_type(found))
    return None if make is None else make(found, document, whole, depth)


def joined(schema: Any, document: Mapping[str, Any]) -> Any:
    """A schema with its reference followed and the parts of its `allOf` in one."""
    found = referenced(document, schema)
    if not isinstance(found, Mapping) or "allOf" not in found:
        return found
    whole = {name: value for name, value in found.items() if name != "allOf"}
    for part in found["allOf"]:
        whole = _merged(whole, joined(part, document))
    return whole


def _merged(left: JsonSchema, right: Any) -> dict[str, Any]:
    if not isinstance(right, Mapping):
        return dict(left)
    merged = {**left, **right}
    if "properties" in left and "properties" in right:
        merged["properties"] = {**left["properties"], **right["properties"]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def _type(schema: JsonSchema) -> str:
    """The type of a schema's values, by what it is about where it doesn't say."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((kind for kind in kinds if kind != "null"), "null")
    if isinstance(kinds, str):
        return kinds
    if "properties" in schema or "required" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _text(schema: JsonSchema, *_: Any) -> str:
    if "pattern" in schema:
        return rstr.Rstr(random.Random(0)).xeger(schema["pattern"])
    text = _TEXTS.get(schema.get("format", ""), "text")
    return text[: schema.get("maxLength")].ljust(schema.get("minLength", 0), "x")


def _integer(schema: JsonSchema, *_: Any) -> int:
    return int(_number(schema, step=1))


def _number(schema: JsonSchema, *_: Any, step: float = 0.5) -> float:
    step = schema.get("multipleOf", step)
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None:
        low = min(step, high) if high is not None else step
    least = -(-low // step) * step
    if least == schema.get("exclusiveMinimum"):
        least += step
    return float(least)


def _array(schema: JsonSchema, document: Mapping[str, Any], whole: bool, depth: int) -> list[Any]:
    member = _value(schema.get("items", {}), document, whole, depth + 1)
    return [member] * max(int(schema.get("minItems", 0)), int(whole))


def _object(
    schema: JsonSchema, document: Mapping[str, Any], whole: bool, depth: int
) -> dict[str, Any]:
    described: Mapping[str, Any] = schema.get("properties", {})
    needed = schema.get("required", ())
    names = [*described, *needed] if whole and depth <= _DEEPEST // 2 else needed
    return {
        name: _value(described.get(name, {}), document, whole, depth + 1)
        for name in dict.fromkeys(names)
    }


_BY_TYPE: Final[Mapping[str, Callable[..., Any]]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda *_: False,
    "array": _array,
    "object": _object,
}
