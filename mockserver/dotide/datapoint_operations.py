"""The calls on the datapoints of a datastream. Version 2 shows each as a pair of time and value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.dotide import sampling, times
from streamproof.mockserver.dotide.datapoints import EVER, Point, Span, fits
from streamproof.mockserver.dotide.homes import home, unknown
from streamproof.mockserver.dotide.points import rejected
from streamproof.mockserver.dotide.streams import Database
from streamproof.mockserver.dotide.times import microseconds
from streamproof.mockserver.dotide.views import parsed
from streamproof.mockserver.problems import Rejected

ZONE = "Asia/Shanghai"  # of a write without one
_LONGEST = 10**12  # of an interval; longer ones have years that no calendar has
_UNITS = {"milliseconds": 1_000, "seconds": 1_000_000}  # in microseconds

Form = Callable[[Point], Any]
"""A datapoint as it is shown."""


def fill(base: Database, stream: Mapping[str, Any]) -> None:
    """The datapoints of a datastream of a seed. Raises ValueError for what no calendar has."""
    if points := stream.get("datapoints"):
        new = [(microseconds(datetime.fromisoformat(t)), v) for t, v in points]
        base.datapoints(stream["id"]).add(new)


def told(base: Database, stream_id: str) -> Mapping[str, Any]:
    """What `fill` takes of a datastream."""
    points = base.datapoints(stream_id).within(EVER)
    return {"datapoints": [[times.utc(t), v] for t, v in points]} if points else {}


def _create(context: Context, arguments: Mapping[str, Any]) -> Answer:
    sent, zone = arguments["sent"], arguments.get("tz", ZONE)
    several = sent if isinstance(sent, list) else [sent]
    pairs = any(isinstance(each, list) for each in several)
    with context.transaction() as connection:
        base = home(context, connection)
        kind = _stream(base, arguments["id"])["type"]
        points = [_point(each, kind, zone, base.now) for each in several]
        base.datapoints(arguments["id"]).add(points)
    form = partial(_pair if pairs else _object, context, zone)
    shown = [form(each) for each in points]
    return Answer(HTTPStatus.CREATED, shown if isinstance(sent, list) else shown[0])


def _list(context: Context, arguments: Mapping[str, Any]) -> Answer:
    zone, order = arguments["tz"], arguments["order"]
    limit, offset, interval = arguments["limit"], arguments["offset"], _interval(arguments)
    with context.reading() as connection:
        base = home(context, connection)
        stream = _stream(base, arguments["id"])
        span, kept = _span(arguments, zone), base.datapoints(arguments["id"])
        numbers = stream["type"] == "number"
        everything = kept.within(span) if numbers and (interval or arguments.get("summary")) else []
        found = kept.page(span, order, limit, offset) if not (numbers and interval) else []
    if numbers and interval:
        found = sampling.sampled(
            everything, interval * _UNITS[context.dialect["interval_unit"]], arguments["function"]
        )
        found = (found if order == "asc" else found[::-1])[offset : offset + limit]
    form = _form(context, zone)
    answer = {"id": stream["id"], "datapoints": [form(each) for each in found]}
    answer["options"] = _options(context, arguments, span, limit)
    if numbers and arguments.get("summary"):
        answer["summary"] = sampling.summary(everything)
    return Answer(HTTPStatus.OK, answer)


def _read(context: Context, arguments: Mapping[str, Any]) -> Answer:
    zone = arguments["tz"]
    at = _instant("t", arguments["t"], zone)
    with context.reading() as connection:
        base = home(context, connection)
        _stream(base, arguments["id"])
        found = base.datapoints(arguments["id"]).within((at, at))
    if not found:
        detail = f"there is no datapoint at {arguments['t']}; a list shows those there are"
        status = context.dialect["unknown_id_status"]
        raise Rejected("dotide/read_datapoint/unknown-instant", detail, status)
    return Answer(HTTPStatus.OK, _form(context, zone)(found[0]))


def _delete(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.transaction() as connection:
        base = home(context, connection)
        _stream(base, arguments["id"])
        base.datapoints(arguments["id"]).remove(_span(arguments, arguments.get("tz", ZONE)))
    return Answer(HTTPStatus.NO_CONTENT)


def _stream(base: Database, stream_id: str) -> Mapping[str, Any]:
    row = base.read(stream_id)
    if row is None:
        raise unknown("dotide/any/datapoints-unknown-id", stream_id, base.dialect)
    return parsed(row)


def _point(sent: Any, kind: str, zone: str, now: int) -> Point:
    """A point of an object or a pair. Raises `Rejected`."""
    match sent:
        case {**members}:
            t, value = members.get("t"), members.get("v")
        case [t, value]:
            pass
        case _:
            detail = "a datapoint is an object with t and v, or an array of both"
            raise rejected("datapoint_malformed", detail)
    if not fits(kind, value):
        detail = f"v: a value of the datastream's type, {kind}, expected"
        raise Rejected("dotide/create_datapoints/value-type", detail)
    return now if t is None else _instant("t", t, zone), value


def _span(arguments: Mapping[str, Any], zone: str) -> Span:
    """What a call is about: one instant, or all between two."""
    if "t" in arguments:
        at = _instant("t", arguments["t"], zone)
        return at, at
    first, last = (
        _instant(name, arguments[name], zone) if name in arguments else edge
        for name, edge in zip(("start", "end"), EVER, strict=True)
    )
    return first, last


def _instant(name: str, sent: Any, zone: str) -> int:
    if isinstance(sent, str):
        try:
            return times.instant(sent, zone)
        except ValueError:
            pass
    detail = f"{name}: a time in ISO 8601 expected, such as 2014-01-03T00:01:02.123+08:00"
    raise rejected("instant_malformed", detail)


def _interval(arguments: Mapping[str, Any]) -> int:
    """The length of an interval, 0 for none."""
    sent = arguments.get("interval", 0)
    if not isinstance(sent, int | float) or sent < 0 or sent != int(sent) or sent > _LONGEST:
        raise rejected("interval_malformed", "interval: a whole number from 0 on expected")
    return int(sent)


def _options(
    context: Context, arguments: Mapping[str, Any], span: Span, limit: int
) -> Mapping[str, Any]:
    """What was asked for, as far as it was told."""
    names = ("order", "offset", "summary", "interval", "function")
    shown = {name: arguments[name] for name in names if name in arguments}
    edges = {
        name: times.render(at, arguments["tz"], context.dialect)
        for name, at, edge in zip(("start", "end"), span, EVER, strict=True)
        if at != edge
    }
    return {
        **edges,
        **shown,
        **({"limit": limit} if limit < EVER[1] else {}),
        "tz": arguments["tz"],
    }


def _form(context: Context, zone: str) -> Form:
    version_2 = context.base_url.rpartition("/")[0].endswith("/v2")
    return partial(_pair if version_2 else _object, context, zone)


def _object(context: Context, zone: str, point: Point) -> dict[str, Any]:
    return {"t": times.render(point[0], zone, context.dialect), "v": point[1]}


def _pair(context: Context, zone: str, point: Point) -> list[Any]:
    return [times.render(point[0], zone, context.dialect), point[1]]


OPERATIONS: Mapping[str, Perform] = {
    "list_datapoints": _list,
    "create_datapoints": _create,
    "read_datapoint": _read,
    "delete_datapoints": _delete,
}
