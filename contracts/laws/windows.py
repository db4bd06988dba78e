"""Closed windows: a bound lets its own edge in, and nothing beyond it.

Members are given as ids with their places on a line. Not every place can be judged: what lies no
more than `outer` beyond a bound may count as inside (0 where bounds are exact).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Literal

from streamproof.contracts.check import Trial

Side = Literal["start", "end"]
Fetch = Callable[[int | None, int | None], Collection[str]]  # (start, end) -> ids answered

ON_THE_EDGE = "a record on the edge"
INSIDE = "a record inside"
OUTSIDE = "a record outside"


def edge_is_inside(
    trial: Trial, fetch: Fetch, members: Mapping[str, int], bound: int, side: Side
) -> None:
    """What lies exactly at a bound is answered."""
    edge = [member for member, place in members.items() if place == bound]
    trial.contains(_from(fetch, bound, side), edge, f"the answer with its {side} at the edge")
    if edge:
        trial.witness(ON_THE_EDGE)


def beyond_is_outside(
    trial: Trial,
    fetch: Fetch,
    members: Mapping[str, int],
    bound: int,
    side: Side,
    outer: int = 0,
) -> None:
    """What lies beyond a bound is not answered, while something on its good side is."""
    sign = 1 if side == "start" else -1
    within = [member for member, place in members.items() if sign * (place - bound) > 0]
    beyond = [member for member, place in members.items() if sign * (bound - place) > outer]
    answered = _from(fetch, bound, side)
    trial.lacks(answered, beyond, f"the answer with its {side} at the bound")
    if beyond:
        trial.witness(OUTSIDE)
    if any(member in answered for member in within):
        trial.witness(INSIDE)


def exactly_between(
    trial: Trial,
    fetch: Fetch,
    members: Mapping[str, int],
    start: int | None,
    end: int | None,
    outer: int = 0,
) -> None:
    """Members between the bounds, edges included, are answered, all others not.

    A bound that is None is not sent, and that side is open.
    """
    low = -float("inf") if start is None else start
    high = float("inf") if end is None else end
    inside = [m for m, place in members.items() if low <= place <= high]
    outside = [m for m, p in members.items() if p < low - outer or p > high + outer]
    answered = fetch(start, end)
    where = "the answer between the bounds"
    trial.contains(answered, inside, where)
    trial.lacks(answered, outside, where)
    if inside:
        trial.witness(INSIDE)
    if outside:
        trial.witness(OUTSIDE)
    if any(place in (start, end) for place in members.values()):
        trial.witness(ON_THE_EDGE)


def _from(fetch: Fetch, bound: int, side: Side) -> Collection[str]:
    return fetch(bound, None) if side == "start" else fetch(None, bound)
