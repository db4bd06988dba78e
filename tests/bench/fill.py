"""Many datastreams and records in the store of a mock: a few, seeded as users do, multiplied.

Their rows are copied with another id, whatever columns they have, so that this stays true of the
tables as they change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from secrets import randbits
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Table, insert, select

from streamproof.mockserver.app import create_app
from streamproof.mockserver.bge import tables as bge
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.dotide import tables as dotide
from streamproof.mockserver.store import DEFAULT_SPACE
from tests.bench import data

SEEDED = 500  # after as many their tags repeat
_AT_ONCE = 5_000  # rows; more take memory and gain nothing
_Row = dict[str, Any]


def filled(count: int) -> Flask:
    """A mock with `count` datastreams and `count` records in its default space."""
    app = create_app(
        MockConfig(
            fixtures={
                "dotide": {"datastreams": [data.datastream(n) for n in range(SEEDED)]},
                "bge": {"streams": [data.record(n) for n in range(SEEDED)]},
            }
        )
    )
    with app.extensions["store"].transaction(DEFAULT_SPACE) as connection:
        for table in (dotide.streams, dotide.tags):
            _multiply(connection, table, "key", data.stream_id, count)
        _multiply(connection, bge.records, "stream_id", data.record_id, count)
    return app


def _multiply(
    connection: Connection, table: Table, column: str, name: Callable[[int], str], count: int
) -> None:
    """Copy the rows of what is seeded until there are `count` of them, by the ids in `column`."""
    rows: dict[str, list[_Row]] = {}
    for row in connection.execute(select(table)).mappings():
        rows.setdefault(row[column], []).append(dict(row))
    copies = (
        _copy(row, table, name(number % SEEDED), name(number), number - number % SEEDED)
        for number in range(SEEDED, count)
        for row in rows[name(number % SEEDED)]
    )
    for part in _parts(copies):
        connection.execute(insert(table), part)


def _copy(row: _Row, table: Table, old: str, new: str, later: int) -> _Row:
    copied: _Row = {
        name: value.replace(old, new) if isinstance(value, str) else value
        for name, value in row.items()
        if table.c[name] is not table.autoincrement_column
    }
    if "instant" in copied:
        copied["instant"] += later * data.APART
    if "stamp" in copied:
        copied["stamp"] = randbits(62)
    return copied


def _parts(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    remaining = iter(rows)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part
