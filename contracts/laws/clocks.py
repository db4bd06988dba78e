"""Clocks: a time that a server sets is its time of the call, as far as clocks agree.

A server whose clock is wrong keeps its rules, and a gateway's Date tells nothing of the clock
behind it. So a time that agrees with neither ours nor that of the Date header, but lies within
half an hour, is a question to whoever runs the server; zones differ by half hours and more.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from streamproof.contracts.check import Trial
from streamproof.contracts.wire import Outcome

_AGREES: Final = timedelta(minutes=5)
_CLOCK_OFF: Final = timedelta(minutes=30)


def shows_now(trial: Trial, shown: datetime, outcome: Outcome, before: datetime, what: str) -> None:
    """`shown` is the time of the call that was begun `before` and answered by `outcome`."""
    after = datetime.now(UTC)
    apart = min((shown - clock for clock in (before, after, *_told(outcome))), key=abs)
    minutes = round(abs(apart).total_seconds() / 60)
    way = "ahead" if apart > timedelta(0) else "behind"
    trial.require(
        abs(apart) <= _AGREES or abs(apart) >= _CLOCK_OFF,
        f"clocks that agree: {what} is {minutes} min {way}; is the clock of the target off by"
        f" {minutes} min?",
    )
    trial.holds(
        abs(apart) <= _AGREES,
        "another-time",
        expected=f"{what} within 5 minutes of {after.isoformat(timespec='seconds')}",
        actual=shown.isoformat(),
    )


def _told(outcome: Outcome) -> tuple[datetime, ...]:
    """The time that the answer's Date header tells, if there is one."""
    try:
        date = parsedate_to_datetime(outcome.headers["date"])
    except (KeyError, TypeError, ValueError):
        return ()
    return (date if date.tzinfo else date.replace(tzinfo=UTC),)
