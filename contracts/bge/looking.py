"""Looking for records, once they had time to show."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import retrieve_delay
from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.patience import until
from streamproof.contracts.wire import Outcome

_SECOND_LOOK_S = 0.3  # what a record that ought to show by now is still given


def held(
    trial: Trial,
    here: Ground,
    keys: Collection[Key],
    expect: Collection[str] = (),
    at_least: int = 0,
) -> list[Row]:
    """The records that range shows under keys of one example, once they had time to show.

    Those of `expect`, and as many as `at_least`, are given a second look before they count as lost:
    one record may take longer than another.
    """
    time.sleep(here.patience_s)
    places = {key.instant for key in keys}
    window = here.window(min(places), max(places))

    def look() -> dict[tuple[Any, ...], Row]:
        return {
            (calls.identify(row), calls.entity(row), calls.element(row)): row
            for entity, element in dict.fromkeys((key.entity, key.element) for key in keys)
            for row in calls.listed(trial, **here.asked(entity, element), **window)
            if calls.instant(row) in places or calls.identify(row) in expect
        }

    def enough(rows: dict[tuple[Any, ...], Row]) -> bool:
        return len(rows) >= at_least and set(expect) <= {row[0] for row in rows}

    found = until(look, enough, _SECOND_LOOK_S)
    return list(found.values())


def retrieve(trial: Trial, record_id: str) -> Outcome:
    """Retrieve, until the record is there or had time to show."""

    def look() -> Outcome:
        return trial.client.call("retrieve", stream_id=record_id)

    return until(look, lambda o: o.accepted or o.unreadable, _SECOND_LOOK_S + retrieve_delay(trial))


def shown(trial: Trial, record_id: str) -> Row:
    """The record that retrieve answers, once it had time to show."""
    outcome = retrieve(trial, record_id)
    return calls.record(trial.given(outcome, "retrieve"))
