"""Datapoints of the second dotide service: what it takes, keeps, lists and makes of them. Pure,
but for the store itself."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.others.dotide_characters import Character
from tests.others.dotide_forms import Rejected, Stream, written

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Point(NamedTuple):
    t: datetime
    v: Any


class Series:
    """The datapoints of one datastream, the earliest first."""

    def __init__(self, character: Character) -> None:
        self.character, self._points = character, list[Point]()

    def add(self, points: Sequence[Point]) -> None:
        """Add all of them, or none; raises `Rejected`."""
        found = [*self._points]
        for point in points:
            same = [place for place, other in enumerate(found) if other.t == point.t]
            if same and self.character.same_instant == "rejected":
                raise Rejected("taken")
            if same and self.character.same_instant == "replaced":
                found[same[0]] = point
            else:
                found.append(point)
        self._points = sorted(found, key=lambda point: point.t)

    def delete(self, start: datetime, end: datetime) -> None:
        edges = self.character.delete_edges
        self._points = [point for point in self._points if not _within(point, start, end, edges)]

    def points(self) -> list[Point]:
        return [*self._points]

    @property
    def newest(self) -> Point | None:
        return self._points[-1] if self._points else None


def _within(point: Point, start: datetime | None, end: datetime | None, edges: str) -> bool:
    """Whether a datapoint lies in the window. `edges` are closed, without_end or open."""
    after = start is None or point.t > start or (point.t == start and edges != "open")
    before = end is None or point.t < end or (point.t == end and edges == "closed")
    return after and before


def instant(text: Any, at: ZoneInfo, c: Character) -> datetime:
    """ISO 8601, in the zone `at` where none is said; raises `Rejected`."""
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Rejected("invalid") from None
    found = (found if found.tzinfo else found.replace(tzinfo=at)).astimezone(UTC)
    return found.replace(microsecond=found.microsecond // c.point_grain_us * c.point_grain_us)


def taken(
    body: bytes, stream: Stream, at: ZoneInfo, now: datetime, c: Character
) -> tuple[list[Point], bool]:
    """The datapoints that a body sends, and whether they came in an array; raises `Rejected`."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise Rejected("malformed") from None
    rows = sent if isinstance(sent, list) else [sent]
    if not rows and "empty-body" in c.refuses:
        raise Rejected("invalid")
    return [_taken(row, stream, at, now, c) for row in rows], isinstance(sent, list)


def _taken(row: Any, stream: Stream, at: ZoneInfo, now: datetime, c: Character) -> Point:
    if isinstance(row, list) and len(row) == 2 and "pairs" not in c.refuses:
        row = {"t": row[0], "v": row[1]}
    if not isinstance(row, dict):
        raise Rejected("invalid")
    if c.unknown_fields == "refused" and not row.keys() <= {"t", "v"}:
        raise Rejected("invalid")
    v = row.get("v")
    if v is not None and not _fits(v, stream.type):
        raise Rejected("invalid")
    t = row.get("t")
    return Point(instant(now.isoformat() if t is None else t, at, c), v)


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "number":
            number = isinstance(value, int | float) and not isinstance(value, bool)
            return number and math.isfinite(value)
        case "string":
            return isinstance(value, str)
    return isinstance(value, dict) and isinstance(value.get("type"), str)


def show(point: Point, at: ZoneInfo, c: Character, *, pairs: bool) -> Any:
    t = written(point.t, at, c, fraction=c.point_fraction)
    return [t, point.v] if pairs else {"v": point.v, "t": t, **c.extra()}


# --- Lists -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list asks for. `interval` is a span of time, or None; `limit` what was said."""

    start: datetime | None
    end: datetime | None
    t: datetime | None
    rising: bool
    limit: int | None
    offset: int
    summary: bool
    interval: timedelta | None
    function: str


def asked(
    query: Mapping[str, str],
    at: ZoneInfo,
    c: Character,
    count: Callable[[Mapping[str, str], str], int | None],
) -> Asked:
    """The arguments of a list; raises `Rejected`."""
    bounds = {name: instant(query[name], at, c) for name in ("start", "end", "t") if name in query}
    span = count(query, "interval") or 0
    unit = timedelta(milliseconds=1) if c.interval_unit == "milliseconds" else timedelta(seconds=1)
    order, function = query.get("order", "desc"), query.get("function", "avg")
    if order not in ("asc", "desc") or function not in FUNCTIONS:
        raise Rejected("invalid")
    return Asked(
        bounds.get("start"),
        bounds.get("end"),
        bounds.get("t"),
        order == "asc",
        count(query, "limit"),
        count(query, "offset") or 0,
        query.get("summary") in ("1", "true"),
        span * unit if span else None,
        function,
    )


def listed(points: Iterable[Point], want: Asked, stream: Stream, c: Character) -> dict[str, Any]:
    """What a list shows: `datapoints`, as `Point`s, and, where it was asked for, `summary`."""
    if stream.type != "number" and (want.summary or want.interval) and "no-numbers" in c.refuses:
        raise Rejected("invalid")
    if want.t is not None:
        found = [point for point in points if point.t == want.t]
    else:
        found = [point for point in points if _within(point, want.start, want.end, c.edges)]
    rows = found
    if want.interval and stream.type == "number":
        rows = [*_sampled(found, want.interval, want, c)]
    rows = rows if want.rising else rows[::-1]
    most = c.default_limit if want.limit is None else want.limit
    page = rows[want.offset :][: c.largest_limit if most is None else most][: c.largest_limit]
    answer: dict[str, Any] = {"datapoints": page}
    if want.summary and stream.type == "number":
        answer["summary"] = _summary([*_values(page if c.summary_of == "page" else found)])
    return answer


def _values(points: Iterable[Point]) -> Iterable[float]:
    return (point.v for point in points if point.v is not None)


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


FUNCTIONS: Mapping[str, Callable[[Sequence[float]], float | None]] = {
    "avg": _mean,
    "sum": math.fsum,
    "max": lambda values: max(values, default=None),
    "min": lambda values: min(values, default=None),
    "count": len,
}


def _summary(values: Sequence[float]) -> dict[str, Any]:
    return {name: function(values) for name, function in FUNCTIONS.items()}


def _sampled(
    points: Sequence[Point], span: timedelta, want: Asked, c: Character
) -> Iterable[Point]:
    """One datapoint for each span that holds some."""
    if not points:
        return
    origin = {"clock": EPOCH, "window": want.start or points[0].t, "first": points[0].t}
    begin = origin[c.interval_from]
    spans: dict[int, list[Point]] = {}
    for point in points:
        spans.setdefault((point.t - begin) // span, []).append(point)
    for place, inside in spans.items():
        first = begin + place * span
        times = {"begin": first, "end": first + span, "middle": first + span / 2}
        at = inside[0].t if c.interval_at == "first" else times[c.interval_at]
        yield Point(at, FUNCTIONS[want.function]([*_values(inside)]))
