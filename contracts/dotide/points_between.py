"""Windows of time: what lies between two instants is listed, or deleted, and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide.datapoints import (
    VALUES,
    listed,
    minute,
    shelf,
    stream_of,
    written,
)
from streamproof.contracts.laws import windows

_GONE: Final = "datapoints inside and outside, seen before"
_PLACES: Final = {written(minute(number)): 2 * number for number in range(len(VALUES))}
"""The datapoints of the shelf in half minutes: odd numbers lie between them."""


def _between(trial: Trial, start: int | None, end: int | None) -> Collection[str]:
    bounds = {"start": start, "end": end}
    query = {name: written(minute(at / 2)) for name, at in bounds.items() if at is not None}
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


CHECKS: Final = (start_outside, end_outside, between, within, others_stay)
