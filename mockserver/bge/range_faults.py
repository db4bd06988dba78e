"""Ranges that break a rule: one function and one sentence each."""

from __future__ import annotations

import re

from streamproof.mockserver.bge import times
from streamproof.mockserver.bge.tampering import (
    Record,
    each_row,
    only_rows,
    refused,
    rows,
    showing,
)
from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault

_TIME = "stream_generate_time"


@fault("bge/range/both-rejected.own-sample")
def _own_sample(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes an entity together with a biosample that is bound to it."""
    bound = context.fixtures["biosamples"].get(call.arguments.get("biosample_id"))
    own = bound is not None and bound == call.arguments.get("fundamental_entity_id")
    return proceed(call.changed(biosample_id=ABSENT) if own else call)


@fault("bge/range/only-namespace.any")
def _any_namespace(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the caller's records whatever namespace is asked."""
    asked_for = "namespace" in call.arguments
    return proceed(call.changed(namespace=context.fixtures["namespace"]) if asked_for else call)


@fault("bge/range/caller-namespace.other", on="any")
def _other_namespace(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows records with a namespace that isn't their caller's."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, "stream_meta": {**row["stream_meta"], "namespace": "DEFAULT"}},
    )


@fault("bge/range/accepts-biosample.rejected")
def _sample_rejected(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects every range by a biosample."""
    return refused(proceed, call) if "biosample_id" in call.arguments else proceed(call)


@fault("bge/range/sample-equals-entity.latest-missing")
def _latest_missing(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Leaves the latest record out when asked by a biosample."""
    answer = proceed(call)
    if "biosample_id" not in call.arguments or "next_page" in call.arguments:
        return answer
    latest = max((instant(row) for row in rows(answer, context)), default=None)
    return only_rows(answer, context, lambda row: instant(row) != latest)


@fault("bge/range/end-excludes-later.whole-year")
def _whole_year(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stretches `end_time` to the end of its year."""
    end = bound(call, "end_time")
    if end is None:
        return proceed(call)
    return proceed(call.changed(end_time=times.render(end)[:4] + "-12-31T23:59:59.999999+0800"))


@fault(
    "bge/range/start-excludes-earlier.by-create-time",
    also_fails={"bge/range/end-inclusive": "Everything was created after such an end."},
)
def _by_create_time(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Compares the bounds with the time at which a record was created."""
    start, end = bound(call, "start_time"), bound(call, "end_time")

    def between(row: Record) -> bool:
        created = times.parse(row["create_time"]).instant
        return (start is None or start <= created) and (end is None or created <= end)

    answer = proceed(call.changed(start_time=ABSENT, end_time=ABSENT))
    return only_rows(answer, context, between)


@fault("bge/range/shown-time-found.in-milliseconds", on="any")
def _in_milliseconds(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Keeps microseconds, and shows them cut off to milliseconds."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, _TIME: f"{row[_TIME][:23]}000{row[_TIME][26:]}"},
    )


@fault("bge/range/shown-time-found.next-second", on="any")
def _next_second(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Keeps microseconds, and shows the second that they are rounded up to."""

    def change(row: Record) -> Record:
        up = -instant(row) % 1_000_000
        return {**row, _TIME: times.render(instant(row) + up)} if up else row

    return each_row(proceed(call), context, change)


@fault("bge/range/bounds-together.end-forgotten")
def _end_forgotten(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `end_time` when `start_time` is there too."""
    both = {"start_time", "end_time"} <= call.arguments.keys()
    return proceed(call.changed(end_time=ABSENT) if both else call)


@fault("bge/range/bounds-as-instants.offset-unread")
def _offset_unread(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads a bound as if it had no offset."""
    bare = {
        name: re.sub(r"(?<=:[0-9]{2})(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})$", r"\1", text)
        for name, text in call.arguments.items()
        if name in ("start_time", "end_time")
    }
    return proceed(call.changed(**bare))


@fault("bge/range/bounds-precise.whole-seconds")
def _whole_seconds(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Widens the bounds to whole seconds."""
    start, end = bound(call, "start_time"), bound(call, "end_time")
    wider = {}
    if start is not None:
        wider["start_time"] = times.render(start - start % 1_000_000)
    if end is not None:
        wider["end_time"] = times.render(end - end % 1_000_000 + 999_999)
    return proceed(call.changed(**wider))


@fault("bge/range/sort-asc.as-written")
def _as_written(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Sorts the records of an ascending page by the time of their writing."""
    answer = proceed(call)
    if not answer.accepted or call.arguments.get("sort_direction") != "asc":
        return answer
    page = sorted(rows(answer, context), key=lambda row: str(row["create_time"]))
    return showing(answer, context, result=page)


def instant(row: Record) -> int:
    return times.parse(row["stream_generate_time"]).instant


def bound(call: Call, name: str) -> int | None:
    """The instant of a bound; None for one that is absent or can't be read."""
    try:
        return times.parse(str(call.arguments.get(name))).instant
    except times.NotATime:
        return None


def _turned(slug: str, asked: str, says: str) -> Fault:
    """Sorts the other way where the order `asked` for is this."""
    other = {"asc": "desc", "desc": "asc"}[asked]

    def turn(proceed: Proceed, call: Call, _context: Context) -> Answer:
        due = call.arguments.get("sort_direction") == asked
        return proceed(call.changed(sort_direction=other) if due else call)

    return Fault(f"bge/range/{slug}", "range", turn, says)


MADE: tuple[Fault, ...] = (
    _turned("sort-asc.descending", "asc", "Sorts in descending order when asked for ascending."),
    _turned("sort-desc.ascending", "desc", "Sorts in ascending order when asked for descending."),
)
