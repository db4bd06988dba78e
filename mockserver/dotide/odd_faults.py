"""Odd names and values that are taken and not borne: one function and one sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault

_BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR
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


ODD_FAULTS: tuple[Fault, ...] = tuple(
    each for each in globals().values() if isinstance(each, Fault)
)
