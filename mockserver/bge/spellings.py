"""How the dialect has times read and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from streamproof.mockserver.bge import times
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_ZONES = {"utc8": times.CHINA, "utc": 0}
_DIGITS = {"microsecond": 6, "millisecond": 3, "second": 0}
_TAKEN = {
    "year": re.compile(r"[0-9]{4}"),
    "listed": re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}( [0-9:.]+|T[0-9:.]+Z)?)?)?"),
    "iso": re.compile(r".*", re.DOTALL),
}
_YEAR = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class GenerateTime:
    """A record's generate time. Two records of one entity, data element and instant are
    duplicates when `copy` is the same too."""

    instant: int
    offset: int
    mask: str
    copy: str


def generate_time(text: str, dialect: Dialect) -> GenerateTime:
    """Read `stream_generate_time`. Raises `Rejected`."""
    year = _YEAR.fullmatch(text)
    zone = times.CHINA if year else _ZONES[dialect["written_zone"]]
    try:
        moment = times.parse(text, zone, _DIGITS[dialect["time_precision"]])
    except times.NotATime as fault:
        raise Rejected("bge/write/bad-time-rejected", f"stream_generate_time: {fault}") from None
    _take(text, "stream_generate_time", dialect)
    full = dialect["finer_time_mask"] == "full" and not year
    copies = {"instant": "", "precision": moment.mask, "text": text}
    return GenerateTime(
        instant=moment.instant,
        offset=moment.offset,
        mask=times.FULL_MASK if full else moment.mask,
        copy=copies[dialect["same_instant_other_spelling"]],
    )


def bound(name: str, text: str | None, dialect: Dialect) -> int | None:
    """Read `start_time` or `end_time` as an instant; None for an open side. Raises `Rejected`."""
    if text is None:
        return None
    year = _YEAR.fullmatch(text)
    zone = times.CHINA if year else _ZONES[dialect["bound_zone"]]
    last = name == "end_time" and dialect["year_as_end"] == "last_instant" and year
    try:
        moment = times.parse(f"{text}-12-31T23:59:59.999999" if last else text, zone)
        _take(text, name, dialect)
    except (times.NotATime, Rejected) as fault:
        if dialect["bad_bound"] == "ignored":
            return None
        detail = fault.detail if isinstance(fault, Rejected) else f"{name}: {fault}"
        raise Rejected("bge/dialect/bad_bound", detail) from None
    return moment.instant


def shown(instant: int, offset: int, dialect: Dialect) -> str:
    """A generate time as answers show it; `offset` is the one that it was stated with."""
    chosen: dict[Any, int] = {"utc8": times.CHINA, "as_written": offset, "utc": 0}
    stated_otherwise = offset != times.CHINA
    return times.render(instant, chosen[dialect["offset_shown"]] if stated_otherwise else offset)


def _take(text: str, name: str, dialect: Dialect) -> None:
    """Raise `Rejected` unless the dialect takes a time that is spelled like this."""
    if not _TAKEN[dialect["time_spellings"]].fullmatch(text):
        raise Rejected(
            "bge/dialect/time_spellings",
            f"{name}: this spelling of a time isn't taken; a year alone is",
        )
