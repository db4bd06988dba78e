"""Checks that openapi.yaml settles: a rule with a pointer is judged by the keyword it points to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import UNREADABLE, Check, Mismatch, Trial, Unmet
from streamproof.contracts.keywords import PLACE_OF_ALL, Place, breaches, place_of
from streamproof.contracts.laws.defaults import Show, absent_is_default
from streamproof.contracts.values import double
from streamproof.contracts.wire import Outcome
from streamproof.specs import schema
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.rulebook import Rule
from streamproof.specs.wording import shown

Arguments = Callable[[Trial], dict[str, Any]]
Settle = Callable[[Operation, dict[str, Any], str], dict[str, Any]]

VALID_CALL = "a valid call, accepted"
TWIN = "the same call without the breach, accepted"
_LARGEST = sys.float_info.max
_STRANGERS = ("colour", "no-such-value", "zzz", "0")


def generated(
    api: Api,
    arguments: Mapping[str, Arguments],
    shows: Mapping[str, Show],
    settle: Settle = lambda _operation, arguments, _chosen: arguments,
) -> Iterator[Check]:
    """A check for every rule of `api` that has a pointer.

    `arguments` gives, by operation, those of a fresh call that the target accepts; `shows`, by
    rule id, what makes a default visible; `settle` takes away what may not stand beside a chosen
    argument. Raises LookupError where one of them is missing.
    """
    for rule in api.rulebook:
        if rule.pointer is not None:
            operation = api.operations[rule.operation]
            check = _check(api, rule, operation, arguments[operation.id], shows, settle)
            yield replace(check, reads=operation.safe)


def _check(
    api: Api,
    rule: Rule,
    operation: Operation,
    arguments: Arguments,
    shows: Mapping[str, Show],
    settle: Settle,
) -> Check:
    pointer = rule.pointer or ""
    *path, name, keyword = (
        token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")
    )
    value = schema.resolve(api.openapi, pointer)
    if name == "responses":
        return _status(rule, operation, int(keyword), arguments)
    if "responses" in path or name in operation.responses:
        return _shape(api, rule, operation, arguments)
    if keyword == "required":  # of a parameter, which is the thing around it
        parameter = schema.resolve(api.openapi, pointer.rpartition("/")[0])
        return _required(rule, operation, PLACE_OF_ALL, parameter["name"], arguments)
    if name == "required":
        place = place_of(operation, pointer.rpartition("/")[0], api.openapi)
        if _out_of_reach(operation, place):
            return _unmet(rule, operation)
        return _required(rule, operation, place, value, arguments)
    place = place_of(operation, pointer, api.openapi)
    if _out_of_reach(operation, place):
        return _unmet(rule, operation)
    match keyword:
        case "enum" if place.argument and api.home.ours:
            return _enum(rule, operation, place.argument, value, arguments)
        case "default" if place.argument:
            show, argument = shows[rule.id], place.argument
            return Check(
                rule.id,
                lambda trial: absent_is_default(trial, show, argument, value),
                ("both calls, accepted",),
            )
        case "propertyNames" if place.argument and api.home.ours:
            return _names(rule, operation, place.argument, arguments)
    values = breaches(place, keyword, api.openapi)
    around = place.argument if place.inner else None
    if around is not None:  # a place within an argument needs the argument
        whole = {around: example(operation.schemas[around], api.openapi, whole=True)}
        return _keyword(rule, operation, lambda t: {**whole, **arguments(t)}, place, values, settle)
    return _keyword(rule, operation, arguments, place, values, settle)


def _out_of_reach(operation: Operation, place: Place) -> bool:
    """Whether a place is within a body that is no object: a call has no argument of that name."""
    return place.argument is not None and place.argument not in operation.arguments


def _unmet(rule: Rule, operation: Operation) -> Check:
    def run(_trial: Trial) -> None:
        raise Unmet(f"a call of {operation.given} with members in its body, which is no object")

    return Check(rule.id, run, (TWIN,))


def _status(rule: Rule, operation: Operation, status: int, arguments: Arguments) -> Check:
    def watch(outcome: Outcome) -> Mismatch | bool:
        """Every accepted answer of the operation has the documented status."""
        if not outcome.accepted or not _answers(outcome, operation):
            return False
        if outcome.status != status:
            return Mismatch("status", f"status {status}", f"status {outcome.status}")
        return True

    return Check(rule.id, _valid_call(operation, arguments), (VALID_CALL,), watch)


def _shape(api: Api, rule: Rule, operation: Operation, arguments: Arguments) -> Check:
    validator = schema.Validator(operation.success.payload or {}, api.openapi)

    def watch(outcome: Outcome) -> Mismatch | bool:
        """Every accepted answer of the operation has the documented shape."""
        if not _answers(outcome, operation):
            return False
        found = _misshapen(outcome, validator)
        if found is not None:
            return Mismatch(found[0], "an answer of the documented shape", found[1])
        return outcome.accepted

    return Check(rule.id, _valid_call(operation, arguments), (VALID_CALL,), watch)


def _misshapen(outcome: Outcome, validator: schema.Validator) -> tuple[str, str] | None:
    """Why an answer isn't of the shape that `validator` knows: a reason, and what is wrong."""
    if outcome.unreadable:
        return UNREADABLE, str(outcome.trouble)
    if not outcome.accepted:
        return None
    if outcome.repeated is not None:
        return "repeated-name", f"{shown(outcome.repeated)} stands twice in an object"
    wrong = violations(validator, outcome.payload)
    return ("shape", wrong[0].message) if wrong else None


def violations(validator: schema.Validator, value: Any) -> tuple[schema.Violation, ...]:
    """What is wrong with a value that came in, whatever JSON allows in it.

    A validator can't take half a surrogate pair, numbers beyond every double, nor what is nested
    very deep; none of them is wrong where the documents leave it open what stands there.
    """
    wrong = validator.errors(value)
    if wrong and wrong[0].keyword in ("unicode", "depth"):
        wrong = validator.errors(_tamed(value))
    return wrong


def _tamed(value: Any, levels: int = 60) -> Any:
    """A value of the same shape that every validator takes."""
    match value:
        case bool():
            return value
        case str():
            return value.encode("utf-8", "replace").decode()
        case int() | float():
            return max(-_LARGEST, min(_LARGEST, double(value)))
        case dict():
            within = value.items() if levels else ()
            return {_tamed(name): _tamed(member, levels - 1) for name, member in within}
        case list():
            return [_tamed(member, levels - 1) for member in (value if levels else ())]
    return value


def _answers(outcome: Outcome, operation: Operation) -> bool:
    """Whether this is an answer of the operation, to a call in its own method."""
    request = outcome.request
    return request.operation is operation and request.method == operation.method


def _valid_call(operation: Operation, arguments: Arguments) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A valid call; and others with one optional argument each, which may be rejected."""
        valid = arguments(trial)
        trial.given(trial.client.call(operation.id, **valid), "a valid call")
        trial.witness(VALID_CALL)
        for alone in sorted(valid.keys() - required):
            fresh = arguments(trial)
            some = {name: fresh[name] for name in fresh if name in required or name == alone}
            if not creates or trial.names.carries(some):  # else nobody could tell it for ours
                trial.client.call(operation.id, **some)

    creates = "201" in operation.responses
    required = operation.required
    return run


def _required(
    rule: Rule, operation: Operation, place: Place, name: str, arguments: Arguments
) -> Check:
    def run(trial: Trial) -> None:
        """Without the argument the call is rejected; the same call with it is accepted."""
        trial.given(trial.client.call(operation.id, **arguments(trial)), "the whole call")
        rest = place.without(arguments(trial), name)
        trial.rejected(trial.client.call(operation.id, **rest), f"{operation.id} without {name}")
        trial.witness("the same call with the argument, accepted")

    return Check(rule.id, run, ("the same call with the argument, accepted",))


def _keyword(
    rule: Rule,
    operation: Operation,
    arguments: Arguments,
    place: Place,
    values: list[Any],
    settle: Settle,
) -> Check:
    def run(trial: Trial) -> None:
        """What breaks the keyword is rejected; the same call without the breach is not."""
        trial.require(values, f"a value of {place} that breaks the keyword")
        value = trial.draw(st.sampled_from(values))
        trial.given(trial.client.call(operation.id, **arguments(trial)), "the call without it")
        if place.argument is None and not (value and isinstance(value, Mapping)):
            whole = trial.client.request(operation.id, **arguments(trial))
            body = json.dumps(value).encode() if whole.form is None else b""
            outcome = trial.client.send(replace(whole, form=None, body=body))
        else:
            try:
                put = place.put(arguments(trial), value)
            except (LookupError, TypeError):
                raise Unmet(f"a call that has {place}") from None
            bad = settle(operation, put, place.argument or "")
            outcome = trial.client.call(operation.id, **bad)
        trial.rejected(outcome, f"{operation.given} with {place} {shown(value)}")
        trial.witness(TWIN)

    return Check(rule.id, run, (TWIN,))


def _enum(
    rule: Rule, operation: Operation, name: str, members: list[Any], arguments: Arguments
) -> Check:
    def run(trial: Trial) -> None:
        """Every member is accepted, anything else is rejected."""
        member = trial.draw(st.sampled_from(members))
        stranger = trial.draw(st.sampled_from((*_STRANGERS, str(members[0]).upper())))
        good = {**arguments(trial), name: member}
        bad = {**arguments(trial), name: stranger}
        trial.accepted(trial.client.call(operation.id, **good), f"{name}={member}")
        trial.rejected(trial.client.call(operation.id, **bad), f"{name}={stranger}")
        trial.witness(str(member), "a stranger, rejected")

    return Check(rule.id, run, (*map(str, members), "a stranger, rejected"))


def _names(rule: Rule, operation: Operation, argument: str, arguments: Arguments) -> Check:
    def run(trial: Trial) -> None:
        """A property name with `$` or `.` is rejected; the same call without that sign is not."""
        sign = trial.draw(st.sampled_from("$."))
        place = trial.draw(st.sampled_from(("{}a", "a{}b", "a{}")))
        good = {**arguments(trial), argument: {place.format("_"): 1, "plain": 2}}
        bad = {**arguments(trial), argument: {place.format(sign): 1, "plain": 2}}
        trial.given(trial.client.call(operation.id, **good), "the call with another name")
        trial.rejected(
            trial.client.call(operation.id, **bad), f"a property named {place.format(sign)}"
        )
        trial.witness(f"{sign} in a name")

    return Check(rule.id, run, ("$ in a name", ". in a name"))
