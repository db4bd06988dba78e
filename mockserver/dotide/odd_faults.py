"""Odd names and values that are taken and not borne: one function and one sentence each."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.call_faults import authentic
from streamproof.mockserver.dotide.fault_tools import (
    each_stream,
    refused,
    stream_id,
    without_header,
)
from streamproof.mockserver.faults import Proceed, fault

_BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR
_BY_PATH = ("read", "update", "delete")
_SHALLOW = 20  # levels of nesting that a weak encoder has room for


@fault("dotide/any/accepted-readable.deep-breaks-reads", on="any")
def _deep_breaks_reads(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to every read and list of a datastream whose properties nest deeply."""
    answer = proceed(call)
    reads = call.operation.id in ("read", "list") and answer.accepted
    return replace(answer, status=_BROKEN) if reads and any(map(_deep, _rows(answer))) else answer


@fault("dotide/any/accepted-readable.nul-breaks-lists", on="list")
def _nul_breaks_lists(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to every list that holds a name with U+0000."""
    answer = proceed(call)
    broken = answer.accepted and any("\0" in (row.get("name") or "") for row in _rows(answer))
    return replace(answer, status=_BROKEN) if broken else answer


@fault("dotide/any/accepted-readable.deep-stays", on="delete")
def _deep_stays(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers 500 to the delete of a datastream whose properties nest deeply, and keeps it."""
    read = proceed(call.to(context.api.operations["read"], id=call.arguments["id"]))
    if read.accepted and _deep(read.body):
        return replace(read, status=_BROKEN)
    return proceed(call)


@fault("dotide/any/no-server-error.half-a-pair", on="create")
def _half_a_pair(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to a create with half a surrogate pair in its body."""
    answer = proceed(call)
    return replace(answer, status=_BROKEN) if rb"\ud800" in call.request.body else answer


@fault("dotide/any/scheme-any-case.exact")
def _exact_scheme(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Knows schemes by their usual spelling alone."""
    known = _scheme(call) in ("Basic", "Bearer", "")
    return proceed(call if known else without_header(call))


@fault("dotide/any/scheme-any-case.no-capitals")
def _no_capitals(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Doesn't know `BASIC`."""
    return proceed(without_header(call) if _scheme(call) == "BASIC" else call)


@fault("dotide/any/malformed-credentials.breaks-down")
def _undecodable(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 where Basic credentials are no base64 of a name and a secret."""
    answer = proceed(call)
    sent = (call.request.header("Authorization") or "").removeprefix("Basic ")
    broken = _scheme(call) == "Basic" and not _is_base64(sent)
    return replace(answer, status=_BROKEN) if broken and not answer.accepted else answer


@fault("dotide/any/malformed-credentials.carried-out")
def _other_scheme_done(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses a scheme that it doesn't know, and carries the call out all the same."""
    answer = proceed(call)
    if not answer.accepted and _scheme(call) == "Token":
        proceed(authentic(call, context))
    return answer


@fault("dotide/any/odd-ids-found.slash-lost", on="any")
def _slash_lost(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes an encoded slash in a path for one that parts it, and finds nothing there."""
    lost = call.operation.id in _BY_PATH and "/" in stream_id(call)
    return refused(proceed, call, context) if lost else proceed(call)


@fault("dotide/any/odd-ids-found.decoded-twice", on="any")
def _decoded_twice(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Decodes the id in a path twice."""
    twice = call.operation.id in _BY_PATH
    return proceed(call.changed(id=unquote(stream_id(call))) if twice else call)


@fault("dotide/any/odd-ids-found.plus-as-blank", on="any")
def _plus_as_blank(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Finds a datastream with a blank in its id by a plus sign, too."""
    answer = proceed(call)
    again = call.operation.id in _BY_PATH and not answer.accepted and "+" in stream_id(call)
    return proceed(call.changed(id=stream_id(call).replace("+", " "))) if again else answer


@fault("dotide/any/odd-ids-found.bare-location", on="create")
def _bare_location(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves reserved characters as they are in `Location`."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    place = answer.headers["Location"].replace("%2F", "/").replace("%3F", "?")
    return replace(answer, headers={**answer.headers, "Location": place})


@fault("dotide/any/odd-property-names-kept.prototype-lost", on="any")
def _prototype_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops properties with the name `__proto__`."""
    return proceed(_renamed(call, {"__proto__": None}))


@fault("dotide/any/odd-property-names-kept.empty-name", on="update")
def _empty_name(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops a property whose name is empty from an update."""
    return proceed(_renamed(call, {"": None}))


@fault("dotide/any/odd-property-names-kept.trimmed", on="create")
def _trimmed(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts blanks off the names of properties."""
    return proceed(_renamed(call, {" a ": "a"}))


@fault("dotide/any/odd-text-kept.line-breaks", on="any")
def _line_breaks(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Makes one line feed of a carriage return and a line feed in a name."""
    return proceed(_named(call, "\r\n", "\n"))


@fault("dotide/any/odd-text-kept.no-marks", on="create")
def _no_marks(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops byte order marks from the property values of a create."""
    sent = call.arguments.get("properties")
    if not isinstance(sent, dict):
        return proceed(call)
    kept = {n: v.replace("\ufeff", "") if isinstance(v, str) else v for n, v in sent.items()}
    return proceed(call.changed(properties=kept))


@fault("dotide/any/odd-text-kept.ends-at-nul", on="create")
def _ends_at_nul(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Keeps of a name what stands before U+0000."""
    name = call.arguments.get("name")
    kept = name.partition("\0")[0] if isinstance(name, str) else name
    return proceed(call.changed(name=kept) if kept != name else call)


@fault("dotide/any/odd-tz-same-instants.hours-of-utc", on="any")
def _hours_of_utc(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows the hours of UTC with the offset of Shanghai where `tz` names no zone."""
    answer = proceed(call)
    if answer.rule != "dotide/dialect/unknown_tz" or call.operation.id not in ("read", "list"):
        return answer

    def change(row: dict[str, Any]) -> dict[str, Any]:
        shown = {n: row[n].replace("+00:00", "+08:00") for n in ("created_at", "updated_at")}
        return {**row, **shown}

    return each_stream(proceed(call.changed(tz="UTC")), change)


def _renamed(call: Call, names: Mapping[str, str | None]) -> Call:
    """The call with some properties under other names, or dropped."""
    sent = call.arguments.get("properties")
    if not isinstance(sent, dict):
        return call
    new = {names.get(name, name): value for name, value in sent.items()}
    return call.changed(properties={n: v for n, v in new.items() if n is not None})


def _named(call: Call, old: str, new: str) -> Call:
    name = call.arguments.get("name")
    return call.changed(name=name.replace(old, new)) if isinstance(name, str) else call


def _scheme(call: Call) -> str:
    return (call.request.header("Authorization") or "").strip().partition(" ")[0]


def _is_base64(text: str) -> bool:
    try:
        return b":" in b64decode(text, validate=True)
    except ValueError:
        return False


def _rows(answer: Answer) -> list[dict[str, Any]]:
    return answer.body if isinstance(answer.body, list) else [answer.body]


def _deep(row: Mapping[str, Any]) -> bool:
    level: list[Any] = [row.get("properties")]
    for _ in range(_SHALLOW):
        level = [inner for outer in level for inner in _inside(outer)]
    return bool(level)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else []
