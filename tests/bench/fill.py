"""Many datastreams and records into the store of a mock, past its API: rows into its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import insert

from streamproof.mockserver.bge import tables as bge
from streamproof.mockserver.bge import times
from streamproof.mockserver.dotide import tables as dotide
from streamproof.mockserver.store import DEFAULT_SPACE, Store
from tests.bench import data

_AT_ONCE = 5_000  # rows; more take memory and gain nothing
_CREATED = 1_600_000_000_000_000


def fill(store: Store, count: int) -> None:
    """Add `count` datastreams and `count` records to the default space."""
    with store.transaction(DEFAULT_SPACE) as connection:
        for table, rows in (
            (dotide.streams, map(_stream, range(count))),
            (dotide.tags, (row for number in range(count) for row in _tags(number))),
            (bge.records, map(_record, range(count))),
        ):
            for part in _parts(rows):
                connection.execute(insert(table), part)


def _stream(number: int) -> dict[str, Any]:
    stream = data.datastream(number)
    return {
        **stream,
        "space": DEFAULT_SPACE,
        "database": "demo",
        "key": stream["id"],
        "place": stream["id"],
        "rank": "",
        "tags": _text(stream["tags"]),
        "properties": _text(stream["properties"]),
        "extra": "{}",
        "created_at": _CREATED,
        "updated_at": _CREATED,
    }


def _tags(number: int) -> Iterator[dict[str, str]]:
    stream = data.datastream(number)
    for tag in stream["tags"]:
        yield {"space": DEFAULT_SPACE, "database": "demo", "tag": tag, "key": stream["id"]}


def _record(number: int) -> dict[str, Any]:
    record = data.record(number)
    moment = times.parse(record["stream_generate_time"])
    return {
        "space": DEFAULT_SPACE,
        "stream_id": record["stream_id"],
        "namespace": data.NAMESPACE,
        "entity": data.ENTITY,
        "element": data.ELEMENT,
        "instant": moment.instant,
        "offset": moment.offset,
        "mask": moment.mask,
        "copy": "",
        "data": _text(record["stream_data"]),
        "data_type": record["data_type"],
        "created": _CREATED,
    }


def _parts(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part


def _text(document: object) -> str:
    return orjson.dumps(document).decode()
