"""How a server takes times beside years: in which spelling, in which zone, how finely."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import product

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.probing import find, probe
from streamproof.contracts.bge.times import MINUTE, SECOND, Spelling
from streamproof.contracts.check import Trial, Unavailable, Unmet
from streamproof.contracts.wire import Outcome

_OFFSETS = 3  # in how many a bound is tried
_QUARTER = 15 * MINUTE  # the offsets of all zones are whole quarters of an hour
_NEAR = 5 * MINUTE  # less than zones differ by
_ZONES = (8 * 60, 0)  # minutes east of Greenwich, in which bounds without an offset may be read
_FARTHEST = 24 * 60 * MINUTE  # from UTC+8 to any zone


def as_taken(trial: Trial, here: Ground, spelling: Spelling) -> tuple[Spelling, int] | None:
    """A spelling as a write takes it, in the zone that is meant where it states none, and the
    finest step that is kept of it; None where it isn't understood."""
    # Off the hour, where what reads no more than a day shows; a whole minute in whole seconds, for
    # a server that takes seconds and shows minutes breaks a rule, and is no coarser one.
    wanted = (here.at + 37 * MINUTE + 345_678) // spelling.step * spelling.step
    key = Key(here.entities[0], here.elements[-1], spelling.write(wanted), wanted)
    record_id = probe(trial, key)
    if record_id is None:
        return None
    row = find(trial, here, record_id, wanted)
    # A record that can't be read has rules of its own; here its time is taken on trust.
    kept = wanted if row is None else times.instant(row.get("stream_generate_time"))
    if kept is None:
        return None
    if not spelling.offset:
        quarters = round((kept - wanted) / _QUARTER)
        if abs(quarters) > _FARTHEST // _QUARTER:
            return None
        spelling = replace(spelling, east=spelling.east - 15 * quarters)
        kept -= quarters * _QUARTER
    step = next((s for s in (1, 1000, SECOND) if kept % s == 0 and abs(kept - wanted) < s), None)
    return None if step is None else (spelling, step)


def bounds_taken(trial: Trial, here: Ground) -> tuple[Spelling, ...]:
    """The spellings that are understood as bounds: the first that is, and some with another
    offset (which may tell whole seconds only); or else one without an offset."""
    main = next((s for s in times.WITH_OFFSET if _is_bound(trial, here, s)), None)
    if main is None and trial.reads_only:
        return ()
    if main is None:
        main = _bound_without_offset(trial, here)
        if main is not None:
            here.step = max(here.step, main.step)
        return () if main is None else (main,)
    here.step = max(here.step, main.step)
    found = {main.offset: main}
    for spelling in times.OTHER_OFFSETS:
        if spelling.offset not in found and _is_bound(trial, here, spelling):
            found[spelling.offset] = spelling
        if len(found) == _OFFSETS:
            break
    return tuple(found.values())


def _bound_without_offset(trial: Trial, here: Ground) -> Spelling | None:
    """The first spelling without an offset that is understood as a bound, in the zone in which
    it is read: that of writes, UTC+8 or UTC."""
    assert here.spelling is not None
    instant = here.at + 2 * _NEAR
    key = Key(here.entities[0], here.elements[-1], here.spelling.write(instant), instant)
    record_id = probe(trial, key)
    if record_id is None:
        return None
    time.sleep(here.patience_s)
    zones = dict.fromkeys((here.spelling.east, *_ZONES))
    for spelling, east in product(times.WITHOUT_OFFSET, zones):
        read: Spelling = replace(spelling, east=east)
        if _parts(trial, here, read, record_id, instant):
            return read
    return None


def _parts(trial: Trial, here: Ground, spelling: Spelling, record_id: str, instant: int) -> bool:
    """Whether bounds so spelled let a record in that lies well between them, and keep it out, on
    one side at least, where it lies well beyond."""
    # Early times first: where bounds are ignored, ours are found before all that others wrote.
    query = {**here.asked(here.entities[0], here.elements[-1]), "sort_direction": "asc"}

    def shows(start: int, end: int) -> bool:
        bounds = {"start_time": spelling.write(start), "end_time": spelling.write(end)}
        return record_id in calls.ids(calls.listed(trial, stop_at=[record_id], **query, **bounds))

    before, after, later = instant - _NEAR, instant + _NEAR, instant + 2 * _NEAR
    try:
        return shows(before, after) and not (shows(after, later) and shows(before - _NEAR, before))
    except Unavailable:
        raise
    except Unmet:  # pages that lead nowhere, or aren't any: they have rules of their own
        return False


def _is_bound(trial: Trial, here: Ground, spelling: Spelling) -> bool:
    """Whether a bound so spelled is accepted and, on one side at least, shuts something out.

    A bound that isn't understood may be ignored, and a server may be wrong about one side. Days
    of distance keep wrong readings of the offset out of this.
    """
    query = here.asked(here.entities[0], here.elements[here.asking])
    later, earlier = here.at + 2 * times.DAY, here.at - 2 * times.DAY
    start = trial.client.call(
        "range", **query, start_time=spelling.write(later), sort_direction="asc"
    )
    end = trial.client.call("range", **query, end_time=spelling.write(earlier))
    around = trial.client.call(
        "range",
        **query,
        start_time=spelling.write(earlier),
        end_time=spelling.write(later),
    )
    if not calls.tells(around):
        return False

    def clean(outcome: Outcome, fits: Callable[[int], bool]) -> bool:
        if not outcome.accepted:
            return outcome.rejected  # nothing matches
        return all(fits(calls.instant(row)) for row in calls.page(outcome.payload).records)

    return clean(start, lambda t: t >= later) or clean(end, lambda t: t <= earlier)
