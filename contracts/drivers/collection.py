"""Things of a collection: made, and known by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamproof.contracts.check import Trial, Unavailable
from streamproof.contracts.client import Client
from streamproof.contracts.values import parse
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.resources import Deed, Resource
from streamproof.specs.schema import Validator, resolve


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection whose things stand in no other thing."""

    api: Api
    resource: Resource

    def make(self, trial: Trial, **fields: Any) -> str:
        """The key of a new thing with these fields. Raises `Unmet` if it can't be made."""
        outcome = trial.client.call(self.resource.operations["create"], **self.body(trial, fields))
        trial.given(outcome, f"a new one of {self.resource.name}")
        key = self.key_of(outcome)
        trial.require(key is not None, f"the key of a new one of {self.resource.name}")
        return str(key)

    def create(self, client: Client, key: str | None, name: str, mark: str) -> Outcome:
        """Make one that carries `mark` where it can: under a key, or under one that the target
        makes up if it does that."""
        operation = self.api.operations[self.resource.operations["create"]]
        fields = example(operation.body.schema, self.api.openapi) if operation.body else {}
        fields |= dict.fromkeys(self._texts, mark)
        if operation.body is not None and self.resource.keyed_by == "client":
            judge = Validator(operation.body.fields[str(self.resource.key)], self.api.openapi)
            own = key or name
            fields[self.resource.key] = own.upper() if judge.errors(own) else own
        return client.call(operation.id, **fields)

    def body(self, trial: Trial, given: Mapping[str, Any] = {}) -> dict[str, Any]:
        """What a create is sent: `given`, a key of the run's, and what else is needed."""
        operation = self.api.operations[self.resource.operations["create"]]
        body = operation.body
        fields = example(body.schema, self.api.openapi) if body is not None else {}
        key, names = self.resource.key, self._marks(trial)
        if body is not None and self.resource.keyed_by == "client":
            names[str(key)] = self._name(trial, body.fields.get(str(key), {}))
        return {**fields, **names, **given}

    def key_of(self, outcome: Outcome) -> str | None:
        """The key that an answer shows."""
        try:
            shown = resolve(outcome.payload, self.resource.shows)[self.resource.key]
        except (LookupError, TypeError):
            return None
        return str(shown) if isinstance(shown, str | int) else None

    def key_in(self, request: Request) -> str | None:
        """The key that a create names."""
        try:
            found = parse(request.body or b"").value
        except ValueError:
            return None
        named = found.get(self.resource.key) if isinstance(found, dict) else None
        return named if isinstance(named, str) and named else None

    def remove(self, client: Client, key: str) -> bool | None:
        """Delete by key: True when the thing is gone, None when it never was, False if left.

        Raises `Unavailable` where nobody judged.
        """
        operations = self.resource.operations
        deleted = client.call(operations["delete"], **self._naming("delete", key))
        if deleted.unavailable:
            raise Unavailable(f"delete {key}: {deleted}")
        if deleted.accepted:
            return True
        if "read" not in operations:
            return False
        return None if self.look(client, key).rejected else False

    def look(self, client: Client, key: str) -> Outcome:
        """A read by key."""
        return client.call(self.resource.operations["read"], **self._naming("read", key))

    def _naming(self, deed: Deed, key: str) -> dict[str, Any]:
        """The argument that names a thing."""
        operation = self.api.operations[self.resource.operations[deed]]
        return {self.resource.named_in(operation): key}

    def _marks(self, trial: Trial) -> dict[str, Any]:
        """The run's mark, in the fields that take any text."""
        return dict.fromkeys(self._texts, trial.names.mark)

    @property
    def _texts(self) -> list[str]:
        return [name for name, values in self.resource.fields.items() if values == "text"]

    def _name(self, trial: Trial, schema: Mapping[str, Any]) -> str:
        """A name of the run's that a key may be."""
        judge = Validator(schema, self.api.openapi)
        for name in (trial.names.letters(), trial.names.letters().upper(), trial.names.digits()):
            if not judge.errors(name):
                return name
        trial.require(False, f"a key of {self.resource.name} that its schema allows")
        raise AssertionError


def collections(api: Api) -> dict[str, Collection]:
    """The collections of which things can be made by themselves, by name."""
    return {
        resource.name: Collection(api, resource)
        for resource in api.resources.values()
        if resource.kind == "collection" and "create" in resource.operations and not resource.within
    }
