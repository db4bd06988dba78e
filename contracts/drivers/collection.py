"""Things of a collection: made, and known by their keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from streamproof.contracts.check import Trial, Unavailable
from streamproof.contracts.client import Client
from streamproof.contracts.names import Names, numeral
from streamproof.contracts.values import parse
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.examples import example, joined
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Deed, Resource
from streamproof.specs.schema import Validator, resolve

_ANY = Names("anything").letters()


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
        fields |= dict.fromkeys(self._texts, mark) or self.sign(key or name)
        field = str(self.resource.key)
        if self.resource.keyed_by == "client" and field in operation.schemas:
            schema = joined(operation.schemas[field], self.api.openapi)
            own = key or name
            fields[field] = next(iter(own_keys(own, schema, self.api.openapi)), own)
        return client.call(operation.id, **fields)

    def body(self, trial: Trial, given: Mapping[str, Any] = {}) -> dict[str, Any]:
        """What a create is sent: `given`, a key of the run's, and what else is needed."""
        operation = self.api.operations[self.resource.operations["create"]]
        body = operation.body
        fields = example(body.schema, self.api.openapi) if body is not None else {}
        key, names = str(self.resource.key), self._marks(trial.names)
        self.require_sign(trial)
        if key in operation.schemas and self.resource.keyed_by == "client":
            names[key] = self._name(trial, operation.schemas[key])
        return {**fields, **names, **given}

    def key_of(self, outcome: Outcome) -> str | None:
        """The key that an answer shows, or else its Location does."""
        try:
            shown = resolve(outcome.payload, self.resource.shows)[self.resource.key]
        except (LookupError, TypeError):
            return self._located(outcome)
        return str(shown) if isinstance(shown, str | int) else None

    def _located(self, outcome: Outcome) -> str | None:
        """The key in a Location, whole or relative, that leads to where things are read."""
        read, location = self.resource.operations.get("read"), outcome.headers.get("location")
        if read is None or location is None or outcome.status != 201:
            return None
        operation, led = self.api.operations[read], urljoin(outcome.request.path, location)
        return _key_in_path(operation, self.resource.named_in(operation), urlsplit(led).path)

    def key_in(self, request: Request) -> str | None:
        """The key that a create names, in its body or in its path."""
        try:
            found = parse(request.body or b"").value
        except ValueError:
            found = None
        key = str(self.resource.key)
        named = found.get(key) if isinstance(found, dict) else None
        named = named or _key_in_path(self._maker, key, request.path)
        return str(named) if isinstance(named, str | int) and named else None

    @property
    def signs(self) -> bool:
        """Whether something in a thing can tell that it is the run's."""
        return bool(self.resource.keyed_by == "client" or self._texts or self.sign(_ANY))

    @property
    def may_be_made(self) -> bool:
        """Whether what a run makes can be told from what is somebody else's, where it has to be
        removed by itself."""
        return self.signs or not self._removed_alone

    def require_sign(self, trial: Trial) -> None:
        """Make nothing that couldn't be told from what is somebody else's, and so would stay."""
        trial.require(
            self.may_be_made,
            f"a field of {self.resource.name} that takes a name of the run's, by which to know what"
            " may be removed; so none is made",
        )

    def sign(self, name: str) -> dict[str, Any]:
        """The field in which a thing without a text carries a name of the run's: one that a call
        needs, or else another, or else its key. Empty where none takes it, or the key is one."""
        operation, key = self._maker, str(self.resource.key)
        if self.resource.keyed_by == "client" or self.resource.kind != "collection":
            return {}
        forms = {"word": name, "name": name, "set": [name], "object": {"of": name}}
        found = [
            (n not in operation.required, [*forms].index(kind), n, forms[kind])
            for n, kind in self.resource.fields.items()
            if kind in forms and n != key and n in operation.arguments - {*self.resource.within}
        ]
        for _, _, field, value in sorted(found, key=lambda each: each[:2]):
            if self._fits(field, value):
                return {field: value}
        if self.resource.keyed_by == "either" and key in operation.arguments:
            schema = joined(operation.schemas[key], self.api.openapi)
            own = own_keys(name, schema, self.api.openapi)
            return {key: own[0]} if own else {}
        return {}

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
        return {self.resource.named_in(operation): self.spelled(operation, key)}

    def spelled(self, operation: Operation, key: str | None) -> Any:
        """A key as a call is sent it: a number where its body has one."""
        name = self.resource.named_in(operation)
        if key is None or operation.locate(name) != "body" or not key.isdecimal():
            return key
        schema = joined(operation.schemas.get(name, {}), self.api.openapi)
        fits = not Validator(schema, self.api.openapi).errors(key)
        return key if fits else int(key)

    def keeping(
        self, names: Names, operation: Operation, sent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What an update has to send, too, lest nothing in a thing tells that it is the run's: PUT
        puts another into its place."""
        fields = operation.body.fields if operation.body else {}
        named = self.resource.keyed_by == "client" or not self._removed_alone
        if operation.method != "PUT" or named or names.carries({"sent": sent}):
            return {}
        key = self.resource.key
        return {n: v for n, v in self._marks(names).items() if n in fields and n != key}

    def _marks(self, names: Names) -> dict[str, Any]:
        """The run's mark, in the fields that take any text, or a name of the run's."""
        return dict.fromkeys(self._texts, names.mark) or self.sign(names.letters())

    @property
    def _removed_alone(self) -> bool:
        return "delete" in self.resource.operations and not self.resource.within

    @property
    def _maker(self) -> Operation:
        return self.api.operations[self.resource.operations["create"]]

    @property
    def _texts(self) -> list[str]:
        texts = (name for name, values in self.resource.fields.items() if values == "text")
        return [name for name in texts if name in self._maker.arguments]

    def _fits(self, name: str, value: Any) -> bool:
        schema = joined(self._maker.schemas.get(name, {}), self.api.openapi)
        return not Validator(schema, self.api.openapi).errors(value)

    def _name(self, trial: Trial, schema: Mapping[str, Any]) -> Any:
        """A name of the run's that a key may be."""
        schema = joined(schema, self.api.openapi)
        own = own_keys(trial.names.letters(), schema, self.api.openapi)
        trial.require(own, f"a key of {self.resource.name} that its schema allows")
        return own[0]


def _key_in_path(operation: Operation, name: str, path: str) -> str | None:
    """The argument `name` in a path of an operation, whatever stands before it; None if none."""
    form = re.sub(r"\\{.*?\\}", "([^/]+)", re.escape(operation.path))
    found, names = re.search(f"{form}/?$", path), re.findall(r"\{(.*?)\}", operation.path)
    return unquote(found[names.index(name) + 1]) if found and name in names else None


def own_keys(name: str, schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[Any]:
    """A name of a run's as a key may be spelled: in small letters, in capitals, in digits, as a
    number."""
    digits = numeral(name)
    spellings: list[Any] = [name, name.upper(), digits]
    if schema.get("format") != "int32":  # which it is too large for
        spellings.insert(0 if schema.get("type") in ("integer", "number") else 3, int(digits))
    judge = Validator(schema, document)
    return [spelling for spelling in spellings if not judge.errors(spelling)]


def collections(api: Api) -> dict[str, Collection]:
    """The collections of which things can be made by themselves, by name."""
    return {
        resource.name: Collection(api, resource)
        for resource in api.resources.values()
        if resource.kind == "collection" and "create" in resource.operations and not resource.within
    }
