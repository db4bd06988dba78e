"""Datapoints and their datastream: it shows the newest, and without it there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.dotide.datapoints import (
    add,
    minute,
    points,
    stream_of,
    written,
)

_NONE: Final = (None, "")
_NEWEST: Final = "a newest datapoint, and then a newer one"
_LEFT: Final = "a datastream after its newest datapoint was deleted"
_REBORN: Final = "an id with datapoints, created anew"
_TWIN: Final = "the same calls on a datastream that is there"


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


CHECKS: Final = (current, current_follows, gone_with_stream, unknown_id)
