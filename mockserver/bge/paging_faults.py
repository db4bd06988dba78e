"""Pages of range that break a rule: one function and one sentence each."""

from __future__ import annotations

import uuid
from typing import Any

from streamproof.mockserver.bge.tampering import (
    asked,
    only_rows,
    payload,
    refused,
    rows,
    showing,
)
from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

_LARGEST = 100


@fault("bge/range/limit-100-accepted.less-only")
def _less_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects a `limit` of 100."""
    return refused(proceed, call) if _limit(call) == _LARGEST else proceed(call)


@fault("bge/range/never-over-100.as-asked")
def _as_asked(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Serves a `limit` over 100 in full."""
    limit = _limit(call) or 0
    return _long(proceed, call, context, limit) if limit > _LARGEST else proceed(call)


@fault("bge/range/never-over-100-unasked.all")
def _all(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Puts up to 1000 records on a page when no `limit` is sent."""
    return proceed(call) if "limit" in call.arguments else _long(proceed, call, context, 1000)


@fault("bge/range/pages-with-ties.ties-skipped")
def _ties_skipped(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Goes on after the time of a page's last record, and so loses those equal to it."""
    answer = proceed(call)
    page, follows = list(rows(answer, context)), _next(answer, context)
    while follows is not None:
        after = proceed(call.changed(next_page=follows, limit=1))
        equal = [row for row in rows(after, context) if _time(row) == _time(page[-1])]
        if not equal:
            break
        follows = _next(after, context)
    return showing(answer, context, next_page=follows)


@fault("bge/range/pages-with-ties.ties-again")
def _ties_again(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Begins a page with all records of the time that the edge between pages falls into."""
    answer = proceed(call)
    page, follows = list(rows(answer, context)), _next(answer, context)
    earlier = [row for row in page if _time(row) != _time(page[-1])]
    if follows is None or not earlier:
        return answer
    after = rows(proceed(call.changed(next_page=follows, limit=1)), context)
    if not any(_time(row) == _time(page[-1]) for row in after):
        return answer
    shorter = proceed(call.changed(limit=len(earlier)))
    return showing(answer, context, next_page=_next(shorter, context))


@fault("bge/range/pages-in-window.far-bound-forgotten")
def _far_bound_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Keeps to the bound at which a walk ends on the first page only."""
    ascending = call.arguments.get("sort_direction") == "asc"
    bound = "end_time" if ascending else "start_time"
    beyond = proceed(call.changed(**{bound: ABSENT}))
    if bound not in call.arguments or "next_page" in call.arguments:
        return beyond
    within = {row["stream_id"] for row in rows(proceed(call), context)}
    return only_rows(beyond, context, lambda row: row["stream_id"] in within)


@fault("bge/range/pages-keep-arguments.entity-forgotten")
def _entity_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds the records of other entities to every page but the first."""
    return _with_others(
        proceed, call, context, "fundamental_entity_id", context.fixtures["entities"]
    )


@fault("bge/range/pages-keep-arguments.element-forgotten")
def _element_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds the records of other data elements to every page but the first."""
    elements = [e if isinstance(e, str) else e["id"] for e in context.fixtures["data_elements"]]
    return _with_others(proceed, call, context, "data_element_id", elements)


@fault("bge/range/pages-keep-arguments.sample-forgotten")
def _sample_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds the records of other entities to every page but the first by a biosample."""
    if "biosample_id" not in call.arguments:
        return proceed(call)
    return _with_others(
        proceed, call, context, "fundamental_entity_id", context.fixtures["entities"]
    )


@fault("bge/range/pages-keep-arguments.namespace-forgotten")
def _namespace_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Begins every page but the first with a record of another namespace."""
    answer = proceed(call)
    page = list(rows(answer, context))
    if "next_page" not in call.arguments or not page:
        return answer
    meta = {**page[0]["stream_meta"], "namespace": "DEFAULT"}
    stranger = {**page[0], "stream_id": str(uuid.uuid4()), "stream_meta": meta}
    count = payload(answer, context)["count"] + 1
    return showing(answer, context, result=[stranger, *page], count=count)


@fault("bge/range/pages-ordered.order-forgotten")
def _order_forgotten(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows every page but the first in descending order."""
    answer = proceed(call)
    if "next_page" not in call.arguments or call.arguments.get("sort_direction") != "asc":
        return answer
    return showing(answer, context, result=list(rows(answer, context))[::-1])


@fault("bge/range/pages-by-sample.first-page-only")
def _first_page_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives out no `next_page` when asked by a biosample."""
    answer = proceed(call)
    return showing(answer, context, next_page=None) if "biosample_id" in call.arguments else answer


@fault("bge/range/count-right.one-more")
def _count_one_more(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Counts one record more than there are."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    return showing(answer, context, count=payload(answer, context)["count"] + 1)


@fault("bge/range/count-right.limit")
def _count_limit(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers `limit` for `count` when it is sent."""
    limit = _limit(call)
    return showing(proceed(call), context, count=limit) if limit else proceed(call)


def _with_others(
    proceed: Proceed, call: Call, context: Context, name: str, others: list[str]
) -> Answer:
    """The page and, if it isn't the first, all records between its first and its last that answer
    to another value of `name`."""
    answer = proceed(call)
    page = list(rows(answer, context))
    if "next_page" not in call.arguments or not page:
        return answer
    times = sorted((_time(page[0]), _time(page[-1])))
    own = page[0]
    asking = {
        "namespace": call.arguments["namespace"],
        "data_element_id": call.arguments["data_element_id"],
        "fundamental_entity_id": own["stream_meta"]["fundamental_entity_id"],
        "start_time": times[0],
        "end_time": times[1],
        "limit": _LARGEST,
    }
    strangers = [
        row
        for other in others
        if other != asking[name]
        for row in rows(proceed(asked(call, context, "range", **{**asking, name: other})), context)
    ]
    descending = call.arguments.get("sort_direction", "desc") == "desc"
    together = sorted([*page, *strangers], key=_time, reverse=descending)
    count = payload(answer, context)["count"] + len(strangers)
    return showing(answer, context, result=together, count=count)


def _long(proceed: Proceed, call: Call, context: Context, limit: int) -> Answer:
    """A page of up to `limit` records, however many."""
    answer = proceed(call.changed(limit=_LARGEST))
    page: list[Any] = []
    while True:
        page += rows(answer, context)
        follows, left = _next(answer, context), min(limit - len(page), _LARGEST)
        if follows is None or left < 1:
            return showing(answer, context, result=page, count=len(page))
        answer = proceed(call.changed(limit=left, next_page=follows))


def _next(answer: Answer, context: Context) -> str | None:
    """The cursor of the next page, as its text is sent."""
    cursor = payload(answer, context)["next_page"] if answer.accepted else None
    return None if cursor is None else str(cursor)


def _limit(call: Call) -> int | None:
    limit = call.arguments.get("limit")
    return limit if isinstance(limit, int) and limit > 0 else None


def _time(row: dict[str, Any]) -> str:
    return str(row["stream_generate_time"])
