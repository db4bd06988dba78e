"""Things and records: made with fields of the run's own, read, changed and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.collection import Collection, own_keys
from streamproof.contracts.drivers.contents import contents, distinct, members, odd
from streamproof.contracts.drivers.patience import HURRIED_S, SETTLE_S, until
from streamproof.contracts.values import same, spelled
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.examples import example, joined
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Deed, Resource
from streamproof.specs.schema import Validator, resolve
from streamproof.specs.wording import shown

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the run made: the arguments that say in which things it stands, the fields
    as sent, and the answer. `key` is None where neither the call nor the answer tells it."""

    where: Mapping[str, Any]
    sent: Fields
    outcome: Outcome = field(repr=False)
    key: str | None


@dataclass(frozen=True, slots=True)
class Things:
    """The things of one resource."""

    api: Api
    resource: Resource

    @property
    def maker(self) -> Operation:
        """The operation that makes one."""
        calls = self.resource.operations
        return self.api.operations[calls.get("create") or calls["append"]]

    def operation(self, deed: Deed) -> Operation:
        return self.api.operations[self.resource.operations[deed]]

    # -- what is sent --------------------------------------------------------------------------

    def place(
        self,
        trial: Trial,
        known: Fields = MappingProxyType({}),
        named: Fields = MappingProxyType({}),
    ) -> dict[str, Any]:
        """The arguments that name new things around one to be made, but for those `known`; they
        are `named` so where they may be."""
        where: dict[str, Any] = {}
        for argument, name in self.resource.within.items():
            if argument in known:
                where[argument] = known[argument]
                continue
            parent = Things(self.api, self.api.resources[name])
            trial.require(
                {"create", "append"} & {*parent.resource.operations},
                f"{argument} of a {name} that can be made",
            )
            around = {n: v for n, v in where.items() if n in parent.around}
            made = parent.make_named(trial, around, named.get(argument))
            trial.require(made.key is not None, f"the key of a new one of {name}")
            where[argument] = made.key
        return where

    @property
    def around(self) -> frozenset[str]:
        """The arguments that name what a thing stands in."""
        return frozenset(self.resource.within)

    def fields(self, trial: Trial, /, **given: Any) -> dict[str, Any]:
        """What a call that makes one is sent: `given`, a key of the run's where the caller names
        things, a mark where there is room, and else what is needed."""
        texts = [n for n, kind in self.resource.fields.items() if kind == "text"]
        texts = [n for n in texts if n in self.maker.arguments]
        if texts or self.resource.kind != "collection":
            return self._plain(trial, texts, given)
        alone = Collection(self.api, self.resource)
        alone.require_sign(trial)
        return self._plain(trial, (), {**alone.sign(trial.names.letters()), **given})

    def needed(self, trial: Trial, /, **given: Any) -> dict[str, Any]:
        """What a call that makes one needs and no more, and `given`."""
        if self.resource.kind == "collection":
            Collection(self.api, self.resource).require_sign(trial)
        return self._plain(trial, (), given)

    def full(self, trial: Trial, /, **given: Any) -> dict[str, Any]:
        """Every field that a call that makes one may be sent, each with a value of its own."""
        found = self.fields(trial)
        for name in self.resource.fields:
            if name not in self._free or name in given:
                continue
            with suppress(Unmet):  # what may be left out
                found[name] = self.different(trial, name)
        return {**found, **self._own_key(trial, found), **given}

    def odd(self, trial: Trial) -> dict[str, Any]:
        """As `full`, with texts that are easily spoilt. A target may refuse them."""
        found = self.full(trial)
        texts = {n: odd(trial.names) for n in found if self.resource.fields.get(n) == "text"}
        return {**found, **{n: text for n, text in texts.items() if self.fits(n, text)}}

    def drawn(self, trial: Trial, /, **given: Any) -> dict[str, Any]:
        """What a call that makes one is sent, with any contents that its fields may have: of those
        that aren't needed some."""
        found = self.fields(trial)
        for name in self.resource.fields:
            if name in self._free and (name in found or not trial.draw(st.booleans())):
                with suppress(Unmet):
                    found[name] = self.any(trial, name)
        return {**found, **given}

    def changes(self, trial: Trial, thing: Thing, *, drawn: bool = False) -> dict[str, Any]:
        """What an update of a thing is sent: other values of all fields that it may change, or if
        `drawn` any values of some; and what else it needs."""
        operation = self.operation("update")
        body = operation.body
        needed = example(body.schema, self.api.openapi) if body is not None else {}
        found = {name: thing.sent.get(name, value) for name, value in needed.items()}
        taken = {self.resource.key, *self.around}
        names = [n for n in self.resource.fields if body and n in body.fields and n not in taken]
        trial.require(names, f"a field of {self.resource.name} that an update may change")
        if drawn:
            names = [name for name in names if not trial.draw(st.booleans())] or names
        for name in names:
            if drawn:
                found[name] = self.any(trial, name, operation)
            else:
                found[name] = self.different(trial, name, 1, operation=operation)
        alone = Collection(self.api, self.resource)
        return {**alone.keeping(trial.names, operation, found), **found}

    def any(self, trial: Trial, name: str, operation: Operation | None = None) -> Any:
        """Any value of a field, as a call that makes one is sent it, or that `operation`."""
        kind, schema = self.resource.fields.get(name), self.schema(name, operation)
        if name != self.resource.instant:
            values = contents(kind, schema, trial.names)
            value = None if values is None else trial.draw(values)
            if values is not None and self.fits(name, value, operation):
                return value
        return self.different(trial, name, operation=operation)

    def different(
        self, trial: Trial, name: str, n: int = 0, *, operation: Operation | None = None
    ) -> Any:
        """A value of a field, another one for each `n`, and for each call where it is a name."""
        schema = self.schema(name, operation)
        values = distinct(self.resource.fields.get(name), schema, trial.names, n)
        if name == self.resource.key and self.resource.kind == "collection":
            values = own_keys(trial.names.letters(), schema, self.api.openapi)
        for value in values:
            if self.fits(name, value, operation):
                return value
        raise Unmet(f"a value of {name} of {self.resource.name} that its schema allows")

    def schema(self, name: str, operation: Operation | None = None) -> Mapping[str, Any]:
        """The schema of a field, as a call that makes one is sent it, or that `operation`."""
        found = joined((operation or self.maker).schemas.get(name, {}), self.api.openapi)
        return found if isinstance(found, Mapping) else {}

    def fits(self, name: str, value: Any, operation: Operation | None = None) -> bool:
        """Whether the schema of a field allows a value."""
        return not Validator(self.schema(name, operation), self.api.openapi).errors(value)

    @property
    def _free(self) -> frozenset[str]:
        """The fields of one that a call may fill: but for its key, and what it stands in."""
        taken = {self.resource.key, *self.around}
        return frozenset({*self.resource.fields} & self.maker.arguments - taken)

    def _plain(self, trial: Trial, marked: Iterable[str], given: Fields) -> dict[str, Any]:
        body = self.maker.body
        needed = example(body.schema, self.api.openapi) if body is not None else {}
        needed = needed if isinstance(needed, Mapping) else {}
        found: dict[str, Any] = {}
        for name in dict.fromkeys((*needed, *marked)):
            found[name] = given[name] if name in given else self._value(trial, name, needed)
        if self.resource.keyed_by == "client" and self.resource.key not in found:
            found |= self._own_key(trial, given)
        return {**found, **given}

    def _own_key(self, trial: Trial, given: Fields) -> dict[str, Any]:
        """A key of the run's, where the caller may name things and hasn't yet."""
        key = self.resource.key
        if key is None or key in given or self.resource.keyed_by == "server":
            return {}
        if key not in self.maker.arguments:
            return {}
        with suppress(Unmet):  # which the server names, if it may
            return {key: self.different(trial, key)}
        trial.require(self.resource.keyed_by != "client", f"a key of a new {self.resource.name}")
        return {}

    def _value(self, trial: Trial, name: str, needed: Fields) -> Any:
        kind = self.resource.fields.get(name)
        if kind == "text" and self.fits(name, trial.names.mark):
            return trial.names.mark
        if kind is not None or name == self.resource.key:
            return self.different(trial, name)
        return needed.get(name)

    def request(
        self, trial: Trial, where: Fields, fields: Fields, extra: Fields | None = None
    ) -> Request:
        """The call that makes one, not yet sent."""
        given = {**where, **fields, **(extra or {})}
        needed = (p for p in self.maker.parameters if p.required and p.name not in given)
        beside = {p.name: example(p.schema, self.api.openapi) for p in needed}
        return trial.client.request(self.maker.id, **beside, **given)

    # -- what is done --------------------------------------------------------------------------

    def make(
        self, trial: Trial, where: Fields | None = None, extra: Fields | None = None, **given: Any
    ) -> Thing:
        """A new one, in new things where no `where` is told. Raises `Unmet` if it can't be made."""
        where = self.place(trial) if where is None else where
        fields = self.fields(trial, **given)
        outcome = trial.client.send(self.request(trial, where, fields, extra))
        trial.given(outcome, f"a new one of {self.resource.name}")
        return self.made(where, fields, outcome)

    def make_if_taken(self, trial: Trial, where: Fields, fields: Fields) -> Thing:
        """A new one with some contents, or with plain ones where the target refuses those."""
        outcome = trial.client.send(self.request(trial, where, fields))
        if trial.granted(outcome, f"a new one of {self.resource.name}"):
            return self.made(where, fields, outcome)
        return self.make(trial, where, **self.full(trial))

    def make_named(self, trial: Trial, where: Fields, key: Any) -> Thing:
        """A new one under a key, or under another where the target doesn't take that, or none is
        given."""
        if key is not None and self.resource.keyed_by != "server":
            fields = self.fields(trial, **{str(self.resource.key): key})
            return self.make_if_taken(trial, where, fields)
        return self.make(trial, where)

    def made(self, where: Fields, fields: Fields, outcome: Outcome) -> Thing:
        """What an accepted call has made."""
        key = Collection(self.api, self.resource).key_of(outcome)
        named = fields.get(self.resource.key or "")
        if key is None and isinstance(named, str | int):
            key = str(named)
        return Thing(where, fields, outcome, key)

    def named(self, trial: Trial, thing: Thing, deed: Deed) -> dict[str, Any]:
        """The arguments that name a thing in a call."""
        operation = self.operation(deed)
        trial.require(thing.key is not None, f"the key of a new one of {self.resource.name}")
        where = {n: v for n, v in thing.where.items() if n in operation.arguments}
        return {**where, self.resource.named_in(operation): self.spelled(deed, thing.key)}

    def spelled(self, deed: Deed, key: str | None) -> Any:
        """A key as a call is sent it."""
        return Collection(self.api, self.resource).spelled(self.operation(deed), key)

    def look(self, trial: Trial, thing: Thing) -> Outcome:
        """A read, whatever its answer."""
        return trial.client.call(self.operation("read").id, **self.named(trial, thing, "read"))

    def look_until(
        self, trial: Trial, thing: Thing, enough: Callable[[Outcome], bool] = lambda o: o.accepted
    ) -> Outcome:
        """A read, once it is enough, or what was done had time to show; only that one is told."""
        start = len(trial.transcript)

        def anew() -> Outcome:
            del trial.transcript[start:]
            return self.look(trial, thing)

        return until(anew, enough, HURRIED_S if trial.hurried else SETTLE_S)

    def look_as_sent(self, trial: Trial, thing: Thing, sent: Fields) -> Outcome:
        """A read, once it shows the fields as they were sent, or they had time to show."""
        shows = self.shows(self.operation("read"))

        def as_sent(outcome: Outcome) -> bool:
            return outcome.accepted and not self.differs(
                sent, self.row(outcome.payload), shows=shows
            )

        return self.look_until(trial, thing, as_sent)

    def read(self, trial: Trial, thing: Thing) -> Mapping[str, Any]:
        """A thing as a read shows it. Raises `Unmet` where it is refused."""
        outcome = self.look_until(trial, thing)
        return self.row(trial.given(outcome, f"a read of one of {self.resource.name}"))

    def row(self, payload: Any) -> Mapping[str, Any]:
        """The thing in the payload of a create, a read or an update; empty if there is none."""
        try:
            found = resolve(payload, self.resource.shows)
        except LookupError:
            return {}
        return found if isinstance(found, Mapping) else {}

    def remove(self, trial: Trial, thing: Thing) -> Outcome:
        return trial.client.call(self.operation("delete").id, **self.named(trial, thing, "delete"))

    def update(self, trial: Trial, thing: Thing, /, **fields: Any) -> Outcome:
        naming = self.named(trial, thing, "update")
        return trial.client.call(self.operation("update").id, **{**fields, **naming})

    # -- what is shown -------------------------------------------------------------------------

    def known(self, row: Fields) -> dict[str, Any]:
        """Of a row what resources.yaml names, sets in one order; all else may change at will."""
        resource = self.resource
        names = {resource.key, *resource.fields, *resource.made_at, *resource.changed_at}
        sets = {n for n, v in row.items() if resource.fields.get(n) == "set" and type(v) is list}
        return {n: sorted(v, key=spelled) if n in sets else v for n, v in row.items() if n in names}

    def shows(self, operation: Operation) -> frozenset[str] | None:
        """The members of a thing that the answer of an operation is described to show; None where
        that isn't described."""
        return members(operation.success.payload, self.resource.shows, self.api.openapi)

    def differs(
        self, sent: Fields, row: Fields, *, but: str = "", shows: frozenset[str] | None = None
    ) -> str | None:
        """The first field that is not shown as sent; None if all are.

        Times are compared as instants, sets without their order; what resources.yaml doesn't name
        as a field isn't judged, nor one that the row leaves out where its value was null, or that
        it isn't described to show.
        """
        for name, value in sent.items():
            kind = self.resource.fields.get(name)
            if kind is None or name == but:
                continue
            if name not in row:
                if value is not None and (shows is None or name in shows):
                    return name
                continue
            if not self.alike(name, value, row[name]):
                return name
        return None

    def as_sent(
        self,
        trial: Trial,
        sent: Fields,
        row: Fields,
        what: str,
        shows: frozenset[str] | None = None,
    ) -> None:
        """It breaks the rule if a row doesn't show the fields that were sent."""
        name = self.differs(sent, row, shows=shows)
        if name is not None:
            told = shown(row[name]) if name in row else "not there"
            trial.fail(
                "not-as-sent",
                expected=f"{what}, {name}: {shown(sent[name])}",
                actual=f"{name}: {told}",
            )

    def alike(self, name: str, value: Any, other: Any) -> bool:
        """Whether two values of a field mean the same."""
        match self.resource.fields.get(name):
            case "instant":
                at, there = timeline.read(value), timeline.read(other)
                return at == there if at is not None else same(value, other)
            case "set" if isinstance(value, list) and isinstance(other, list):
                return sorted(map(str, value)) == sorted(map(str, other))
        return same(value, other)
