"""Shelves: some things that many examples only list, made once in a run, by themselves where an
API lets one list them so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Lists, Row
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.specs.api import Api
from streamproof.specs.resources import Filter, Resource

_MADE_IN: Final = (3, 0, 5, 1, 6, 2, 4)  # made in another order than that of their keys
_TIE: Final = 4  # records at one instant
_FREE: Final = frozenset(("name", "word", "text", "set"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Things that a list shows when asked with `where` and `query`; no others are there where it
    stands `alone`."""

    where: Mapping[str, Any]
    query: Mapping[str, Any]
    things: Sequence[Thing]
    alone: bool

    def own(self, lists: Lists, rows: Sequence[Row]) -> list[Row]:
        """Of the rows those that show its things, in the rows' order."""
        if self.alone:
            return list(rows)
        keys = {thing.key for thing in self.things}
        return [row for row in rows if lists.identify(row) in keys]


@dataclass(frozen=True, slots=True)
class Shelving:
    """Builds the shelf of a resource: for `Trial.once`, which keeps one of each name."""

    name: str
    api: Api = field(compare=False, repr=False)
    resource: Resource = field(compare=False, repr=False)

    @classmethod
    def of(cls, api: Api, resource: Resource) -> Shelving:
        return cls(f"{api.home.key}/{resource.name}", api, resource)

    def __call__(self, trial: Trial) -> Shelf:
        things = Things(self.api, self.resource)
        where = things.place(trial)
        mark = common(self.resource)
        query: dict[str, Any] = {}
        shared: dict[str, Any] = {}
        if not where and mark is not None:
            value = trial.names.letters()
            query[mark.argument] = value if mark.how == "equals" else [value]
            shared[mark.field] = [value] if self._is_set(mark.field) else value
        made = []
        for n, extra in self._order():
            given = {**shared, **self._at(trial, n)}
            made.append((n, things.make(trial, where, extra, **given)))
        made.sort(key=lambda each: each[0])
        shelf = Shelf(where, query, [thing for _, thing in made], bool(where or query))
        lists = Lists(self.api, self.resource)
        lists.everything(trial, where, seek=shelf.things, **query)  # until all have had their time
        return shelf

    def _order(self) -> list[tuple[int, Mapping[str, Any]]]:
        """The places at which things are made, in the order of their making, with what lets one
        stand beside another."""
        if self.resource.instant is None:
            return [(n, {}) for n in _MADE_IN]
        extra = self._beside()
        tie = [] if extra is None else [(3, extra)] * (_TIE - 1)
        return [*((n, {}) for n in _MADE_IN), *tie]

    def _beside(self) -> Mapping[str, Any] | None:
        """The arguments with which records of one instant are kept; None where none are."""
        duplicates = self.resource.duplicates
        if duplicates is None or self.resource.instant not in duplicates.same:
            return {}
        return None if duplicates.permit is None else dict([duplicates.permit])

    def _at(self, trial: Trial, n: int) -> dict[str, Any]:
        if self.resource.instant is None:
            return {}
        at = timeline.base(trial.names) + n * timeline.MINUTE
        return {self.resource.instant: timeline.written(at)}

    def _is_set(self, name: str) -> bool:
        return self.resource.fields.get(name) == "set"


def common(resource: Resource) -> Filter | None:
    """A filter by which a run can list what it made and nothing else."""
    filters = resource.listing.filters if resource.listing is not None else ()
    free = (f for f in filters if f.field != resource.key)
    return next((f for f in free if resource.fields.get(f.field) in _FREE), None)
