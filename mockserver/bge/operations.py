"""The bge API beyond its specification. Source of the rules: document 000 (stream.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver.bge import catalogue, data, records, times
from streamproof.mockserver.bge.arguments import adapt
from streamproof.mockserver.bge.arrival import authenticate
from streamproof.mockserver.bge.batch import batch_write
from streamproof.mockserver.bge.envelope import grant, refuse, unreadable
from streamproof.mockserver.bge.paging import range_page
from streamproof.mockserver.bge.spellings import GenerateTime, generate_time
from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.tables import AT_ONCE
from streamproof.specs.dialect import Dialect
from streamproof.specs.errors import SpecError

__all__ = [
    "OPERATIONS",
    "STATE",
    "adapt",
    "authenticate",
    "grant",
    "refuse",
    "seed",
    "state",
    "unreadable",
]

STATE = ("data_elements", "entities", "biosamples", "streams")


def seed(
    connection: Connection,
    space: str,
    fixtures: Mapping[str, Any],
    dialect: Dialect,  # noqa: ARG001 - a seed is stored as it stands
    now: datetime,  # noqa: ARG001 - its records have times of their own
) -> None:
    """Fill a new space with what exists, and with the records of the fixtures."""
    catalogue.seed(connection, space, fixtures)
    remaining = map(_record, fixtures["streams"])
    while part := list(islice(remaining, AT_ONCE)):
        if not records.add_all(connection, space, part):
            ids = [stream["stream_id"] for stream in fixtures["streams"]]
            twice = next(each for each, count in Counter(ids).items() if count > 1)
            raise SpecError("fixtures of bge", f"streams/{twice}", "this id stands twice")


def state(
    connection: Connection,
    space: str,
    fixtures: Mapping[str, Any],  # noqa: ARG001 - which are the server's, not the space's
    dialect: Dialect,
) -> Mapping[str, Any]:
    """What exists, and all records in the order of their writing."""
    rows = records.everything(connection, space)
    return {
        **catalogue.everything(connection, space),
        "streams": [
            {
                **records.show(row, dialect),
                "stream_generate_time": times.render(row.instant, row.offset),
            }
            for row in rows
        ],
    }


def _record(stream: Mapping[str, Any]) -> records.New:
    """A record of the fixtures. Raises `SpecError`."""
    try:
        moment = times.parse(stream["stream_generate_time"])
        created = times.parse(stream["create_time"]).instant
    except times.NotATime as fault:
        raise SpecError("fixtures of bge", f"streams/{stream['stream_id']}", str(fault)) from None
    mask = stream.get("stream_generate_time_mask", moment.mask)
    return records.New(
        stream_id=stream["stream_id"],
        namespace=stream["stream_meta"]["namespace"],
        entity=stream["stream_meta"]["fundamental_entity_id"],
        element=stream["data_element"]["data_element_id"],
        time=GenerateTime(moment.instant, moment.offset, mask, copy=""),
        data=data.plain(stream["stream_data"]),
        created=created,
        data_type=stream.get("data_type", records.DATA_TYPE),
    )


def write(context: Context, arguments: Mapping[str, Any]) -> Answer:
    """Store one record; a repeated one only where duplicates are let in."""
    dialect, space = context.dialect, context.space.name
    new = records.New(
        stream_id=records.new_id(dialect),
        namespace=context.fixtures["namespace"],
        entity=arguments["fundamental_entity_id"],
        element=arguments["data_element_id"],
        time=generate_time(arguments["stream_generate_time"], dialect),
        data=data.write(arguments["stream_data"], dialect),
        created=records.micros(context.now()),
    )
    with context.transaction() as connection:
        if not catalogue.known_entities(connection, space, [new.entity]):
            detail = f"fundamental_entity_id 不存在: no entity {new.entity!r}"
            raise Rejected("bge/write/unknown-entity-rejected", detail, 404)
        known = catalogue.known_elements(connection, space, [new.element])
        if not known and dialect["unknown_element_on_write"] == "rejected":
            detail = f"data_element_id 不存在: no data element {new.element!r}"
            raise Rejected("bge/dialect/unknown_element_on_write", detail, 404)
        if records.add(connection, space, new, arguments["duplicate_enabled"]):
            return Answer(dialect["write_status"], {"stream_id": new.stream_id})
        standing = records.older(connection, space, new)
    if dialect["duplicate_answer"] == "older_id":
        return Answer(dialect["write_status"], {"stream_id": standing})
    raise Rejected(
        "bge/write/duplicate-not-stored",
        f"record {standing} has the same entity, data element and generate time; "
        "send duplicate_enabled=true to store another",
        409,
    )


def retrieve(context: Context, arguments: Mapping[str, Any]) -> Answer:
    """One record by its id."""
    with context.reading() as connection:
        found = records.find(connection, context.space.name, arguments["stream_id"])
    if found is None:
        detail = f"stream_id 不存在: no record {arguments['stream_id']!r}"
        raise Rejected("bge/retrieve/unknown-rejected", detail, 404)
    return Answer(200, records.show(found, context.dialect))


def bind(context: Context, arguments: Mapping[str, Any]) -> Answer:
    """The entity of a sample."""
    sample = arguments["biosample_id"]
    with context.reading() as connection:
        try:
            entity = catalogue.entity_of(connection, context.space.name, sample)
        except catalogue.UnknownSample:
            detail = f"biosample_id 不存在: no biosample {sample!r}"
            raise Rejected("bge/bind/unknown-rejected", detail, 404) from None
    if entity is None and context.dialect["unbound_sample"] == "rejected":
        detail = f"biosample {sample!r} is bound to no entity"
        raise Rejected("bge/dialect/unbound_sample", detail, 404)
    return Answer(200, {"fundamental_entity_id": entity})


OPERATIONS: Mapping[str, Perform] = {
    "range": range_page,
    "write": write,
    "batch_write": batch_write,
    "retrieve": retrieve,
    "bind": bind,
}
