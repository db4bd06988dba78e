"""Shelves: some things that many examples only list, made once in a run, by themselves where an
API lets one list them so."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Lists, Row
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.drivers.walks import Walk
from streamproof.specs.api import Api
from streamproof.specs.resources import Filter, Resource

_MADE_IN: Final = (3, 0, 5, 1, 6, 2, 4)  # made in another order than that of their keys
_TIE: Final = 4  # records at one instant
_TIE_AT: Final = 3
_FREE: Final = frozenset(("name", "word", "text", "set"))
_MOST_PAGES: Final = 20  # of a walk through a list that others share
_HALF_A_DAY: Final = 12 * 60  # minutes, between a shelf and a longer one
_SHIFTED_S: Final = 0.5  # to look again for what others' writes moved from page to page
_LAST_THING: Final = 100  # of a shelf that has to be longer than a default page


@dataclass(frozen=True, slots=True)
class Shelf:
    """Things that a list shows when asked with `where` and `query`; no others are there where it
    stands `alone`. `rests` is the monotonic time, in seconds, by which all have had time to show.
    """

    where: Mapping[str, Any]
    query: Mapping[str, Any]
    things: Sequence[Thing]
    alone: bool
    rests: float = 0.0

    @property
    def names(self) -> list[str]:
        """What tells its things apart, here: their keys, or else their places."""
        return [thing.key or f"the thing at {n}" for n, thing in enumerate(self.things)]

    def seen(self, lists: Lists, rows: Sequence[Row]) -> list[str]:
        """The names of what rows show, in their order; what it doesn't know is left out, unless it
        stands alone."""
        keyed = {thing.key for thing in self.things if thing.key is not None}
        met: Counter[str] = Counter()
        found = []
        for row in rows:
            name = lists.identify(row)
            if name not in keyed:
                alike = self._like(lists, row)
                if not alike and not self.alone:
                    continue
                name = min(alike, key=met.__getitem__) if alike else name
            met[name] += 1
            found.append(name)
        return found

    def own(self, lists: Lists, rows: Sequence[Row]) -> list[Row]:
        """Of the rows those that show its things, in the rows' order."""
        if self.alone:
            return list(rows)
        keys = {thing.key for thing in self.things if thing.key is not None}
        return [r for r in rows if lists.identify(r) in keys or self._like(lists, r)]

    def rows(
        self,
        trial: Trial,
        lists: Lists,
        given: Mapping[str, Any] | None = None,
        seek: Collection[str] = (),
    ) -> list[Row]:
        """All rows of a list, others' too, once those of `seek` are among them, or had time to
        show. Raises `Unmet` where the pages don't come to an end."""

        walked = self._shown(trial, lists, given or {}, seek)
        trial.require(walked.ended, f"pages of {lists.resource.name} that come to an end")
        return walked.records

    def settle(self, trial: Trial, lists: Lists) -> Shelf:
        """Itself, once all of its things are listed, or had time to show."""
        self._shown(trial, lists, {}, self.names)
        return self

    def _shown(
        self, trial: Trial, lists: Lists, given: Mapping[str, Any], seek: Collection[str]
    ) -> Walk:
        def look() -> Walk:
            return lists.walk(trial, self.where, **{**lists.large, **self.query, **given})

        def enough(walked: Walk) -> bool:
            return {*seek} <= {*self.seen(lists, walked.records)}

        least = 0.0 if self.alone else _SHIFTED_S
        return until(look, enough, max(least, self.rests - time.monotonic()))

    def walk(self, trial: Trial, lists: Lists, length: int | None) -> Walk:
        """A walk by pages of so many rows, through all that is listed with its `query`.

        Raises `Unmet` where others share the list, and write to it meanwhile or fill so many
        pages that nobody would walk them.
        """
        limit = {} if length is None else {str(lists.pages.limit): length}
        if self.alone:
            return lists.walk(trial, self.where, **self.query, **limit)
        before = [lists.identify(row) for row in self.rows(trial, lists)]
        if length is not None:
            pages = -(-len(before) // length)
            trial.require(
                pages <= _MOST_PAGES, f"a list of {lists.resource.name} of fewer than {pages} pages"
            )
        walked = lists.walk(trial, self.where, **self.query, **limit)
        after = [lists.identify(row) for row in self.rows(trial, lists)]
        trial.require(before == after, f"a list of {lists.resource.name} to which nobody writes")
        return walked

    def _like(self, lists: Lists, row: Row) -> list[str]:
        """The names of things without a key that a row may show."""
        things = Things(lists.api, lists.resource)
        return [
            name
            for name, thing in zip(self.names, self.things, strict=True)
            if thing.key is None and things.differs(thing.sent, row) is None
        ]


@dataclass(frozen=True, slots=True)
class Shelving:
    """Builds the shelf of a resource: for `Trial.once`, which keeps one of each name."""

    name: str
    api: Api = field(compare=False, repr=False)
    resource: Resource = field(compare=False, repr=False)
    longer_than: int = 0

    @classmethod
    def of(cls, api: Api, resource: Resource) -> Shelving:
        return cls(f"{api.home.key}/{resource.name}", api, resource)

    @classmethod
    def longer(cls, api: Api, resource: Resource, than: int) -> Shelving:
        """Of more things than so many."""
        return cls(f"{api.home.key}/{resource.name}", api, resource, than)

    def __call__(self, trial: Trial) -> Shelf:
        trial.require(
            self.longer_than < _LAST_THING,
            f"a page of {self.longer_than} {self.resource.name}, which are not made for a test",
        )
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
        for number, (n, extra) in enumerate(self._order()):
            given = {**self._telling(trial, number), **shared, **self._at(trial, n)}
            made.append((n, things.make(trial, where, extra, **given)))
        made.sort(key=lambda each: each[0])
        rests = time.monotonic() + SETTLE_S
        shelf = Shelf(where, query, [thing for _, thing in made], bool(where or query), rests)
        return shelf.settle(trial, Lists(self.api, self.resource))

    def _order(self) -> list[tuple[float, Mapping[str, Any]]]:
        """The places at which things are made, in minutes, in the order of their making, with what
        lets one stand beside another. Two are a second off a third."""
        if self.longer_than:
            return [(_HALF_A_DAY + n, {}) for n in range(self.longer_than + 1)]
        if not self._sets_time:
            return [(n, {}) for n in _MADE_IN]
        extra = self._beside()
        tie = [] if extra is None else [(_TIE_AT, extra)] * (_TIE - 1)
        alone = (*_MADE_IN, _TIE_AT + 1 / 60, _TIE_AT - 1 / 60)
        return [*((n, {}) for n in alone), *tie]

    def _beside(self) -> Mapping[str, Any] | None:
        """The arguments with which records of one instant are kept; None where none are."""
        duplicates = self.resource.duplicates
        if duplicates is None or self.resource.instant not in duplicates.same:
            return {}
        return None if duplicates.permit is None else dict([duplicates.permit])

    def _at(self, trial: Trial, n: float) -> dict[str, Any]:
        if not self._sets_time:
            return {}
        at = timeline.base(trial.names) + round(n * 60) * timeline.SECOND
        return {str(self.resource.instant): timeline.written(at)}

    def _telling(self, trial: Trial, n: int) -> dict[str, Any]:
        """Numbers that tell one record of a log from others, where there is room for them."""
        things, found = Things(self.api, self.resource), {}
        if self.resource.kind != "log":
            return {}
        for name, kind in self.resource.fields.items():
            if kind in ("number", "integer") and name in things.maker.arguments:
                try:
                    found[name] = things.different(trial, name, n)
                except Unmet:
                    continue
        return found

    @property
    def _sets_time(self) -> bool:
        """Whether whoever makes one says when it is."""
        maker = Things(self.api, self.resource).maker
        return self.resource.instant is not None and self.resource.instant in maker.arguments

    def _is_set(self, name: str) -> bool:
        return self.resource.fields.get(name) == "set"


def common(resource: Resource) -> Filter | None:
    """A filter by which a run can list what it made and nothing else."""
    filters = resource.listing.filters if resource.listing is not None else ()
    free = (f for f in filters if f.field != resource.key)
    return next((f for f in free if resource.fields.get(f.field) in _FREE), None)
