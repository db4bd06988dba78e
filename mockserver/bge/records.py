"""Records in the store: written once, found by id, read in pages. They are never changed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from secrets import randbits, token_hex
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert  # that of SQLite is a part of it

from streamproof.mockserver.bge import data, times
from streamproof.mockserver.bge.spellings import GenerateTime, shown
from streamproof.mockserver.bge.tables import elements, records
from streamproof.mockserver.quick import Quick
from streamproof.mockserver.tables import identity
from streamproof.specs.dialect import Dialect

LAST = 2**63 - 1  # stands for an open end, of time and of sequence
DATA_TYPE = 2  # of the printed record; its meaning is not documented
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NODE = randbits(48) | 1 << 40  # of no network card: ids don't tell where the server runs

_COLUMNS = (
    *records.c,
    elements.c.name,
    elements.c.description,
    elements.c.source_domain,
    elements.c.source_id,
)
_RECORDS = (
    select(*_COLUMNS)
    .outerjoin(
        elements, and_(elements.c.space == records.c.space, elements.c.id == records.c.element)
    )
    .where(records.c.space == bindparam("space"))
)
_INSERT = Quick(
    insert(records).inline().on_conflict_do_nothing(),
    *(column.name for column in records.c if column.name != "sequence"),
)
_BY_ID = _RECORDS.where(records.c.stream_id == bindparam("stream_id"))
_AMONG = select(records.c.stream_id).where(
    records.c.space == bindparam("space"),
    records.c.stream_id.in_(bindparam("ids", expanding=True)),
)
_BY_SEQUENCE = _RECORDS.where(records.c.sequence == bindparam("sequence"))
_NEWEST = select(func.max(records.c.sequence)).where(records.c.space == bindparam("space"))
_OLDER = select(records.c.stream_id).where(
    *(records.c[n] == bindparam(n) for n in ("space", "entity", "element_key", "instant", "copy"))
)
_MATCHING = (
    *(records.c[name] == bindparam(name) for name in ("namespace", "entity", "element_key")),
    records.c.instant.between(bindparam("first"), bindparam("last")),
    records.c.created <= bindparam("written_by"),
    records.c.sequence <= bindparam("newest"),
)
_COUNT = select(func.count()).where(records.c.space == bindparam("space"), *_MATCHING)

Found = Row[Any]


@dataclass(frozen=True, slots=True)
class New:
    """A record to be written. `data` is JSON text, `created` in microseconds since the epoch."""

    stream_id: str
    namespace: str
    entity: str
    element: str
    time: GenerateTime
    data: str
    created: int
    data_type: int = DATA_TYPE

    @property
    def key(self) -> tuple[object, ...]:
        """What makes another record its duplicate."""
        return self.entity, self.element, self.time.instant, self.time.copy


@dataclass(frozen=True, slots=True)
class Query:
    """Which records range asks for: instants from `first` to `last`, both included, written at
    `written_by` or before, and no later in sequence than `newest`."""

    namespace: str
    entity: str
    element: str
    first: int = -LAST
    last: int = LAST
    written_by: int = LAST
    newest: int = LAST


@dataclass(frozen=True, slots=True)
class Order:
    """By instant, then by the column `tie`, which decides between equal instants."""

    descending: bool
    tie: str
    tie_descending: bool


def add(connection: Connection, space: str, new: New, further: bool) -> bool:
    """Write a record; tells whether it stands. A duplicate only does if `further` ones may.

    The constraint decides, so two writers can't both find the key free.
    """
    for copy in (new.time.copy, new.stream_id) if further else (new.time.copy,):
        if _INSERT.insert(connection, _row(space, new, copy)):
            return True
    return False


def add_all(connection: Connection, space: str, new: Sequence[New]) -> bool:
    """Write many records, duplicates among them; tells whether all stand."""
    made = _INSERT.insert_all(connection, [_row(space, each, each.time.copy) for each in new])
    if made == len(new):
        return True
    standing = set(connection.scalars(_AMONG, {"space": space, "ids": [n.stream_id for n in new]}))
    further = [each for each in new if each.stream_id not in standing]
    made += _INSERT.insert_all(connection, [_row(space, each, each.stream_id) for each in further])
    return made == len(new)


def older(connection: Connection, space: str, new: New) -> str:
    """The id of the record that `new` repeats."""
    key = _row(space, new, new.time.copy)
    stream_id: str = connection.scalars(_OLDER, key).one()
    return stream_id


def find(connection: Connection, space: str, stream_id: str) -> Found | None:
    """The record with this id."""
    return connection.execute(_BY_ID, {"space": space, "stream_id": stream_id}).first()


def at(connection: Connection, space: str, sequence: int) -> Found | None:
    """The record at this place in the order of writing."""
    return connection.execute(_BY_SEQUENCE, {"space": space, "sequence": sequence}).first()


def everything(connection: Connection, space: str) -> Sequence[Found]:
    """All records, in the order of their writing."""
    return connection.execute(_RECORDS.order_by(records.c.sequence), {"space": space}).all()


def newest(connection: Connection, space: str) -> int:
    """The sequence of the record written last; 0 if there is none."""
    return connection.scalar(_NEWEST, {"space": space}) or 0


def count(connection: Connection, space: str, query: Query) -> int:
    """How many records match."""
    return connection.scalar(_COUNT, _parameters(space, query)) or 0


def page(
    connection: Connection, space: str, query: Query, order: Order, after: Found | None, size: int
) -> Sequence[Found]:
    """The first `size` matching records that come after the record `after`."""
    place = {"at": after.instant, "tie": getattr(after, order.tie)} if after else {}
    statement = _page(order, after is not None)
    return connection.execute(statement, {**_parameters(space, query), **place, "size": size}).all()


def show(row: Found, dialect: Dialect) -> dict[str, Any]:
    """A record as range and retrieve answer it (document 000 › stream_retrieve › Output)."""
    return {
        "stream_id": row.stream_id,
        "stream_generate_time": shown(row.instant, row.offset, dialect),
        "stream_generate_time_mask": row.mask,
        "data_element": {
            "data_element_id": row.element,
            "data_element_name": row.name or "",
            "data_element_description": row.description or "",
            "data_element_source_domain": row.source_domain or "",
            "data_element_source_id": row.source_id or "",
        },
        "stream_data": data.show(row.data),
        "stream_meta": {"namespace": row.namespace, "fundamental_entity_id": row.entity},
        "create_time": times.render(row.created),
        "data_type": row.data_type,
    }


def new_id(dialect: Dialect) -> str:
    """A stream id that no record has."""
    return _IDS[dialect["stream_id_form"]]()


def micros(moment: datetime) -> int:
    """An aware time in microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


_IDS: Mapping[str, Callable[[], str]] = {
    "uuid1": lambda: str(uuid.uuid1(_NODE)),
    "uuid4": lambda: str(uuid.uuid4()),
    "other": lambda: f"S-{token_hex(10)}",
}


def _row(space: str, new: New, copy: str) -> dict[str, Any]:
    return {
        "space": space,
        "stream_id": new.stream_id,
        "namespace": new.namespace,
        "entity": new.entity,
        "element": new.element,
        "element_key": identity(new.element),
        "instant": new.time.instant,
        "offset": new.time.offset,
        "mask": new.time.mask,
        "copy": identity(copy),
        "data": new.data,
        "data_type": new.data_type,
        "created": new.created,
    }


def _parameters(space: str, query: Query) -> dict[str, Any]:
    return {"space": space, "element_key": identity(query.element), **asdict(query)}


@cache
def _page(order: Order, resumed: bool) -> Select[Any]:
    """The statement of a page: a range of the index, from its start or from a place in it."""
    instant, tie = records.c.instant, records.c[order.tie]
    statement = _RECORDS.where(*_MATCHING)
    if resumed:
        here: ColumnElement[Any] = bindparam("at")
        here_tie: ColumnElement[Any] = bindparam("tie")
        beyond = tie < here_tie if order.tie_descending else tie > here_tie
        statement = statement.where(
            instant <= here if order.descending else instant >= here,
            or_(instant != here, beyond),
        )
    return statement.order_by(
        instant.desc() if order.descending else instant,
        tie.desc() if order.tie_descending else tie,
    ).limit(bindparam("size", type_=BigInteger))
