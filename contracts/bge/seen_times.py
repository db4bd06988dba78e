"""How bge reads and keeps times where the document is silent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import shown
from streamproof.contracts.bge.probing import find
from streamproof.contracts.bge.seeing import (
    SHOWN,
    sees,
    shelf,
    taken,
    which,
    write,
)
from streamproof.contracts.bge.times import CHINA, DAY, MINUTE, OTHER_OFFSETS, SECOND, Spelling
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.specs.wording import shown as told

_HOUR = 60 * MINUTE
_TWO_YEARS = 732 * DAY  # a bound so far from a record is certainly on one side of it
_WHOLE = "%Y-%m-%dT%H:%M:%S"
_LISTED = {
    "a month": Spelling("%Y-%m", ""),
    "a day": Spelling("%Y-%m-%d", ""),
    "a time with a blank": Spelling("%Y-%m-%d %H:%M:%S.%f", ""),
    "ISO 8601 with Z": Spelling(_WHOLE, "Z"),
}
_ISO = {
    "ISO 8601 with an offset": Spelling(_WHOLE, "+0900"),
    "ISO 8601 without": Spelling(_WHOLE, ""),
}
_LOCAL = (Spelling("%Y-%m-%d %H:%M:%S", ""), Spelling(_WHOLE, ""))


def _visible(trial: Trial, **bounds: Any) -> bool:
    """Whether the shelf shows within some bounds; rejected ones may be well read and match
    nothing."""
    return sees(trial, **bounds) == SHOWN


def _is_read(trial: Trial, spelling: Spelling) -> bool:
    """Whether a bound so spelled lets records in that lie behind it, and keeps out those before."""
    places = shelf(trial).places.values()
    if not _visible(trial, start_time=spelling.write(min(places) - _TWO_YEARS)):
        return False
    return not _visible(trial, start_time=spelling.write(max(places) + _TWO_YEARS))


@observe("bge/time_spellings")
def time_spellings(trial: Trial) -> str:
    """Bounds in one spelling after the other, on both sides of a record."""
    year = Spelling("%Y", "")
    trial.require(_is_read(trial, year), "a year as bound that is read as one")
    listed = [name for name, how in _LISTED.items() if _is_read(trial, how)]
    beyond = [name for name, how in _ISO.items() if _is_read(trial, how)]
    if not listed and not beyond:
        return "year"
    if len(listed) == len(_LISTED) and len(beyond) in (0, len(_ISO)):
        return "iso" if beyond else "listed"
    raise OtherChoice(f"a year, {', '.join((*listed, *beyond))}")


# -- as it is kept -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Timed:
    """A record that was written in a spelling, and as it shows."""

    spelling: Spelling
    instant: int
    row: Row


def _timed(trial: Trial, instant: int, *spellings: Spelling) -> _Timed:
    """A record in the first of these spellings that is taken, at an instant of the run."""
    here = ground(trial)
    for how in spellings:
        key = Key(here.entities[0], here.elements[-1], how.write(instant), instant)
        made = taken(trial, write(trial, key, duplicate_enabled="true"))
        if made is not None:
            return _Timed(how, instant, shown(trial, made))
    examples = ", ".join(how.write(instant) for how in spellings)
    trial.require(False, f"a time like one of {examples} that is taken")
    raise AssertionError


def _fresh(trial: Trial) -> int:
    """An instant of the run's own, on a whole second."""
    here = ground(trial)
    trial.require(here.fine, "times finer than a year")
    return here.moments(1)[0]


@observe("bge/written_zone", dear=True)
def written_zone(trial: Trial) -> str:
    """The time of a record that was written without an offset."""
    found = _timed(trial, _fresh(trial), *_LOCAL)
    later = calls.instant(found.row) - found.instant
    return which(later, {"utc8": 0, "utc": 8 * _HOUR})


@observe("bge/finer_time_mask", dear=True)
def finer_time_mask(trial: Trial) -> str:
    """The mask of a record that was written at a month, or at a day where none is taken."""
    here = ground(trial)
    start, end = here.span
    month = start + trial.names.number(max((end - start) // DAY - 31, 1)) * DAY + 31 * DAY
    when = datetime.fromisoformat(times.told(month)).replace(day=1, hour=0, minute=0, second=0)
    at = times.of(when.astimezone(CHINA).replace(hour=0, microsecond=0))
    trial.require(start <= at < end, "fixtures.time_span: one that holds the first day of a month")
    found = _timed(trial, at, Spelling("%Y-%m", ""), Spelling("%Y-%m-%d", ""))
    mask = found.row.get("stream_generate_time_mask")
    trial.require(isinstance(mask, str), f"a mask: {told(mask)}")
    days = "11" if "%d" in found.spelling.pattern else "00"
    if re.fullmatch(r"1111-11-11T11:11:11(\.1+)?.*", str(mask)):
        return "full"
    if re.fullmatch(rf"1111-11-{days}T00:00:00(\.0+)?.*", str(mask)):
        return "stated"
    raise OtherChoice(mask)


# -- bounds --------------------------------------------------------------------------------------


@observe("bge/bound_zone")
def bound_zone(trial: Trial) -> str:
    """Bounds without an offset on both sides of a record, as they lie in UTC+8 and in UTC."""
    there = shelf(trial)
    first, last = min(there.places.values()), max(there.places.values())
    for how in _LOCAL:
        if _visible(trial, start_time=how.write(last + 2 * _HOUR)):
            continue  # a bound that keeps nothing out
        if _visible(trial, start_time=how.write(first - 2 * _HOUR)):
            return "utc8"
        # not shown: it is read as 8 hours later, as one of UTC is, or isn't read at all
        if _visible(trial, start_time=how.write(first - 10 * _HOUR)):
            return "utc"
    trial.require(False, "a bound without an offset that is read in UTC+8 or in UTC")
    raise AssertionError


@observe("bge/year_as_end")
def year_as_end(trial: Trial) -> str:
    """A record in the midst of a year that is `end_time`."""
    places = shelf(trial).places.values()
    year = times.moment(min(places)).astimezone(CHINA).year
    start, end = times.first_of(year) + DAY, times.first_of(year + 1) - DAY
    trial.require(start < min(places) and max(places) < end, "records in the midst of a year")
    since = str(year - 1)
    within = _visible(trial, start_time=since, end_time=str(year + 1))
    trial.require(within, "a record before the year that is `end_time`")
    seen = _visible(trial, start_time=since, end_time=str(year))
    return which(seen, {"first_instant": False, "last_instant": True})


@observe("bge/visible_after_s")
def visible_after_s(trial: Trial) -> int:
    """How long the run had to wait until range showed what it wrote."""
    patience_s = ground(trial).patience_s
    trial.require(
        not patience_s, f"records that show at once; here it takes about {patience_s:g} s"
    )
    return 0


@observe("bge/time_precision")
def time_precision(trial: Trial) -> str:
    """The time of a record that was written with six digits of a second."""
    here = ground(trial)
    finest = here.spelling is not None and here.spelling.step == 1
    trial.require(finest, "a spelling of a time with six digits of a second that is taken")
    return {1: "microsecond", 1000: "millisecond", SECOND: "second"}[here.step]


@observe("bge/offset_shown", dear=True)
def offset_shown(trial: Trial) -> str:
    """The time of a record that was written with +0900."""
    return _offset(str(trial.learn(_in_the_east).get("stream_generate_time")))


def _in_the_east(trial: Trial) -> Row:
    """A record, written with another offset than +0800 and than zero."""
    here = ground(trial)
    trial.require(here.fine, "a spelling of a time with its offset that is taken")
    [key] = here.keys(1)
    spelling = next(each for each in OTHER_OFFSETS if each.offset == "+0900")
    key = replace(key, time=spelling.write(key.instant))
    outcome = trial.client.call("write", **key.item('{"probe": 4}'), **here.permit())
    record = calls.stream_id(trial.given(outcome, "a write with the offset +0900"))
    row = find(trial, here, record, key.instant)
    if row is None:
        raise Unmet("a record that was written, to be read")
    return row


def _offset(text: str) -> str:
    for choice, ends in (("utc8", "+08:?00"), ("as_written", "+09:?00"), ("utc", "+00:?00|Z")):
        if re.search(f"(?:{ends.replace('+', '[+]')})$", text):
            return choice
    raise OtherChoice(text)


OBSERVERS = (
    *(time_spellings, written_zone, bound_zone, year_as_end, finer_time_mask),
    *(visible_after_s, time_precision, offset_shown),
)
