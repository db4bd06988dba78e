"""Faults of the rules that openapi.yaml declares: for each keyword one that lets its breach pass,
and where it is a bound another that is off by one.

A fault mends the call and lets it proceed, so that what is answered is an accepted answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants import callers, granted
from streamproof.mockserver.mutants.fitting import fitting
from streamproof.mockserver.parsing import FORM, Unreadable
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.rulebook import Rule
from streamproof.specs.schema import resolve

_COUNT: Final = "mutants"  # in a space's scratch: what makes values new
_SIZES: Final = {"Length": str, "Items": list, "Properties": dict}


def faults(api: Api) -> Iterator[Fault]:
    """The faults of every rule of an API that its file declares."""
    for rule in api.rulebook:
        operation = api.operations.get(rule.operation)
        if operation is None or rule.pointer is None:
            yield from callers.faults(api, rule)
        elif rule.pointer.split("/")[-2] == "responses":
            yield from granted.of_status(rule, operation)
        elif "/responses/" in rule.pointer:
            yield from granted.of_shape(api, rule, operation)
        elif rule.pointer.endswith("/default"):
            yield from _of_default(_Place.of(api, rule, operation), rule)
        else:
            yield from _of_breach(api, rule, operation)


def _of_default(place: _Place, rule: Rule) -> Iterator[Fault]:
    """Where an argument is missing another of its values counts, if the schema names one."""
    schema, name = place.operation.schemas.get(place.argument or "", {}), place.argument
    known = [False, True] if schema.get("type") == "boolean" else schema.get("enum", [])
    others = [value for value in known if value != place.expected]
    if name is None or not others:
        return

    def other(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call if name in call.arguments else call.changed(**{name: others[0]}))

    says = f"Takes {others[0]!r} where no `{name}` is sent."
    yield Fault(f"{rule.id}.other", place.operation.id, other, says)


def _of_breach(api: Api, rule: Rule, operation: Operation) -> Iterator[Fault]:
    place = _Place.of(api, rule, operation)

    def fault(slug: str, says: str, only: Callable[[Any], bool]) -> Fault:
        def let_in(proceed: Proceed, call: Call, context: Context) -> Answer:
            answer = proceed(call)
            if answer.rule != rule.id or not only(place.value(call)):
                return answer
            answers = map(proceed, place.mended(call, context))
            return next((again for again in answers if again.accepted), answer)

        return Fault(f"{rule.id}.{slug}", operation.id, let_in, f"{says}: {rule.en}")

    yield fault("ignored", "Ignores a rule", lambda _value: True)
    if place.is_whole and (slightest := _slightest(place.keyword, place.expected)) is not None:
        yield fault("off-by-one", "Draws a bound one too wide", slightest)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a keyword stands: the argument (None: the body), whether right there, its schema."""

    api: Api
    operation: Operation
    argument: str | None
    is_whole: bool
    keyword: str
    expected: Any

    @classmethod
    def of(cls, api: Api, rule: Rule, operation: Operation) -> _Place:
        pointer = rule.pointer or ""
        expected = resolve(api.openapi, pointer)
        for parameter in operation.parameters:
            if pointer.startswith(f"{parameter.pointer}/"):
                inner = pointer.removeprefix(f"{parameter.pointer}/schema/")
                return cls(api, operation, parameter.name, "/" not in inner, inner, expected)
        assert operation.body is not None
        tokens = pointer.removeprefix(operation.body.pointer).split("/")[1:]
        while tokens and tokens[0] == "allOf":
            tokens = tokens[2:]
        if tokens[0] == "required":
            return cls(api, operation, expected, True, "required", expected)
        if tokens[0] != "properties":
            return cls(api, operation, None, len(tokens) == 1, tokens[0], expected)
        name = tokens[1].replace("~1", "/").replace("~0", "~")
        return cls(api, operation, name, len(tokens) == 3, tokens[2], expected)

    def value(self, call: Call) -> Any:
        """What the call has at the argument."""
        if self.argument is None:
            return None
        try:
            return call.arguments.get(self.argument)
        except Unreadable:
            return None

    def mended(self, call: Call, context: Context) -> Iterator[Call]:
        """The call without the breach, in several ways."""
        number = next(context.space.scratch.setdefault(_COUNT, count(1)))
        body, schemas = self.operation.body, self.operation.schemas
        if self.argument is not None:
            if self.argument not in self.operation.required:
                yield call.changed(**{self.argument: ABSENT})
            schema = schemas.get(self.argument, {})
            yield call.changed(**{self.argument: fitting(schema, self.api, number)})
            yield call.changed(**{self.argument: example(schema, self.api.openapi)})
            if body is not None and self.argument in body.example:  # where not any value will do
                value = body.example[self.argument]
                yield call.changed(**{self.argument: value})
                if schema.get("contentMediaType") == "application/json":
                    yield call.changed(**{self.argument: orjson.loads(value)})
        elif body is not None:
            fields = ((name, body.fields.get(name, {})) for name in body.needed)
            good = {name: fitting(schema, self.api, number) for name, schema in fields}
            sent = orjson.dumps(good)
            if body.media_type == FORM:
                sent = urlencode({name: str(value) for name, value in good.items()}).encode()
            yield replace(call, request=replace(call.request, body=sent))


def _slightest(keyword: str, expected: Any) -> Callable[[Any], bool] | None:
    """What the slightest breach of a bound is; None for what is no bound."""
    match keyword:
        case "maximum" | "minimum":
            beyond = expected + (1 if keyword == "maximum" else -1)
            return lambda value: bool(value == beyond)
        case "exclusiveMaximum" | "exclusiveMinimum":
            return lambda value: bool(value == expected)
    kind = _SIZES.get(keyword[3:])
    if kind is None or keyword[:3] not in ("min", "max"):
        return None
    size = expected + (1 if keyword.startswith("max") else -1)
    return lambda value: isinstance(value, kind) and len(value) == size
