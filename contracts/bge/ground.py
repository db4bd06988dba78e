"""The ground that a run stands on: its own stretch of time, and what it knows of the server.

Only a year alone is a documented spelling of a time, and fifty years hold few keys. Where the
server takes a finer spelling, with its offset, both in writes and as a bound, each example gets
whole minutes of its own (`Ground.fine`); otherwise examples and runs share the years, write with
permission for duplicates, and judge their own records only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from streamproof.contracts.bge import times
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.times import MINUTE, SECOND, Spelling
from streamproof.contracts.check import Unmet
from streamproof.contracts.strands import Allotment, current

_YEAR_SLACK = 367 * times.DAY  # a year as a bound: its first instant or its last, in some zone


@dataclass(slots=True)
class Ground:
    """What a run knows. `step` is the finest step of time that the server keeps, `spelling` and
    `bounds` what it takes beside years, `patience_s` how long a record takes to show in range.

    Two habits that no server should have, and without which the others of its rules could not be
    judged: `permits` tells that a key that is free is refused unless duplicates are permitted,
    `windowed` that a window around a record shows it.
    """

    namespace: str | None
    entities: tuple[str, ...]
    elements: tuple[str, ...]
    span: tuple[int, int]
    years: list[int]
    at: int  # the first moment of the run's own stretch
    minutes: Allotment = field(default_factory=lambda: Allotment(room=4, block=4))  # from there on
    spelling: Spelling | None = None
    bounds: tuple[Spelling, ...] = ()
    step: int = SECOND
    patience_s: float = 0.0
    permits: bool = False
    windowed: bool = True
    asking: int = -1  # the place of the data element that is asked for while learning
    _years_taken: dict[int, int] = field(default_factory=dict)  # by the place of a strand

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
            return sorted(times.first_of(self._next_year()) for _ in range(count))
        whole = (20 * SECOND + count * apart) // MINUTE + 1
        start = self.at + self.minutes.take(whole) * MINUTE
        if start + whole * MINUTE > self.span[1]:
            raise Unmet("fixtures.time_span is used up; give a longer one")
        first = start + 10 * SECOND
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
        year = self._next_year()
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
        """Bounds around instants of one example, well outside of both; none where they hide it."""
        if not self.windowed:
            return {}
        if self.fine:
            start, end = first // MINUTE * MINUTE, (last // MINUTE + 1) * MINUTE
        else:
            start, end = first - 2 * times.DAY, last + 2 * _YEAR_SLACK
        return {"start_time": self.bound(start), "end_time": self.bound(end)}

    def permit(self) -> dict[str, Any]:
        """What a write that only needs a record sends along: where keys are scarce, or free ones
        are refused without, permission."""
        return {} if self.fine and not self.permits else {"duplicate_enabled": "true"}

    def _next_year(self) -> int:
        """One year after another, round and round. Where several checks go side by side, which
        then need but few, each begins elsewhere; else the one that was longest ago."""
        if not self.years:
            raise Unmet("fixtures.time_span: one that holds the first day of a year")
        strand = current()
        if not self.fine or strand is None:
            self.years.append(self.years.pop(0))
            return self.years[-1]
        taken = self._years_taken.get(strand.place, 0)
        self._years_taken[strand.place] = taken + 1
        return self.years[(strand.place + taken) % len(self.years)]
