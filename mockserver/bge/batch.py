"""batch_write: many records in one call, each answered on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver.bge import catalogue, data, records
from streamproof.mockserver.bge.envelope import message
from streamproof.mockserver.bge.records import New
from streamproof.mockserver.bge.spellings import GenerateTime, generate_time, shown
from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.parsing import Unreadable, read_json
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_LARGEST = 100  # bge-private-sdk 0.1a1 › private_sdk/client.py › batch_write_stream
_TEXTS = ("fundamental_entity_id", "data_element_id", "stream_generate_time")

Draft = New | Rejected


def batch_write(context: Context, arguments: Mapping[str, Any]) -> Answer:
    """Store every good item, whatever becomes of the others (document 000 › batch_write_stream)."""
    dialect, items = context.dialect, arguments["streams"]
    if not items and dialect["empty_batch"] == "rejected":
        raise Rejected("bge/dialect/empty_batch", "streams is empty; send 1 to 100 items")
    if len(items) > _LARGEST and dialect["over_batch"] == "rejected":
        detail = f"streams: at most {_LARGEST} items expected, got {len(items)}; send several calls"
        raise Rejected("bge/dialect/over_batch", detail)
    further = arguments["duplicate_enabled"]
    drafts = [_draft(context, item) for item in items[:_LARGEST]]
    drafts += [_too_many()] * (len(items) - len(drafts))
    if not further:
        drafts = _without_equals(drafts, dialect["equal_items_in_batch"])
    with context.transaction() as connection:
        drafts = _without_unknown(context, connection, drafts)
        answers = [
            _write(context, connection, item, draft, further)
            for item, draft in zip(items, drafts, strict=True)
        ]
    return Answer(dialect["write_status"], {"result": answers})


def _draft(context: Context, item: object) -> Draft:
    """The record that an item asks for, or why there is none.

    Raises `Rejected` where the dialect rejects the whole call for such an item.
    """
    dialect = context.dialect
    try:
        fields = _fields(item)
        return New(
            stream_id=records.new_id(dialect),
            namespace=context.fixtures["namespace"],
            entity=fields["fundamental_entity_id"],
            element=fields["data_element_id"],
            time=_time(fields["stream_generate_time"], dialect),
            data=_data(fields["stream_data"], dialect),
            created=records.micros(context.now()),
        )
    except Rejected as rejection:
        if dialect.get(rejection.rule.rpartition("/")[2]) == "call_rejected":
            raise
        return rejection


def _fields(item: object) -> Mapping[str, Any]:
    """The fields of an item, all there and of their types. Raises `Rejected`."""
    if not isinstance(item, dict):
        raise Rejected("bge/dialect/item_wrong_type", "an item of streams must be an object")
    for name in (*_TEXTS, "stream_data"):
        if name not in item:
            raise Rejected("bge/dialect/item_lacks_field", f"{name} is missing in an item")
    for name in _TEXTS:
        if not isinstance(item[name], str):
            raise Rejected("bge/dialect/item_wrong_type", f"{name} in an item must be text")
    return item


def _time(text: str, dialect: Dialect) -> GenerateTime:
    try:
        return generate_time(text, dialect)
    except Rejected as rejection:
        raise Rejected("bge/dialect/item_bad_time", rejection.detail) from None


def _data(value: Any, dialect: Dialect) -> str:
    """The text that is stored for an item's data. Raises `Rejected`."""
    if isinstance(value, str) and dialect["item_data_as_text"] != "kept":
        if dialect["item_data_as_text"] == "item_fails":
            detail = "stream_data is text; send it as a JSON value"
            raise Rejected("bge/dialect/item_data_as_text", detail)
        try:
            read_json(value, "stream_data")
        except Unreadable as fault:
            raise Rejected("bge/dialect/item_data_as_text", str(fault)) from None
        value = data.read(value)
    return data.write(value, dialect)


def _too_many() -> Rejected:
    detail = f"a batch has at most {_LARGEST} items; send the rest in another call"
    return Rejected("bge/batch_write/never-over-100", detail)


def _without_equals(drafts: Sequence[Draft], stored: str) -> list[Draft]:
    """Of equal items only the one that the dialect stores: ``first``, ``last`` or ``none``.

    The first is left to the store, where the second meets it as a record.
    """
    if stored == "first":
        return list(drafts)
    places: dict[object, list[int]] = {}
    for place, draft in enumerate(drafts):
        if isinstance(draft, New):
            places.setdefault(draft.key, []).append(place)
    kept = list(drafts)
    for equal in places.values():
        for place in equal[: -1 if stored == "last" else None] if len(equal) > 1 else ():
            kept[place] = Rejected(
                "bge/dialect/equal_items_in_batch", "an equal item is in this batch"
            )
    return kept


def _without_unknown(
    context: Context, connection: Connection, drafts: Sequence[Draft]
) -> list[Draft]:
    """Drafts of unknown entities and data elements turned into their rejections."""
    space = context.space.name
    news = [draft for draft in drafts if isinstance(draft, New)]
    entities = catalogue.known_entities(connection, space, {new.entity for new in news})
    elements = catalogue.known_elements(connection, space, {new.element for new in news})
    any_element = context.dialect["unknown_element_in_batch"] == "accepted"

    def known(draft: Draft) -> Draft:
        if isinstance(draft, New) and draft.entity not in entities:
            return Rejected("bge/batch_write/unknown-entity-fails", "fundamental_entity_id 不存在")
        if isinstance(draft, New) and draft.element not in elements and not any_element:
            return Rejected("bge/dialect/unknown_element_in_batch", "data_element_id 不存在")
        return draft

    return [known(draft) for draft in drafts]


def _write(
    context: Context, connection: Connection, item: object, draft: Draft, further: bool
) -> dict[str, Any]:
    """Store a draft, and answer its item."""
    if isinstance(draft, Rejected):
        return _answer(context, item, None, message(context.dialect, draft))
    if records.add(connection, context.space.name, draft, further):
        return _answer(context, item, draft.stream_id)
    standing = records.older(connection, context.space.name, draft)
    if context.dialect["duplicate_item_answer"] == "older_id":
        return _answer(context, item, standing)
    detail = f"record {standing} has the same entity, data element and generate time"
    duplicate = Rejected("bge/batch_write/duplicate-in-store-not-stored", detail)
    return _answer(context, item, None, message(context.dialect, duplicate))


def _answer(
    context: Context, item: object, stream_id: str | None, problem: str = ""
) -> dict[str, Any]:
    """The answer to an item: it repeats what can be read of it."""
    sent: Mapping[str, Any] = item if isinstance(item, dict) else {}
    entity, element, text = (v if isinstance(v := sent.get(n), str) else None for n in _TEXTS)
    try:
        time = generate_time(text or "", context.dialect)
        shown_time = shown(time.instant, time.offset, context.dialect)
    except Rejected:
        shown_time = None
    return {
        "is_succeed": stream_id is not None,
        "message": problem,
        "stream": {
            "stream_meta": {
                "namespace": context.fixtures["namespace"],
                "fundamental_entity_id": entity,
            },
            "stream_generate_time": shown_time,
            "stream_id": stream_id,
            "data_element": {"data_element_id": element},
        },
    }
