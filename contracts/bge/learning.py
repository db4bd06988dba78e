"""What a run learns of its server before it judges anything: how it takes times, and how long a
record takes to show. Learning writes a few records, in the run's own stretch of time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count, product
from typing import TypeVar

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.times import MINUTE, SECOND, Spelling
from streamproof.contracts.check import Trial, Unavailable, Unmet
from streamproof.contracts.wire import Outcome

T = TypeVar("T")

_SETTLE_S = 2.0  # the longest wait for a fresh record to show
_RUN_MINUTES = 10_000  # what is looked through for leftovers before a run takes its stretch
_SIGHTINGS = 4  # in a row, until a record counts as shown: one copy of the data may be late
_TRIES = 5
_QUARTER = 15 * MINUTE  # the offsets of all zones are whole quarters of an hour
_NEAR = 5 * MINUTE  # less than zones differ by
_ZONES = (8 * 60, 0)  # minutes east of Greenwich, in which bounds without an offset may be read
_FARTHEST = 24 * 60 * MINUTE  # from UTC+8 to any zone
_PROBES = 5  # records, by the slowest of which the others are judged
_OFFSETS = 3  # in how many a bound is tried


def ground(trial: Trial) -> Ground:
    """What this run knows, learnt at its first use."""
    return trial.learn(_ground)


def retrieve_delay(trial: Trial) -> float:
    """How long a record takes until retrieve shows it, in seconds; 0 when it never does."""
    return trial.learn(_retrieve_delay)


def _ground(trial: Trial) -> Ground:
    """Learn the ground; what this writes lies in the run's own stretch of time."""
    span = times.span(tuple(calls.fixture(trial, "time_span")))
    elements = calls.fixture(trial, "data_elements")
    years = times.years(span)
    turn = trial.names.number(len(years)) if years else 0
    minutes = max((span[1] - span[0]) // MINUTE - _RUN_MINUTES, 1)
    made = Ground(
        namespace=trial.fixtures.get("namespace"),
        entities=tuple(calls.fixture(trial, "entities")),
        elements=tuple(e if isinstance(e, str) else e["id"] for e in elements),
        span=span,
        years=years[turn:] + years[:turn],
        at=span[0] + trial.names.number(minutes) * MINUTE,
    )
    for _ in range(_TRIES):
        if times.steady(made.at, made.at + _RUN_MINUTES * MINUTE):
            break
        _move_on(made)
    for spelling in times.FOR_WRITING:
        taken = _as_taken(trial, made, spelling)
        if taken is not None:
            made.spelling, step = taken
            made.step = max(step, spelling.step)
            break
    if made.namespace is None:  # nothing can be read by range, so nothing will be
        made.bounds = times.WITH_OFFSET[:1]
        return made
    made.patience_s = _patience(trial, made)
    if made.spelling is not None:
        made.bounds = _bounds_taken(trial, made)
    if made.fine:
        _move_to_free_stretch(trial, made)
    return made


def _retrieve_delay(trial: Trial) -> float:
    """How long a record takes until retrieve shows it, in seconds; 0 when it never does."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = trial.client.call("write", **key.item('{"probe": 0}'), **here.permit())
    record_id = calls.stream_id(trial.given(outcome, "a write"))
    return _delay(lambda: trial.client.call("retrieve", stream_id=record_id).accepted)


def _patience(trial: Trial, here: Ground) -> float:
    """How long records take until range shows the last of them; 0 when it never does."""
    key = here.year_key()
    keys = [key]
    if here.spelling is not None:
        moments = (here.at + (30 + i) * SECOND for i in range(_PROBES))
        keys = [Key(key.entity, key.element, here.spelling.write(m), m) for m in moments]
    written = [(_probe(trial, key), key.instant) for key in keys]
    known = [(record_id, near) for record_id, near in written if record_id is not None]
    if not known:
        return 0.0
    looks = count()

    def visible() -> bool:
        if next(looks) % 2:  # else copies that answer in turn may always have the same part of it
            trial.client.call("retrieve", stream_id=known[0][0])
        try:
            return all(_listed_near(trial, here, *one) is not None for one in known)
        except Unavailable:
            raise
        except Unmet:  # a cursor of one copy of the data may be unknown to another yet
            return False

    return _delay(visible)


def until(look: Callable[[], T], enough: Callable[[T], bool], limit_s: float) -> T:
    """Look again, at growing intervals, until it is enough or the time is over."""
    deadline, pause = time.monotonic() + limit_s, 0.01
    while not enough(found := look()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, 0.25)
    return found


def _delay(visible: Callable[[], bool]) -> float:
    """A wait that is long enough, by one measurement; 0 where every look finds it, or none does."""
    begun, shown_s, sightings, missed = time.monotonic(), 0.0, 0, False

    def settled() -> bool:
        nonlocal shown_s, sightings, missed
        if visible():
            sightings += 1
        else:
            sightings, missed = 0, True
        if sightings == 2:  # by then both of two copies that answer in turn show it
            shown_s = time.monotonic() - begun
        return sightings == _SIGHTINGS

    until(settled, bool, _SETTLE_S)
    return 1.25 * shown_s + 0.1 if missed and shown_s else 0.0


def _as_taken(trial: Trial, here: Ground, spelling: Spelling) -> tuple[Spelling, int] | None:
    """A spelling as a write takes it, in the zone that is meant where it states none, and the
    finest step that is kept of it; None where it isn't understood."""
    wanted = (here.at + 37_345_678) // spelling.step * spelling.step
    key = Key(here.entities[0], here.elements[-1], spelling.write(wanted), wanted)
    record_id = _probe(trial, key)
    if record_id is None:
        return None
    row = _find(trial, here, record_id, wanted)
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


def _probe(trial: Trial, key: Key) -> str | None:
    """Write a record at a key that an earlier run may have left taken; its id, if accepted."""
    sent = key.item('{"probe": 1}')
    outcome = trial.client.call("write", **sent)
    if outcome.rejected:
        outcome = trial.client.call("write", **sent, duplicate_enabled="true")
    return calls.stream_id(outcome.payload) if calls.tells(outcome) else None


def _find(trial: Trial, here: Ground, record_id: str, near: int) -> Row | None:
    """A fresh record, by retrieve or, should that not work, by range."""

    def retrieve() -> Row | None:
        outcome = trial.client.call("retrieve", stream_id=record_id)
        return outcome.payload if calls.tells(outcome) else None

    if row := retrieve():
        return row
    if here.namespace is None:
        return until(retrieve, bool, _SETTLE_S)
    return until(lambda: _listed_near(trial, here, record_id, near), bool, _SETTLE_S)


def _listed_near(trial: Trial, here: Ground, record_id: str, near: int) -> Row | None:
    """A probe, as range shows it between years."""
    year = times.moment(near).year
    query = here.asked(here.entities[0], here.elements[-1])
    rows = calls.listed(trial, **query, start_time=str(year - 1), end_time=str(year + 2))
    return next((row for row in rows if calls.identify(row) == record_id), None)


def _bounds_taken(trial: Trial, here: Ground) -> tuple[Spelling, ...]:
    """The spellings that are understood as bounds: the first that is, and some with another
    offset (which may tell whole seconds only); or else one without an offset."""
    main = next((s for s in times.WITH_OFFSET if _is_bound(trial, here, s)), None)
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
    record_id = _probe(trial, key)
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
    query = here.asked(here.entities[0], here.elements[-1])

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
    query = here.asked(here.entities[0], here.elements[-1])
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


def _move_to_free_stretch(trial: Trial, here: Ground) -> None:
    """Go on to a stretch of time without records of earlier runs (as when a run is repeated)."""
    here.at += MINUTE
    for _ in range(_TRIES):
        start, end = here.at, min(here.at + _RUN_MINUTES * MINUTE, here.span[1])
        between = {"start_time": here.bound(start), "end_time": here.bound(end)}
        for entity, element in product(here.entities[:3], {*here.elements[:2], here.elements[-1]}):
            outcome = trial.client.call("range", **here.asked(entity, element), **between)
            if not calls.tells(outcome):
                continue
            rows = calls.page(outcome.payload).records
            if any(start <= calls.instant(row) <= end for row in rows):
                break
        else:
            return
        _move_on(here)


def _move_on(here: Ground) -> None:
    """Go on to another stretch of time: some years on, where the span is long enough."""
    length = here.span[1] - here.span[0]
    here.at = here.span[0] + (here.at - here.span[0] + length // 7) % length // MINUTE * MINUTE
