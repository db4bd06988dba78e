"""What every API's tables share. The space stands first in every key."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from sqlalchemy import TEXT, Column, Dialect, Integer, MetaData, PrimaryKeyConstraint, String, Table
from sqlalchemy.types import TypeDecorator, TypeEngine

SCHEMA_VERSION = 4
"""Goes up with every change of a table: a data base of another version is refused."""

AT_ONCE = 5_000  # rows that are written together; more take memory and gain nothing
_INDEXED = 200  # characters; PostgreSQL has no room for more than 2.7 kB in an entry of an index
_ESCAPED = re.compile("[\0\1]")
_ESCAPES = {"\0": "\1\1", "\1": "\1\2"}
_UNESCAPED = re.compile("\1([\1\2])")
_CHARACTERS = {"\1": "\0", "\2": "\1"}


class Text(TypeDecorator[str]):
    """Any text, NUL and all, compared and ordered by code points in every data base.

    PostgreSQL takes no NUL. Two characters stand for it there, and two for the next character, so
    that texts keep their order.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TEXT(collation="C"))
        return dialect.type_descriptor(TEXT())

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return value and _ESCAPED.sub(lambda found: _ESCAPES[found[0]], value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        return value and _UNESCAPED.sub(lambda found: _CHARACTERS[found[1]], value)

    def bind_processor(self, dialect: Dialect) -> Any:
        return super().bind_processor(dialect) if dialect.name == "postgresql" else None

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        if dialect.name != "postgresql":
            return None  # a call for each value is half of what a page costs
        return super().result_processor(dialect, coltype)


metadata = MetaData()
"""The store's own tables; those of an API are in the metadata of its module `tables`."""

schema = Table(
    "streamproof_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

# Each API of a space has a row from the transaction on in which it was seeded.
spaces = Table(
    "streamproof_spaces",
    metadata,
    Column("space", Text),
    Column("api", Text),
    PrimaryKeyConstraint("space", "api"),
)


def space_column() -> Column[str]:
    """The first column of every table's primary key."""
    return Column("space", Text, primary_key=True)


def indexed(text: str) -> str:
    """The beginning of a text, for an index on its order."""
    return text[:_INDEXED]


def identity(text: str) -> str:
    """What stands for a text in a key: the text; of a long one its beginning and its digest."""
    if len(text) <= _INDEXED:
        return text
    return f"{text[:_INDEXED]}\0{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
