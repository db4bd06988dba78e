"""Timelines: instants to write at, spelled in any zone, and read back whatever the spelling.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from streamproof.contracts.names import Names

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
DAY: Final = 24 * 60 * MINUTE
EAST, WEST = timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = 1_577_836_800 * SECOND  # 2020-01-01
_DAYS: Final = 1000


def base(names: Names) -> int:
    """The first instant of a run's records: a midnight of some years ago, settled by its id."""
    return _FIRST + names.number(_DAYS) * DAY


def fresh(names: Names) -> int:
    """An instant at which the run has written nothing: later than any of its shelves, and later
    with each call of a check."""
    return base(names) + DAY + names.turn() * MINUTE


def another_day(instant: int) -> timezone:
    """A zone in which an instant is written with another day than in UTC."""
    return timezone(timedelta(hours=12 if instant % DAY >= DAY // 2 else -12))


def written(instant: int, zone: timezone = UTC) -> str:
    """As RFC 3339 spells it, to the second where it is whole, else to what is needed."""
    moment = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)
    whole = instant % SECOND == 0
    text = moment.isoformat(timespec="seconds" if whole else "milliseconds")
    return text.replace("+00:00", "Z")


def read(shown: Any) -> int | None:
    """The instant that a time shows; None for what is no time with an offset."""
    if not isinstance(shown, str):
        return None
    try:
        moment = datetime.fromisoformat(shown.upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    return None if moment.tzinfo is None else (moment - _EPOCH) // timedelta(microseconds=1)
