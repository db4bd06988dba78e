"""Records that shouldn't be there, or not so: one function and one sentence each."""

from __future__ import annotations

from typing import Any

from streamproof.mockserver.bge import times
from streamproof.mockserver.bge.batch_faults import items_of
from streamproof.mockserver.bge.records import micros
from streamproof.mockserver.bge.tampering import (
    Record,
    asked,
    each_row,
    payload,
    pretended,
    refused,
    remembered,
    rows,
)
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

_DUPLICATE = "bge/write/duplicate-not-stored"
_ENTITY, _ELEMENT = "fundamental_entity_id", "data_element_id"
_TIME, _DATA = "stream_generate_time", "stream_data"


@fault("bge/write/unknown-entity-not-stored.ghost", on="any")
def _ghost(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a write for an unknown entity, and shows its record in ranges all the same."""
    answer = proceed(call)
    if answer.rule == "bge/write/unknown-entity-rejected":
        _remember_ghost(context, dict(call.arguments))
    return _with_ghosts(proceed, call, context, answer)


@fault("bge/batch_write/unknown-entity-not-stored.ghost", on="any")
def _batch_ghost(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Fails an item of an unknown entity, and shows its record in ranges all the same."""
    answer = proceed(call)
    if call.operation.id == "batch_write":
        for item in items_of(call):
            if isinstance(item, dict) and item.get(_ENTITY) not in context.fixtures["entities"]:
                _remember_ghost(context, item)
    return _with_ghosts(proceed, call, context, answer)


@fault("bge/batch_write/bad-item-not-stored.without-data")
def _without_data(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Fails an item without data, but stores it with none."""
    answer = proceed(call)
    lacking = [i for i in items_of(call) if isinstance(i, dict) and _DATA not in i]
    if lacking:
        proceed(call.changed(streams=[{**item, _DATA: {}} for item in lacking]))
    return answer


@fault("bge/batch_write/bad-item-not-stored.time-of-the-span")
def _time_of_the_span(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Fails an item whose time can't be read, but stores it at the item before."""
    answer = proceed(call)
    time = context.fixtures["time_span"][0][:4]
    for item in items_of(call):
        try:
            times.parse(str(item[_TIME]))
            time = item[_TIME]
        except times.NotATime:
            flagged = {"streams": [{**item, _TIME: time}], "duplicate_enabled": True}
            proceed(call.changed(**flagged))
        except (TypeError, KeyError):
            continue
    return answer


@fault("bge/write/key-kept.whole-minutes", on="any")
def _whole_minutes(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows the generate times of single writes in whole minutes."""
    single = remembered(context, "bge/write/key-kept")
    answer = proceed(call)
    if call.operation.id == "write" and answer.accepted:
        single[payload(answer, context)["stream_id"]] = True

    def change(row: Record) -> Record:
        instant = times.parse(row[_TIME]).instant
        whole = times.render(instant - instant % 60_000_000)
        return {**row, _TIME: whole} if row["stream_id"] in single else row

    return each_row(answer, context, change)


@fault("bge/write/concurrent-retry.locked")
def _locked(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects all equal writes that come at once, and every one after them."""
    flights = remembered(context, "bge/write/concurrent-retry")
    raced = remembered(context, "bge/write/concurrent-retry/raced")
    key = tuple(str(call.arguments.get(name)) for name in (_ENTITY, _ELEMENT, _TIME))
    flight = flights.setdefault(key, [])
    flight.append(call)  # in one step, as no sum would be
    context.race_window()
    if len(flight) > 1:
        raced[key] = True
    context.race_window()  # so that the last to come still meets the first
    flight.pop()
    return refused(proceed, call) if key in raced else proceed(call)


@fault("bge/write/data-kept.three-levels")
def _three_levels(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores null for what lies deeper than three levels in the data."""
    data = call.arguments.get(_DATA)
    return proceed(call.changed(stream_data=_cut(data, 3)) if data else call)


@fault("bge/write/year-mask.without-offset", on="any")
def _mask_without_offset(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Masks the offset as filled in."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, f"{_TIME}_mask": row[f"{_TIME}_mask"].replace("±1111", "±0000")},
    )


@fault("bge/write/year-normalised.new-year-in-utc", on="any")
def _new_year_in_utc(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows a year alone as its first instant in UTC, said in UTC+8."""

    def change(row: Record) -> Record:
        if not row[f"{_TIME}_mask"].startswith("1111-00"):
            return row
        return {**row, _TIME: f"{row[_TIME][:10]}T08:00:00.000000+0800"}

    return each_row(proceed(call), context, change)


@fault("bge/write/duplicate-not-stored.third-stored")
def _third_stored(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects the first duplicate of a record, and stores the second."""
    met = remembered(context, "bge/write/third-stored")
    answer = proceed(call)
    if answer.rule != _DUPLICATE:
        return answer
    key = tuple(str(call.arguments.get(name)) for name in (_ENTITY, _ELEMENT, _TIME))
    met[key] = met.get(key, 0) + 1
    return answer if met[key] == 1 else proceed(call.changed(duplicate_enabled=True))


@fault("bge/write/duplicate-keeps-older.rewritten-now", on="any")
def _rewritten_now(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a duplicate, but gives the older record a new `create_time`."""
    moved = remembered(context, "bge/write/rewritten-now")
    answer = proceed(call)
    if answer.rule == _DUPLICATE:
        time = call.arguments[_TIME]
        wanted = {n: call.arguments[n] for n in (_ENTITY, _ELEMENT)}
        namespace = context.fixtures["namespace"]
        span = {"start_time": time, "end_time": time}
        found = proceed(asked(call, context, "range", namespace=namespace, **span, **wanted))
        now = times.render(micros(context.now()))
        moved.update({row["stream_id"]: now for row in rows(found, context)})
    return each_row(
        answer,
        context,
        lambda row: {**row, "create_time": moved.get(row["stream_id"], row["create_time"])},
    )


@fault("bge/write/other-time-no-duplicate.same-year")
def _same_year(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes a record of the same year as another of its entity and data element for its
    duplicate."""
    if call.arguments.get("duplicate_enabled") is True:
        return proceed(call)
    written = remembered(context, "bge/write/same-year")
    time = str(call.arguments.get(_TIME))
    key = (time[:4], *(str(call.arguments.get(name)) for name in (_ENTITY, _ELEMENT)))
    return proceed(call) if written.setdefault(key, time) == time else refused(proceed, call)


@fault("bge/write/other-time-no-duplicate.any-time")
def _any_time(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes any record of its entity and data element for a write's duplicate."""
    if call.arguments.get("duplicate_enabled") is True:
        return proceed(call)
    entity, element = (str(call.arguments.get(name)) for name in (_ENTITY, _ELEMENT))
    namespace = context.fixtures["namespace"]
    wanted = {"namespace": namespace, _ENTITY: entity, _ELEMENT: element, "limit": 1}
    standing = rows(proceed(asked(call, context, "range", **wanted)), context)
    return refused(proceed, call) if any(standing) else proceed(call)


def _remember_ghost(context: Context, fields: dict[str, Any]) -> None:
    entity = fields.get(_ENTITY)
    if isinstance(entity, str):
        remembered(context, "bge/ghosts").setdefault(entity, fields)


def _with_ghosts(proceed: Proceed, call: Call, context: Context, answer: Answer) -> Answer:
    """What a range shows if unknown entities have the records that were refused."""
    ghost = remembered(context, "bge/ghosts").get(call.arguments.get(_ENTITY))
    if call.operation.id != "range" or ghost is None or answer.accepted:
        return answer
    known = context.fixtures["streams"][0]["stream_id"]
    found = proceed(asked(call, context, "retrieve", stream_id=known))
    if not found.accepted:
        return answer
    template = payload(found, context)
    meta = {**template["stream_meta"], _ENTITY: call.arguments[_ENTITY]}
    row = {**template, "stream_meta": meta, _DATA: ghost.get(_DATA)}
    return pretended(context, {"result": [row], "next_page": None, "count": 1})


def _cut(value: Any, levels: int) -> Any:
    match value:
        case dict():
            return {n: _cut(v, levels - 1) for n, v in value.items()} if levels else None
        case list():
            return [_cut(each, levels - 1) for each in value] if levels else None
        case _:
            return value
