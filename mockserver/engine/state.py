"""What a space holds, as people write and read it: for each resource a list of its things, each
with its fields and the keys of what it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver.engine.keepers import Keeper
from streamproof.mockserver.engine.tables import Tables, outwards
from streamproof.mockserver.engine.things import Taken, Thing, Things
from streamproof.specs.api import Api
from streamproof.specs.dialect import Dialect
from streamproof.specs.errors import SpecError
from streamproof.specs.facets import kept
from streamproof.specs.resources import Resource

Row = Mapping[str, Any]


class State:
    """Tells and fills the tables of an API. `keys` are the resources that it tells."""

    def __init__(self, api: Api, tables: Tables, keepers: Mapping[str, Keeper]) -> None:
        self._api, self._tables, self._keepers = api, tables, keepers
        self._outer_first = sorted(kept(api.resources), key=self._depth)
        self.keys = tuple(resource.name for resource in self._outer_first)

    def told(
        self, connection: Connection, space: str, _fixtures: Mapping[str, Any], _dialect: Dialect
    ) -> dict[str, list[Row]]:
        """All things of a space, in the order of their making."""
        things, places = Things(connection, space, self._tables), dict[int, dict[str, Any]]()
        found: dict[str, list[Row]] = {}
        for resource in self._outer_first:
            rows = found[resource.name] = []
            for home, thing in things.all(self._tables.shapes[resource.name]):
                around = places.get(home, {})
                within = {name: around[name] for name in resource.within}
                rows.append({**within, **thing.document})
                places[thing.number] = {**around, **self._as_place(resource, thing)}
        return found

    def fill(
        self,
        connection: Connection,
        space: str,
        rows: Mapping[str, list[Row]],
        _dialect: Dialect,
        now: datetime,
    ) -> None:
        """Put things into a space. Raises `SpecError` that names the one that can't be."""
        things = Things(connection, space, self._tables)
        for resource in self._outer_first:
            for index, row in enumerate(rows.get(resource.name, ())):
                at = f"{resource.name}/{index}"
                try:
                    self._add(things, resource, row, now)
                except ValueError as fault:
                    raise SpecError(f"seed data of {self._api.name}", at, str(fault)) from None

    def _add(self, things: Things, resource: Resource, row: Row, now: datetime) -> None:
        """Raises ValueError for what stands twice, or nowhere."""
        home = 0
        for argument, around in outwards(self._api, resource):
            shape = self._tables.shapes[around.name]
            outer = things.find(shape, home if around.within else 0, row.get(argument))
            if outer is None:
                raise ValueError(f"{argument}: no {row.get(argument)!r} stands in {around.name}")
            home = outer.number
        own = {name: value for name, value in row.items() if name not in resource.within}
        number, keeper = things.number(), self._keepers[resource.name]
        key, document = keeper.seeded(own, number, now)
        shape = self._tables.shapes[resource.name]
        try:
            things.add(shape, home, key, Thing(number, document), again=True)
        except Taken:
            raise ValueError(f"{resource.key}: {key!r} stands twice") from None

    def _depth(self, resource: Resource) -> int:
        return len(outwards(self._api, resource))

    def _as_place(self, resource: Resource, thing: Thing) -> dict[str, Any]:
        """How what stands in a thing names it: by each argument that any resource has for that."""
        key = thing.document.get(str(resource.key))
        return {
            argument: key
            for other in self._api.resources.values()
            for argument, parent in other.within.items()
            if parent == resource.name
        }
