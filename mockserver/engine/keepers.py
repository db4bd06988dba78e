"""What the operations of a resource do: make, show, change, remove and list its things."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import rstr

from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.engine import answers, schemas
from streamproof.mockserver.engine.lists import Page
from streamproof.mockserver.engine.naming import rule_of
from streamproof.mockserver.engine.tables import Tables, outwards
from streamproof.mockserver.engine.things import Document, Taken, Thing, Things
from streamproof.mockserver.engine.values import instant, shown
from streamproof.mockserver.problems import Rejected
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Resource
from streamproof.specs.schema import Validator

_View = Callable[[Document], Document]


class Keeper:
    """Carries out the operations of one resource."""

    def __init__(self, api: Api, resource: Resource, tables: Tables) -> None:
        self._api, self._resource, self._tables = api, resource, tables
        self._shape = tables.shapes[resource.name]
        self._fields = schemas.fields_of(api, resource)
        names = (*resource.made_at, *resource.changed_at, *filter(None, [resource.instant]))
        self._instants = {*names, *(f for f, kind in resource.fields.items() if kind == "instant")}
        self._key_is = Validator(self._fields.get(str(resource.key), {}), api.openapi)

    @property
    def performs(self) -> Iterator[tuple[str, Perform]]:
        """The operations, by id."""
        resource = self._resource
        make = {
            "create": self._create,
            "append": self._create,
            "read": self._read,
            "update": self._update,
            "delete": self._delete,
        }
        for deed, operation_id in resource.operations.items():
            yield operation_id, make[deed](self._api.operations[operation_id])
        if resource.listing is not None:
            yield (
                resource.listing.operation,
                self._list(self._api.operations[resource.listing.operation]),
            )

    # -- one thing -----------------------------------------------------------------------------

    def _create(self, operation: Operation) -> Perform:
        form = answers.accepted(self._api, operation, whole=False)
        show = self._shown_by(operation)
        permit = self._resource.duplicates.permit if self._resource.duplicates else None

        def create(context: Context, arguments: Mapping[str, Any]) -> Answer:
            document = self._document(operation, arguments, context)
            again = permit is not None and _spelled(arguments.get(permit[0])) == _spelled(permit[1])
            with context.transaction() as connection:
                things = Things(connection, context.space.name, self._tables)
                home = self._home(things, operation, arguments)
                number = things.number()
                key = self._named(document, number)
                thing = Thing(number, document)
                try:
                    things.add(self._shape, home, key, thing, again=again)
                except Taken as fault:
                    raise self._taken(operation, fault.is_key, key) from None
            headers = {}
            if form.has_location:
                headers["Location"] = self._location(context, arguments, key)
            return form.answer(form.holding(self._resource.shows, show(document)), headers)

        return create

    def _read(self, operation: Operation) -> Perform:
        form = answers.accepted(self._api, operation, whole=False)
        show = self._shown_by(operation)

        def read(context: Context, arguments: Mapping[str, Any]) -> Answer:
            with context.reading() as connection:
                things = Things(connection, context.space.name, self._tables)
                thing = self._found(things, operation, arguments)
            return form.answer(form.holding(self._resource.shows, show(thing.document)))

        return read

    def _update(self, operation: Operation) -> Perform:
        """PUT puts another thing into the place of what is there; others change what they name."""
        form = answers.accepted(self._api, operation, whole=False)
        show, resource = self._shown_by(operation), self._resource

        def update(context: Context, arguments: Mapping[str, Any]) -> Answer:
            new = self._document(operation, arguments, context)
            with context.transaction() as connection:
                things = Things(connection, context.space.name, self._tables)
                old = self._found(things, operation, arguments)
                stays = (*filter(None, [resource.key]), *resource.made_at)
                kept = {name: old.document[name] for name in stays if name in old.document}
                rest = {} if operation.method == "PUT" else old.document
                thing = Thing(old.number, {**rest, **new, **kept})
                try:
                    things.change(self._shape, thing)
                except Taken:
                    raise self._taken(operation, False, None) from None
            return self._told(form, show, thing)

        return update

    def _delete(self, operation: Operation) -> Perform:
        form = answers.accepted(self._api, operation, whole=False)
        show = self._shown_by(operation)

        def delete(context: Context, arguments: Mapping[str, Any]) -> Answer:
            with context.transaction() as connection:
                things = Things(connection, context.space.name, self._tables)
                thing = self._found(things, operation, arguments)
                things.remove(self._shape, thing.number)
            return self._told(form, show, thing)

        return delete

    # -- lists ---------------------------------------------------------------------------------

    def _list(self, operation: Operation) -> Perform:
        listing = self._resource.listing
        assert listing is not None
        form = answers.accepted(self._api, operation, whole=False)
        payload = operation.success.payload or {}
        row = schemas.of_row(schemas.at(payload, listing.rows, self._api), self._api)
        show = _view(self._api, row)
        pointer = listing.pages.next if listing.pages else None
        nullable = pointer is not None and not Validator(
            schemas.at(payload, pointer, self._api), self._api.openapi
        ).errors(None)

        def find(context: Context, arguments: Mapping[str, Any]) -> Answer:
            page = Page(self._api.name, listing, operation, self._shape, arguments)
            with context.reading() as connection:
                things = Things(connection, context.space.name, self._tables)
                rows, more = page.rows(things, self._home(things, operation, arguments))
            last = rows[-1] if more else None
            documents = [show(thing.document) for thing in rows]
            return page.answer(form, documents, last, context.base_url, nullable)

        return find

    # -- parts ---------------------------------------------------------------------------------

    def _document(
        self, operation: Operation, arguments: Mapping[str, Any], context: Context
    ) -> Document:
        """What a call gives a thing, its instants in UTC, and the times of now."""
        described = operation.body.fields if operation.body else {}
        document = {name: arguments[name] for name in described if name in arguments}
        now = context.now()
        for name in (*self._resource.made_at, *self._resource.changed_at):
            document[name] = now.isoformat()
        for name in self._instants & document.keys():
            document[name] = self._moment(operation, name, document[name])
        return document

    def seeded(self, row: Mapping[str, Any], number: int, now: datetime) -> tuple[Any, Document]:
        """Key and document of a thing that people write down; what they leave out is as in one that
        is made now. Raises ValueError for what isn't as answers describe it."""
        times = (*self._resource.made_at, *self._resource.changed_at)
        document = {**dict.fromkeys(times, now.isoformat()), **row}
        for name, schema in self._fields.items():
            if name in row:
                for wrong in Validator(schema, self._api.openapi).errors(row[name]):
                    raise ValueError(f"{name}: {wrong.message}")
        for name in self._instants & document.keys():
            if document[name] is not None:
                found = instant(document[name])
                whole = _is_whole(self._fields.get(name, {}))
                document[name] = found if whole else shown(found)
        key = self._resource.key
        if key is not None and document.get(key) is None:
            document[key] = self._made_key(number)
        return (str(number) if key is None else document[key]), document

    def _moment(self, operation: Operation, name: str, value: Any) -> Any:
        """An instant as it is kept and shown: text, or milliseconds where a number is described."""
        if value is None:
            return None
        try:
            found = instant(value)
            return found if _is_whole(self._fields.get(name, {})) else shown(found)
        except (ValueError, OverflowError) as fault:
            rule = f"{self._api.name}/{operation.id}/{name}-format"
            raise Rejected(rule, f"{name}: {fault}") from None

    def _named(self, document: Document, number: int) -> Any:
        """The key of a new thing, put into its document: the client's, or one that is made."""
        key = self._resource.key
        if key is None:
            return str(number)
        if document.get(key) is None or self._resource.keyed_by == "server":
            document[key] = self._made_key(number)
        return document[key]

    def _made_key(self, number: int) -> Any:
        """A key that its schema allows, of a number that no other has."""
        schema = self._fields.get(str(self._resource.key), {})
        candidates = (
            f"{self._resource.name[0]}-{number}",
            number,
            str(number),
            f"{number:024x}",
            str(uuid.UUID(int=number << 64 | 4 << 76 | 8 << 60)),
        )
        for candidate in candidates:
            if not self._key_is.errors(candidate):
                return candidate
        if "pattern" in schema:
            return rstr.Rstr(Random(number)).xeger(schema["pattern"])
        return example(schema, self._api.openapi)

    def _home(self, things: Things, operation: Operation, arguments: Mapping[str, Any]) -> int:
        """The number of what a thing stands in. Raises `Rejected` where it isn't there."""
        home = 0
        for argument, around in outwards(self._api, self._resource):
            shape = self._tables.shapes[around.name]
            found = things.find(shape, home if around.within else 0, arguments.get(argument))
            if found is None:
                raise self._unknown(operation, argument, arguments.get(argument))
            home = found.number
        return home

    def _found(self, things: Things, operation: Operation, arguments: Mapping[str, Any]) -> Thing:
        name = self._resource.named_in(operation)
        placed = operation.arguments.issuperset(self._resource.within)  # else its key is enough
        home = self._home(things, operation, arguments) if placed else None
        thing = things.find(self._shape, home, arguments.get(name))
        if thing is None:
            raise self._unknown(operation, name, arguments.get(name))
        return thing

    def _location(self, context: Context, arguments: Mapping[str, Any], key: Any) -> str:
        read = self._resource.operations.get("read")
        path = "" if read is None else self._api.operations[read].path
        if read is not None:
            named = {**arguments, self._resource.named_in(self._api.operations[read]): key}
            for name, value in named.items():
                path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return urlsplit(context.base_url).path + path

    def _told(self, form: answers.Form, show: _View, thing: Thing) -> Answer:
        """The answer about a thing, where one with a body is described."""
        shown = (
            None if form.body is None else form.holding(self._resource.shows, show(thing.document))
        )
        return form.answer(shown)

    def _shown_by(self, operation: Operation) -> _View:
        payload = operation.success.payload or {}
        return _view(self._api, schemas.at(payload, self._resource.shows, self._api))

    def _unknown(self, operation: Operation, argument: str, value: Any) -> Rejected:
        rule = rule_of(self._api, operation, "calls/unknown", f"unknown-{argument}", argument)
        status = answers.described(operation, 404, 400, 422)
        return Rejected(rule, f"there is no {argument} {value!r}", status)

    def _taken(self, operation: Operation, is_key: bool, key: Any) -> Rejected:
        status = answers.described(operation, 409, 400, 422)
        if is_key:
            slug = f"unique-{self._resource.key}"
            rule = rule_of(self._api, operation, "keys/taken-rejected", slug)
            return Rejected(rule, f"{self._resource.key} {key!r} is taken; send another", status)
        duplicates = self._resource.duplicates
        same = " and ".join(duplicates.same) if duplicates else ""
        hint = f"; {duplicates.permit[0]} permits it" if duplicates and duplicates.permit else ""
        rule = rule_of(self._api, operation, "duplicates/not-twice", "duplicate")
        return Rejected(rule, f"there is one of the same {same}{hint}", status)


def _view(api: Api, schema: Any) -> _View:
    """What shows a thing by a schema: its members that are described, and examples of those that
    are needed and nobody gave."""
    if not isinstance(schema, Mapping) or not schema.get("properties"):
        return lambda document: document
    needed = example(schema, api.openapi) or {}
    names = dict.fromkeys((*schema["properties"], *needed))

    def show(document: Document) -> Document:
        known = {**needed, **document}
        return {name: known[name] for name in names if name in known}

    return show


def _spelled(value: Any) -> str:
    """A value as a query spells it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_whole(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    return bool({kinds} & {"integer", "number"} if isinstance(kinds, str) else "integer" in kinds)
