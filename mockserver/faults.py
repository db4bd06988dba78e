"""Faults: an operation that breaks one rule, wrapped around one that keeps them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.parsing import Unreadable
from streamproof.specs.operation import Operation

if TYPE_CHECKING:
    from streamproof.mockserver.context import Context
    from streamproof.mockserver.operational import Operational
    from streamproof.mockserver.store import Space
    from streamproof.specs.api import Api

Proceed = Callable[[Call], Answer]
Wrapper = Callable[[Proceed, Call, "Context"], Answer]

ANY = "any"
_SWITCHED_ON = "faults"


class UnknownFaultError(LookupError):
    """There is no fault of this name, or none with these parameters."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one rule.

    `name` is ``<rule id>.<slug>``; `operation` the operation that it wraps (``any`` wraps all);
    `says` what it does wrong, in one sentence. `function` may change the call, proceed never,
    once or often, and alter the answer; it never touches the store. `also_fails` names the other
    rules that can't hold beside it, each with the sentence that says why.
    """

    name: str
    operation: str
    function: Wrapper
    says: str
    also_fails: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def api(self) -> str:
        return self.name.partition("/")[0]

    def concerns(self, api: Api, operation: Operation) -> bool:
        return self.api == api.name and self.operation in (ANY, operation.id)

    def wrap(self, proceed: Proceed, context: Context) -> Proceed:
        """`proceed` with this fault around it; what changes anything is noted."""

        def wrapped(call: Call) -> Answer:
            passed: list[tuple[Call, Answer]] = []

            def through(inner: Call) -> Answer:
                passed.append((inner, proceed(inner)))
                return passed[-1][1]

            try:
                answer = self.function(through, call, context)
            except Unreadable:  # it looked into arguments that can't be read: nothing to break here
                return proceed(call)
            if len(passed) != 1 or passed[0][0] is not call or passed[0][1] != answer:
                context.touched.append(self.name)
            return answer

        return wrapped


def switched_on(
    space: Space, at_start: tuple[Fault | Operational, ...]
) -> tuple[Fault | Operational, ...]:
    """The faults of a space: those that it was given, or else those of the server's start."""
    faults: tuple[Fault | Operational, ...] = space.scratch.get(_SWITCHED_ON, at_start)
    return faults


def around(
    proceed: Proceed,
    faults: Iterable[Fault | Operational],
    context: Context,
    operation: Operation,
) -> Proceed:
    """`proceed` with those faults around it that concern a call, the first outermost. Operational
    ones stand around all others: what they do is done on the way to a server and back."""
    concerned = [fault for fault in faults if fault.concerns(context.api, operation)]
    of_meaning = [fault for fault in concerned if isinstance(fault, Fault)]
    if of_meaning:  # they look into answers
        proceed = partial(_parsed, proceed)
    for fault in reversed(of_meaning):
        proceed = fault.wrap(proceed, context)
    for other in reversed(concerned):
        if not isinstance(other, Fault):
            proceed = other.wrap(proceed, context)
    return proceed


def _parsed(proceed: Proceed, call: Call) -> Answer:
    return proceed(call).parsed


def switch_on(space: Space, faults: tuple[Fault | Operational, ...]) -> None:
    """Give a space these faults and no others. They remember nothing of what was before."""
    space.scratch.clear()
    space.scratch[_SWITCHED_ON] = faults


def fault(
    name: str, *, on: str | None = None, also_fails: Mapping[str, str] | None = None
) -> Callable[[Wrapper], Fault]:
    """Make a function a `Fault`, told by its docstring; `on` names the operation that it wraps
    where this isn't the rule's own."""

    def make(function: Wrapper) -> Fault:
        says = " ".join((function.__doc__ or "").split())
        return Fault(name, on or name.split("/")[1], function, says, also_fails or {})

    return make


def gathered(*modules: ModuleType) -> tuple[Fault, ...]:
    """The faults of modules: those that have a name there, and those in a tuple."""
    values = (value for module in modules for value in vars(module).values())
    several = (value if isinstance(value, tuple) else (value,) for value in values)
    return tuple(each for some in several for each in some if isinstance(each, Fault))
