"""Lists: which part of a collection or log a call asks for, and how its answer leads on."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson
from sqlalchemy import ColumnElement, false, true

from streamproof.mockserver.call import Answer
from streamproof.mockserver.engine.answers import Form, put
from streamproof.mockserver.engine.tables import Shape, moment_of
from streamproof.mockserver.engine.things import Cut, Thing, Things
from streamproof.mockserver.engine.values import Column, Kind, instant, text
from streamproof.mockserver.problems import Rejected
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Filter, Listing, Pages

_USUAL: Final = 100  # rows on a page of a list that names no number
_MOST: Final = 2**62  # what any data base takes for an offset


class Page:
    """One call of a list: its arguments, defaults filled in, in the terms of the tables."""

    def __init__(
        self,
        api: str,
        listing: Listing,
        operation: Operation,
        shape: Shape,
        arguments: Mapping[str, Any],
    ) -> None:
        self._api, self._listing, self._operation, self._shape = api, listing, operation, shape
        self._arguments = arguments
        self._pages = listing.pages or Pages()
        self.newest: int | None = arguments.get(listing.newest or "")
        self._limit = self.newest if self.newest is not None else self._usual()

    def rows(self, things: Things, home: int) -> tuple[list[Thing], bool]:
        """The page, and whether there are more. Raises `Rejected`."""
        conditions = tuple(self._conditions(things))
        order = self._listing.order
        by = tuple(field for field in order.by if field in self._shape.columns) if order else ()
        descending = order is not None and self._way(order.direction, order.default) == "desc"
        if self.newest is not None:
            cut = Cut(by, conditions, self._limit, descending=not descending)
            return things.page(self._shape, home, cut)[::-1], False
        more = None if self._limit is None else self._limit + 1
        cut = Cut(by, conditions, more, self._offset(), descending, self._after(len(by) + 1))
        found = things.page(self._shape, home, cut)
        if self._limit is None:
            return found, False
        return found[: self._limit], len(found) > self._limit > 0

    def answer(
        self, form: Form, rows: Sequence[Any], last: Thing | None, base_url: str, nullable: bool
    ) -> Answer:
        """The page in the form of the list's answer; `last` is its last thing where more follow,
        and a pointer that leads nowhere on is null where that is `nullable`."""
        body, pages = form.holding(self._listing.rows, rows), self._pages
        if pages.count is not None:
            body = put(body, pages.count, len(rows))
        cursor = None if last is None else self._cursor(last)
        headers: dict[str, str] = {}
        if pages.next is not None and (cursor is not None or nullable):
            body = put(body, pages.next, cursor)
        elif pages.next is not None:
            _drop(body, pages.next)
        if pages.next_header is not None and cursor is not None:
            headers[pages.next_header] = cursor
        if pages.link and last is not None:
            headers["Link"] = f'<{self._next_url(base_url, str(cursor))}>; rel="next"'
        return form.answer(body, headers)

    # -- what is asked for ---------------------------------------------------------------------

    def _usual(self) -> int | None:
        pages = self._pages
        if self._listing.pages is None:
            return None
        limit: int | None = self._arguments.get(pages.limit or "")
        if limit is None:
            return pages.largest or _USUAL
        return max(min(limit, pages.largest or limit), 0)

    def _offset(self) -> int:
        pages, given = self._pages, self._arguments
        if pages.offset is not None:
            return min(max(given.get(pages.offset) or 0, 0), _MOST)
        if pages.number is not None:
            number = given.get(pages.number)
            passed = (pages.first if number is None else number) - pages.first
            return min(max(passed, 0) * (self._limit or 0), _MOST)
        return 0

    def _way(self, argument: str | None, default: str) -> str:
        return str(self._arguments.get(argument) or default).lower() if argument else default

    def _conditions(self, things: Things) -> Iterator[ColumnElement[bool]]:
        for each in self._listing.filters:
            if self._arguments.get(each.argument) is not None:
                yield self._filtered(each, self._arguments[each.argument], things)
        window, field = self._listing.window, moment_of(self._shape.resource)
        if window is None or field is None:
            return
        column = self._shape.columns[field]
        if (start := self._instant(window.start)) is not None:
            yield column >= start if window.closed else column > start
        if (end := self._instant(window.end)) is not None:
            yield column <= end if window.closed else column < end

    def _filtered(self, wanted: Filter, value: Any, things: Things) -> ColumnElement[bool]:
        field, values = wanted.field, [value]
        if wanted.how != "equals":
            values = value if isinstance(value, list) else [v for v in str(value).split(",") if v]
        if not values and wanted.how == "all_of":  # which holds of anything
            return true()
        if field in self._shape.sets:
            return things.having(self._shape, field, values, every=wanted.how == "all_of")
        try:
            found = {_sought(self._shape.kinds[field], each) for each in values}
        except (ValueError, TypeError, OverflowError):  # what no field of the kind can be
            return false()
        if wanted.how == "all_of" and len(found) > 1:
            return false()
        return self._shape.columns[field].in_(found)

    def _instant(self, argument: str | None) -> int | None:
        value = self._arguments.get(argument) if argument else None
        if value is None:
            return None
        try:
            return instant(value)
        except (ValueError, OverflowError) as fault:
            raise self._rejected(f"{argument}-format", f"{argument}: {fault}") from None

    # -- what leads on -------------------------------------------------------------------------

    def _cursor(self, last: Thing) -> str:
        return urlsafe_b64encode(orjson.dumps([self._operation.id, *last.place])).decode()

    def _after(self, places: int) -> tuple[Column, ...] | None:
        """The place that the sent cursor holds."""
        name = self._pages.cursor
        if name is None or self._arguments.get(name) is None:
            return None
        try:
            of, *place = orjson.loads(urlsafe_b64decode(str(self._arguments[name]).encode()))
        except (binascii.Error, ValueError, TypeError):
            of, place = None, []
        fields = self._listing.order.by if self._listing.order else ()
        kinds = [self._shape.kinds[f] for f in fields if f in self._shape.columns]
        types = [str if kind == "text" else (int, float) for kind in (*kinds, "number")]
        fitting = len(place) == places and all(map(isinstance, place, types))
        fitting = fitting and not any(isinstance(each, bool) for each in place)
        if of != self._operation.id or not fitting:
            raise self._rejected(name, f"{name} is none that the mock gave; leave it out")
        return tuple(place)

    def _next_url(self, base_url: str, cursor: str) -> str:
        """The URL of the next page."""
        pages, sent = self._pages, dict(self._arguments)
        if pages.cursor is not None:
            sent[pages.cursor] = cursor
        elif pages.offset is not None:
            sent[pages.offset] = self._offset() + (self._limit or 0)
        elif pages.number is not None:
            sent[pages.number] = (sent.get(pages.number) or pages.first) + 1
        path = self._operation.path
        for parameter in self._operation.parameters:
            if parameter.place == "path":
                value = quote(str(sent[parameter.name]), safe="")
                path = path.replace(f"{{{parameter.name}}}", value)
        places = {p.name: p.place for p in self._operation.parameters}
        query = {name: value for name, value in sent.items() if places.get(name) == "query"}
        return f"{base_url}{path}?{urlencode(query, doseq=True)}"

    def _rejected(self, slug: str, detail: str) -> Rejected:
        return Rejected(f"{self._api}/{self._operation.id}/{slug}", detail)


def _sought(kind: Kind, value: Any) -> Column:
    """A filter's value as columns of its kind hold it. Raises ValueError, TypeError."""
    if kind == "number":
        return float(value)
    return instant(value) if kind == "instant" else text(value)


def _drop(body: Any, pointer: str) -> None:
    *way, last = pointer.split("/")[1:]
    for token in way:
        body = body.get(token) if isinstance(body, dict) else None
    if isinstance(body, dict):
        body.pop(last, None)
