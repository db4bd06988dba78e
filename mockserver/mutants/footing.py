"""What faults of laws know of things: a rule, the resource of its facet, and how calls are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from streamproof.mockserver import domain
from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.engine import answers
from streamproof.mockserver.faults import ANY, Fault, Proceed, Wrapper
from streamproof.mockserver.mutants.fitting import fitting
from streamproof.mockserver.mutants.values import Change
from streamproof.mockserver.problems import Rejected
from streamproof.specs.api import Api
from streamproof.specs.facets import Facet
from streamproof.specs.operation import Operation, payload
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Rule
from streamproof.specs.schema import Validator

Document = dict[str, Any]
Place = tuple[str, ...]  # the keys of what a thing stands in, and its own
Rows = list[Document]
T = TypeVar("T")

_COUNT: Final = "mutants"  # in a space's scratch: what makes values new


@dataclass(frozen=True)
class Footing:
    """A rule that is a law's, and the facet of which it is."""

    api: Api
    rule: Rule
    facet: Facet

    # -- the faults ----------------------------------------------------------------------------

    def fault(self, slug: str, says: str, function: Wrapper, on: str | None = None) -> Fault:
        """A fault of the rule; it wraps the operation of the facet, or `on`."""
        return Fault(f"{self.rule.id}.{slug}", on or self.facet.operation, function, says)

    def also(self, fault: Fault, law: str, why: str) -> Fault:
        """The fault, where rules of a law of the same resource can't hold beside it."""
        ours = {
            rule.id: why
            for rule in self.api.rulebook
            if rule.law == law and rule.facet is not None and rule.facet.resource is self.resource
        }
        return replace(fault, also_fails={**fault.also_fails, **ours})

    def everywhere(self, slug: str, says: str, function: Wrapper) -> Fault:
        """A fault that looks at all operations."""
        return self.fault(slug, says, function, ANY)

    def memory(self, context: Context, what: str, make: Callable[[], T]) -> T:
        """What faults of the rule remember in a space."""
        found: T = context.space.scratch.setdefault(f"{self.rule.id}/{what}", make())
        return found

    def number(self, context: Context) -> int:
        """A number that no fault of the space had."""
        found: int = next(context.space.scratch.setdefault(_COUNT, count(1)))
        return found

    def refusal(self, context: Context, *statuses: int) -> Answer:
        """The rejection of a good call, as its operation describes it."""
        assert context.operation is not None
        status = answers.described(context.operation, *(statuses or (400, 422)))
        told = Rejected(self.rule.id, "refused by a fault; switch it off", status)
        return replace(domain.load(self.api.home.key).refuse(context, told), rule=told.rule)

    def is_of(self, answer: Answer, *laws: str) -> bool:
        """Whether a call was rejected by a rule of one of these laws."""
        rule = self.api.rulebook.rules.get(answer.rule or "")
        return rule is not None and rule.law in laws

    # -- calls ---------------------------------------------------------------------------------

    @property
    def resource(self) -> Resource:
        return self.facet.resource

    @property
    def name(self) -> str:
        """The argument, field or resource that the facet is about."""
        return self.facet.name

    @property
    def operation(self) -> Operation:
        return self.api.operations[self.facet.operation]

    @cached_property
    def maker(self) -> Operation:
        """The operation that makes a thing or record."""
        calls = self.resource.operations
        return self.api.operations[calls.get("create") or calls["append"]]

    def deed(self, call: Call, of: Resource | None = None) -> str | None:
        """What a call does to the resource: make, read, update, delete, list; None for others."""
        resource = of or self.resource
        if resource.listing is not None and call.operation.id == resource.listing.operation:
            return "list"
        deeds = {operation: deed for deed, operation in resource.operations.items()}
        deed = deeds.get(call.operation.id)
        return "make" if deed in ("create", "append") else deed

    def home(self, call: Call, of: Resource | None = None) -> Place:
        """The keys of what a call's thing stands in."""
        return tuple(str(call.arguments.get(name)) for name in (of or self.resource).within)

    def place(self, call: Call, answer: Answer | None = None, of: Resource | None = None) -> Place:
        """Which thing a call is about; one that was just made by a key of the server is known by
        the answer."""
        resource = of or self.resource
        key: Any = None
        if self.deed(call, resource) == "make":
            key = call.arguments.get(str(resource.key))
            if answer is not None and answer.accepted:
                key = self.shown(answer, resource).get(str(resource.key), key)
        elif self.deed(call, resource) in ("read", "update", "delete"):
            key = call.arguments.get(resource.named_in(call.operation))
        return (*self.home(call, resource), str(key))

    def to(self, call: Call, operation: str, **arguments: Any) -> Call:
        """Another call of the same caller, with these arguments and none of the first's."""
        wanted = self.api.operations[operation]
        tokens = {self.api.schemes[name].parameter for name in wanted.security}
        nothing = {p.name: ABSENT for p in wanted.parameters if p.name not in tokens}
        return call.to(wanted, **{**nothing, **arguments})

    def reading(self, call: Call, place: Place) -> Call:
        """A read of a thing."""
        read = self.api.operations[self.resource.operations["read"]]
        keys = (*self.resource.within, self.resource.named_in(read))
        return self.to(call, read.id, **self.typed(read, dict(zip(keys, place, strict=True))))

    def read(self, proceed: Proceed, call: Call, place: Place) -> Document:
        """A thing as a read shows it; empty where there is none."""
        answer = proceed(self.reading(call, place))
        return dict(self.shown(answer)) if answer.accepted else {}

    def nowhere(self, call: Call, argument: str) -> Call:
        """The same call of a thing that isn't there."""
        schema = call.operation.schemas.get(argument, {})
        whole = schema.get("type") == "integer"
        return call.changed(**{argument: 2**53 - 7 if whole else "nothing-of-this-name"})

    def mended(self, call: Call, context: Context) -> tuple[Call, set[str], set[str]]:
        """A call with fitting arguments in place of those that the body lacks or has wrong, and
        the names of both."""
        body = call.operation.body
        if body is None:
            return call, set(), set()
        lacking = {name for name in body.needed if name not in call.fields}
        wrong = {
            name
            for name, value in call.fields.items()
            if name in body.fields and not self._fits(body.fields[name], value)
        }
        odd = {
            p.name: ABSENT
            for p in call.operation.parameters
            if p.place == "query"
            and p.name in call.arguments
            and not self._fits(p.schema, call.arguments[p.name])
        }
        number = self.number(context)
        good = {n: fitting(body.fields.get(n, {}), self.api, number) for n in lacking | wrong}
        return call.changed(**good, **odd), lacking, wrong | {*odd}

    def _fits(self, schema: Mapping[str, Any], value: Any) -> bool:
        return not Validator(schema, self.api.openapi).errors(value)

    def typed(self, operation: Operation, keys: Mapping[str, str]) -> dict[str, Any]:
        """Keys as the arguments of an operation."""
        schemas = operation.schemas
        return {
            n: int(k) if schemas.get(n, {}).get("type") == "integer" and k.isdecimal() else k
            for n, k in keys.items()
        }

    # -- answers -------------------------------------------------------------------------------

    def shown(self, answer: Answer, of: Resource | None = None) -> Document:
        """The thing in an answer; empty where there is none."""
        found = at(self.payload(answer), (of or self.resource).shows)
        return found if isinstance(found, dict) else {}

    def showing(self, answer: Answer, document: Mapping[str, Any]) -> Answer:
        """The same answer with another thing in it."""
        return self.holding(answer, self.resource.shows, dict(document))

    def payload(self, answer: Answer) -> Any:
        """What an answer carries, out of the API's envelope."""
        return payload(self.api.envelope, answer.body)

    def holding(self, answer: Answer, pointer: str, value: Any) -> Answer:
        """The same answer with another value at a pointer of what it carries."""
        return answers.holding(self.api, answer, pointer, value)

    def spoilt(self, call: Call, answer: Answer, fields: Sequence[str], change: Change) -> Answer:
        """An answer with other values in fields of its thing; as it was where that is no answer."""
        document = self.shown(answer)
        found = {name: change(document[name]) for name in fields if name in document}
        changed = self.showing(answer, {**document, **found})
        return changed if document and self.is_valid(call.operation, changed) else answer

    def is_valid(self, operation: Operation, answer: Answer) -> bool:
        """Whether an answer has the form that is described."""
        return self._fits(operation.success.schema or {}, answer.body)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields of a thing that its maker names and that no time or key is: those that tell
        no two things apart first."""
        resource = self.resource
        body = self.maker.body
        special = {resource.key, resource.instant, *resource.made_at, *resource.changed_at}
        kinds = resource.fields
        names = [n for n in (body.fields if body else ()) if n not in special]
        names = [n for n in names if kinds.get(n) != "instant"]
        return tuple(names)

    def pretended(
        self, context: Context, operation: Operation, document: Mapping[str, Any]
    ) -> Answer:
        """An accepted answer of an operation that did nothing, about a thing."""
        form = answers.accepted(self.api, operation, whole=False)
        if form.body is None:
            return form.answer(None)
        example = at(form.body, self.resource.shows)
        thing = {**(example if isinstance(example, dict) else {}), **document}
        headers = {}
        if form.has_location:
            path = urlsplit(context.base_url).path + operation.path
            headers["Location"] = f"{path}/{quote(str(thing.get(str(self.resource.key))), safe='')}"
        return form.answer(form.holding(self.resource.shows, thing), headers)


def at(value: Any, pointer: str) -> Any:
    """What stands at a JSON pointer; None for nothing."""
    for token in pointer.split("/")[1:]:
        value = value.get(token) if isinstance(value, dict) else None
    return value
