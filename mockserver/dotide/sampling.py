"""Datapoints told in fewer words: a summary of all, or one for each interval. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from math import fsum
from typing import Any

from streamproof.mockserver.dotide.datapoints import Point


def summary(points: Sequence[Point]) -> Mapping[str, Any]:
    """Count, largest, smallest, sum and mean of the values of points."""
    return {name: function(_values(points)) for name, function in _FUNCTIONS.items()}


def sampled(points: Iterable[Point], span: int, function: str) -> list[Point]:
    """One point for each span of microseconds in which there are any, at its beginning. Spans are
    counted from 1970 on, the points in the order of time."""
    spans = groupby(points, key=lambda point: point[0] // span)
    return [(at * span, _FUNCTIONS[function](_values(some))) for at, some in spans]


def _values(points: Iterable[Point]) -> list[float]:
    return [value for _, value in points if value is not None]


def _sum(values: Sequence[float]) -> float:
    """A whole number of whole numbers."""
    return sum(values) if all(isinstance(value, int) for value in values) else fsum(values)


_FUNCTIONS: Mapping[str, Callable[[Sequence[float]], float | None]] = {
    "count": len,
    "max": lambda values: max(values, default=None),
    "min": lambda values: min(values, default=None),
    "sum": _sum,
    "avg": lambda values: _sum(values) / len(values) if values else None,
}
