"""Every kind of data base in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from itertools import count

import pytest
from sqlalchemy import NullPool, create_engine, make_url

from streamproof.mockserver.database import Database, connect
from tests.mockserver.databases import turn_of

KINDS = ("memory", "file", "postgresql")


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """Makes URLs, each of a data base in a file that isn't there yet."""
    return lambda: f"sqlite:///{tmp_path_factory.mktemp('database') / 'mock.db'}"


@pytest.fixture(scope="session")
def new_postgresql(postgresql: str) -> Callable[[], str]:
    """Makes URLs, each of an empty data base in PostgreSQL."""
    server, names = make_url(postgresql), (f"mock_{number}" for number in count(1))

    def new() -> str:
        name = next(names)
        engine = create_engine(server.set(drivername="postgresql+psycopg"), poolclass=NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return server.set(database=name).render_as_string(hide_password=False)

    return new


@pytest.fixture(scope="session")
def opened_file(new_file: Callable[[], str]) -> Iterator[Database]:
    with closing(connect(new_file())) as database:
        yield database


@pytest.fixture(scope="session")
def opened_postgresql(postgresql: str) -> Iterator[Database]:
    with closing(connect(postgresql)) as database:
        yield database


@pytest.fixture(scope="module", params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The kind of data base whose turn it is: the mocks of the module keep their state there."""
    kind: str = request.param
    opened = None if kind == "memory" else request.getfixturevalue(f"opened_{kind}")
    with turn_of(opened) if opened else nullcontext():
        yield kind
