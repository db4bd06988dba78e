"""Datapoints: what is stored, shown, listed and deleted, and what a datastream shows of them.

All stand on whole minutes of the past, and bounds between them: how finely a server keeps times,
and whether an edge is inside, is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.laws import orders, pages, windows, zones
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

Point = tuple[datetime, Any]

_NOON: Final = datetime(2014, 1, 3, 12, tzinfo=UTC)
_HALF: Final = timedelta(seconds=30)
VALUES: Final = (5, 1, 4, 2, 6, 3)
_LACKS: Final = (404, 405, 501)
_NONE: Final = (None, "")
_KEPT: Final = "a datapoint, shown"
_SEVERAL: Final = "several datapoints, listed"
_FITS: Final = "a value that fits, accepted"
_ALONE: Final = "one datapoint of several"
_GONE: Final = "datapoints inside and outside, seen before"
_NEWEST: Final = "a newest datapoint, and then a newer one"
_LEFT: Final = "a datastream after its newest datapoint was deleted"
_REBORN: Final = "an id with datapoints, created anew"
_TWIN: Final = "the same calls on a datastream that is there"


def minute(number: float) -> datetime:
    """The instant so many minutes after a certain noon."""
    return _NOON + timedelta(minutes=number)


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def ready(trial: Trial) -> None:
    """Raise `Unmet` unless the target keeps datapoints."""
    trial.learn(_keeps)


def _keeps(trial: Trial) -> None:
    stream = str(calls.make(trial)["id"])
    outcome = trial.client.call("create_datapoints", id=stream, t=written(minute(0)), v=1)
    told = f'{outcome}; a target without datapoints says so: lacks = ["datapoints"]'
    trial.require(outcome.accepted, f"a create of a datapoint: {told}")
    found = trial.client.call("list_datapoints", id=stream)
    trial.judged(found, "a list of datapoints")
    if found.status in _LACKS:
        trial.require(False, f"a list of datapoints: {found}")
    trial.promised(
        found.accepted and (minute(0), 1) in [*_points(found.payload)],
        "dotide/list_datapoints/shows-created",
        "not-kept",
        expected=f"a list with the datapoint that was created, 1 at {written(minute(0))}",
        actual=str(found),
    )


def stream_of(trial: Trial, *values: Any, **fields: Any) -> str:
    """A new datastream with these values, a minute from one to the next."""
    ready(trial)
    stream = str(calls.make(trial, **fields)["id"])
    for number, value in enumerate(values):
        add(trial, stream, number, value)
    return stream


def add(trial: Trial, stream: str, number: float, value: Any) -> Any:
    """Create a datapoint that other rules answer for."""
    sent = {"t": written(minute(number)), "v": value}
    outcome = trial.client.call("create_datapoints", id=stream, **sent)
    return trial.given(outcome, "a create of a datapoint")


def shelf(trial: Trial) -> str:
    """A datastream of six numbers, which many examples only read."""
    return stream_of(trial, *VALUES)


def points(trial: Trial, outcome: Outcome) -> list[Point]:
    """The datapoints of a list that other rules answer for."""
    payload = trial.given(outcome, "a list of datapoints")
    rows = payload.get("datapoints") if isinstance(payload, Mapping) else None
    trial.require(isinstance(rows, list), f"datapoints in a list: {shown(payload)}")
    return [*_points(payload)]


def _points(payload: Any) -> Iterator[Point]:
    """Datapoints in either form: objects, or, in version 2, pairs."""
    rows = payload.get("datapoints") if isinstance(payload, Mapping) else payload
    for row in rows if isinstance(rows, list) else ():
        found = _point(row)
        if found is not None:
            yield found


def _point(row: Any) -> Point | None:
    match row:
        case {"t": t}:
            value = row.get("v")
        case [t, value]:
            pass
        case _:
            return None
    at = times.parse(t)
    return None if at is None else (at.astimezone(UTC), value)


def listed(trial: Trial, stream: str, seek: int, **query: Any) -> list[Point]:
    """A list of `seek` datapoints, read on while a page shows something new: a server may cut it
    short at any length."""
    rows = points(trial, trial.client.call("list_datapoints", id=stream, **query))
    new = rows
    while new and len(rows) < seek:
        page = {"limit": calls.PAGE, "offset": len(rows)}
        outcome = trial.client.call("list_datapoints", id=stream, **query, **page)
        new = [row for row in points(trial, outcome) if row not in rows]
        rows = rows + new
    return rows


# -- arguments of generated checks -------------------------------------------------------------


def create_arguments(trial: Trial) -> dict[str, Any]:
    return {"id": stream_of(trial), "t": written(minute(0)), "v": 1}


def list_arguments(trial: Trial) -> dict[str, Any]:
    return {"id": trial.once(shelf), "order": "asc"}


def delete_arguments(trial: Trial) -> dict[str, Any]:
    window = {"start": written(minute(-1)), "end": written(minute(1))}
    return {"id": stream_of(trial, 1), **window}


# -- create ------------------------------------------------------------------------------------


@check("dotide/create_datapoints/echo", _KEPT)
def echo(trial: Trial) -> None:
    """A create answers the datapoint that was sent: its instant and its value."""
    stream = stream_of(trial)
    for number, value in enumerate((20, -1.5, None)):
        answer = _point(add(trial, stream, number, value))
        _is(trial, answer, (minute(number), value), "the datapoint answered")
    trial.witness(_KEPT)


@check("dotide/create_datapoints/several", _SEVERAL)
def several(trial: Trial) -> None:
    """Of an array of datapoints each is stored and answered."""
    stream = stream_of(trial)
    sent = [{"t": written(minute(number)), "v": number} for number in range(3)]
    request = trial.client.build("create_datapoints", path={"id": stream}, body=sent)
    payload = trial.accepted(trial.client.send(request), "a create of several datapoints")
    wanted = [(minute(number), number) for number in range(3)]
    answered = sorted(_points(payload), key=lambda point: point[0])
    trial.holds(
        same([*map(list, answered)], [*map(list, wanted)]),
        "not-answered",
        expected="all datapoints in the answer",
        actual=shown(payload),
    )
    trial.contains(listed(trial, stream, 3), wanted, "a list after a create of several datapoints")
    trial.witness(_SEVERAL)


@check("dotide/create_datapoints/absent-fields", _KEPT)
def absent_fields(trial: Trial) -> None:
    """Without `t` a datapoint has the time of its create, without `v` no value."""
    stream = stream_of(trial)
    before = calls.create(trial)[1].get("created_at")
    outcome = trial.client.call("create_datapoints", id=stream, v=7)
    found = _point(trial.accepted(outcome, "a create of a value alone"))
    after = calls.create(trial)[1].get("created_at")
    first, last = times.parse(before), times.parse(after)
    trial.require(first and last, "the times of creates before and after")
    trial.holds(
        found is not None and first - _SLACK <= found[0] <= last + _SLACK,  # type: ignore[operator]
        "another-time",
        expected=f"a time from {before} to {after}",
        actual=str(outcome),
    )
    outcome = trial.client.call("create_datapoints", id=stream, t=written(minute(0)))
    found = _point(trial.accepted(outcome, "a create of a time alone"))
    _is(trial, found, (minute(0), None), "a datapoint without a value")
    trial.witness(_KEPT)


_SLACK: Final = timedelta(seconds=2)


@check("dotide/create_datapoints/value-type", _FITS)
def value_type(trial: Trial) -> None:
    """A value that is not of the datastream's type is rejected."""
    spot = {"type": "Point", "coordinates": [118.82, 31.89]}
    for kind, good, bad in (
        ("number", 1.5, "on"),
        ("string", "on", spot),
        ("geojson", spot, "on"),
    ):
        stream = stream_of(trial, type=kind)
        outcome = trial.client.call("create_datapoints", id=stream, t=written(minute(0)), v=good)
        trial.given(outcome, f"a value of type {kind}")
        outcome = trial.client.call("create_datapoints", id=stream, t=written(minute(1)), v=bad)
        trial.rejected(outcome, f"{shown(bad)} in a datastream of type {kind}")
    trial.witness(_FITS)


def _is(trial: Trial, found: Point | None, wanted: Point, what: str) -> None:
    actual = None if found is None else [written(found[0]), found[1]]
    trial.equal(actual, [written(wanted[0]), wanted[1]], what, reason="another-datapoint")


# -- list --------------------------------------------------------------------------------------


@check("dotide/list_datapoints/shows-created", _KEPT)
def shows_created(trial: Trial) -> None:
    """A datapoint that was created is listed with its instant and its value."""
    stream = trial.once(shelf)
    wanted = [(minute(number), value) for number, value in enumerate(VALUES)]
    trial.contains(listed(trial, stream, len(VALUES)), wanted, "a list of datapoints")
    trial.witness(_KEPT)


@check("dotide/list_datapoints/newest-first", orders.DISTINCT)
def newest_first(trial: Trial) -> None:
    """Without `order` the newest datapoint comes first."""
    _stand(trial, {}, descending=True)


@check("dotide/list_datapoints/order", orders.DISTINCT)
def ordered(trial: Trial) -> None:
    """`order` lists datapoints by time, rising or falling."""
    _stand(trial, {"order": "asc"}, descending=False)
    _stand(trial, {"order": "desc"}, descending=True)


def _stand(trial: Trial, query: Mapping[str, str], *, descending: bool) -> None:
    rows = listed(trial, trial.once(shelf), len(VALUES), **query)
    orders.in_order(
        trial, rows, key=lambda point: point[0], descending=descending, told=datetime.isoformat
    )


_PLACES: Final = {written(minute(number)): 2 * number for number in range(len(VALUES))}
"""The datapoints of the shelf in half minutes: odd numbers lie between them."""


def _between(trial: Trial, start: int | None, end: int | None) -> Collection[str]:
    bounds = {"start": start, "end": end}
    query = {name: written(_NOON + at * _HALF) for name, at in bounds.items() if at is not None}
    seek = sum(
        (start is None or place > start) and (end is None or place < end)
        for place in _PLACES.values()
    )
    return [written(at) for at, _ in listed(trial, trial.once(shelf), seek, **query)]


def _outside(trial: Trial, side: windows.Side) -> None:
    bound = trial.draw(st.sampled_from((3, 7)))
    windows.beyond_is_outside(
        trial, lambda start, end: _between(trial, start, end), _PLACES, bound, side
    )


@check("dotide/list_datapoints/start", windows.INSIDE, windows.OUTSIDE)
def start_outside(trial: Trial) -> None:
    """No datapoint before `start` is listed, while later ones are."""
    _outside(trial, "start")


@check("dotide/list_datapoints/end", windows.INSIDE, windows.OUTSIDE)
def end_outside(trial: Trial) -> None:
    """No datapoint after `end` is listed, while earlier ones are."""
    _outside(trial, "end")


@check("dotide/list_datapoints/between", windows.INSIDE, windows.OUTSIDE)
def between(trial: Trial) -> None:
    """Every datapoint between `start` and `end` is listed, and no other."""
    start, end = trial.draw(st.sampled_from(((1, 7), (3, 9))))
    windows.exactly_between(
        trial, lambda first, last: _between(trial, first, last), _PLACES, start, end
    )


@check("dotide/list_datapoints/instant", _ALONE)
def instant(trial: Trial) -> None:
    """`t` lists the datapoint of that instant alone, whatever else is said."""
    stream = trial.once(shelf)
    others: Sequence[Mapping[str, str]] = (
        {},
        {"start": written(minute(3)), "end": written(minute(5)), "order": "asc"},
    )
    for query in others:
        outcome = trial.client.call("list_datapoints", id=stream, t=written(minute(1)), **query)
        found = [[written(at), value] for at, value in points(trial, outcome)]
        wanted = [[written(minute(1)), VALUES[1]]]
        trial.equal(found, wanted, "the datapoints of one instant", reason="others")
    trial.witness(_ALONE)


def _page(trial: Trial, limit: int, offset: int = 0) -> list[str]:
    query = {"order": "asc", "limit": limit, **({"offset": offset} if offset else {})}
    outcome = trial.client.call("list_datapoints", id=trial.once(shelf), **query)
    return [written(at) for at, _ in points(trial, outcome)]


@check("dotide/list_datapoints/limit", pages.MORE_THAN_LIMIT)
def at_most(trial: Trial) -> None:
    """A list holds at most `limit` datapoints, of more that there are."""
    limit = trial.draw(st.sampled_from((1, 2, 5)))
    pages.largest_page(trial, lambda limit: _page(trial, limit), limit)


@check("dotide/list_datapoints/pages", pages.TWO_PAGES, pages.FULL_LAST_PAGE)
def by_offset(trial: Trial) -> None:
    """Pages by `limit` and `offset`, put end to end, are the whole list."""
    limit = trial.draw(st.sampled_from((2, 3)))

    def fetch(limit: int, offset: int) -> list[str]:
        return _page(trial, limit, offset)

    pages.offset_pages(trial, fetch, [*_PLACES], limit)


@check("dotide/list_datapoints/tz", zones.IN_ANOTHER_ZONE)
def in_zone(trial: Trial) -> None:
    """A list shows the same instants in the zone that `tz` names."""
    stream = trial.once(shelf)
    for zone in zones.ZONES[1:4]:
        query = {"t": written(minute(0)), "tz": zone}
        payload = trial.given(
            trial.client.call("list_datapoints", id=stream, **query), "a list of one instant"
        )
        rows = payload.get("datapoints") if isinstance(payload, Mapping) else None
        row = rows[0] if isinstance(rows, list) and rows else None
        at = times.parse(row.get("t") if isinstance(row, Mapping) else row and row[0])
        trial.require(at, f"the time of a datapoint: {shown(row)}")
        zones.shown_in(trial, zone, {"t": at}, {"t": minute(0)})  # type: ignore[dict-item]


@check("dotide/read_datapoint/as-created", _KEPT)
def read_by_instant(trial: Trial) -> None:
    """In version 2 a read of one instant answers the datapoint that was created there."""
    stream = trial.once(shelf)
    outcome = trial.client.call("read_datapoint", id=stream, t=written(minute(2)))
    trial.require(outcome.status not in _LACKS, f"a call of version 2: {outcome}")
    payload = trial.given(outcome, "a read of a datapoint")
    _is(trial, _point(payload), (minute(2), VALUES[2]), "the datapoint read")
    outcome = trial.client.call("read_datapoint", id=stream, t=written(minute(99)))
    trial.rejected(outcome, "a read of an instant without a datapoint")
    trial.witness(_KEPT)


@check("dotide/any/datapoints-unknown-id", _TWIN)
def unknown_id(trial: Trial) -> None:
    """Calls on the datapoints of a datastream that isn't there are rejected."""
    known, stranger = stream_of(trial, 1), trial.names.letters()
    window = {"start": written(minute(3)), "end": written(minute(4))}
    asked: Mapping[str, Mapping[str, Any]] = {
        "list_datapoints": {},
        "create_datapoints": {"t": written(minute(1)), "v": 1},
        "delete_datapoints": window,
    }
    for operation, arguments in asked.items():
        twin = trial.client.call(operation, id=known, **arguments)
        trial.given(twin, f"{operation} of a datastream that is there")
        outcome = trial.client.call(operation, id=stranger, **arguments)
        trial.rejected(outcome, f"{operation} of a datastream that isn't there")
    trial.witness(_TWIN)


# -- delete, and what a datastream shows -------------------------------------------------------


def _deleted(trial: Trial) -> tuple[str, str, list[float], list[float]]:
    """Two datastreams of five datapoints, and the values that the first shows before and after
    those between are deleted."""
    stream, other = stream_of(trial, 1, 2, 3, 4, 5), stream_of(trial, 1, 2, 3, 4, 5)
    before = _values(trial, stream)
    window = {"start": written(minute(0.5)), "end": written(minute(2.5))}
    outcome = trial.client.call("delete_datapoints", id=stream, **window)
    trial.given(outcome, "a delete of datapoints")
    return stream, other, before, _values(trial, stream)


def _values(trial: Trial, stream: str) -> list[float]:
    return [value for _, value in listed(trial, stream, 5)]


@check("dotide/delete_datapoints/within", _GONE)
def within(trial: Trial) -> None:
    """After a delete no datapoint between `start` and `end` is listed."""
    _, _, before, after = _deleted(trial)
    trial.require({2, 3} <= {*before}, "datapoints that were created, in a list")
    trial.lacks(after, [2, 3], "a list after a delete of what lies between")
    trial.witness(_GONE)


@check("dotide/delete_datapoints/others-stay", _GONE)
def others_stay(trial: Trial) -> None:
    """A delete leaves the datapoints outside, and those of other datastreams."""
    _, other, before, after = _deleted(trial)
    trial.require({1, 4, 5} <= {*before}, "datapoints that were created, in a list")
    trial.contains(after, [1, 4, 5], "a list after a delete of what lies between")
    beside = _values(trial, other)
    trial.contains(beside, [1, 2, 3, 4, 5], "a list of another datastream after the delete")
    trial.witness(_GONE)


def _current(trial: Trial, stream: str) -> Iterator[tuple[str, Any]]:
    """The newest datapoint as a read shows it, and as a list does."""
    calls.settle(trial)
    rows = {"a read": calls.read(trial, stream)}
    for row in calls.listed(trial, ids=[stream]):
        if row.get("id") == stream:
            rows["a list"] = row
    for where, row in rows.items():
        at = times.utc(row.get("current_t"))
        yield where, None if row.get("current_t") in _NONE else [at, row.get("current_v")]


def _shows(trial: Trial, stream: str, number: float, value: Any) -> None:
    wanted = [minute(number).isoformat(), value]
    for where, found in _current(trial, stream):
        trial.equal(found, wanted, f"the newest datapoint in {where}", reason="not-newest")


@check("dotide/any/current-datapoint", _NEWEST)
def current(trial: Trial) -> None:
    """A datastream shows time and value of its newest datapoint, in a read and in a list."""
    stream = stream_of(trial)
    for number, value in ((0, 10), (1, 20)):
        add(trial, stream, number, value)
        _shows(trial, stream, number, value)
    trial.witness(_NEWEST)


@check("dotide/delete_datapoints/current-follows", _LEFT)
def current_follows(trial: Trial) -> None:
    """After a delete of its newest datapoints a datastream shows the newest that is left."""
    stream = stream_of(trial, 10, 20)
    for start in (0.5, -0.5):
        window = {"start": written(minute(start)), "end": written(minute(5))}
        outcome = trial.client.call("delete_datapoints", id=stream, **window)
        trial.given(outcome, "a delete of datapoints")
        if start > 0:
            _shows(trial, stream, 0, 10)
    for where, found in _current(trial, stream):
        trial.equal(found, None, f"no newest datapoint in {where}", reason="not-newest")
    trial.witness(_LEFT)


@check("dotide/any/datapoints-gone", _REBORN)
def gone_with_stream(trial: Trial) -> None:
    """A datastream under the id of a deleted one has none of its datapoints."""
    stream = stream_of(trial, 1, 2)
    trial.given(trial.client.call("delete", id=stream), "a delete")
    outcome = trial.client.call("create", **calls.contents(trial, id=stream))
    trial.given(outcome, "a create under the id of a deleted stream")
    found = points(trial, trial.client.call("list_datapoints", id=stream))
    trial.holds(
        not found,
        "old-datapoints",
        expected="no datapoint in a new datastream",
        actual=f"{len(found)} of the deleted one",
    )
    trial.witness(_REBORN)


CHECKS: Final = (
    echo,
    several,
    absent_fields,
    value_type,
    shows_created,
    newest_first,
    ordered,
    start_outside,
    end_outside,
    between,
    instant,
    at_most,
    by_offset,
    in_zone,
    read_by_instant,
    unknown_id,
    within,
    others_stay,
    current,
    current_follows,
    gone_with_stream,
)
