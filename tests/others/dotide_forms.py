"""What the second dotide service takes from a body, and how it shows a datastream. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from unicodedata import category
from zoneinfo import ZoneInfo

from tests.others.dotide_characters import Character

KINDS = {"id": str, "name": str, "type": str, "tags": list, "properties": dict, "tz": str}
TYPES = ("number", "string", "geojson")
EMPTY: Mapping[str, Any] = {"name": "", "tags": [], "properties": {}}


Newest = tuple[datetime, Any] | None  # time and value of a datastream's newest datapoint


class Rejected(Exception):
    """The call is refused; the text is one of the reasons in `STATUSES`."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A datastream as stored; `kept` holds fields that the document doesn't know."""

    id: str
    created: datetime
    updated: datetime
    type: str = "number"
    name: str | None = None
    tags: list[str] | None = None
    properties: dict[str, Any] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """What a create or update sends: fields that the document knows, and those that it doesn't."""

    known: Mapping[str, Any]
    unknown: Mapping[str, Any]


def take(body: bytes, c: Character, *, update: bool) -> Body:
    """Read a body; raises `Rejected`. A field that is passed over, or null, is absent, but a null
    in an update clears."""
    known: dict[str, Any] = {}
    unknown: dict[str, Any] = {}
    for name, value in _object(body, c).items():
        if name not in KINDS:
            unknown[name] = value
        elif value is None and "null" not in c.refuses:
            if update and name in EMPTY:
                known[name] = None
        elif (sound := _sound(name, value, c)) is not None:
            known[name] = sound
    if unknown and c.unknown_fields == "refused":
        raise Rejected("invalid")
    if known.get("type", "number") not in TYPES:
        raise Rejected("invalid")
    if ("partial-put" if update else "bare-create") in c.refuses and not known.keys() >= {*EMPTY}:
        raise Rejected("invalid")
    for name, value in (known.get("properties") or {}).items():
        if "$" in name or "." in name:
            raise Rejected("invalid")
        if "structure" in c.refuses and isinstance(value, (dict, list)):
            raise Rejected("invalid")
    if "control" in c.refuses and any(category(char) == "Cc" for char in _text(known)):
        raise Rejected("invalid")
    zone(known.get("tz"), c)
    return Body(known, unknown if c.unknown_fields == "kept" else {})


def _text(value: Any) -> str:
    """All text in a JSON value, names included."""
    if isinstance(value, dict):
        return _text([*value, *value.values()])
    return "".join(map(_text, value)) if isinstance(value, list) else str(value)


def _object(body: bytes, c: Character) -> dict[str, Any]:
    if not body and "empty-body" not in c.refuses:
        return {}

    def number(text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value

    def whole(text: str) -> float:
        value = int(text)
        return c.whole_numbers(value) if abs(value) < 2**53 else value

    try:
        value = json.loads(
            body.decode(), parse_float=number, parse_int=whole, parse_constant=number
        )
    except (ValueError, RecursionError):
        raise Rejected("malformed") from None
    if not isinstance(value, dict):
        if c.not_object == "refused":
            raise Rejected("malformed")
        return {}
    return value


def _sound(name: str, value: Any, c: Character) -> Any:
    """`value` in the documented type of the field `name`, or None when it is passed over."""
    kind = KINDS[name]
    if kind is list and isinstance(value, list) and all(isinstance(tag, str) for tag in value):
        if "odd-tag" in c.refuses and any(not tag or "," in tag for tag in value):
            raise Rejected("invalid")
        return list(dict.fromkeys(c.tag_kept(tag) for tag in value))
    if kind is not list and isinstance(value, kind):
        return value
    if c.wrong_type == "ignored":
        return None
    if c.wrong_type == "coerced" and kind is str and isinstance(value, (int, float)):
        return str(value)
    if c.wrong_type == "coerced" and kind is list and isinstance(value, str):
        return [value]
    raise Rejected("invalid")


def zone(name: str | None, c: Character) -> ZoneInfo:
    try:
        return ZoneInfo(name or "Asia/Shanghai")
    except (ValueError, OSError, KeyError):
        if c.unknown_zone is None:
            raise Rejected("invalid") from None
        return ZoneInfo(c.unknown_zone)


def show(
    stream: Stream, at: ZoneInfo, c: Character, newest: Newest = None, *, row: bool = False
) -> dict[str, Any]:
    """The datastream as an answer shows it, with times in the zone `at`."""
    tags = None if stream.tags is None else c.tags_order(stream.tags)
    shown: dict[str, Any] = {"name": stream.name, "tags": tags, "properties": stream.properties}
    if c.empty_is_absent:
        shown = {name: value or None for name, value in shown.items()}
    shown |= {"current_t": None, "current_v": None}
    if c.absent == "omitted":
        shown = {name: value for name, value in shown.items() if value is not None}
    elif c.absent == "empty":
        shown = {name: EMPTY.get(name, "") if v is None else v for name, v in shown.items()}
    if newest:
        t = written(newest[0], at, c, fraction=c.point_fraction)
        shown |= {"current_v": newest[1], "current_t": t}
    if row and "properties" in shown:
        shown[c.row_properties] = shown.pop("properties")
    shown |= {"id": stream.id, "type": stream.type}
    times = {"created_at": stream.created, "updated_at": stream.updated}
    told = {name: written(instant, at, c) for name, instant in times.items()}
    return {**stream.kept, **c.extra(), **shown, **told}


def written(instant: datetime, at: ZoneInfo, c: Character, *, fraction: int | None = None) -> str:
    """ISO 8601 in the zone `at`, with so many digits of a second, or the character's own number."""
    fraction = c.fraction if fraction is None else fraction
    local = instant.astimezone(at)
    seconds, offset = local.strftime("%Y-%m-%dT%H:%M:%S"), local.strftime("%z")
    if c.offset != "compact":
        offset = f"{offset[:3]}:{offset[3:]}"
    if c.offset == "zulu" and offset == "+00:00":
        offset = "Z"
    return seconds + (f".{local:%f}"[: fraction + 1] if fraction else "") + offset
