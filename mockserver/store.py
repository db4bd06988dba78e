"""The server's state: spaces that never meet, in one data base, changed in whole transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event
from sqlalchemy.pool import StaticPool

from streamproof.mockserver.tables import metadata

DEFAULT_SPACE = "default"


@dataclass(frozen=True, slots=True)
class Space:
    """A state of its own. `scratch` is where faults remember things between calls."""

    name: str
    scratch: dict[str, Any] = field(default_factory=dict)


class Store:
    """All spaces. `seed(connection, space name)` fills a new one at its first use."""

    def __init__(self, seed: Callable[[Connection, str], None]) -> None:
        self._seed = seed
        self._engine = _in_memory()
        # One connection serves all threads, so a transaction holds the lock from end to end:
        # sqlite3 crashes the process when two threads use one connection at the same time.
        self._lock = RLock()
        self._spaces: dict[str, Space] = {}
        self._tables = (
            metadata.sorted_tables
        )  # of the APIs that are served: others may be loaded later
        metadata.create_all(self._engine, tables=self._tables)

    def space(self, name: str) -> Space:
        """The space `name`, made and seeded at its first use."""
        with self._lock:
            if name not in self._spaces:
                with self._engine.begin() as connection:
                    self._seed(connection, name)
                self._spaces[name] = Space(name)
            return self._spaces[name]

    @contextmanager
    def transaction(self, space: str) -> Iterator[Connection]:
        """A connection for one transaction in `space`; an exception undoes it."""
        self.space(space)
        with self._lock, self._engine.begin() as connection:
            yield connection

    def reset(self, name: str) -> None:
        """Put the space `name` back to its seed."""
        with self._lock:
            self.drop(name)
            self.space(name)

    def drop(self, name: str) -> None:
        """Forget the space `name` and all that is in it."""
        with self._lock:
            with self._engine.begin() as connection:
                for table in reversed(self._tables):
                    connection.execute(delete(table).where(table.c.space == name))
            self._spaces.pop(name, None)


def _in_memory() -> Engine:
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )

    # The driver's own transactions begin too late for savepoints and reads: begin them ourselves.
    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
