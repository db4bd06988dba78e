"""What holds for every data base alike: order, texts, transactions, a start beside others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from itertools import count
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import (
    Connection,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    insert,
    make_url,
    select,
    update,
)

from streamproof.mockserver import domain, store, tables
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.database import Database, connect
from streamproof.mockserver.dotide.tables import tags
from streamproof.mockserver.errors import UnusableDatabase
from streamproof.mockserver.store import Part, Store
from tests.mockserver import databases
from tests.mockserver.bge.calls import Bge
from tests.mockserver.dotide_http import Dotide, dotide

ORDERED = [
    "",
    "\0",
    "\0\0",
    "\1",
    "\1\1",
    "\2",
    "A",
    "Z",
    "a",
    "aa",
    "b",
    "é",
    "\uffff",
    "\U0001f600",
]
HUGE = "".join(chr(0x4E00 + number * 7919 % 20000) for number in range(5000))
"""More than an entry of an index holds, and nothing that repeats."""


@pytest.fixture(params=["memory", "file", "postgresql"])
def opened(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty data base of each kind."""
    kind: str = request.param
    url = None if kind == "memory" else request.getfixturevalue(f"new_{kind}")()
    with closing(connect(url)) as database:
        yield database


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty data base, of each kind that others can open, too."""
    new: Callable[[], str] = request.getfixturevalue(f"new_{request.param}")
    return new()


def a_store(database: Database, seed: store.Seed = lambda *_: None) -> Store:
    return Store({"dotide": Part(domain.metadata("dotide"), seed)}, database)


def put(connection: Connection, *names: str, space: str = "s") -> None:
    same = {"space": space, "database": "d", "key": "k", "place": "k"}
    rows = [{**same, "tag": name} for name in names]
    connection.execute(insert(tags), rows)


def found(connection: Connection, space: str = "s") -> list[str]:
    wanted = select(tags.c.tag).where(tags.c.space == space).order_by(tags.c.tag)
    return list(connection.scalars(wanted))


# -- texts -------------------------------------------------------------------------------------


def test_texts_come_back_in_the_order_of_their_code_points(opened: Database) -> None:
    state = a_store(opened)
    with state.transaction("s") as connection:
        put(connection, *reversed(ORDERED))
    with state.reading("s") as connection:
        assert found(connection) == ORDERED
        for text in ORDERED:
            one = select(tags.c.tag).where(tags.c.tag == text)
            assert list(connection.scalars(one)) == [text]
        assert list(connection.scalars(select(tags.c.tag).where(tags.c.tag.in_(ORDERED[:4]))))


def test_texts_may_be_longer_than_an_entry_of_an_index(opened: Database) -> None:
    dialects = {"dotide": {"id_longest": "none"}}
    with databases.turn_of(opened):
        demo = Dotide(databases.create_app(MockConfig(("dotide",), dialects)))
    ids = [HUGE, HUGE + "a", HUGE + "b", "z" * 5000]
    for each in reversed(ids):
        assert demo.create(each, tags=[each, "t"]).status_code == 201
        assert demo.create(each).status_code == 409
    assert demo.ids("tags=t") == sorted(ids)
    assert demo.ids("limit=9223372036854775807&offset=1") == sorted(ids)[1:]
    assert demo.ids(f"limit={10**30}&offset={10**30}") == []
    assert (demo.read(HUGE).json or {})["tags"] == [HUGE, "t"]
    assert demo.delete(HUGE).status_code == 204
    assert demo.ids() == sorted(ids[1:])


def test_so_may_data_elements_that_are_unknown(opened: Database) -> None:
    with databases.turn_of(opened):
        bge = Bge(unknown_element_on_write="accepted", unknown_element_in_batch="accepted")
    written = bge.write("1971", data_element_id=HUGE).data["stream_id"]
    assert bge.retrieve(written).data["data_element"]["data_element_id"] == HUGE
    assert not bge.write("1971", data_element_id=HUGE).accepted
    assert bge.write("1971", data_element_id=HUGE + "a").accepted


# -- transactions ------------------------------------------------------------------------------


def test_a_reader_sees_one_state_and_keeps_no_writer_waiting(url: str) -> None:
    with closing(connect(url)) as database:
        state = a_store(database)
        with state.reading("s") as reader:
            assert found(reader) == []
            with state.transaction("s") as writer:
                put(writer, "a")
            assert found(reader) == []
        with state.reading("s") as reader:
            assert found(reader) == ["a"]


def test_writers_of_a_space_take_turns(url: str) -> None:
    with closing(connect(url)) as one, closing(connect(url)) as two:
        first, second = a_store(one), a_store(two)  # as of two processes: they share no lock
        second.space("s")
        seen = Event()

        def late() -> list[str]:
            with second.transaction("s") as connection:
                seen.set()
                return found(connection)

        with ThreadPoolExecutor(1) as pool:
            with first.transaction("s") as connection:
                told = pool.submit(late)
                assert not seen.wait(0.2)
                put(connection, "a")
            assert told.result(10) == ["a"]


def test_a_reset_is_whole_or_not_at_all(opened: Database) -> None:
    names = count()

    def seed(connection: Connection, space: str) -> None:
        put(connection, "seeded", space=space)
        if next(names) > 0:
            raise ZeroDivisionError

    state = a_store(opened, seed)
    with state.transaction("s") as connection:
        put(connection, "mine")
    with pytest.raises(ZeroDivisionError):
        state.reset("s")
    with state.reading("s") as connection:
        assert found(connection) == ["mine", "seeded"]


def test_spaces_never_meet(opened: Database) -> None:
    with databases.turn_of(opened):
        one, two = dotide(), dotide()
    assert one.create("x").status_code == two.create("x").status_code == 201
    one.app.test_client().post("/_mock/reset")
    assert (one.ids(), two.ids()) == ([], ["x"])


# -- a start beside others, and after others ---------------------------------------------------


def served(url: str, *apis: str) -> Flask:
    return create_app(MockConfig(apis, database_url=url))


def close(*apps: Flask) -> None:
    for app in apps:
        app.extensions["store"].close()


def test_a_restart_keeps_everything(url: str) -> None:
    before = served(url, "dotide")
    assert Dotide(before).create("x", tags=["t"]).status_code == 201
    close(before)
    after = served(url, "dotide", "bge")  # bge is new, and seeded now
    assert Dotide(after).ids("tags=t") == ["x"]
    with after.extensions["store"].reading("default") as connection:
        seeded = connection.execute(select(tables.spaces).order_by(tables.spaces.c.api)).all()
    assert [tuple(row) for row in seeded] == [("default", "bge"), ("default", "dotide")]
    close(after)


def test_those_that_start_at_once_set_up_one_state_and_seed_it_once(url: str) -> None:
    at_once = 6

    def begin(number: int) -> list[str]:
        with closing(connect(url)) as database:
            state = a_store(database, lambda c, space: put(c, f"seed of {number}", space=space))
            with state.reading("s") as connection:
                return found(connection)

    with ThreadPoolExecutor(at_once) as pool:
        seen = list(pool.map(begin, range(at_once)))
    assert len(seen[0]) == 1
    assert seen == [seen[0]] * at_once


def test_another_version_is_refused(url: str) -> None:
    with closing(connect(url)) as database:
        with a_store(database).transaction("s") as connection:
            connection.execute(update(tables.schema).values(version=tables.SCHEMA_VERSION + 1))
        newer = tables.SCHEMA_VERSION + 1
        with pytest.raises(UnusableDatabase, match=f"are of version {newer}, .* keeps version"):
            a_store(database)


def test_tables_of_others_are_left_alone(url: str) -> None:
    with closing(connect(url)) as database:
        with database.writing("") as connection:
            connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
            connection.exec_driver_sql("CREATE TABLE dotide_tags (id INTEGER)")
        with pytest.raises(UnusableDatabase, match="table dotide_tags isn't the mock's"):
            a_store(database)


def test_a_change_of_a_table_is_a_new_version() -> None:
    """If this fails, raise SCHEMA_VERSION, and write the new digest beside it."""
    every = [tables.metadata, *map(domain.metadata, ("bge", "dotide"))]
    facts = [fact for each in every for table in each.sorted_tables for fact in facts_of(table)]
    digest = sha256("\n".join(sorted(facts)).encode()).hexdigest()[:12]
    assert (tables.SCHEMA_VERSION, digest) == (4, "5a399275b632")


def facts_of(table: Table) -> Iterator[str]:
    """What makes a table another one, a line each."""
    for column in table.columns:
        yield f"{column} {type(column.type).__name__} {'NULL' if column.nullable else ''}"
    for group in (*table.constraints, *table.indexes):
        if isinstance(group, PrimaryKeyConstraint | UniqueConstraint | Index):
            yield f"{type(group).__name__} {', '.join(map(str, group.columns))}"


# -- what can't be used ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("topsecret", "can't be read; write postgresql://user:password@host/database or sqlite:"),
        ("postgresql://u:topsecret@h:port/d", "can't be read; write postgresql://"),
        ("postgresql://u:topsecret@h", "names no data base"),
        ("mysql://u:topsecret@h/d", "mysql:// is no data base for the mock"),
        ("postgresql://u:topsecret@127.0.0.1:1/d", "u:***@127.0.0.1:1/d: connection failed"),
        ("postgresql://127.0.0.1:1/d?password=topsecret", "127.0.0.1:1/d: connection failed"),
        ("sqlite:////nowhere/mock.db", "there is no folder /nowhere"),
        ("sqlite:////", "is a folder, not a file"),
        (f"sqlite:///{__file__}", "file is not a database"),
        ("sqlite:///mock.db?mode=ro", "has neither host nor options"),
    ],
)
def test_what_cannot_be_used_is_one_line_without_the_password(bad: str, says: str) -> None:
    with pytest.raises(UnusableDatabase) as told:
        connect(bad)
    assert says in str(told.value)
    assert "\n" not in str(told.value)
    assert "topsecret" not in str(told.value)


def test_a_wrong_password_and_a_missing_data_base_are_one_line(postgresql: str) -> None:
    url = make_url(postgresql).set(database="nowhere", password="topsecret")
    with pytest.raises(UnusableDatabase, match='database "nowhere" does not exist') as told:
        connect(url.render_as_string(hide_password=False))
    assert "topsecret" not in str(told.value)


def test_without_its_driver_postgresql_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnusableDatabase, match=r"pip install '.\[postgresql\]' in a checkout"):
        connect("postgresql://u@h/d")


def test_no_repr_shows_the_password() -> None:
    assert "topsecret" not in repr(MockConfig(database_url="postgresql://u:topsecret@h/d"))
