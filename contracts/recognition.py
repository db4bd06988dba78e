"""Whether an answer is one of this API's at all: a page to log in, an echo or nothing is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamproof.contracts.values import parse, same
from streamproof.contracts.wire import Answer, Outcome, Request
from streamproof.specs import schema
from streamproof.specs.api import Api
from streamproof.specs.schema import JsonSchema

_TOGETHER = ("allOf", "anyOf", "oneOf")
_DEEPEST = 8  # schemas within schemas; one may hold itself


def no_answer(api: Api, request: Request, answer: Answer, data: Any) -> str | None:
    """Why a 2xx with a body is nobody's yes: an echo with another status than the documented one,
    or, where an API wraps what it answers, something bare that is none of its answers either."""
    other_status = str(answer.status) != request.operation.success.status
    if other_status and answer.body and answer.body == request.content:
        return "the body is the request's own, sent back"
    envelope, documented = api.envelope, request.operation.success.payload
    if envelope is None or documented is None or not answer.body:
        return None
    if isinstance(data, Mapping) and (envelope.code in data or _shares(api, documented, data)):
        return None
    return f"the body is neither wrapped ({envelope.code}) nor an answer to {request.operation.id}"


def shows(api: Api, outcome: Outcome) -> bool:
    """Whether an accepted answer has something of the API in it: its envelope, or a member that
    the call's answers have. An empty list, an empty object and an echo have nothing."""
    if not outcome.accepted:
        return False
    operations = api.operations.values()
    if not any(operation.success.payload is not None for operation in operations):
        return True  # an API whose answers say nothing
    documented, data = outcome.request.operation.success.payload, outcome.data
    if documented is None or _is_echo(outcome):
        return False
    if api.envelope is not None and isinstance(data, Mapping) and api.envelope.code in data:
        return True
    rows = data if isinstance(data, list) else [data]
    if not any(_members(api, documented)):
        return any(row not in (None, "", {}, []) for row in rows)
    return any(isinstance(row, Mapping) and _shares(api, documented, row) for row in rows)


def _is_echo(outcome: Outcome) -> bool:
    sent = outcome.request.content
    if not sent:
        return False
    try:
        return outcome.body == sent or same(outcome.data, parse(sent).value)
    except ValueError:
        return False


def _shares(api: Api, documented: JsonSchema, row: Mapping[str, Any]) -> bool:
    return any(name in row for name in _members(api, documented))


def _members(api: Api, documented: JsonSchema, levels: int = _DEEPEST) -> Iterator[str]:
    """The members that an answer may have, or those of a row of it."""
    if not levels:
        return
    if "$ref" in documented:
        documented = schema.resolve(api.openapi, documented["$ref"])
    yield from documented.get("properties", {})
    within = [part for word in _TOGETHER for part in documented.get(word, ())]
    if isinstance(items := documented.get("items"), Mapping):
        within.append(items)
    for part in within:
        yield from _members(api, part, levels - 1)
