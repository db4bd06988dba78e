"""The body of a create or update: odd fields, by what the silent points say about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from streamproof.mockserver.call import ABSENT
from streamproof.mockserver.dotide.points import rejected
from streamproof.mockserver.tables import identity
from streamproof.specs.dialect import Dialect
from streamproof.specs.operation import Operation
from streamproof.specs.schema import JsonSchema
from streamproof.specs.wording import shown

CONTENT = ("name", "tags", "properties")
SHOWN = {
    *("id", "name", "type", "tags", "properties", "attributes"),
    *("current_t", "current_v", "created_at", "updated_at"),
}
"""The members of a datastream, which no field of a user's own may stand in for."""

TYPES = ("number", "string", "geojson")
_TYPE_NAMES = {"string": "a string", "array": "an array of strings", "object": "an object"}


def adapt(
    operation: Operation, sent: Mapping[str, Any], found: Mapping[str, Any], dialect: Dialect
) -> dict[str, Any]:
    """The arguments `found`, their fields in the forms that the specification knows.

    `sent` are the fields of the body alone: a path parameter hides a field of its name.
    """
    update = operation.id == "update"
    arguments = _fixed(sent, found, dialect) if update else dict(found)
    schemas: Mapping[str, JsonSchema] = (
        operation.body.schema["properties"] if operation.body else {}
    )
    known = operation.arguments | {"type"} if update else operation.arguments
    arguments = _without_unknown(arguments, known, dialect)
    null = "null_in_update" if update else "null_in_create"
    for name in schemas.keys() & arguments.keys():
        value = _typed(name, arguments.pop(name), schemas[name], null, dialect)
        if value is not None:
            arguments[name] = value
    for name, check in _CHECKS.items():
        if arguments.get(name, ABSENT) is not ABSENT:
            arguments[name] = check(arguments[name], dialect)
    if not update and arguments.get("id") == "" and dialect["id_empty"] == "generated":
        del arguments["id"]
    _check_complete(arguments, dialect, update)
    return arguments


def tag_key(tag: str, dialect: Dialect) -> str:
    """What two tags have in common if the dialect holds them for one."""
    return identity(tag.casefold() if dialect["tags_case"] == "same" else tag)


def _fixed(sent: Mapping[str, Any], found: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """What an update says about id and type, which are not among its documented fields."""
    if sent.get("id", found["id"]) != found["id"] and dialect["put_id"] == "rejected":
        raise rejected("put_id", "id can't be changed; leave it out")
    match dialect["put_type"] if "type" in found else None:
        case "rejected":
            raise rejected("put_type", "type can't be changed; leave it out")
        case "ignored":
            return {name: value for name, value in found.items() if name != "type"}
        case "applied" if found["type"] not in TYPES:
            raise rejected("put_type", f"type: one of {', '.join(TYPES)} expected")
    return dict(found)


def _without_unknown(
    found: Mapping[str, Any], known: frozenset[str], dialect: Dialect
) -> dict[str, Any]:
    unknown = found.keys() - known
    if unknown and dialect["unknown_fields"] == "rejected":
        raise rejected("unknown_fields", f"{shown(min(unknown))} is no field; leave it out")
    dropped = unknown & SHOWN if dialect["unknown_fields"] == "kept" else unknown
    return {name: value for name, value in found.items() if name not in dropped}


def _typed(name: str, value: Any, schema: JsonSchema, null: str, dialect: Dialect) -> Any:
    """A field's value in its documented type; `ABSENT` for one cleared, None for one to ignore."""
    if value is None:
        if dialect[null] == "rejected":
            raise rejected(null, f"{name} is null; send a value, or leave it out")
        return ABSENT if dialect[null] == "clears" and name in CONTENT else None
    kind = schema.get("type")
    if kind is None or _is(kind, value):
        return value
    match dialect["wrong_type"]:
        case "coerced" if (converted := _converted(kind, value)) is not None:
            return converted
        case "ignored":
            return None
        case _:
            detail = f"{name}: {_TYPE_NAMES[kind]} expected, got {shown(value)}"
            raise rejected("wrong_type", detail)


def _is(kind: str, value: Any) -> bool:
    if kind == "array":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str if kind == "string" else dict)


def _converted(kind: str, value: Any) -> Any:
    """What a value becomes in another type, or None if nothing sensible."""
    match kind, value:
        case "string", str():
            return value
        case "string", bool() | int() | float():
            return orjson.dumps(value).decode()
        case "array", list():
            items = [_converted("string", item) for item in value]
            return None if None in items else items
        case "array", str() | bool() | int() | float():
            return [_converted("string", value)]
        case _:
            return None


def _checked_tags(sent: list[str], dialect: Dialect) -> list[str]:
    tags = sent
    if any("," in tag for tag in tags):
        match dialect["comma_in_tag"]:
            case "rejected":
                raise rejected("comma_in_tag", "a tag holds a comma; send two tags")
            case "split":
                tags = [part for tag in tags for part in tag.split(",")]
    if "" in tags:
        match dialect["empty_tag"]:
            case "rejected":
                raise rejected("empty_tag", "a tag is empty; leave it out")
            case "dropped":
                tags = [tag for tag in tags if tag]
    if len(set(tags)) < len(tags):
        match dialect["tags_repeated"]:
            case "rejected":
                raise rejected("tags_repeated", "a tag is sent twice; send it once")
            case "collapsed":
                tags = list(dict.fromkeys(tags))
    return sorted(tags) if dialect["tags_order"] == "sorted" else tags


def _checked_properties(sent: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    nested = [value for value in sent.values() if isinstance(value, dict | list)]
    if nested and dialect["property_values"] == "scalars":
        detail = "a property's value is an array or object; send a string, number, boolean or null"
        raise rejected("property_values", detail)
    if dialect["nested_property_names"] == "rejected":
        for name in _names(nested):
            if set(name) & set("$."):
                raise rejected("nested_property_names", f"the name {shown(name)} holds $ or .")
    return sent


def _names(values: Iterable[Any]) -> Iterator[str]:
    """The member names at any depth of `values`."""
    for value in values:
        if isinstance(value, dict):
            yield from value
            yield from _names(value.values())
        elif isinstance(value, list):
            yield from _names(value)


_CHECKS: Mapping[str, Callable[[Any, Dialect], Any]] = {
    "tags": _checked_tags,
    "properties": _checked_properties,
}


_NEEDED = {"name": ("name",), "all": CONTENT, "reject": CONTENT}


def _check_complete(found: Mapping[str, Any], dialect: Dialect, update: bool) -> None:
    """Raise `Rejected` if the dialect asks for a field that isn't there."""
    point = "put_body" if update else "required_fields"
    needed = _NEEDED.get(dialect[point], ())
    missing = [name for name in needed if name not in found]
    if missing:
        raise rejected(point, f"{' and '.join(missing)} is missing; send it")
