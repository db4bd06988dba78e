"""Probes: records that a run writes to learn of its server, and finds again."""

from __future__ import annotations

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.patience import SETTLE_S, until


def probe(trial: Trial, key: Key) -> str | None:
    """Write a record at a key that an earlier run may have left taken; its id, if accepted."""
    sent = key.item('{"probe": 1}')
    outcome = trial.client.call("write", **sent, duplicate_enabled="true")
    if outcome.rejected:  # the flag has rules of its own
        outcome = trial.client.call("write", **sent)
    return calls.stream_id(outcome.payload) if calls.tells(outcome) else None


def find(trial: Trial, here: Ground, record_id: str, near: int) -> Row | None:
    """A fresh record, by retrieve or, should that not work, by range."""

    def retrieve() -> Row | None:
        outcome = trial.client.call("retrieve", stream_id=record_id)
        return outcome.payload if calls.tells(outcome) else None

    if row := retrieve():
        return row
    if here.namespace is None:
        return until(retrieve, bool, SETTLE_S)
    return until(lambda: listed_near(trial, here, record_id, near), bool, SETTLE_S)


def listed_near(trial: Trial, here: Ground, record_id: str, near: int) -> Row | None:
    """A probe, as range shows it between years."""
    year = times.moment(near).year
    query = here.asked(here.entities[0], here.elements[-1])
    rows = calls.listed(trial, **query, start_time=str(year - 1), end_time=str(year + 2))
    return next((row for row in rows if calls.identify(row) == record_id), None)


def listed(trial: Trial, here: Ground, record_id: str, _near: int) -> Row | None:
    """A probe, as range shows it without a window."""
    query = here.asked(here.entities[0], here.elements[-1])
    rows = calls.listed(trial, stop_at=[record_id], **query, sort_direction="asc")
    return next((row for row in rows if calls.identify(row) == record_id), None)
