"""Statements run by SQLite's driver itself: SQLAlchemy takes ten times as long for each as SQLite.

Only for columns of text and whole numbers, of which both make the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.selectable import Select

Row = tuple[Any, ...]


class Quick:
    """A select or insert, written once; an insert names the columns that it fills.

    Runs as part of the connection's transaction; in another data base by SQLAlchemy.
    """

    def __init__(self, statement: Select[Any] | Insert, *filled: str) -> None:
        compiled = statement.compile(dialect=sqlite.dialect(), column_keys=filled or None)
        self._text, self._names = str(compiled), tuple(compiled.positiontup or ())
        if isinstance(statement, Insert):  # only so PostgreSQL tells what became of it
            statement = statement.returning(statement.table.c[filled[0]])
        self._statement = statement

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> Sequence[Row]:
        """All that a select finds."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, parameters).all()
        found: Sequence[Row] = self._run(connection, parameters).fetchall()
        return found

    def first(self, connection: Connection, parameters: Mapping[str, Any]) -> Row | None:
        """The first that a select finds, of at most a few."""
        return next(iter(self.rows(connection, parameters)), None)

    def insert(self, connection: Connection, parameters: Mapping[str, Any]) -> bool:
        """Whether an insert made its row."""
        if connection.dialect.name != "sqlite":
            return bool(connection.execute(self._statement, parameters).all())
        return bool(self._run(connection, parameters).rowcount)

    def insert_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many of the rows an insert made."""
        if connection.dialect.name != "sqlite":
            return len(connection.execute(self._statement, rows).all()) if rows else 0
        driver: Any = connection.connection.dbapi_connection
        values = ([row[name] for name in self._names] for row in rows)
        made: int = driver.executemany(self._text, values).rowcount if rows else 0
        return made

    def _run(self, connection: Connection, parameters: Mapping[str, Any]) -> Any:
        driver: Any = connection.connection.dbapi_connection
        return driver.execute(self._text, [parameters[name] for name in self._names])
