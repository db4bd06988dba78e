"""Raw request -> arguments, in the specification's names and types.

No rule is judged here but that the request can be read at all. A text that doesn't spell a value
of its type stays text, so that validation can say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from werkzeug.http import parse_cookie

from streamproof.specs.operation import Operation
from streamproof.specs.schema import JsonSchema

FORM = "application/x-www-form-urlencoded"
_JSON_TEXT = "contentMediaType"
_DEEPEST = 100  # levels of nesting that a value may have; the encoder of answers stops at 254
_MOST_FIELDS = 1000  # of a query or form; the APIs know a dozen
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_WORDS = {"true": True, "false": False}


class Unreadable(ValueError):
    """A part of a request that can't be read.

    `part` is ``query``, ``body``, ``object`` (a JSON body that is none), or a form field's name.
    """

    def __init__(self, part: str, detail: str) -> None:
        super().__init__(f"{part}: {detail}")
        self.part, self.detail = part, detail


class Raw(Protocol):
    """What is read of a request (`call.Request`)."""

    @property
    def path(self) -> Mapping[str, str]: ...
    @property
    def query_fields(self) -> list[tuple[str, str]]: ...
    @property
    def form_fields(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes: ...
    def header(self, name: str) -> str | None: ...


def parameters(operation: Operation, request: Raw) -> dict[str, Any]:
    """The arguments that stand in path, query, headers and cookies. Raises `Unreadable`."""
    query = first_of_each(request.query_fields)
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        match parameter.place:
            case "path":
                text = request.path.get(parameter.name)
            case "query":
                text = query.get(parameter.name)
            case "cookie":
                text = parse_cookie(request.header("Cookie")).get(parameter.name)
            case _:
                text = request.header(parameter.name)
        if text is None:
            continue
        if parameter.schema.get("type") != "array":
            found[parameter.name] = typed(text, parameter.schema)
            continue
        texts = text.split(",") if text else []
        if parameter.exploded and parameter.place == "query":
            texts = [value for name, value in request.query_fields if name == parameter.name]
        members = parameter.schema.get("items", {})
        found[parameter.name] = [typed(each, members) for each in texts]
    return found


def fields(operation: Operation, request: Raw) -> dict[str, Any]:
    """The fields of the body; none where it is empty. Raises `Unreadable`."""
    body = operation.body
    if body is None or not request.body or not readable(operation):
        return {}
    if body.media_type != FORM:
        value = read_json(request.body, "body")
        if not isinstance(value, dict):
            raise Unreadable("object", "the body is no JSON object; send an object of fields")
        return value
    properties = body.schema.get("properties", {})
    return {
        name: _field(name, text, properties.get(name, {}))
        for name, text in first_of_each(request.form_fields).items()
    }


def readable(operation: Operation) -> bool:
    """Whether the fields of an operation's body, if it has one, can be read: JSON, or a form."""
    media_type = operation.body.media_type.lower() if operation.body else FORM
    return media_type == FORM or "json" in media_type or media_type == "*/*"


def query_fields(query: str) -> list[tuple[str, str]]:
    """The fields of a query string, in order. Raises `Unreadable`."""
    return _fields(query.encode("latin-1", "replace"), "query")


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, in order. Raises `Unreadable`."""
    return _fields(body, "body")


def first_of_each(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Fields by name; of several with one name the first."""
    return dict(reversed(fields))


def read_json(text: bytes | str, part: str) -> Any:
    """The value of a JSON text. Raises `Unreadable`.

    Strict: UTF-8, no lone surrogates, no NaN. Integers beyond 64 bits become doubles.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise Unreadable(part, f"is no JSON ({fault}); send one JSON value in UTF-8") from None
    if _too_deep(text, value):
        raise Unreadable(part, f"nests deeper than {_DEEPEST} levels; send flatter data")
    return value


def typed(text: str, schema: JsonSchema) -> Any:
    """The value that `text` spells in the type of `schema`, or `text` itself if it spells none."""
    match schema.get("type"):
        case [*kinds]:
            spelled = (typed(text, {"type": kind}) for kind in kinds)
            return next((value for value in spelled if value is not text), text)
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text) and len(text) < 400:
            number = float(text)
            return number if abs(number) < float("inf") else text
        case "boolean":
            return _WORDS.get(text.lower(), text)
        case _:
            return text


def _field(name: str, text: str, schema: JsonSchema) -> Any:
    return read_json(text, name) if _JSON_TEXT in schema else typed(text, schema)


def _fields(raw: bytes, part: str) -> list[tuple[str, str]]:
    if not raw:
        return []
    if raw.count(b"&") >= _MOST_FIELDS:  # a million of them keep the server busy for seconds
        raise Unreadable(part, f"has more than {_MOST_FIELDS} fields; send fewer")
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Unreadable(part, "is no UTF-8; percent-encode the bytes of UTF-8 text") from None


def _too_deep(text: bytes | str, value: Any) -> bool:
    raw = text.encode() if isinstance(text, str) else text
    if raw.count(b"{") + raw.count(b"[") <= _DEEPEST:
        return False
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    return any(isinstance(each, dict | list) for each in level)


def _inside(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return value.values()
        case list():
            return value
        case _:
            return ()
