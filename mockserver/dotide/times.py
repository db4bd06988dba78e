"""Times of datastreams: microseconds since the epoch inside, ISO 8601 in a zone outside."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from streamproof.specs.dialect import Dialect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def is_zone(name: str) -> bool:
    """Whether `name` is one of the Olson data base."""
    return isinstance(name, str) and name in _zones()


def microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def instant(text: str, zone: str) -> int:
    """The instant that a text of ISO 8601 names, in `zone` where it tells no offset.

    Raises ValueError for any other text.
    """
    local = datetime.fromisoformat(text.strip())
    try:
        return microseconds(local if local.tzinfo else local.replace(tzinfo=ZoneInfo(zone)))
    except OverflowError as fault:
        raise ValueError(str(fault)) from None


def utc(instant: int) -> str:
    """An instant in UTC, exactly."""
    return (_EPOCH + instant * _MICROSECOND).isoformat().replace("+00:00", "Z")


def render(instant: int, zone: str, dialect: Dialect) -> str:
    """An instant in the zone `zone`, as finely and with the offset spelled as the dialect says.

    In UTC where the zone's clock shows a year that can't be written, before 1 or after 9999.
    """
    local = _EPOCH + instant * _MICROSECOND
    with suppress(OverflowError):
        local = local.astimezone(ZoneInfo(zone))
    text = local.isoformat(timespec=dialect["time_precision"])
    match dialect["offset_form"]:
        case "zulu":
            return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
        case "compact":
            return text[:-3] + text[-2:]
        case _:
            return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
