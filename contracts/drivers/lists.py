"""Lists: asked for as resources.yaml says, page by page, with patience for what is fresh."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import links, timeline
from streamproof.contracts.drivers.links import Link
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.drivers.walks import Page, Walk, walk
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Listing, Pages, Resource
from streamproof.specs.schema import Validator, resolve

Row = Mapping[str, Any]

_LOWER, _UPPER = re.compile("[a-z0-9]+"), re.compile("[A-Z0-9]+")
_RUNS: Final = re.compile("[0-9]+|[A-Za-z]")

LONG_AGO: Final = 0  # before any record of a run
_MOST: Final = 100  # rows that are asked for where nothing says how many may be


@dataclass(frozen=True, slots=True)
class Lists:
    """The list of one resource, which has one."""

    api: Api
    resource: Resource

    @property
    def listing(self) -> Listing:
        assert self.resource.listing is not None
        return self.resource.listing

    @property
    def operation(self) -> Operation:
        return self.api.operations[self.listing.operation]

    @property
    def pages(self) -> Pages:
        return self.listing.pages or Pages()

    # -- what is asked -------------------------------------------------------------------------

    def asked(self, where: Mapping[str, Any], given: Mapping[str, Any] = {}) -> dict[str, Any]:
        """The arguments of a call that shows everything there, but for what `given` says: of the
        arguments of which there has to be one the plainest, all that are required, and those
        beside which alone others may stand."""
        arguments = {n: v for n, v in where.items() if n in self.operation.arguments}
        arguments |= given
        needed = set(self.operation.required) - arguments.keys()
        for one, others in self.listing.only_with.items():
            if one not in arguments and {*others} & arguments.keys():
                needed.add(one)
        if self.listing.exactly_one and not {*self.listing.exactly_one} & {*arguments, *needed}:
            needed.add(self.plainest)
        for name in sorted(needed):
            arguments[name] = self.harmless(name)
        return arguments

    @property
    def plainest(self) -> str:
        """Of the arguments of which a call has exactly one, that which leaves nothing out."""
        window = self.listing.window
        if window is not None and window.start in self.listing.exactly_one:
            return str(window.start)
        return self.listing.exactly_one[0]

    def harmless(self, name: str) -> Any:
        """A value of an argument that leaves nothing of the run's out, if there is one."""
        window = self.listing.window
        if window is not None and name == window.start:
            return timeline.written(LONG_AGO)
        if window is not None and name == window.end:
            return timeline.written(LONG_AGO + 60 * 365 * timeline.DAY)
        if name in (self.pages.limit, self.listing.newest):
            return self.most(name)
        return example(self.operation.schemas.get(name, {}), self.api.openapi)

    @property
    def large(self) -> dict[str, Any]:
        """The arguments of a page as long as can be."""
        if self.pages.limit is None:
            return {}
        return {self.pages.limit: self.most(self.pages.limit)}

    def most(self, name: str) -> int:
        """The largest number that an argument for a number of rows is asked for."""
        told = self.operation.schemas.get(name, {}).get("maximum")
        known = [n for n in (self.pages.largest, told) if isinstance(n, int)]
        return min(known, default=_MOST)

    def numbers(self, name: str, below: int) -> list[int]:
        """The numbers of rows from 1 on, less than `below`, that an argument may ask for."""
        judge = Validator(self.operation.schemas.get(name, {}), self.api.openapi)
        most = min(below - 1, self.most(name))
        return [n for n in range(1, most + 1) if not judge.errors(n)]

    def way(self, direction: str, way: str) -> str:
        """How an argument spells that rows rise or fall: asc or desc."""
        spelled = self.operation.schemas.get(direction, {}).get("enum", ())
        return next((str(s) for s in spelled if str(s).lower().startswith(way)), way)

    # -- what is shown -------------------------------------------------------------------------

    def call(self, trial: Trial, where: Mapping[str, Any], /, **given: Any) -> Outcome:
        return trial.client.call(self.operation.id, **self.asked(where, given))

    def page(self, trial: Trial, where: Mapping[str, Any], /, **given: Any) -> Page:
        """One page. Raises `Unmet` where it is refused."""
        return self._page(trial, self.call(trial, where, **given))

    def _page(self, trial: Trial, outcome: Outcome) -> Page:
        rows = self.rows(trial, trial.given(outcome, f"a list of {self.resource.name}"))
        return Page(rows, self._cursor(outcome))

    def rows(self, trial: Trial, payload: Any) -> list[Row]:
        """The rows in a payload."""
        try:
            rows = resolve(payload, self.listing.rows)
        except LookupError:
            rows = None
        trial.require(isinstance(rows, list), f"rows of {self.resource.name} in the answer")
        forms = Mapping | list if self.listing.columns else Mapping
        return [self._named(row) for row in rows if isinstance(row, forms)]

    def _named(self, row: Row | list[Any]) -> Row:
        """A row with its fields by their own names."""
        if isinstance(row, list):
            return dict(zip(self.listing.columns, row, strict=False))
        own = {field: row[name] for name, field in self.listing.aliases.items() if name in row}
        return {**own, **row}

    def _cursor(self, outcome: Outcome) -> Any:
        """What leads on to the next page: a cursor or a link."""
        pages = self.pages
        if pages.next is not None:
            try:
                return links.in_place(resolve(outcome.payload, pages.next))
            except LookupError:
                return None
        if pages.next_header is not None:
            return outcome.headers.get(pages.next_header.lower())
        if pages.link:
            return links.in_header(outcome.headers.get("link", ""))
        return None

    def walk(self, trial: Trial, where: Mapping[str, Any], /, **given: Any) -> Walk:
        """Follow the pages from the first."""

        def fetch(cursor: Any) -> Page:
            if isinstance(cursor, Link):
                request = trial.client.request(self.operation.id, **self.asked(where, given))
                following = cursor.follow(request)
                trial.require(following, f"a link to a page at {request.path}: {cursor.url}")
                assert following is not None
                return self._page(trial, trial.client.send(following))
            leading = {} if cursor is None else {str(self.pages.cursor): cursor}
            return self.page(trial, where, **given, **leading)

        def fetch_at(turn: Any) -> Page:
            passed = turn or 0
            at: dict[str | None, int] = {self.pages.offset: passed} if passed else {}
            if self.pages.number is not None:
                at = {self.pages.number: self.pages.first + passed}
            page = self.page(trial, where, **given, **{str(n): v for n, v in at.items()})
            step = 1 if self.pages.number else len(page.records)
            return Page(page.records, passed + step if page.records else None)

        turned = self.pages.offset or self.pages.number
        leads = self.pages.cursor is not None or self.pages.link
        return walk(fetch if leads or not turned else fetch_at, self.identify)

    def everything(
        self, trial: Trial, where: Mapping[str, Any], /, seek: Collection[Thing] = (), **given: Any
    ) -> list[Row]:
        """All rows, once those of `seek` are among them, or had time to show.

        Raises `Unmet` where the pages don't come to an end.
        """

        def look() -> list[Row]:
            walked = self.walk(trial, where, **{**self.large, **given})
            trial.require(walked.ended, f"pages of {self.resource.name} that come to an end")
            return walked.records

        def enough(rows: Sequence[Row]) -> bool:
            return all(self.find(rows, thing) for thing in seek)

        return until(look, enough, SETTLE_S)

    # -- which row is which --------------------------------------------------------------------

    def identify(self, row: Row) -> str:
        """What tells a row from others: its key, or else all of it."""
        key = row.get(self.resource.key or "")
        return str(key if isinstance(key, str | int) else dict(row))

    def find(self, rows: Sequence[Row], thing: Thing) -> list[Row]:
        """The rows that show a thing: by its key, or where none is told by its fields."""
        if thing.key is not None and self.resource.key is not None:
            return [row for row in rows if self.identify(row) == thing.key]
        things = Things(self.api, self.resource)
        return [row for row in rows if things.differs(thing.sent, row) is None]

    def rank(self, row: Row) -> tuple[Any, ...]:
        """Where a row stands in the described order; times as instants.

        A member that isn't there, or of another type than it should be, ranks as None.
        """
        order = self.listing.order
        return tuple(self._ranked(name, row.get(name)) for name in (order.by if order else ()))

    def _ranked(self, name: str, value: Any) -> Any:
        is_time = name == self.resource.instant or self.resource.fields.get(name) == "instant"
        if is_time or name in self._clocks:
            return timeline.read(value)
        return value if isinstance(value, str | int | float) else None

    @property
    def _clocks(self) -> tuple[str, ...]:
        """The times that the target sets."""
        return (*self.resource.made_at, *self.resource.changed_at)

    def settled(self, one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
        """Whether the order of two different ranks is the same for any server.

        It isn't where a member is missing, where texts differ that collations order differently,
        or where times that the target sets are shown alike: it may know them finer.
        """
        by = self.listing.order.by if self.listing.order else ()
        for name, a, b in zip(by, one, other, strict=True):
            if a is None or b is None:
                return False
            if a != b:
                return _texts_settled(a, b) if isinstance(a, str) else not isinstance(b, str)
            if name in self._clocks:
                return False
        return False


def _texts_settled(one: str, other: Any) -> bool:
    """Whether any collation orders two texts alike: where they first differ there are two letters
    of one case, or two numbers of as many digits."""
    if not isinstance(other, str):
        return False
    for plain in (_LOWER, _UPPER):
        if plain.fullmatch(one) and plain.fullmatch(other):
            pairs = zip(_RUNS.findall(one), _RUNS.findall(other), strict=False)
            first, second = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
            return first != "" and len(first) == len(second) and first.isdigit() == second.isdigit()
    return False
