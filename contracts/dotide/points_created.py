"""What a create of datapoints stores and answers, and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.dotide.datapoints import (
    add,
    found_in,
    listed,
    minute,
    one_of,
    same_point,
    stream_of,
    written,
)
from streamproof.contracts.values import same
from streamproof.specs.wording import shown

_KEPT: Final = "a datapoint, shown"
_SEVERAL: Final = "several datapoints, listed"
_FITS: Final = "a value that fits, accepted"


@check("dotide/create_datapoints/echo", _KEPT)
def echo(trial: Trial) -> None:
    """A create answers the datapoint that was sent: its instant and its value."""
    stream = stream_of(trial)
    for number, value in enumerate((20, -1.5, None)):
        answer = one_of(add(trial, stream, number, value))
        same_point(trial, answer, (minute(number), value), "the datapoint answered")
    trial.witness(_KEPT)


@check("dotide/create_datapoints/several", _SEVERAL)
def several(trial: Trial) -> None:
    """Of an array of datapoints each is stored and answered."""
    stream = stream_of(trial)
    sent = [{"t": written(minute(number)), "v": number} for number in range(3)]
    request = trial.client.build("create_datapoints", path={"id": stream}, body=sent)
    payload = trial.accepted(trial.client.send(request), "a create of several datapoints")
    wanted = [(minute(number), number) for number in range(3)]
    answered = sorted(found_in(payload), key=lambda point: point[0])
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
    found = one_of(trial.accepted(outcome, "a create of a value alone"))
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
    found = one_of(trial.accepted(outcome, "a create of a time alone"))
    same_point(trial, found, (minute(0), None), "a datapoint without a value")
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


CHECKS: Final = (echo, several, absent_fields, value_type)
