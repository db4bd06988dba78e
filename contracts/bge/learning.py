"""What a run learns of its server before it judges anything: how it takes times, how long a record
takes to show, and which rules it breaks that nothing else could be judged without minding.

Learning writes a few records, in the run's own stretch of time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.found import survey
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.probing import listed, listed_near, probe
from streamproof.contracts.bge.spelling import as_taken, bounds_taken
from streamproof.contracts.bge.times import MINUTE, SECOND
from streamproof.contracts.check import Trial, Unavailable, Unmet
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.strands import Allotment, alone

_RUN_MINUTES = 16_000  # what is looked through for leftovers before a run takes its stretch
_SIGHTINGS = 4  # in a row, until a record counts as shown: one copy of the data may be late
_TRIES = 5
_PROBES = 5  # records, by the slowest of which the others are judged


def ground(trial: Trial) -> Ground:
    """What this run knows, learnt at its first use."""
    here = trial.learn(_ground_to_read if trial.reads_only else _ground)
    if not (here.fine or trial.reads_only):  # all write in the same years, and read there
        alone()
    return here


def _ground_to_read(trial: Trial) -> Ground:
    """What can be known without writing: where there are records, and how bounds are taken."""
    known = trial.learn(survey)
    entity, element = known.pair
    places = sorted(calls.instant(row) for row in known.rows(entity, element))
    elements = [e if isinstance(e, str) else e["id"] for e in calls.fixture(trial, "data_elements")]
    made = Ground(
        namespace=trial.fixtures.get("namespace"),
        entities=tuple(dict.fromkeys((entity, *calls.fixture(trial, "entities")))),
        elements=tuple(dict.fromkeys((element, *elements))),
        span=times.ALL,
        years=[],
        at=places[len(places) // 2],
        step=1,
        asking=0,
    )
    made.bounds = bounds_taken(trial, made)
    if known.fine and made.bounds:
        made.spelling = made.bounds[0]
    return made


def retrieve_delay(trial: Trial) -> float:
    """How long a record takes until retrieve shows it, in seconds; 0 when it never does."""
    return 0.0 if trial.reads_only else trial.learn(_retrieve_delay)


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
        minutes=Allotment(trial.names.strands, room=4, block=4),
    )
    for _ in range(_TRIES):
        if times.steady(made.at, made.at + _RUN_MINUTES * MINUTE):
            break
        _move_on(made)
    for spelling in times.FOR_WRITING:
        taken = as_taken(trial, made, spelling)
        if taken is not None:
            made.spelling, step = taken
            made.step = max(step, spelling.step)
            break
    if made.namespace is None:  # nothing can be read by range, so nothing will be
        made.bounds = times.WITH_OFFSET[:1]
        return made
    made.patience_s = _patience(trial, made)
    if made.spelling is not None:
        made.bounds = bounds_taken(trial, made)
    if made.fine:
        _move_to_free_stretch(trial, made)
        made.permits = _needs_permission(trial, made)
    made.windowed = not _hidden_by_window(trial, made)
    return made


def _retrieve_delay(trial: Trial) -> float:
    """How long a record takes until retrieve shows it, in seconds; 0 when it never does."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = trial.client.call("write", **key.item('{"probe": 0}'), **here.permit())
    record_id = calls.stream_id(trial.given(outcome, "a write"))
    return _delay(lambda: trial.client.call("retrieve", stream_id=record_id).accepted) or 0.0


def _patience(trial: Trial, here: Ground) -> float:
    """How long records take until range shows the last of them; 0 when it never does."""
    key = here.year_key()
    keys = [key]
    if here.spelling is not None:
        moments = (here.at + (30 + i) * SECOND for i in range(_PROBES))
        keys = [Key(key.entity, key.element, here.spelling.write(m), m) for m in moments]
    written = [(probe(trial, key), key.instant) for key in keys]
    known = [(record_id, near) for record_id, near in written if record_id is not None]
    if not known:
        return 0.0
    newest, *others = reversed(known)

    def visible(find: Callable[..., Row | None]) -> bool:
        """The newest first, before it has had time, and by each of copies that answer in turn: the
        call between shifts whose turn it is, however many calls a look takes."""
        try:
            if not all(find(trial, here, *newest) for _ in range(2)):
                return False
            trial.client.call("retrieve", stream_id=newest[0])
            return all(find(trial, here, *one) for one in (newest, *others))
        except Unavailable:
            raise
        except Unmet:  # a cursor of one copy of the data may be unknown to another yet
            return False

    near = _delay(lambda: visible(listed_near))
    if near is None:  # perhaps for the window alone
        near = _delay(lambda: visible(listed))
    if near is None:
        _end_if_elsewhere(trial, here, *known[0])
    return near or 0.0


def _end_if_elsewhere(trial: Trial, here: Ground, record_id: str, near: int) -> None:
    """Raise `RunEnded` where the target shows a record in another namespace than the fixtures
    name, and range finds it there and not in theirs: the target agrees with itself."""
    outcome = trial.client.call("retrieve", stream_id=record_id)
    shown = calls.namespace(outcome.payload) if calls.tells(outcome) else None
    if not isinstance(shown, str) or shown == here.namespace:
        return
    try:
        found = listed(trial, replace(here, namespace=shown), record_id, near)
    except Unmet:
        return
    if found is not None:
        raise RunEnded(
            f"what this app writes stands in the namespace {shown}, not in {here.namespace};"
            f" give {shown} in fixtures.namespace"
        )


def _delay(visible: Callable[[], bool]) -> float | None:
    """A wait that is long enough, by one measurement; 0 where every look finds it, None where none
    does."""
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

    settled_at_last = until(settled, bool, SETTLE_S)
    if missed and shown_s:
        return 1.25 * shown_s + 0.1
    return None if missed and not settled_at_last else 0.0


def _hidden_by_window(trial: Trial, here: Ground) -> bool:
    """Whether range shows a record, but not in a window around it."""
    key = here.key_at(*here.moments(1))
    record_id = probe(trial, key)
    if record_id is None:
        return False
    time.sleep(here.patience_s)

    def shows(**window: str) -> bool:
        query = {**here.asked(key.entity, key.element), "sort_direction": "asc", **window}
        found = calls.listed(trial, stop_at=[record_id], **query)
        return record_id in calls.ids(found)

    around = here.window(key.instant, key.instant)
    try:
        return not shows(**around) and shows() and not shows(**around)
    except Unavailable:
        raise
    except Unmet:
        return False


def _needs_permission(trial: Trial, here: Ground) -> bool:
    """Whether keys that nothing has are refused, or not stored, unless duplicates are permitted."""
    keys = here.keys(4)

    def stored(keys: Sequence[Key], flag: Mapping[str, str]) -> bool:
        outcomes = [trial.client.call("write", **key.item('{"probe": 2}'), **flag) for key in keys]
        ids = [calls.stream_id(o.payload) for o in outcomes if calls.tells(o)]
        return len(set(ids)) == len(keys)

    return not stored(keys[:2], {}) and stored(keys[2:], {"duplicate_enabled": "true"})


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
