"""The server's state: spaces that never meet, in one data base, changed in whole transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import Connection, MetaData, Table, bindparam, delete, insert, inspect, select

from streamproof.mockserver import tables
from streamproof.mockserver.database import Database, told
from streamproof.mockserver.errors import UnusableDatabase
from streamproof.mockserver.journal import Journal
from streamproof.mockserver.timepiece import Timepiece

DEFAULT_SPACE = "default"
_SET_UP = ""  # stands for all spaces, where one process has to wait for another
_SEEDED = select(tables.spaces.c.api).where(tables.spaces.c.space == bindparam("in_space"))
_NOTE = insert(tables.spaces)

Seed = Callable[[Connection, str], None]
Snapshot = Mapping[str, Sequence[Mapping[str, Any]]]
"""All rows of a space, by the names of their tables."""


@dataclass(frozen=True, slots=True)
class Space:
    """A state of its own. `scratch` is where faults remember things between calls, `journal` tells
    the calls that came, and `timepiece` the time: all three in this process."""

    name: str
    scratch: dict[str, Any] = field(default_factory=dict)
    journal: Journal = field(default_factory=Journal)
    timepiece: Timepiece = field(default_factory=Timepiece)


@dataclass(frozen=True, slots=True)
class Part:
    """What an API keeps in each space. `seed(connection, space name)` fills a new one."""

    metadata: MetaData
    seed: Seed


class Store:
    """All spaces of a data base. `parts` are those of the served APIs, by their names.

    Several processes may have a store on one data base. Raises `UnusableDatabase` if there is
    something else in it.
    """

    def __init__(self, parts: Mapping[str, Part], database: Database) -> None:
        self._parts = parts
        self._database = database
        self._lock = Lock()
        self._spaces: dict[str, Space] = {}
        self._snapshots: dict[str, dict[str, Snapshot]] = {}
        with told(database.name):
            set_up(database, [part.metadata for part in parts.values()])

    def space(self, name: str) -> Space:
        """The space `name`, made and seeded at its first use, whichever process that is in."""
        if name not in self._spaces:
            with self._lock:
                if name not in self._spaces:
                    with self._database.writing(name) as connection:
                        self._fill(connection, name)
                    self._spaces[name] = Space(name)
        return self._spaces[name]

    def transaction(self, space: str) -> AbstractContextManager[Connection]:
        """A connection for one transaction in `space`; an exception undoes it.

        Nobody else writes in the space until it ends.
        """
        self.space(space)
        return self._database.writing(space)

    def reading(self, space: str) -> AbstractContextManager[Connection]:
        """A connection to read one state of `space`; a writer need not wait for it."""
        self.space(space)
        return self._database.reading()

    def reset(self, name: str) -> None:
        """Put the space `name` back to its seed."""
        with self._database.writing(name) as connection:
            self._empty(connection, name)
            self._fill(connection, name)
        self._spaces[name] = Space(name)

    def fill(self, name: str, seeds: Mapping[str, Seed]) -> None:
        """Put what `seeds` bring in place of what the space `name` holds of their APIs."""
        self.space(name)
        with self._database.writing(name) as connection:
            for api, seed in seeds.items():
                for table in self._parts[api].metadata.sorted_tables:
                    connection.execute(delete(table).where(table.c.space == name))
                seed(connection, name)

    def snapshots(self, name: str) -> dict[str, Snapshot]:
        """The snapshots of the space `name`; they outlive a reset, and are this process's own."""
        return self._snapshots.setdefault(name, {})

    def taken(self, name: str) -> Snapshot:
        """What the space `name` holds now."""
        with self.reading(name) as connection:
            return {
                table.name: [
                    dict(row)
                    for row in connection.execute(
                        select(table).where(table.c.space == name)
                    ).mappings()
                ]
                for table in self._tables()
            }

    def restore(self, name: str, snapshot: Snapshot) -> None:
        """Put the space `name` back to what it held."""
        self.space(name)
        with self._database.writing(name) as connection:
            for table in self._tables():
                connection.execute(delete(table).where(table.c.space == name))
                if rows := snapshot[table.name]:
                    connection.execute(insert(table), [*rows])

    def drop(self, name: str) -> None:
        """Forget the space `name` and all that is in it. No other process may be using it."""
        self._snapshots.pop(name, None)
        with self._database.writing(name) as connection:
            self._empty(connection, name)
        self._spaces.pop(name, None)

    def close(self) -> None:
        """Close the data base; in memory, it is gone."""
        self._database.close()

    def _fill(self, connection: Connection, name: str) -> None:
        seeded = set(connection.scalars(_SEEDED, {"in_space": name}))
        for api, part in self._parts.items():
            if api not in seeded:
                connection.execute(_NOTE, {"space": name, "api": api})
                part.seed(connection, name)

    def _tables(self) -> Iterator[Table]:
        for part in self._parts.values():
            yield from part.metadata.sorted_tables

    def _empty(self, connection: Connection, name: str) -> None:
        ours = tables.spaces
        here = ours.c.space == name, ours.c.api.in_(self._parts)
        connection.execute(delete(ours).where(*here))
        for table in self._tables():
            connection.execute(delete(table).where(table.c.space == name))


def set_up(database: Database, apis: Sequence[MetaData]) -> None:
    """Make the tables that aren't there yet. Raises `UnusableDatabase` for tables of others."""
    with database.writing(_SET_UP) as connection:
        there = set(inspect(connection).get_table_names())
        known = tables.schema.name in there
        if known:
            _check_version(connection, database.name)
        for metadata in (tables.metadata, *apis):
            named = {table.name for table in metadata.sorted_tables}
            if not known and (taken := sorted(named & there)):
                detail = f"its table {taken[0]} isn't the mock's; use another data base"
                raise UnusableDatabase(f"{database.name}: {detail}")
            if not named <= there:
                metadata.create_all(connection)
        if not known:
            connection.execute(insert(tables.schema), {"version": tables.SCHEMA_VERSION})


def _check_version(connection: Connection, name: str) -> None:
    found = connection.scalar(select(tables.schema.c.version))
    if found != tables.SCHEMA_VERSION:
        raise UnusableDatabase(
            f"{name}: its tables are of version {found}, and this streamproof keeps version "
            f"{tables.SCHEMA_VERSION}; use another data base"
        )
