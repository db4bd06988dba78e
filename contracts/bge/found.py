"""What a run that only reads goes by: some of the records that are there.

Records are never changed or removed, but others may add to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Row
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.times import SECOND
from streamproof.contracts.check import Trial, Unmet

Pair = tuple[str, str]  # an entity and a data element

NOTHING: Final = (
    "a record to read: give fixtures.entities and fixtures.data_elements that have some, "
    "or run without --read-only"
)
LARGEST: Final = 100
_PLACES: Final = 4  # entities, and data elements, that are looked at
_SIZE: Final = 11
_LEAST: Final = 5
_CROWDED: Final = 40  # records in a window that hold up every walk through it


@dataclass(frozen=True, slots=True)
class Survey:
    """Of some pairs, stretches of records without a gap, in the order of time. `pair` has the most
    to go by. `fine` tells whether its times are finer than a year."""

    stretches: Mapping[Pair, Sequence[Sequence[Row]]]
    pair: Pair
    fine: bool

    def rows(self, entity: str | None = None, element: str | None = None) -> list[Row]:
        """All records that were seen, of an entity or a data element if told, each once."""
        seen = {
            calls.identify(row): row
            for pair, stretches in self.stretches.items()
            if entity in (None, pair[0]) and element in (None, pair[1])
            for stretch in stretches
            for row in stretch
        }
        return list(seen.values())

    @property
    def worth(self) -> int:
        """How many times its pair has that can be judged."""
        return _distinct(row for row in self.rows(*self.pair) if self.judged(row))

    def judged(self, row: Row) -> bool:
        """Whether a record's time is what it shows, and no finer."""
        return is_fine(row) if self.fine else is_year(row)


def survey(trial: Trial) -> Survey:
    """A look at the first and the last records of some pairs of the fixtures."""
    entities = calls.fixture(trial, "entities")
    bound = (trial.fixtures.get("biosamples") or {}).values()
    elements = [e if isinstance(e, str) else e["id"] for e in calls.fixture(trial, "data_elements")]
    looked_at = dict.fromkeys((*entities[:_PLACES], *[e for e in bound if e][:_PLACES]))
    stretches = {
        pair: [_page(trial, pair, "asc"), _page(trial, pair, "desc")]
        for pair in product(looked_at, elements[:_PLACES])
    }
    if not any(map(any, stretches.values())):
        raise Unmet(NOTHING)
    ours = [pair for pair in stretches if pair[0] in entities] or [*stretches]
    surveys = [Survey(stretches, pair, fine) for fine in (True, False) for pair in ours]
    return max(surveys, key=lambda one: (one.fine and one.worth >= _LEAST, one.worth))


def _page(trial: Trial, pair: Pair, direction: str) -> list[Row]:
    query = {
        "namespace": calls.fixture(trial, "namespace"),
        "fundamental_entity_id": pair[0],
        "data_element_id": pair[1],
    }
    outcome = trial.client.call("range", **query, sort_direction=direction, limit=LARGEST)
    trial.judged(outcome, "a range")
    if not outcome.accepted:
        return []
    rows = [row for row in calls.page(outcome.payload).records if _instant(row) is not None]
    return sorted(rows, key=calls.instant)


def _instant(row: Row) -> int | None:
    return times.instant(row.get("stream_generate_time"))


def is_fine(row: Row) -> bool:
    """Whether its time is told to the second, whatever the fraction."""
    mask = row.get("stream_generate_time_mask")
    return not isinstance(mask, str) or "T11:11:11" in mask


def is_year(row: Row) -> bool:
    """Whether its time is a year."""
    mask, shown = row.get("stream_generate_time_mask"), calls.instant(row)
    year = times.moment(shown).astimezone(times.CHINA).year
    masked = isinstance(mask, str) and re.fullmatch(times.YEAR_MASK, mask) is not None
    return masked and shown == times.first_of(year)


def members(trial: Trial, pair: Pair) -> list[Row]:
    """Some records of a pair that follow each other, at as many times as can be, whole seconds
    first; no more lie between them than a walk takes."""
    known = trial.learn(survey)
    choices: list[list[Row]] = []
    for stretch in known.stretches.get(pair, ()):
        good = [row for row in stretch if known.judged(row)]
        for at in range(max(1, len(good) - _SIZE + 1)):
            some = good[at : at + _SIZE]
            if some and _between(stretch, some) <= _CROWDED:
                choices.append(some)
    return max(choices, key=_worth, default=[])


def _between(stretch: Sequence[Row], some: Sequence[Row]) -> int:
    first, last = calls.instant(some[0]) // SECOND, calls.instant(some[-1]) // SECOND
    return sum(first <= calls.instant(row) // SECOND <= last for row in stretch)


def _worth(some: Sequence[Row]) -> tuple[int, int]:
    whole = [row for row in some if calls.instant(row) % SECOND == 0]
    return _distinct(some), _distinct(whole)


def around(here: Ground, places: Sequence[int]) -> dict[str, str]:
    """Bounds around instants, and not far from them: others may have written close by."""
    if not here.fine:
        return here.window(min(places), max(places))
    start, end = min(places) // SECOND - 1, max(places) // SECOND + 2
    return {"start_time": here.bound(start * SECOND), "end_time": here.bound(end * SECOND)}


def best_of(trial: Trial, entity: str) -> Pair:
    """The pair of an entity that has the most to go by."""
    known = trial.learn(survey)
    pairs = [pair for pair in known.stretches if pair[0] == entity]
    trial.require(pairs, f"a record of {entity}")
    return max(pairs, key=lambda pair: replace(known, pair=pair).worth)


def ties(trial: Trial, pairs: Sequence[Pair]) -> tuple[Pair, list[Row]]:
    """Records of one pair of which some have one time, and a few on both sides of them."""
    known = trial.learn(survey)
    for pair in pairs:
        for stretch in known.stretches[pair]:
            good = [row for row in stretch if known.judged(row)]
            for at in range(1, len(good)):
                if calls.instant(good[at - 1]) == calls.instant(good[at]):
                    return pair, good[max(0, at - 6) : at + 6]
    raise Unmet("records of one entity and data element at one time")


def many(trial: Trial) -> tuple[Pair, list[Row]]:
    """Records of one pair, more than the largest page holds."""
    known = trial.learn(survey)
    for pair in known.stretches:
        if len(rows := known.rows(*pair)) > LARGEST:
            return pair, rows
    raise Unmet("more than 100 records of one entity and data element")


def _distinct(rows: Iterable[Row]) -> int:
    return len({calls.instant(row) for row in rows})
