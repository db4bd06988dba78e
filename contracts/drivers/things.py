"""Things and records: made with fields of the run's own, read, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.collection import Collection
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Deed, Resource
from streamproof.specs.schema import Validator, resolve

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

    def place(self, trial: Trial) -> dict[str, Any]:
        """The arguments that name new things around one to be made."""
        where: dict[str, Any] = {}
        for argument, name in self.resource.within.items():
            parent = Things(self.api, self.api.resources[name])
            trial.require(
                {"create", "append"} & {*parent.resource.operations},
                f"{argument} of a {name} that can be made",
            )
            made = parent.make(trial, {n: v for n, v in where.items() if n in parent.around})
            trial.require(made.key is not None, f"the key of a new one of {name}")
            where[argument] = made.key
        return where

    @property
    def around(self) -> frozenset[str]:
        """The arguments that name what a thing stands in."""
        return frozenset(self.resource.within)

    def fields(self, trial: Trial, **given: Any) -> dict[str, Any]:
        """What a call that makes one is sent: `given`, a key of the run's where the caller names
        things, a mark where there is room, and else what is needed."""
        body = self.maker.body
        needed = example(body.schema, self.api.openapi) if body is not None else {}
        found: dict[str, Any] = {}
        for name in self._sent(needed):
            found[name] = given[name] if name in given else self._value(trial, name, needed)
        return {**found, **given}

    def different(self, trial: Trial, name: str, n: int = 0) -> Any:
        """A value of a field, another one for each `n`, and for each call where it is a name."""
        schema = self.schema(name)
        values: list[Any] = []
        match self.resource.fields.get(name):
            case "instant":
                return timeline.written(timeline.fresh(trial.names))
            case "number":
                values = [4.5 + n, n, 10.0 * n]
            case "integer":
                values = [7 + n, n]
            case "boolean":
                values = [n % 2 == 0]
            case "enum":
                members = schema.get("enum", [])
                values = members[n % len(members) :] if members else []
            case "set":
                values = [[trial.names.letters()], []]
            case "json" | "object":
                values = [{"n": n, "of": trial.names.letters()}, {}]
            case "name" | "word" | "text" | None:
                values = [trial.names.letters(), trial.names.letters().upper()]
                values += [trial.names.digits()]
        judge = Validator(schema, self.api.openapi)
        for value in values:
            if not judge.errors(value):
                return value
        raise Unmet(f"a value of {name} of {self.resource.name} that its schema allows")

    def schema(self, name: str) -> Mapping[str, Any]:
        """The schema of a field, as a call that makes one is sent it."""
        return self.maker.schemas.get(name, {})

    def _sent(self, needed: Any) -> dict[str, None]:
        """The fields that are sent: all that are needed, and the key where the caller names."""
        names = dict.fromkeys(needed if isinstance(needed, Mapping) else ())
        key = self.resource.key
        if self.resource.keyed_by == "client" and key in self.maker.arguments:
            names[str(key)] = None
        for name, kind in self.resource.fields.items():
            if kind == "text" and name in self.maker.arguments:
                names[name] = None
        return names

    def _value(self, trial: Trial, name: str, needed: Any) -> Any:
        kind = self.resource.fields.get(name)
        if kind == "text":
            mark = trial.names.mark
            if not Validator(self.schema(name), self.api.openapi).errors(mark):
                return mark
        if kind is not None:
            return self.different(trial, name)
        return needed[name] if isinstance(needed, Mapping) and name in needed else None

    def request(
        self, trial: Trial, where: Fields, fields: Fields, extra: Fields | None = None
    ) -> Request:
        """The call that makes one, not yet sent."""
        return trial.client.request(self.maker.id, **where, **fields, **(extra or {}))

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
        return {**where, self.resource.named_in(operation): thing.key}

    def look(self, trial: Trial, thing: Thing) -> Outcome:
        """A read, whatever its answer."""
        return trial.client.call(self.operation("read").id, **self.named(trial, thing, "read"))

    def read(self, trial: Trial, thing: Thing) -> Mapping[str, Any]:
        """A thing as a read shows it. Raises `Unmet` where it is refused."""
        payload = trial.given(self.look(trial, thing), f"a read of one of {self.resource.name}")
        return self.row(payload)

    def row(self, payload: Any) -> Mapping[str, Any]:
        """The thing in the payload of a create, a read or an update; empty if there is none."""
        try:
            found = resolve(payload, self.resource.shows)
        except LookupError:
            return {}
        return found if isinstance(found, Mapping) else {}

    def remove(self, trial: Trial, thing: Thing) -> Outcome:
        return trial.client.call(self.operation("delete").id, **self.named(trial, thing, "delete"))

    def update(self, trial: Trial, thing: Thing, **fields: Any) -> Outcome:
        naming = self.named(trial, thing, "update")
        return trial.client.call(self.operation("update").id, **{**fields, **naming})

    # -- what is shown -------------------------------------------------------------------------

    def differs(self, sent: Fields, row: Fields, *, but: str = "") -> str | None:
        """The first field that is not shown as sent; None if all are.

        Times are compared as instants, sets without their order; what resources.yaml doesn't name
        as a field isn't judged, nor one that the row leaves out where its value was null.
        """
        for name, value in sent.items():
            kind = self.resource.fields.get(name)
            if kind is None or name == but:
                continue
            if name not in row:
                if value is not None:
                    return name
                continue
            if not self.alike(name, value, row[name]):
                return name
        return None

    def alike(self, name: str, value: Any, other: Any) -> bool:
        """Whether two values of a field mean the same."""
        match self.resource.fields.get(name):
            case "instant":
                at, there = timeline.read(value), timeline.read(other)
                return at == there if at is not None else same(value, other)
            case "set" if isinstance(value, list) and isinstance(other, list):
                return sorted(map(str, value)) == sorted(map(str, other))
        return same(value, other)
