"""The ground that a run stands on: its own stretch of time, and what it learnt of the server.

Only a year alone is a documented spelling of a time, and fifty years hold few keys. Where the
server takes a finer spelling, with its offset, both in writes and as a bound, each example gets
whole minutes of its own (`Ground.fine`); otherwise examples and runs share the years, write with
permission for duplicates, and judge their own records only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.times import MINUTE, SECOND, Spelling
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.wire import Outcome

T = TypeVar("T")

_SETTLE_S = 2.0  # the longest wait for a fresh record to show
_SECOND_LOOK_S = 0.2  # what a record that ought to show by now is still given
_RUN_MINUTES = 10_000  # what is looked through for leftovers before a run takes its stretch
_YEAR_SLACK = 367 * times.DAY  # a year as a bound: its first instant or its last, in some zone
_TRIES = 5
_OFFSETS = 3  # in how many a bound is tried


@dataclass(slots=True)
class Ground:
    """What a run knows. `step` is the finest step of time that the server keeps, `spelling` and
    `bounds` what it takes beside years, `patience_s` how long a record takes to show in range."""

    namespace: str | None
    entities: tuple[str, ...]
    elements: tuple[str, ...]
    span: tuple[int, int]
    years: list[int]
    at: int  # the next moment that nobody has
    spelling: Spelling | None = None
    bounds: tuple[Spelling, ...] = ()
    step: int = SECOND
    patience_s: float = 0.0

    @property
    def fine(self) -> bool:
        return self.spelling is not None and bool(self.bounds)

    @property
    def slack(self) -> int:
        """How far from a bound a record must lie to be certainly on its side."""
        return 0 if self.fine else _YEAR_SLACK

    def moments(self, count: int, apart: int = SECOND) -> list[int]:
        """Fresh instants, rising: 10 s within the first of whole minutes that are theirs alone."""
        if not self.fine:
            years = self._years()
            return sorted(times.first_of(next(years)) for _ in range(count))
        first = self.at + 10 * SECOND
        self.at += (20 * SECOND + count * apart) // MINUTE * MINUTE + MINUTE
        if self.at > self.span[1]:
            raise Unmet("fixtures.time_span is used up; give a longer one")
        return [first + i * apart for i in range(count)]

    def keys(self, count: int) -> list[Key]:
        """Fresh keys of the first entity and the last data element, one a second."""
        return [self.key_at(moment) for moment in self.moments(count)]

    def key_at(self, moment: int, entity: int = 0, element: int = -1) -> Key:
        """A key by the places of its entity and data element in the fixtures.

        Series that are only read stand under the first data element, what examples write under
        the last: where a server ignores bounds, a series is still not lost in a crowd.
        """
        if entity >= len(self.entities):
            raise Unmet(f"fixtures.entities: {entity + 1} of them")
        if not -len(self.elements) <= element < len(self.elements):
            raise Unmet("fixtures.data_elements: 2 of them")
        return Key(self.entities[entity], self.elements[element], self.write(moment), moment)

    def year_key(self, entity: int = 0, element: int = -1) -> Key:
        """A key whose time is a year alone; it may be taken."""
        year = next(self._years())
        return Key(self.entities[entity], self.elements[element], str(year), times.first_of(year))

    def write(self, moment: int) -> str:
        """An instant as the server takes it in a write."""
        if self.fine and self.spelling is not None:
            return self.spelling.write(moment)
        return str(times.moment(moment).astimezone(times.CHINA).year)

    def bound(self, moment: int) -> str:
        """An instant as the server takes it as a bound."""
        if self.fine:
            return self.bounds[0].write(moment)
        return str(times.moment(moment).astimezone(times.CHINA).year)

    def asked(self, entity: str, element: str) -> dict[str, Any]:
        """The three arguments that every range has."""
        return {
            "namespace": self.namespace,
            "data_element_id": element,
            "fundamental_entity_id": entity,
        }

    def window(self, first: int, last: int) -> dict[str, str]:
        """Bounds around instants of one example, well outside of both."""
        if self.fine:
            start, end = first // MINUTE * MINUTE, (last // MINUTE + 1) * MINUTE
        else:
            start, end = first - 2 * times.DAY, last + 2 * _YEAR_SLACK
        return {"start_time": self.bound(start), "end_time": self.bound(end)}

    def permit(self) -> dict[str, Any]:
        """What a write that only needs a record sends along: where keys are scarce, permission."""
        return {} if self.fine else {"duplicate_enabled": "true"}

    def _years(self) -> Iterator[int]:
        if not self.years:
            raise Unmet("fixtures.time_span: one that holds the first day of a year")
        while True:
            self.years.append(self.years.pop(0))
            yield self.years[-1]


def ground(trial: Trial) -> Ground:
    """What this run knows, learnt at its first use."""
    return trial.learn(_ground)


def false_spelling(trial: Trial) -> str:
    """The text that forbids duplicates: the first of some with which they aren't stored."""
    return trial.learn(_false_spelling)


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
    for spelling in times.FOR_WRITING:
        step = _step_of(trial, made, spelling)
        if step is not None:
            made.spelling, made.step = spelling, max(step, spelling.step)
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


def held(
    trial: Trial, here: Ground, keys: Collection[Key], expect: Collection[str] = ()
) -> list[Row]:
    """The records that range shows under keys of one example, once they had time to show.

    Those of `expect` are given a second look before they count as lost.
    """
    time.sleep(here.patience_s)
    places = {key.instant for key in keys}
    window = here.window(min(places), max(places))

    def look() -> dict[str, Row]:
        return {
            calls.identify(row): row
            for entity, element in dict.fromkeys((key.entity, key.element) for key in keys)
            for row in calls.listed(trial, **here.asked(entity, element), **window)
            if calls.instant(row) in places or calls.identify(row) in expect
        }

    found = _until(look, lambda rows: set(expect) <= rows.keys(), _SECOND_LOOK_S)
    return list(found.values())


def retrieve(trial: Trial, record_id: str) -> Outcome:
    """Retrieve, until the record is there or had time to show."""

    def look() -> Outcome:
        return trial.client.call("retrieve", stream_id=record_id)

    return _until(look, lambda o: o.accepted, _SECOND_LOOK_S + trial.learn(_retrieve_delay))


def shown(trial: Trial, record_id: str) -> Row:
    """The record that retrieve answers, once it had time to show."""
    outcome = retrieve(trial, record_id)
    return calls.record(trial.given(outcome, "retrieve"))


def _false_spelling(trial: Trial) -> str:
    here = ground(trial)
    for text in ("false", "False", "0"):
        [key] = here.keys(1)
        sent = {**key.item('{"probe": true}'), "duplicate_enabled": text}
        if here.fine and not trial.client.call("write", **sent).accepted:
            continue
        before = len(held(trial, here, [key]))
        trial.client.call("write", **sent)
        if before and len(held(trial, here, [key])) == before:
            return text
    return "false"


def _retrieve_delay(trial: Trial) -> float:
    """How long a record takes until retrieve shows it, in seconds; 0 when it never does."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = trial.client.call("write", **key.item('{"probe": 0}'), **here.permit())
    record_id = calls.stream_id(trial.given(outcome, "a write"))
    return _delay(lambda: trial.client.call("retrieve", stream_id=record_id).accepted)


def _patience(trial: Trial, here: Ground) -> float:
    """How long a record takes until range shows it, in seconds; 0 when it never does."""
    moment = here.at + 30 * SECOND
    spelling = here.spelling
    key = here.year_key()
    if spelling is not None:
        key = Key(key.entity, key.element, spelling.write(moment), moment)
    record_id = _probe(trial, key)
    if record_id is None:
        return 0.0
    return _delay(lambda: _listed_near(trial, here, record_id, key.instant) is not None)


def _delay(visible: Callable[[], bool]) -> float:
    """A wait that is long enough, by one measurement; nothing where the first look is enough."""
    if visible():
        return 0.0
    begun = time.monotonic()
    if not _until(visible, bool, _SETTLE_S):
        return 0.0
    return 1.5 * (time.monotonic() - begun) + 0.1


def _until(look: Callable[[], T], enough: Callable[[T], bool], limit_s: float) -> T:
    """Look again, at growing intervals, until it is enough or the time is over."""
    deadline, pause = time.monotonic() + limit_s, 0.01
    while not enough(found := look()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, 0.25)
    return found


def _step_of(trial: Trial, here: Ground, spelling: Spelling) -> int | None:
    """The finest step that a written time keeps; None where the spelling isn't understood."""
    wanted = (here.at + 345_678) // spelling.step * spelling.step
    key = Key(here.entities[0], here.elements[-1], spelling.write(wanted), wanted)
    record_id = _probe(trial, key)
    if record_id is None:
        return None
    row = _find(trial, here, record_id, wanted)
    # A record that can't be read has rules of its own; here its time is taken on trust.
    kept = wanted if row is None else times.instant(row.get("stream_generate_time"))
    if kept is None:
        return None
    return next((s for s in (1, 1000, SECOND) if kept % s == 0 and abs(kept - wanted) < s), None)


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
        return _until(retrieve, bool, _SETTLE_S)
    return _until(lambda: _listed_near(trial, here, record_id, near), bool, _SETTLE_S)


def _listed_near(trial: Trial, here: Ground, record_id: str, near: int) -> Row | None:
    """A probe, as range shows it between years."""
    year = times.moment(near).year
    query = here.asked(here.entities[0], here.elements[-1])
    rows = calls.listed(trial, **query, start_time=str(year - 1), end_time=str(year + 2))
    return next((row for row in rows if calls.identify(row) == record_id), None)


def _bounds_taken(trial: Trial, here: Ground) -> tuple[Spelling, ...]:
    """The spellings that are understood as bounds: the first that is, and some with another
    offset (which may tell whole seconds only)."""
    main = next((s for s in times.WITH_OFFSET if _is_bound(trial, here, s)), None)
    if main is None:
        return ()
    here.step = max(here.step, main.step)
    found = {main.offset: main}
    for spelling in times.OTHER_OFFSETS:
        if spelling.offset not in found and _is_bound(trial, here, spelling):
            found[spelling.offset] = spelling
        if len(found) == _OFFSETS:
            break
    return tuple(found.values())


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
        length = here.span[1] - here.span[0]
        here.at = here.span[0] + (here.at - here.span[0] + length // 7) % length // MINUTE * MINUTE
