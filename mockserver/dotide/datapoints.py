"""The datapoints of one datastream, within one transaction. Times are microseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from streamproof.mockserver.dotide import tables
from streamproof.mockserver.quick import Row
from streamproof.mockserver.tables import AT_ONCE

_GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_GEOJSON = {*_GEOMETRIES, "GeometryCollection", "Feature", "FeatureCollection"}

Point = tuple[int, Any]
"""A time and a value."""
Span = tuple[int, int]
"""The first and the last instant of a span of time; both are in it."""

EVER: Span = (-(2**62), 2**62)


def fits(kind: str, value: Any) -> bool:
    """Whether a value is of a datastream's type; none fits each."""
    match kind:
        case _ if value is None:
            return True
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case _:
            return isinstance(value, dict) and value.get("type") in _GEOJSON


@dataclass(frozen=True, slots=True)
class Datapoints:
    """Those of the datastream at `place`, which are the columns that it is found by; `stamp` is a
    new one for it, should they change."""

    connection: Connection
    place: Mapping[str, Any]
    stamp: int

    def add(self, points: Sequence[Point]) -> None:
        """Add points; one at the instant of another takes its place."""
        spot = {
            "space": self.place["in_space"],
            "database": self.place["in_database"],
            "key": self.place["of_key"],
        }
        last = {t: orjson.dumps(v).decode() for t, v in points}
        rows = [{**spot, "t": t, "v": v} for t, v in last.items()]
        for start in range(0, len(rows), AT_ONCE):
            self.connection.execute(tables.add_datapoint, rows[start : start + AT_ONCE])
        self._renew()

    def page(self, span: Span, order: str, limit: int, offset: int) -> list[Point]:
        """`limit` of those of a span behind the first `offset`, in an order, `asc` or `desc`."""
        asked = {**self.place, **_bounds(span), "limit": limit, "offset": offset}
        return _parsed(tables.pages[order].rows(self.connection, asked))

    def within(self, span: Span) -> list[Point]:
        """All of a span, the oldest first."""
        asked = {**self.place, **_bounds(span)}
        return _parsed(tables.within.rows(self.connection, asked))

    def remove(self, span: Span) -> None:
        self.connection.execute(tables.remove_within, {**self.place, **_bounds(span)})
        self._renew()

    def _renew(self) -> None:
        """Tell the datastream what its newest is."""
        t, v = tables.newest.first(self.connection, self.place) or (None, None)
        changed = {"current_t": t, "current_v": v, "stamp": self.stamp}
        self.connection.execute(tables.change, {**self.place, **changed})


def _bounds(span: Span) -> dict[str, int]:
    return {"start": span[0], "end": span[1]}


def _parsed(rows: Iterable[Row]) -> list[Point]:
    return [(t, orjson.loads(v)) for t, v in rows]
