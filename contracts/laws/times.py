"""Times of things: when one was made, and when it was last changed.

A server may show them to the second, or to the minute.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws.clocks import shows_now
from streamproof.contracts.wire import Outcome

CLOCK: Final = "a time beside a clock"
SHOWN_TWICE: Final = "the same thing, shown again later"
LATER: Final = "a time before an update and one after it"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = 1e11  # a number of seconds as large lies in the year 5138


@law("times/made-now", CLOCK)
def made_now(trial: Trial, subject: Subject) -> None:
    """The time of making is that of the call, as far as clocks agree."""
    things, name = subject.things, subject.facet.name
    where, fields = things.place(trial), things.fields(trial)
    before = datetime.now(UTC)
    outcome = trial.client.send(things.request(trial, where, fields))
    trial.given(outcome, f"a new one of {subject.resource.name}")
    thing = things.made(where, fields, outcome)
    at = _shown(trial, name, things.row(outcome.payload), things, thing)
    shows_now(trial, _moment(at), outcome, before, name)
    trial.witness(CLOCK)


@law("times/made-stays", SHOWN_TWICE)
def made_stays(trial: Trial, subject: Subject) -> None:
    """The time of making is the same in the answer, in reads and in lists, also later on and after
    an update.

    Of two answers one may be cut to the second: only reads are compared to the last digit.
    """
    things, name = subject.things, subject.facet.name
    thing = things.make(trial)
    first = _shown(trial, name, {}, things, thing)
    told = instant(things.row(thing.outcome.payload).get(name))
    if told is not None:
        _close(trial, first, told, f"{name} in the read, as in the answer to the call")
    _pause(first)
    if "update" in subject.resource.operations:
        trial.given(things.update(trial, thing, **things.changes(trial, thing)), "an update")
    things.make(trial, thing.where)
    again = _shown(trial, name, {}, things, thing)
    trial.equal(again, first, f"{name}, read again (microseconds)", reason="another-time")
    if subject.resource.listing is not None:
        rows = subject.lists.everything(trial, thing.where, seek=[thing])
        for row in subject.lists.find(rows, thing):
            if (listed := instant(row.get(name))) is not None:
                _close(trial, listed, first, f"{name} in the list, as in the read")
    trial.witness(SHOWN_TWICE)


@law("times/changed-now", CLOCK, LATER)
def changed_now(trial: Trial, subject: Subject) -> None:
    """The time of change is that of the update, as far as clocks agree, and later than before it.

    A server that shows whole minutes can't be seen to move it, and needn't.
    """
    things, name = subject.things, subject.facet.name
    thing = things.make(trial)
    earlier = instant(things.read(trial, thing).get(name))
    _pause(earlier)
    before, outcome, at = _updated(trial, name, things, thing, earlier)
    shows_now(trial, _moment(at), outcome, before, name)
    trial.witness(CLOCK)
    if earlier == at and at % timeline.MINUTE == 0:
        _pause(at)
        at = _updated(trial, name, things, thing, earlier)[2]
    coarse = at % timeline.MINUTE == 0
    trial.holds(
        earlier != at or coarse,
        "not-moved",
        expected=f"another {name} after an update",
        actual=f"{_moment(at).isoformat()}, as before",
    )
    trial.witness(LATER)


def _updated(
    trial: Trial, name: str, things: Things, thing: Thing, earlier: int | None
) -> tuple[datetime, Outcome, int]:
    """When an update was begun, its answer, and the time of change that is read after it, once it
    is no longer the `earlier` one, or had time to move."""
    before = datetime.now(UTC)
    outcome = things.update(trial, thing, **things.changes(trial, thing))
    trial.given(outcome, "an update")

    def moved(look: Outcome) -> bool:
        return look.accepted and instant(things.row(look.payload).get(name)) != earlier

    row = things.row(things.look_until(trial, thing, moved).payload)
    return before, outcome, _shown(trial, name, row, things, thing)


def instant(shown: Any) -> int | None:
    """The instant that a time shows, as text or as a number since 1970, of seconds or of
    thousandths, millionths or billionths of them; None for what is no time."""
    if isinstance(shown, int | float) and not isinstance(shown, bool):
        fitting = (n for n in (1, 10**3, 10**6, 10**9) if abs(shown) < n * _LARGEST)
        parts = next(fitting, None)
        return None if parts is None else int(shown * timeline.SECOND / parts)
    return timeline.read(shown)


def _shown(trial: Trial, name: str, row: Mapping[str, Any], things: Things, thing: Thing) -> int:
    """The instant that a row shows, or else a read."""
    if name not in row:
        row = things.read(trial, thing)
    at = instant(row.get(name))
    trial.require(at is not None, f"a time with an offset in {name}")
    assert at is not None
    return at


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _close(trial: Trial, at: int, other: int, what: str) -> None:
    trial.holds(
        abs(at - other) < timeline.SECOND,
        "another-time",
        expected=f"{what}: {_moment(other).isoformat()}",
        actual=_moment(at).isoformat(),
    )


def _pause(at: int | None) -> None:
    """Let as much time pass as shows in a time that is written as `at` is."""
    time.sleep(1.1 if at is not None and at % timeline.SECOND == 0 else 0.02)


LAWS = (made_now, made_stays, changed_now)
