"""Malformed input: whatever a caller sends, the fault is the caller's, so no answer is a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from streamproof.contracts.check import Trial
from streamproof.contracts.wire import FORM, Request
from streamproof.specs.operation import Body, Operation

GOOD_CALL = "a good call, accepted"
REJECTED = "a malformed call, rejected"

Arguments = Callable[[Trial], dict[str, Any]]

_DEEP: Final = "[" * 5000 + "]" * 5000  # deeper than a parser that recurses can go
_LONG: Final = "x" * 3000
_HUGE: Final = "x" * 100_000  # characters of a text where nobody expects more than a line
_TEXTS: Final = ("", "-1", "1e999", "9" * 40, "ten", "a\0b", "%", "\U0001f648", _LONG)
_JSON_TEXTS: Final = ("{", "null", "5", '"text"', "[[null]]", '{"a": 1e999}', '"\\ud800"', _DEEP)
_HEADERS: Final = ("", "Nowhere/Land", "%00", _LONG)
_PATHS: Final = ("%00", "%FF", "%", "%2F%3F", _LONG)  # behind a key that exists
_KINDS: Final[tuple[Any, ...]] = (
    None,
    True,
    10**40,
    [None, [1]],
    {"a": {}},
)  # JSON values of every kind of type
_ODD_VALUES: Final = ("a\0b", "\ud800", _HUGE)
_BODIES: Final = (
    *(b"", b"{", b"%zz=%", b"\xff\xfe\x00", b"null", b"[]", b'"text"', b"1e999", b'{"a": \x00}'),
    *(_DEEP.encode(), b'{"a": ' + _DEEP.encode() + b"}"),
)
_MEDIA_TYPES: Final = ("", "text/plain", "nonsense", "application/json; charset=no-such-charset")


def no_server_error(
    trial: Trial, operation: Operation, arguments: Arguments, keys: Collection[str] = ()
) -> None:
    """A call with one bad thing in it is never answered by a server error.

    `arguments` gives those of a good call, anew for each; one after another they are spoilt. Those
    among `keys` name what a call stores: they get other types, but no odd text (in a form, where
    all is text, nothing), because a stored object with an odd key may be impossible to remove.

    No answer at all isn't judged: an oversized request may be cut off. Nor is a 502, 503 or 504,
    unless it comes again while a good call is accepted: else the service was away, not broken.
    """

    def good() -> Any:
        return trial.client.call(operation.id, **arguments(trial))

    trial.given(good(), f"a good call of {operation.id}")
    trial.witness(GOOD_CALL)
    for what, request in _spoilt(trial, operation, arguments, keys):
        trial.afresh()
        outcome = trial.client.send_raw(request)  # past the watchers: they judge good calls
        if outcome.unavailable and outcome.answered and good().accepted:
            outcome = trial.client.send_raw(request)
        if outcome.rejected:
            trial.witness(REJECTED)
        trial.holds(
            outcome.status is None or outcome.status < 500,
            "server-error",
            expected=f"{operation.id} with {what} is answered below 500",
            actual=str(outcome),
        )


def _spoilt(
    trial: Trial, operation: Operation, arguments: Arguments, keys: Collection[str]
) -> Iterator[tuple[str, Request]]:
    """Good requests of `operation` with one bad thing each, and what that is."""

    def sent(**other: Any) -> Request:
        return trial.client.request(operation.id, **{**arguments(trial), **other})

    for parameter in operation.parameters:
        name = parameter.name
        match parameter.place:
            case "path":
                for odd in _PATHS:
                    key = quote(str(arguments(trial)[name]), safe="") + odd
                    path = operation.path.replace(f"{{{name}}}", key)
                    yield f"{_brief(odd)} in the path", replace(sent(), path=path)
            case "query":
                for odd in _TEXTS:
                    yield f"{name}={_brief(odd)}", sent(**{name: odd})
            case "header":
                for odd in _HEADERS:
                    yield f"the header {name}: {_brief(odd)}", sent(**{name: odd})
    if operation.body is None:
        return
    if operation.body.media_type == FORM:
        for name, odd in _form_fields(operation.body, keys):
            yield f"{name}={_brief(odd)}", sent(**{name: odd})
    else:
        for name, value in _json_fields(operation.body, keys):
            request = sent()
            fields = {**json.loads(request.body or b"{}"), name: value}
            yield f"{name} {_brief(value)}", replace(request, body=json.dumps(fields).encode())
    for body in _BODIES:
        yield f"the body {_brief(body)}", replace(sent(), form=None, body=body)
    for media_type in _MEDIA_TYPES:
        headers = (("Content-Type", media_type),)
        yield f"the media type {_brief(media_type)}", replace(sent(), headers=headers)


def _form_fields(body: Body, keys: Collection[str]) -> Iterator[tuple[str, str]]:
    fields: Mapping[str, Mapping[str, Any]] = body.schema["properties"]
    for name, schema in fields.items():
        if name not in keys:
            for odd in _JSON_TEXTS if "contentSchema" in schema else _TEXTS:
                yield name, odd


def _json_fields(body: Body, keys: Collection[str]) -> Iterator[tuple[str, Any]]:
    for name in body.schema["properties"]:
        for value in _KINDS if name in keys else (*_KINDS, *_ODD_VALUES):
            yield name, value


def _brief(value: object) -> str:
    """A value in a message: printable, and not all of it."""
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:30]}… ({len(text)} characters)"
