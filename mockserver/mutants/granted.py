"""Faults of answers to accepted calls: another status, another form."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.specs.api import Api
from streamproof.specs.examples import joined
from streamproof.specs.operation import Operation
from streamproof.specs.rulebook import Rule


def of_status(rule: Rule, operation: Operation) -> Iterator[Fault]:
    """An accepted call is answered with another status of success."""
    described = int(operation.success.status)
    status = 200 if described != 200 else 202

    def other(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return replace(answer, status=status) if answer.accepted else answer

    says = f"Answers {status} in place of {described}."
    yield Fault(f"{rule.id}.other", operation.id, other, says)


def of_shape(api: Api, rule: Rule, operation: Operation) -> Iterator[Fault]:
    """The answer has another type, or lacks a member that it needs."""
    keys = {resource.key for resource in api.resources.values()}
    schema = operation.success.schema or {}

    def wrapped(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call).parsed
        body = {"answer": answer.body} if isinstance(answer.body, list) else [answer.body]
        return replace(answer, body=body) if answer.accepted else answer

    def lacking(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call).parsed
        if not answer.accepted:
            return answer
        body = copy.deepcopy(answer.body)
        found = list(_needed(api, schema, body))
        if found:
            holder, names = found[-1]
            name = next((name for name in reversed(names) if name not in keys), names[-1])
            holder.pop(name, None)
        return replace(answer, body=body)

    yield Fault(f"{rule.id}.wrapped", operation.id, wrapped, "Answers in a list what is no list.")
    if any(_needs(api, schema)):
        says = "Leaves out a member that the answer, or the last row of it, needs."
        yield Fault(f"{rule.id}.lacking", operation.id, lacking, says)


def _needed(api: Api, schema: Any, value: Any) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The objects in a value that need members, with their names, the last and innermost last."""
    found = joined(schema, api.openapi)
    if not isinstance(found, Mapping):
        return
    if isinstance(value, dict):
        if found.get("required"):
            yield value, list(found["required"])
        for name, inner in found.get("properties", {}).items():
            if name in value:
                yield from _needed(api, inner, value[name])
    elif isinstance(value, list):
        for member in value[-1:]:
            yield from _needed(api, found.get("items", {}), member)


def _needs(api: Api, schema: Any, depth: int = 4) -> Iterator[bool]:
    """Whether a schema, or one in it, needs members."""
    found = joined(schema, api.openapi)
    if isinstance(found, Mapping) and depth:
        yield bool(found.get("required"))
        for inner in (*found.get("properties", {}).values(), found.get("items", {})):
            yield from _needs(api, inner, depth - 1)
