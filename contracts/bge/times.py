"""Times of stream data. An instant is an integer: microseconds since 1970-01-01T00:00:00Z.

Only a year alone is a documented spelling; which others a server takes is learnt (`ground`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
CHINA = timezone(timedelta(hours=8))  # the offset of every printed answer
YEAR_MASK = r"1111-00-00T00:00:00(\.0+)?±11:?11"  # stream.md > stream_range > Output

ALL = (-(10**17), 10**17)  # of all times that records may have
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_TICK = timedelta(microseconds=1)
_SHOWN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:[.]([0-9]+))?(?:Z|([+-])([0-9]{2}):?([0-9]{2}))"
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to write an instant: a pattern of strftime, and the offset behind it."""

    pattern: str
    offset: str  # "+0800", "Z" and the like; empty where none is written
    step: int = SECOND  # the finest step that it can tell, in microseconds
    east: int = 8 * 60  # minutes east of Greenwich of the zone that is meant where none is written

    def write(self, instant: int) -> str:
        zone = _zone(self.offset) if self.offset else timezone(timedelta(minutes=self.east))
        return moment(instant).astimezone(zone).strftime(self.pattern) + self.offset


_FRACTION, _WHOLE = "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"

# What a server may take beside years; the answers' own form first. In which zone a time is read
# that states no offset is open (silent points written_zone, bound_zone): it is learnt.
WITH_OFFSET = (
    *(Spelling(_FRACTION, offset, 1) for offset in ("+0800", "+08:00", "Z")),
    *(Spelling(_WHOLE, offset) for offset in ("+0800", "+08:00", "Z")),
)
OTHER_OFFSETS = tuple(
    Spelling(pattern, offset, step)
    for pattern, step in ((_FRACTION, 1), (_WHOLE, SECOND))
    for offset in ("Z", "+0900", "-0330", "+09:00", "-03:30")
)
WITHOUT_OFFSET = (
    Spelling("%Y-%m-%d %H:%M:%S.%f", "", 1),
    Spelling(_FRACTION, "", 1),
    Spelling("%Y-%m-%d %H:%M:%S", ""),
    Spelling(_WHOLE, ""),
)
FOR_WRITING = (*WITH_OFFSET, *WITHOUT_OFFSET)


def instant(text: object) -> int | None:
    """The instant that an answer shows, None if it is no time with an offset."""
    if not isinstance(text, str) or not (found := _SHOWN.fullmatch(text)):
        return None
    fraction, sign, hours, minutes = found.groups()
    try:
        shown = datetime.fromisoformat(f"{text[:19]}+00:00")
    except ValueError:
        return None
    east = (int(hours or 0) * 60 + int(minutes or 0)) * (-1 if sign == "-" else 1)
    return (shown - _EPOCH) // _TICK + int((fraction or "").ljust(6, "0")[:6]) - east * MINUTE


def shows_year(text: object, year: str) -> bool:
    """Whether a text shows the first instant of a year, at +08:00."""
    pattern = rf"{year}-01-01T00:00:00([.]0+)?[+]08:?00"
    return isinstance(text, str) and re.fullmatch(pattern, text) is not None


def moment(instant: int) -> datetime:
    """The instant as a datetime in UTC."""
    return _EPOCH + timedelta(microseconds=instant)


def told(instant: int) -> str:
    """The instant in a message, as answers show it."""
    return moment(instant).astimezone(CHINA).isoformat(timespec="microseconds")


def of(moment: datetime) -> int:
    """The instant of a datetime that knows its zone."""
    return (moment - _EPOCH) // _TICK


def first_of(year: int) -> int:
    """The first instant of a year in UTC+8."""
    return of(datetime(year, 1, 1, tzinfo=CHINA))


def years(span: tuple[int, int]) -> list[int]:
    """The years that begin within a span of instants, the last excluded.

    Years at whose beginning the clocks of Asia/Shanghai showed another offset than +08:00 (as in
    1943) are left out: a server may go by the history of that zone, and the document is silent.
    """
    return [
        year
        for year in range(moment(span[0]).year, moment(span[1]).year + 2)
        if span[0] <= first_of(year) < span[1]
        and datetime(year, 1, 1, tzinfo=_SHANGHAI).utcoffset() == timedelta(hours=8)
    ]


def span(days: tuple[str, str]) -> tuple[int, int]:
    """The instants at which two days, written as 1900-01-31, begin in UTC+8."""
    first, last = (of(datetime.fromisoformat(day).replace(tzinfo=CHINA)) for day in days)
    return first, last


def steady(start: int, end: int) -> bool:
    """Whether the clocks of Asia/Shanghai showed +08:00 at both ends of a stretch of weeks.

    (A server may go by the history of that zone where a time states no offset.)
    """
    ends = (moment(at).astimezone(_SHANGHAI).utcoffset() for at in (start, end))
    return all(offset == timedelta(hours=8) for offset in ends)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
