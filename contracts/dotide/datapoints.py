"""How the checks speak of datapoints: make some, and list them.

All stand on whole minutes of the past, and bounds between them: how finely a server keeps times,
and whether an edge is inside, is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

Point = tuple[datetime, Any]

_NOON: Final = datetime(2014, 1, 3, 12, tzinfo=UTC)
VALUES: Final = (5, 1, 4, 2, 6, 3)
LACKS: Final = (404, 405, 501)


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
    if found.status in LACKS:
        trial.require(False, f"a list of datapoints: {found}")
    trial.promised(
        found.accepted and (minute(0), 1) in [*found_in(found.payload)],
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
    return [*found_in(payload)]


def found_in(payload: Any) -> Iterator[Point]:
    """Datapoints in either form: objects, or, in version 2, pairs."""
    rows = payload.get("datapoints") if isinstance(payload, Mapping) else payload
    for row in rows if isinstance(rows, list) else ():
        found = one_of(row)
        if found is not None:
            yield found


def one_of(row: Any) -> Point | None:
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


def same_point(trial: Trial, found: Point | None, wanted: Point, what: str) -> None:
    actual = None if found is None else [written(found[0]), found[1]]
    trial.equal(actual, [written(wanted[0]), wanted[1]], what, reason="another-datapoint")


# -- arguments of generated checks -------------------------------------------------------------


def create_arguments(trial: Trial) -> dict[str, Any]:
    return {"id": stream_of(trial), "t": written(minute(0)), "v": 1}


def list_arguments(trial: Trial) -> dict[str, Any]:
    return {"id": trial.once(shelf), "order": "asc"}


def delete_arguments(trial: Trial) -> dict[str, Any]:
    window = {"start": written(minute(-1)), "end": written(minute(1))}
    return {"id": stream_of(trial, 1), **window}
