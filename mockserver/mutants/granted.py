"""Faults of answers to accepted calls: another status, another form, none at all."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from streamproof.mockserver import garbled
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.engine import answers
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.specs.api import Api
from streamproof.specs.examples import joined
from streamproof.specs.operation import Operation, payload
from streamproof.specs.rulebook import Rule
from streamproof.specs.schema import Validator


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
    """The answer has another type, lacks a member that it needs or has one of another type, or is
    no JSON."""
    schema = operation.success.payload or {}
    is_right = Validator(schema, api.openapi)

    def changes(slug: str, says: str, change: Callable[[Any], Any]) -> Fault:
        def other(proceed: Proceed, call: Call, _context: Context) -> Answer:
            answer = proceed(call).parsed
            if not answer.accepted:
                return answer
            carried = copy.deepcopy(payload(api.envelope, answer.body))
            return answers.holding(api, answer, "", change(carried))

        return Fault(f"{rule.id}.{slug}", operation.id, other, says)

    def wrapped(value: Any) -> Any:
        return {"answer": value} if isinstance(value, list) or api.envelope else [value]

    def lacking(value: Any) -> Any:
        for holder, name in _members(api, schema, value):
            holder.pop(name)
            break
        return value

    def retyped(value: Any) -> Any:
        for holder, name in _members(api, schema, value):
            right = holder[name]
            holder[name] = _of_another_type(right)
            if is_right.errors(value):
                break
            holder[name] = right
        return value

    yield changes("wrapped", "Answers in something else what has to stand by itself.", wrapped)
    if any(_needs(api, schema)):
        says = "Leaves out a member that the answer, or the last row of it, needs."
        yield changes("lacking", says, lacking)
        says = "Shows a member that the answer, or the last row of it, needs as another type."
        yield changes("retyped", says, retyped)
    yield _garbled(api, rule, operation)


def _garbled(api: Api, rule: Rule, operation: Operation) -> Fault:
    """An answer that a strict reader refuses: of each operation in another way."""
    at = [*api.operations].index(operation.id) % len(_WAYS)
    slug, says, way = _WAYS[at]

    def garble(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call).parsed
        if not answer.accepted:
            return answer
        carried = payload(api.envelope, answer.body)
        names = [name for _, name in _members(api, operation.success.payload or {}, carried)]
        return way(answer, names[0]) if names else garbled.marked(answer)

    return Fault(f"{rule.id}.{slug}", operation.id, garble, says)


_WAYS: tuple[tuple[str, str, Callable[[Answer, str], Answer]], ...] = (
    ("byte-order-mark", "Begins with a byte order mark.", lambda a, _name: garbled.marked(a)),
    ("name-twice", "Shows a member twice, the right one last.", garbled.named_twice),
    ("cut-short", "Leaves out the last bracket.", lambda a, _name: garbled.cut_short(a)),
    ("not-a-number", "Shows NaN for a member.", garbled.not_a_number),
    ("empty", "Answers with no body.", lambda a, _name: garbled.nothing(a)),
)


def _members(api: Api, schema: Any, value: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """The members in a value that are needed, with what they stand in: the last and innermost
    first, keys behind all others of theirs."""
    keys = {resource.key for resource in api.resources.values()}
    for holder, names in reversed([*_needed(api, schema, value)]):
        there = [name for name in reversed(names) if name in holder]
        yield from ((holder, name) for name in sorted(there, key=keys.__contains__))


def _of_another_type(value: Any) -> Any:
    match value:
        case bool():
            return int(value)
        case int() | float():
            return str(value)
    return [value]


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
