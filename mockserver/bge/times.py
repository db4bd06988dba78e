"""Times of stream data: every spelling that is taken, and the one in which they are answered.

An instant is an integer: microseconds since 1970-01-01T00:00:00Z, over the years 0001 to 9999 as
they run in UTC+8, the zone of every answer (document 000 › stream_range › Output).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

CHINA = 8 * 60  # minutes east of Greenwich
_EPOCH = datetime(1970, 1, 1)
_TICK = timedelta(microseconds=1)
_MINUTE = 60_000_000  # microseconds
_MASK = "0000-00-00T00:00:00.000000"
_MASK_OFFSET = "±1111"
FULL_MASK = _MASK.replace("0", "1") + _MASK_OFFSET
_SPELLING = re.compile(
    r"""(?P<year>[0-9]{4})
        (?:-(?P<month>[0-9]{2})
        (?:-(?P<day>[0-9]{2})
        (?:[T\ ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})
            (?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?
            (?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})?
        )?)?)?""",
    re.VERBOSE,
)


class NotATime(ValueError):
    """A text that states no instant; says why."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a caller stated it: its first instant, its offset in minutes east of Greenwich,
    and the mask that marks with 1 the digits that were stated."""

    instant: int
    offset: int
    mask: str


def parse(text: str, zone: int = CHINA, digits: int = 6) -> Moment:
    """Read a year, a month, a day, or a day and a time with a blank or ``T`` between them.

    A time has minutes, may have seconds and up to six digits of a fraction, of which `digits`
    are kept, and may carry its offset as ``Z``, ``+08:00`` or ``+0800``; `zone` (minutes) stands
    where none is stated. Raises `NotATime`.
    """
    found = _SPELLING.fullmatch(text)
    if found is None:
        raise NotATime(
            "a year, year-month, date, or date and time with or without an offset expected, "
            "such as 1971, 1971-01, 1971-01-31 or 1971-01-31T08:00:00.000000+0800"
        )
    offset = _minutes(found["offset"]) if found["offset"] else zone

    def part(name: str, lowest: int = 0) -> int:
        return int(found[name] or lowest)

    try:
        local = datetime(
            part("year"),
            part("month", 1),
            part("day", 1),
            part("hour"),
            part("minute"),
            part("second"),
            int((found["fraction"] or "")[:digits].ljust(6, "0")),
        )
    except ValueError as fault:
        raise NotATime(str(fault)) from None
    for shown in {offset, CHINA, CHINA if offset == CHINA else 0}:
        try:
            local + timedelta(minutes=shown - offset)
        except OverflowError:
            raise NotATime("lies outside the years 0001 to 9999") from None
    stated = min(len(text) - len(found["offset"] or ""), len(_MASK) - 6 + digits)
    return Moment(
        instant=(local - _EPOCH) // _TICK - offset * _MINUTE,
        offset=offset,
        mask=_MASK[:stated].replace("0", "1") + _MASK[stated:] + _MASK_OFFSET,
    )


def render(instant: int, offset: int = CHINA) -> str:
    """An instant as answers show it, ``1971-01-01T00:00:00.000000+0800``.

    In UTC where the clock there shows a year that can't be written, before 1 or after 9999.
    """
    try:
        local = _EPOCH + timedelta(microseconds=instant + offset * _MINUTE)
    except OverflowError:
        local, offset = _EPOCH + timedelta(microseconds=instant), 0
    hours, minutes = divmod(abs(offset), 60)
    # not strftime, which leaves the year 986 without its zero
    return f"{local.isoformat(timespec='microseconds')}{'-+'[offset >= 0]}{hours:02}{minutes:02}"


def _minutes(offset: str) -> int:
    """An offset, ``Z`` or ``±hh:mm`` or ``±hhmm``, in minutes east of Greenwich."""
    if offset == "Z":
        return 0
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        raise NotATime(f"there is no offset {offset}")
    return (hours * 60 + minutes) * (-1 if offset[0] == "-" else 1)
