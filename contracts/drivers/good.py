"""A good call of any operation, as far as its API's files tell what one is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.collection import Collection, collections
from streamproof.contracts.shapes import Arguments
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.schema import Validator

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def calls(api: Api) -> dict[str, Arguments]:
    """For each operation the arguments of a good call, new ones each time.

    What `fixtures.arguments` names for an operation is taken as it stands; keys are those of
    things that the run has made; the rest follows from the schemas. Raises `Unmet`, when called,
    where a thing would have to be changed that nobody has named.
    """
    made = collections(api)
    return {op.id: _Good(api, op, made).arguments for op in api.operations.values()}


def alternatives(api: Api, operation: Operation) -> tuple[str, ...]:
    """The arguments of which a call of the operation has exactly one."""
    for resource in api.resources.values():
        if resource.listing is not None and resource.listing.operation == operation.id:
            return resource.listing.exactly_one
    return ()


def without_rivals(
    api: Api, operation: Operation, arguments: Mapping[str, Any], chosen: str
) -> dict[str, Any]:
    """The arguments less those that may not stand beside the `chosen` one."""
    rivals = alternatives(api, operation)
    gone = {*rivals} - {chosen} if chosen in rivals else set()
    return {name: value for name, value in arguments.items() if name not in gone}


def required(api: Api, operation: Operation) -> dict[str, Any]:
    """Examples of the arguments outside the body that an operation needs."""
    needed = (p for p in operation.parameters if p.required)
    return {p.name: example(p.schema, api.openapi) for p in needed}


class _Good:
    """The arguments of one operation."""

    def __init__(self, api: Api, operation: Operation, made: Mapping[str, Collection]) -> None:
        self._api, self._operation, self._made = api, operation, made
        self._keys = dict(self._resources())

    def arguments(self, trial: Trial) -> dict[str, Any]:
        operation = self._operation
        given: Mapping[str, Any] = trial.fixtures.get("arguments", {}).get(operation.given, {})
        found = dict(given)
        for parameter in operation.parameters:
            name = parameter.name
            if name in found:
                continue
            if name in self._keys:
                found[name] = self._keys[name].make(trial)
            elif parameter.required:
                trial.require(
                    parameter.place != "path" or operation.method in SAFE,
                    f"what {operation.given} may change: fixtures.arguments.{operation.given}."
                    f"{name}",
                )
                found[name] = example(parameter.schema, self._api.openapi)
        if operation.body is not None:
            for name in self._keys.keys() & operation.body.fields.keys() - found.keys():
                kind = self._keys[name]
                found[name] = kind.spelled(operation, kind.make(trial))
            found = {**self._body(trial), **found}
        for one in self._alternatives:
            if not {*self._alternatives} & found.keys():
                found[one] = example(operation.schemas[one], self._api.openapi)
        return found

    @property
    def _alternatives(self) -> tuple[str, ...]:
        return alternatives(self._api, self._operation)

    def _body(self, trial: Trial) -> dict[str, Any]:
        """The needed fields; a text that may be any is a name of the run, so that two differ."""
        body = self._operation.body
        assert body is not None
        for kind in self._made.values():
            if kind.resource.operations["create"] == self._operation.id:
                return kind.body(trial)
        fields = example(body.schema, self._api.openapi)
        if not isinstance(fields, dict):
            return {}
        for name in fields:
            schema = body.fields.get(name, {})
            own = trial.names.letters()
            free = schema.get("type") == "string" and not {"enum", "const", "format"} & {*schema}
            if free and not Validator(schema, self._api.openapi).errors(own):
                fields[name] = own
        for kind in self._made.values():
            if kind.resource.operations.get("update") == self._operation.id:
                fields |= kind.keeping(trial.names, self._operation, fields)
        return fields

    def _resources(self) -> Iterator[tuple[str, Collection]]:
        """The arguments that are keys of what can be made: of the path, or of an update's body."""
        names = {p.name for p in self._operation.parameters if p.place == "path"}
        for resource in self._api.resources.values():
            mine = {*resource.operations.values()}
            if resource.listing is not None:
                mine.add(resource.listing.operation)
            if self._operation.id not in mine:
                continue
            for argument, parent in resource.within.items():
                if parent in self._made:
                    yield argument, self._made[parent]
            own = resource.named_in(self._operation)
            if resource.operations.get("update") == self._operation.id:
                names |= {own}
            if own in names and resource.name in self._made:
                yield own, self._made[resource.name]
