"""range: the records of one data element of one entity, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from sqlalchemy import Connection

from streamproof.mockserver.bge import catalogue, cursor, records
from streamproof.mockserver.bge.cursor import Cursor
from streamproof.mockserver.bge.records import Found, Order, Query
from streamproof.mockserver.bge.spellings import bound
from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_WALK = (  # what a page and the next must share: not `limit`, which shapes pages, not the walk
    "namespace",
    "data_element_id",
    "fundamental_entity_id",
    "biosample_id",
    "start_time",
    "end_time",
    "sort_direction",
)


class _Nothing(Exception):
    """The page is empty, whatever is stored."""


def range_page(context: Context, arguments: Mapping[str, Any]) -> Answer:
    """One page, and the cursor of the next (document 000 › stream_range)."""
    with context.reading() as connection:
        try:
            return Answer(200, _page(context, connection, arguments))
        except _Nothing:
            return Answer(200, {"result": [], "next_page": None, "count": 0})


def _page(context: Context, connection: Connection, arguments: Mapping[str, Any]) -> dict[str, Any]:
    dialect, space = context.dialect, context.space.name
    query = _query(context, connection, arguments)
    digest = cursor.digest({name: arguments.get(name) for name in _WALK})
    after, newest = _resume(context, connection, arguments.get("next_page"), digest)
    if newest is not None:
        query = replace(query, newest=newest)
    elif dialect["write_during_paging"] == "hidden":
        query = replace(query, newest=records.newest(connection, space))

    size = _size(arguments.get("limit", dialect["default_limit"]), dialect)
    order = _order(arguments["sort_direction"], dialect)
    found = records.page(connection, space, query, order, after, size + 1)
    shown = found[:size]
    if not found and after is None and dialect["no_match"] == "rejected":
        raise Rejected("bge/dialect/no_match", "no record matches; ask for others", 404)
    follows = len(found) > size or (len(shown) == size and dialect["last_page"] == "empty_page")
    total = dialect["count_meaning"] == "total"
    return {
        "result": [records.show(row, dialect) for row in shown],
        "next_page": _next(shown, digest, query, dialect) if follows and shown else None,
        "count": records.count(connection, space, query) if total else len(shown),
    }


def _query(context: Context, connection: Connection, arguments: Mapping[str, Any]) -> Query:
    """What is asked for. Raises `Rejected`, and `_Nothing`."""
    dialect, space = context.dialect, context.space.name
    namespace, element = arguments["namespace"], arguments["data_element_id"]
    if not catalogue.known_namespaces(connection, space, [namespace]):
        _nothing(
            dialect, "unknown_namespace_in_range", f"namespace 不存在: no namespace {namespace!r}"
        )
    if not catalogue.known_elements(connection, space, [element]):
        _nothing(
            dialect,
            "unknown_element_in_range",
            f"data_element_id 不存在: no data element {element!r}",
        )
    query = Query(namespace, _entity(context, connection, arguments), element)
    first = bound("start_time", arguments.get("start_time"), dialect)
    last = bound("end_time", arguments.get("end_time"), dialect)
    if first is not None and last is not None and first > last:
        _nothing(dialect, "start_after_end", "start_time lies after end_time; swap them", 400)
    return replace(
        query,
        first=query.first if first is None else first,
        last=query.last if last is None else last,
        written_by=records.micros(context.now()) - int(dialect["visible_after_s"] * 1_000_000),
    )


def _entity(context: Context, connection: Connection, arguments: Mapping[str, Any]) -> str:
    """The entity whose records are asked for, by its own id or by that of a sample."""
    dialect, space = context.dialect, context.space.name
    entity: str | None = arguments.get("fundamental_entity_id")
    if entity is not None:
        if not catalogue.known_entities(connection, space, [entity]):
            _nothing(
                dialect,
                "unknown_entity_in_range",
                f"fundamental_entity_id 不存在: no entity {entity!r}",
            )
        return entity
    sample = arguments["biosample_id"]
    try:
        entity = catalogue.entity_of(connection, space, sample)
    except catalogue.UnknownSample:
        _nothing(
            dialect, "unknown_sample_in_range", f"biosample_id 不存在: no biosample {sample!r}"
        )
    if entity is None:
        _nothing(dialect, "unbound_sample_in_range", f"biosample {sample!r} is bound to no entity")
    return entity


def _resume(
    context: Context, connection: Connection, text: str | None, digest: int
) -> tuple[Found | None, int | None]:
    """The record after which to go on, and the newest that the walk may show; None for neither."""
    dialect = context.dialect
    if text is None:
        return None, None
    try:
        sent = cursor.read(text, dialect["cursor_type"])
        after = records.at(connection, context.space.name, sent.sequence)
        if after is None:
            raise cursor.NotACursor("belongs to a walk over other records; start anew")
    except cursor.NotACursor as fault:
        match dialect["invalid_cursor"]:
            case "first_page":
                return None, None
            case "empty":
                raise _Nothing from None
        raise Rejected("bge/dialect/invalid_cursor", f"next_page: {fault}") from None
    if sent.digest != digest and dialect["cursor_with_other_arguments"] == "rejected":
        detail = "next_page goes with other arguments; repeat those of the first page"
        raise Rejected("bge/dialect/cursor_with_other_arguments", detail)
    return after, sent.newest or None


def _next(shown: Sequence[Found], digest: int, query: Query, dialect: Dialect) -> str | int:
    newest = query.newest if query.newest != records.LAST else 0
    return cursor.write(Cursor(shown[-1].sequence, digest, newest), dialect["cursor_type"])


def _size(limit: int, dialect: Dialect) -> int:
    """How many records a page has, while there are enough. Raises `_Nothing`."""
    if limit == 0:
        raise _Nothing
    return max(1, limit - 1) if dialect["short_pages"] == "sometimes" else limit


def _order(direction: str, dialect: Dialect) -> Order:
    descending = direction == "desc"
    turned = descending and dialect["asc_mirrors_desc"] == "mirrored"
    return Order(
        descending=descending,
        tie="stream_id" if dialect["tie_order"] == "stream_id" else "sequence",
        tie_descending=(dialect["tie_order"] == "reverse") != turned,
    )


def _nothing(dialect: Dialect, point: str, detail: str, status: int = 404) -> NoReturn:
    """Answer an empty page, or reject the call, as the silent point says."""
    if dialect[point] == "empty":
        raise _Nothing
    raise Rejected(f"bge/dialect/{point}", detail, status)
