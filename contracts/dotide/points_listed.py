"""Lists of datapoints: what they show, in which order and zone, and reads of one instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import times
from streamproof.contracts.dotide.datapoints import (
    LACKS,
    VALUES,
    listed,
    minute,
    one_of,
    points,
    same_point,
    shelf,
    written,
)
from streamproof.contracts.laws import orders, zones
from streamproof.specs.wording import shown

_KEPT: Final = "a datapoint, shown"
_ALONE: Final = "one datapoint of several"


@check("dotide/list_datapoints/shows-created", _KEPT)
def shows_created(trial: Trial) -> None:
    """A datapoint that was created is listed with its instant and its value."""
    stream = trial.once(shelf)
    wanted = [(minute(number), value) for number, value in enumerate(VALUES)]
    trial.contains(listed(trial, stream, len(VALUES)), wanted, "a list of datapoints")
    trial.witness(_KEPT)


@check("dotide/list_datapoints/newest-first", orders.DISTINCT)
def newest_first(trial: Trial) -> None:
    """Without `order` the newest datapoint comes first."""
    _stand(trial, {}, descending=True)


@check("dotide/list_datapoints/order", orders.DISTINCT)
def ordered(trial: Trial) -> None:
    """`order` lists datapoints by time, rising or falling."""
    _stand(trial, {"order": "asc"}, descending=False)
    _stand(trial, {"order": "desc"}, descending=True)


def _stand(trial: Trial, query: Mapping[str, str], *, descending: bool) -> None:
    rows = listed(trial, trial.once(shelf), len(VALUES), **query)
    orders.in_order(
        trial, rows, key=lambda point: point[0], descending=descending, told=datetime.isoformat
    )


@check("dotide/list_datapoints/instant", _ALONE)
def instant(trial: Trial) -> None:
    """`t` lists the datapoint of that instant alone, whatever else is said."""
    stream = trial.once(shelf)
    others: Sequence[Mapping[str, str]] = (
        {},
        {"start": written(minute(3)), "end": written(minute(5)), "order": "asc"},
    )
    for query in others:
        outcome = trial.client.call("list_datapoints", id=stream, t=written(minute(1)), **query)
        found = [[written(at), value] for at, value in points(trial, outcome)]
        wanted = [[written(minute(1)), VALUES[1]]]
        trial.equal(found, wanted, "the datapoints of one instant", reason="others")
    trial.witness(_ALONE)


@check("dotide/list_datapoints/tz", zones.IN_ANOTHER_ZONE)
def in_zone(trial: Trial) -> None:
    """A list shows the same instants in the zone that `tz` names."""
    stream = trial.once(shelf)
    for zone in zones.ZONES[1:4]:
        query = {"t": written(minute(0)), "tz": zone}
        payload = trial.given(
            trial.client.call("list_datapoints", id=stream, **query), "a list of one instant"
        )
        rows = payload.get("datapoints") if isinstance(payload, Mapping) else None
        row = rows[0] if isinstance(rows, list) and rows else None
        at = times.parse(row.get("t") if isinstance(row, Mapping) else row and row[0])
        trial.require(at, f"the time of a datapoint: {shown(row)}")
        zones.shown_in(trial, zone, {"t": at}, {"t": minute(0)})  # type: ignore[dict-item]


@check("dotide/read_datapoint/as-created", _KEPT)
def read_by_instant(trial: Trial) -> None:
    """In version 2 a read of one instant answers the datapoint that was created there."""
    stream = trial.once(shelf)
    outcome = trial.client.call("read_datapoint", id=stream, t=written(minute(2)))
    trial.require(outcome.status not in LACKS, f"a call of version 2: {outcome}")
    payload = trial.given(outcome, "a read of a datapoint")
    same_point(trial, one_of(payload), (minute(2), VALUES[2]), "the datapoint read")
    outcome = trial.client.call("read_datapoint", id=stream, t=written(minute(99)))
    trial.rejected(outcome, "a read of an instant without a datapoint")
    trial.witness(_KEPT)


CHECKS: Final = (shows_created, newest_first, ordered, instant, in_zone, read_by_instant)
