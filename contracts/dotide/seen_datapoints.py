"""What a target makes of datapoints where the document is silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide.datapoints import add, minute, points, stream_of, written
from streamproof.contracts.dotide.seeing import REJECTED, which
from streamproof.contracts.observations import OtherChoice, observe

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INTERVAL: Final = 240_000  # four minutes of milliseconds, or days of seconds


def _three(trial: Trial) -> str:
    """A stream with three datapoints, a minute from one to the next, all of them listed."""
    stream = stream_of(trial, 0, 1, 2)
    whole = _values(trial, stream) == [0, 1, 2]
    trial.require(whole, "a list with the three datapoints of a stream")
    return stream


def _values(trial: Trial, stream: str, **query: Any) -> list[Any] | None:
    """The values that a list shows, sorted; None where it is rejected."""
    request = trial.client.request("list_datapoints", id=stream, **query)
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "a list of datapoints"):
        return None
    return sorted((value for _, value in points(trial, outcome)), key=repr)


@observe("dotide/window_edges")
def window_edges(trial: Trial) -> str:
    """A list whose window begins and ends at the first and the last of three datapoints."""
    window = {"start": written(minute(0)), "end": written(minute(2))}
    seen = _values(trial, trial.once(_three), **window)
    trial.require(seen is not None, "a list with start and end, accepted")
    return which(seen, {"closed": [0, 1, 2], "without_end": [0, 1], "open": [1]})


@observe("dotide/same_instant")
def same_instant(trial: Trial) -> str:
    """A list of an instant at which two values were created."""
    stream = stream_of(trial, 1)
    at = written(minute(0))
    outcome = trial.client.call("create_datapoints", id=stream, t=at, v=2)
    if not trial.granted(outcome, "a second create of one instant"):
        return REJECTED
    return which(_values(trial, stream), {"replaced": [2], "kept": [1, 2]})


@observe("dotide/instant_malformed")
def instant_malformed(trial: Trial) -> str:
    """A list with `start=yesterday`."""
    seen = _values(trial, trial.once(_three), start="yesterday")
    return REJECTED if seen is None else which(seen, {"ignored": [0, 1, 2]})


@observe("dotide/datapoint_malformed")
def datapoint_malformed(trial: Trial) -> str:
    """A create of the datapoints `[5]`."""
    stream = stream_of(trial, 0)
    request = trial.client.build("create_datapoints", path={"id": stream}, body=[5])
    if not trial.granted(trial.client.send(request, watched=False), "the create"):
        return REJECTED
    return which(_values(trial, stream), {"ignored": [0]})


@observe("dotide/interval_malformed")
def interval_malformed(trial: Trial) -> str:
    """A list with `interval=-1`."""
    seen = _values(trial, trial.once(_three), interval=-1)
    return REJECTED if seen is None else which(seen, {"ignored": [0, 1, 2]})


@observe("dotide/interval_unit")
def interval_unit(trial: Trial) -> str:
    """A list of two datapoints a minute apart with `interval=30000`."""
    stream = stream_of(trial, 1)
    add(trial, stream, 1, 2)
    seen = _values(trial, stream, interval=30_000, function="max")
    if seen is None:
        raise OtherChoice("the list is rejected")
    return which(seen, {"milliseconds": [1, 2], "seconds": [2]})


@observe("dotide/interval_times")
def interval_times(trial: Trial) -> str:
    """The time of what is made of one datapoint, in a list that starts off every full interval."""
    stream, start, at = stream_of(trial), minute(-0.5), minute(1)
    add(trial, stream, 1, 5)
    query = {"start": written(start), "interval": _INTERVAL, "function": "max"}
    request = trial.client.request("list_datapoints", id=stream, **query)
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "a list with an interval"):
        raise OtherChoice("the list is rejected")
    seen = next((time for time, value in points(trial, outcome) if value == 5), None)
    trial.require(seen is not None, "a list with what is made of the datapoint of an interval")
    spans = (timedelta(milliseconds=_INTERVAL), timedelta(seconds=_INTERVAL))
    if seen == start:
        return "of_the_window"
    of_the_clock = seen in [at - (at - _EPOCH) % span for span in spans]
    return "of_the_clock" if of_the_clock else "otherwise"


OBSERVERS = (
    *(window_edges, same_instant, instant_malformed, datapoint_malformed),
    *(interval_malformed, interval_unit, interval_times),
)
