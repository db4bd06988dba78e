"""The things of an API in a space, for one transaction. What may stand once only is a constraint:
nothing is looked for before it is put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or  # that of SQLite is a part of it
from sqlalchemy.exc import IntegrityError

from streamproof.mockserver.engine.tables import Shape, Tables
from streamproof.mockserver.engine.values import Column, column, text

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing or record as it is kept. `place` is where it stands in the order of its list."""

    number: int
    document: Document
    place: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a list is wanted, in order of `by` and then of making; `after` is the place of
    the last thing of the page before."""

    by: tuple[str, ...]
    conditions: tuple[ColumnElement[bool], ...]
    limit: int | None
    offset: int = 0
    descending: bool = False
    after: tuple[Column, ...] | None = None


class Taken(Exception):
    """There is a thing of that key, or a duplicate (`is_key` False)."""

    def __init__(self, is_key: bool) -> None:
        super().__init__(is_key)
        self.is_key = is_key


@dataclass(frozen=True, slots=True)
class Things:
    """`connection` is in a transaction in the space `space`."""

    connection: Connection
    space: str
    tables: Tables

    def number(self) -> int:
        """The next number of the space."""
        numbers = self.tables.numbers
        first = insert_or(numbers).values(space=self.space, number=1)
        more = {"number": numbers.c.number + 1}
        count = first.on_conflict_do_update(index_elements=["space"], set_=more)
        return int(self.connection.execute(count.returning(numbers.c.number)).scalar_one())

    def find(self, shape: Shape, home: int | None, key: Any) -> Thing | None:
        """The thing of that key; without a home, wherever it stands."""
        table = shape.table
        wanted = select(table.c.number, table.c.document).where(self._at(shape, home, key))
        row = self.connection.execute(wanted).one_or_none()
        return None if row is None else Thing(row[0], orjson.loads(row[1]))

    def all(self, shape: Shape) -> Iterator[tuple[int, Thing]]:
        """Every thing with its home, in the order of making."""
        c = shape.table.c
        wanted = select(c.home, c.number, c.document).where(c.space == self.space)
        for home, number, document in self.connection.execute(wanted.order_by(c.number)):
            yield home, Thing(number, orjson.loads(document))

    def add(self, shape: Shape, home: int, key: Any, thing: Thing, *, again: bool) -> None:
        """Put a new thing in; `again` permits a duplicate. Raises `Taken`."""
        table = shape.table
        row = {
            table.c.space: self.space,
            table.c.number: thing.number,
            table.c.home: home,
            table.c.key: text(key),
            **_columns(shape, thing.document),
        }
        for copy in (0, thing.number) if again else (0,):
            new = insert_or(table).values({**row, table.c.copy: copy})
            made = new.on_conflict_do_nothing().returning(table.c.number)
            if self.connection.execute(made).all():
                self._add_members(shape, thing)
                return
        raise Taken(self.find(shape, home, key) is not None)

    def change(self, shape: Shape, thing: Thing) -> None:
        """Let a thing have another document. Raises `Taken` for a duplicate."""
        here = self._is(shape, thing.number)
        with self._another_first(shape, thing.number):
            self._write(shape, thing, here)

    def remove(self, shape: Shape, number: int) -> None:
        """Take a thing away, and all that stands in it."""
        with self._another_first(shape, number):
            self._remove(shape, self._is(shape, number))

    def page(self, shape: Shape, home: int, cut: Cut) -> list[Thing]:
        """The things in a home that meet the conditions, in order."""
        table = shape.table
        places = [*(shape.columns[field] for field in cut.by), table.c.number]
        page = select(table.c.number, table.c.document, *places).where(
            table.c.space == self.space, table.c.home == home, *cut.conditions
        )
        if cut.after is not None:
            last = tuple_(*(literal(v, c.type) for v, c in zip(cut.after, places, strict=True)))
            here = tuple_(*places)
            page = page.where(here < last if cut.descending else here > last)
        page = page.order_by(*(c.desc() for c in places) if cut.descending else places)
        page = page.limit(cut.limit).offset(cut.offset or None)
        rows = self.connection.execute(page).all()
        return [Thing(row[0], orjson.loads(row[1]), tuple(row[2:])) for row in rows]

    def having(
        self, shape: Shape, field: str, members: Sequence[Any], *, every: bool
    ) -> ColumnElement[bool]:
        """Whether a thing's set holds one of the members, or `every` one."""
        table, wanted = self.tables.members, sorted({text(member) for member in members})
        found = select(table.c.number).where(
            table.c.space == self.space, table.c.field == field, table.c.member.in_(wanted)
        )
        if every:
            found = found.group_by(table.c.number).having(func.count() == len(wanted))
        return shape.table.c.number.in_(found)

    def _at(self, shape: Shape, home: int | None, key: Any) -> ColumnElement[bool]:
        c = shape.table.c
        anywhere = and_(c.space == self.space, c.key == text(key))
        return anywhere if home is None else and_(anywhere, c.home == home)

    def _is(self, shape: Shape, number: int) -> ColumnElement[bool]:
        return and_(shape.table.c.space == self.space, shape.table.c.number == number)

    @contextmanager
    def _another_first(self, shape: Shape, number: int) -> Iterator[None]:
        """Let another of the same become the first when this one leaves them."""
        if not shape.same:
            yield
            return
        c, here = shape.table.c, self._is(shape, number)
        copy, home, *same = self.connection.execute(
            select(c.copy, c.home, *shape.same).where(here)
        ).one()
        yield
        if copy != 0:
            return
        at = zip((c.space, c.home, *shape.same), (self.space, home, *same), strict=True)
        alike = and_(*(column == value for column, value in at))
        first = select(func.min(c.number)).where(alike).scalar_subquery()
        self.connection.execute(update(shape.table).where(alike, c.number == first).values(copy=0))

    def _write(self, shape: Shape, thing: Thing, here: ColumnElement[bool]) -> None:
        new = _columns(shape, thing.document)
        if shape.same:  # a duplicate stays one; among others it is the first, or may not be there
            stays = and_(*(column == new[column] for column in shape.same))
            new[shape.table.c.copy] = case((stays, shape.table.c.copy), else_=0)
        try:
            self.connection.execute(update(shape.table).where(here).values(new))
        except IntegrityError:  # the transaction ends with it
            raise Taken(is_key=False) from None
        if shape.sets:
            self._drop_members(select(shape.table.c.number).where(here))
            self._add_members(shape, thing)

    def _remove(self, shape: Shape, gone: ColumnElement[bool]) -> None:
        numbers = select(shape.table.c.number).where(gone)
        for name in shape.within:
            inner = self.tables.shapes[name]
            here = inner.table.c.space == self.space
            self._remove(inner, and_(here, inner.table.c.home.in_(numbers)))
        if shape.sets:
            self._drop_members(numbers)
        self.connection.execute(delete(shape.table).where(gone))

    def _add_members(self, shape: Shape, thing: Thing) -> None:
        rows = [
            {"space": self.space, "number": thing.number, "field": field, "member": member}
            for field in shape.sets
            for member in sorted({text(each) for each in _members(thing.document.get(field))})
        ]
        if rows:
            self.connection.execute(insert(self.tables.members), rows)

    def _drop_members(self, numbers: Any) -> None:
        table = self.tables.members
        gone = and_(table.c.space == self.space, table.c.number.in_(numbers))
        self.connection.execute(delete(table).where(gone))


def _members(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _columns(shape: Shape, document: Mapping[str, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {shape.table.c.document: orjson.dumps(document).decode()}
    for field, where in shape.columns.items():
        found[where] = column(shape.kinds[field], document.get(field))
    return found
