"""Lists: asked for as resources.yaml says, page by page, with patience for what is fresh."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.drivers.walks import Page, Walk, walk
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Listing, Pages, Resource
from streamproof.specs.schema import resolve

Row = Mapping[str, Any]

LONG_AGO: Final = 0  # before any record of a run


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
        arguments of which there has to be one the plainest, and all that are required."""
        arguments = {n: v for n, v in where.items() if n in self.operation.arguments}
        arguments |= given
        needed = set(self.operation.required) - arguments.keys()
        if self.listing.exactly_one and not {*self.listing.exactly_one} & arguments.keys():
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
            return self.pages.largest or 100
        return example(self.operation.schemas.get(name, {}), self.api.openapi)

    @property
    def large(self) -> dict[str, Any]:
        """The arguments of a page as long as can be."""
        if self.pages.limit is None:
            return {}
        return {self.pages.limit: self.pages.largest or 100}

    # -- what is shown -------------------------------------------------------------------------

    def call(self, trial: Trial, where: Mapping[str, Any], **given: Any) -> Outcome:
        return trial.client.call(self.operation.id, **self.asked(where, given))

    def page(self, trial: Trial, where: Mapping[str, Any], **given: Any) -> Page:
        """One page. Raises `Unmet` where it is refused."""
        outcome = self.call(trial, where, **given)
        rows = self.rows(trial, trial.given(outcome, f"a list of {self.resource.name}"))
        return Page(rows, self._cursor(outcome))

    def rows(self, trial: Trial, payload: Any) -> list[Row]:
        """The rows in a payload."""
        try:
            rows = resolve(payload, self.listing.rows)
        except LookupError:
            rows = None
        trial.require(isinstance(rows, list), f"rows of {self.resource.name} in the answer")
        return [row for row in rows if isinstance(row, Mapping)]

    def _cursor(self, outcome: Outcome) -> Any:
        """What leads on to the next page: a cursor, or the arguments that a link names."""
        pages = self.pages
        if pages.next is not None:
            try:
                return self._read(resolve(outcome.payload, pages.next))
            except LookupError:
                return None
        if pages.next_header is not None:
            return outcome.headers.get(pages.next_header.lower())
        if pages.link:
            return _next_link(outcome.headers.get("link", ""))
        return None

    def _read(self, cursor: Any) -> Any:
        """A cursor, also where a whole link stands in its place."""
        if isinstance(cursor, str) and cursor.startswith(("http://", "https://", "/")):
            return _arguments(cursor)
        return cursor

    def walk(self, trial: Trial, where: Mapping[str, Any], **given: Any) -> Walk:
        """Follow the pages from the first."""

        def fetch(cursor: Any) -> Page:
            match cursor:
                case None:
                    return self.page(trial, where, **given)
                case Mapping():
                    known = {n: v for n, v in cursor.items() if n in self.operation.arguments}
                    return self.page(trial, where, **{**given, **known})
            return self.page(trial, where, **given, **{str(self.pages.cursor): cursor})

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
        self, trial: Trial, where: Mapping[str, Any], seek: Collection[Thing] = (), **given: Any
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

        A member that isn't there, or of another type than it should be, ranks as nothing.
        """
        order = self.listing.order
        return tuple(self._ranked(name, row.get(name)) for name in (order.by if order else ()))

    def _ranked(self, name: str, value: Any) -> Any:
        is_time = name == self.resource.instant or self.resource.fields.get(name) == "instant"
        if is_time or name in (*self.resource.made_at, *self.resource.changed_at):
            return timeline.read(value) or 0
        return value if isinstance(value, str | int | float) else ""


def _next_link(header: str) -> Mapping[str, str] | None:
    """The arguments of the link to the next page (RFC 8288)."""
    for link in header.split(","):
        target, _, parameters = link.strip().partition(">")
        if 'rel="next"' in parameters.replace(" ", "") or "rel=next" in parameters:
            return _arguments(target.removeprefix("<"))
    return None


def _arguments(url: str) -> Mapping[str, str] | None:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) or None
