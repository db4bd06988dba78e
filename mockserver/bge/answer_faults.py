"""Answers of bge in another form than the rules say, and pages: one function and sentence each."""

from __future__ import annotations

from streamproof.mockserver.bge.range_faults import bound, instant
from streamproof.mockserver.bge.tampering import (
    Record,
    each_row,
    only_rows,
    payload,
    remembered,
    rows,
    showing,
)
from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault


@fault("bge/any/stream-ids-unique.one-for-all-entities", on="any")
def _one_for_all_entities(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows records of one data element and time under one id, whatever their entities."""
    firsts = remembered(context, "bge/any/stream-ids-unique")

    def change(row: Record) -> Record:
        key = (row["data_element"]["data_element_id"], row["stream_generate_time"])
        entity = row["stream_meta"]["fundamental_entity_id"]
        first_entity, first_id = firsts.setdefault(key, (entity, row["stream_id"]))
        return row if entity == first_entity else {**row, "stream_id": first_id}

    return each_row(proceed(call), context, change)


@fault("bge/any/data-element-described.without-source-id")
def _without_source_id(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows an empty `data_element_source_id` of every data element."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, "data_element": {**row["data_element"], "data_element_source_id": ""}},
    )


@fault("bge/range/pages-end.empty-pages")
def _empty_pages(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Goes on with empty pages when all records were shown."""
    cursor = str(call.arguments.get("next_page", ""))
    if cursor.endswith("~"):
        first = proceed(call.changed(next_page=ABSENT))
        return showing(first, context, result=[], count=0, next_page=f"{cursor}~")
    answer = proceed(call)
    ended = answer.accepted and payload(answer, context)["next_page"] is None
    return showing(answer, context, next_page="~") if ended else answer


@fault("bge/range/pages-distinct.descending-only")
def _descending_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Begins every page but the first, when descending, with the last record of the one before."""
    answer = proceed(call)
    page = list(rows(answer, context))
    goes_on = answer.accepted and payload(answer, context)["next_page"] is not None
    if call.arguments.get("sort_direction") == "asc" or not goes_on or len(page) < 2:
        return answer
    shorter = proceed(call.changed(limit=len(page) - 1))
    return showing(answer, context, next_page=payload(shorter, context)["next_page"])


@fault("bge/range/pages-by-sample.one-skipped")
def _one_skipped(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives out, by a biosample, a `next_page` that skips one record."""
    answer = proceed(call)
    follows = payload(answer, context)["next_page"] if answer.accepted else None
    if follows is None or "biosample_id" not in call.arguments:
        return answer
    after = proceed(call.changed(next_page=str(follows), limit=1))
    return showing(answer, context, next_page=payload(after, context)["next_page"])


@fault("bge/range/sample-equals-entity.ascending")
def _ascending(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Sorts in ascending order when asked by a biosample."""
    by_sample = "biosample_id" in call.arguments
    return proceed(call.changed(sort_direction="asc") if by_sample else call)


@fault("bge/range/sort-desc.as-written")
def _as_written(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Sorts the records of a page that is asked to descend by the time of their writing."""
    answer = proceed(call)
    if not answer.accepted or call.arguments.get("sort_direction") != "desc":
        return answer
    page = sorted(rows(answer, context), key=lambda row: str(row["create_time"]), reverse=True)
    return showing(answer, context, result=page)


@fault("bge/range/sort-default.when-limited")
def _when_limited(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Sorts in ascending order when `limit` is sent and no order."""
    turned = "limit" in call.arguments and "sort_direction" not in call.arguments
    return proceed(call.changed(sort_direction="asc") if turned else call)


@fault("bge/range/start-excludes-earlier.same-year")
def _same_year(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Begins with the year of `start_time`."""
    start = call.arguments.get("start_time")
    return proceed(call.changed(start_time=start[:4]) if isinstance(start, str) else call)


@fault("bge/range/bounds-together.start-left-out")
def _start_left_out(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Leaves out, when both bounds are there, records generated exactly at `start_time`."""
    start = bound(call, "start_time") if "end_time" in call.arguments else None
    return only_rows(proceed(call), context, lambda row: instant(row) != start)
