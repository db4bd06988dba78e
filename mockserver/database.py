"""Data bases by their URL: whole transactions, writing ones one at a time in a space.

Three kinds, one behaviour: SQLite in memory for one process, SQLite in a file, PostgreSQL.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import StaticPool

from streamproof.mockserver.errors import UnusableDatabase

_WRITES = "streamproof_writes"
_WAIT_S = 30.0  # for a writer of another process
_CONNECT_S = 5
_POOL = 4  # more connections only wait for each other
_FORMS = "postgresql://user:password@host/database or sqlite:///file"


@dataclass(frozen=True, slots=True)
class Access:
    """Connections of one kind, taken while a lock is held."""

    engine: Engine
    lock: AbstractContextManager[Any] = field(default_factory=nullcontext)


@dataclass(frozen=True, slots=True)
class Database:
    """An open data base. `name` is its URL without what is secret."""

    name: str
    writer: Access
    reader: Access

    @contextmanager
    def writing(self, space: str) -> Iterator[Connection]:
        """A transaction, the only one that writes in `space`; an exception undoes it."""
        with self.writer.lock, self.writer.engine.connect() as connection:
            connection.execution_options(**{_WRITES: space})
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: one state, whatever is written meanwhile."""
        with self.reader.lock, self.reader.engine.connect() as connection:
            connection.begin()
            try:
                yield connection
            finally:
                connection.rollback()

    def close(self) -> None:
        """Close all connections. A data base in memory is gone then."""
        self.writer.engine.dispose()


def connect(url: str | None) -> Database:
    """The data base at `url`; without one a new one in memory. Raises `UnusableDatabase`."""
    parsed = _parsed(url or "sqlite://")
    if parsed.drivername == "postgresql+psycopg":
        return _postgresql(parsed)
    return _file(parsed) if is_shared(url) else _in_memory()


def is_shared(url: str | None) -> bool:
    """Whether several processes can share the data base at `url`. Raises `UnusableDatabase`."""
    return url is not None and _parsed(url).database not in (None, "", ":memory:")


def safe(url: str) -> str:
    """A URL without what is secret, for messages. Raises `UnusableDatabase`."""
    return _safe(_parsed(url))


@contextmanager
def told(name: str) -> Iterator[None]:
    """Turn what a driver says of the data base `name` into `UnusableDatabase`."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as fault:
        said = fault.orig if isinstance(fault, DBAPIError) else fault
        raise UnusableDatabase(f"{name}: {' '.join(str(said).split())}") from None


def _safe(url: URL) -> str:
    driver = url.drivername.partition("+")[0]  # options may hold a password as well
    return url.set(drivername=driver, query={}).render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # its own message may show the password
        raise UnusableDatabase(f"can't be read; write {_FORMS}") from None
    match parsed.drivername:
        case "sqlite" if parsed.query or parsed.host:
            raise UnusableDatabase("has neither host nor options; write sqlite:///file")
        case "postgresql" if not parsed.database:
            raise UnusableDatabase(f"names no data base; write {_FORMS}")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" | "postgresql+psycopg":
            return parsed
        case other:
            raise UnusableDatabase(f"{other}:// is no data base for the mock; write {_FORMS}")


# -- SQLite ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _InMemory(Database):
    """One connection serves all threads, so each transaction holds the lock from end to end:
    sqlite3 crashes the process when two threads use one connection at the same time.

    SQLAlchemy takes as long to begin and end a transaction as SQLite for all that is in it. So it
    believes that one has begun for good, and the driver is told of each.
    """

    held: Connection

    @contextmanager
    def writing(self, space: str) -> Iterator[Connection]:  # noqa: ARG002 - all wait for all
        driver: Any = self.held.connection.dbapi_connection
        with self.writer.lock:
            driver.execute("BEGIN")
            try:
                yield self.held
                driver.commit()
            except BaseException:
                driver.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.reader.lock:
            yield self.held


def _in_memory() -> Database:
    engine = _sqlite(URL.create("sqlite"), poolclass=StaticPool)
    access, held = Access(engine, RLock()), engine.connect()
    held.begin()
    held.connection.commit()
    return _InMemory("memory", writer=access, reader=access, held=held)


def _file(url: URL) -> Database:
    name, path = _safe(url), Path(url.database or "")
    if not path.parent.is_dir():
        raise UnusableDatabase(f"{name}: there is no folder {path.parent}")
    if path.is_dir():
        raise UnusableDatabase(f"{name}: is a folder, not a file")
    with told(name):
        _keep_a_log(path)
    engine = _sqlite(url, pool_size=_POOL, max_overflow=-1)
    # The lock is for fairness: SQLite lets a writer sleep and try again, and others slip past.
    return Database(name, writer=Access(engine, RLock()), reader=Access(engine))


def _sqlite(url: URL, **options: Any) -> Engine:
    """An engine that begins transactions itself: the driver begins too late for savepoints."""
    wait = {"check_same_thread": False, "timeout": _WAIT_S}
    engine = create_engine(url, connect_args=wait, **options)

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")  # whole after a crash of the process

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        # A transaction that reads first can't become the writer once another has written.
        writes = connection.get_execution_options().get(_WRITES) is not None
        driver: Any = connection.connection.dbapi_connection  # five times as fast
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _keep_a_log(path: Path) -> None:
    """Let readers and the writer pass each other, for good: the file remembers it.

    Here SQLite doesn't wait for others, as it does elsewhere.
    """
    give_up = time.monotonic() + _WAIT_S
    with closing(sqlite3.connect(path)) as connection:
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                return
            except sqlite3.OperationalError as fault:
                if "locked" not in str(fault) or time.monotonic() > give_up:
                    raise
            time.sleep(0.02)


# -- PostgreSQL --------------------------------------------------------------------------------


def _postgresql(url: URL) -> Database:
    name = _safe(url)
    try:
        engine = create_engine(
            url,
            pool_size=_POOL,
            max_overflow=0,
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": _CONNECT_S, "client_encoding": "utf8"},
        )
    except ImportError:
        raise UnusableDatabase(
            "PostgreSQL needs the extra `postgresql`: pip install '.[postgresql]' in a checkout"
        ) from None
    with told(name), engine.connect() as connection:
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UnusableDatabase(f"{name}: its encoding is {encoding}; UTF8 is needed")

    # Without it two updates that read before they write lose one of them, and two batches that
    # hold the same records in another order wait for each other.
    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        if (space := connection.get_execution_options().get(_WRITES)) is not None:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_number(space),))

    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return Database(name, writer=Access(engine), reader=Access(reader))


def _number(space: str) -> int:
    """What stands for a space where locks have numbers."""
    return int.from_bytes(blake2b(space.encode(), digest_size=8).digest(), "big", signed=True)
