"""What faults of laws stand on: what they know of things, and how lists are read and walked."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.faults import Proceed
from streamproof.mockserver.mutants.footing import Document, Footing, Place, Rows, at
from streamproof.specs.operation import payload
from streamproof.specs.resources import Listing, Pages

__all__ = ["Document", "Ground", "Place", "Rows", "at"]

_EARLY: Final = "0001-01-02T00:00:00Z"
_MOST_PAGES: Final = 200


@dataclass(frozen=True)
class Ground(Footing):
    """A rule that is a law's, and the facet of which it is, with the list of its resource."""

    @property
    def listing(self) -> Listing:
        assert self.resource.listing is not None
        return self.resource.listing

    @property
    def pages(self) -> Pages:
        return self.listing.pages or Pages()

    def rows(self, answer: Answer) -> Rows:
        """The rows of a page; none of what is no page."""
        found = at(self.payload(answer), self.listing.rows) if answer.accepted else None
        return found if isinstance(found, list) else []

    def with_rows(self, answer: Answer, rows: Rows) -> Answer:
        """The same page with other rows, counted so where it counts them."""
        more, count = len(rows) - len(self.rows(answer)), self.pages.count
        told = self.holding(answer, self.listing.rows, rows)
        if count is None or not more:
            return told
        return self.holding(told, count, at(self.payload(answer), count) + more)

    def on(self, call: Call, answer: Answer) -> Call | None:
        """The call of the page after this one; None where there is none."""
        pages, rows = self.pages, self.rows(answer)
        if not answer.accepted:
            return None
        if pages.cursor is not None:
            found = at(self.payload(answer), pages.next) if pages.next is not None else None
            if pages.next_header is not None:
                found = answer.headers.get(pages.next_header)
            leading = self.typed(call.operation, {pages.cursor: str(found)})
            return None if found is None else call.changed(**leading)
        if not rows:
            return None
        if pages.offset is not None:
            return call.changed(**{pages.offset: self.passed(call) + len(rows)})
        if pages.number is not None:
            number = call.arguments.get(pages.number, pages.first)
            return call.changed(**{pages.number: number + 1})
        return None

    def is_last(self, proceed: Proceed, call: Call, answer: Answer) -> bool:
        """Whether a page is the last that has rows, or the only one."""
        after = self.on(call, answer)
        if after is None:
            return answer.accepted and bool(self.rows(answer) or not self.goes_on(call))
        return self.pages.cursor is None and not self.rows(proceed(after))

    def passed(self, call: Call) -> int:
        """The offset of a call."""
        sent = call.arguments.get(str(self.pages.offset))
        return sent if isinstance(sent, int) else 0

    def goes_on(self, call: Call) -> bool:
        """Whether a call asks for a page after the first."""
        pages, sent = self.pages, call.arguments
        if pages.cursor is not None:
            return sent.get(pages.cursor) is not None
        if pages.number is not None:
            return bool(sent.get(pages.number, pages.first) != pages.first)
        return self.passed(call) > 0

    def ending(self, answer: Answer) -> Answer:
        """The same page as the last one."""
        pages = self.pages
        lost = {"link", str(pages.next_header).lower()}
        headers = {n: v for n, v in answer.headers.items() if n.lower() not in lost}
        answer = replace(answer, headers=headers)
        if pages.next is None or at(self.payload(answer), pages.next) is None:
            return answer
        null = self.leading(answer, None)
        if self.is_valid(self.api.operations[self.listing.operation], null):
            return null
        body = copy.deepcopy(answer.body)
        holder = at(payload(self.api.envelope, body), pages.next.rpartition("/")[0])
        holder.pop(pages.next.rpartition("/")[2])
        return replace(answer, body=body)

    def leading(self, answer: Answer, cursor: str | None) -> Answer:
        """The same page with another cursor at the pointer of the next."""
        pages = self.pages
        if pages.next is not None:
            return self.holding(answer, pages.next, cursor)
        return replace(answer, headers={**answer.headers, str(pages.next_header): str(cursor)})

    def of_all(self, **home: Any) -> dict[str, Any]:
        """The arguments of a list of everything in a home."""
        listing, found = self.listing, dict(home)
        window = listing.window
        if window is not None and window.start is not None:
            if listing.exactly_one and window.start in listing.exactly_one:
                found[window.start] = self.early(window.start)
        elif listing.newest in listing.exactly_one and listing.newest is not None:
            schema = self.api.operations[listing.operation].schemas.get(listing.newest, {})
            found[listing.newest] = schema.get("maximum", 100)
        return found

    def early(self, argument: str) -> Any:
        """A time before all others, for an argument."""
        schema = self.api.operations[self.listing.operation].schemas.get(argument, {})
        return 0 if schema.get("type") in ("integer", "number") else _EARLY

    def everything(self, proceed: Proceed, call: Call, home: Place) -> Rows:
        """All rows of a list in a home, whatever page `call` asks for."""
        listed = self.api.operations[self.listing.operation]
        around = self.typed(listed, dict(zip(self.resource.within, home, strict=True)))
        return self.walked(proceed, self.to(call, listed.id, **self.of_all(**around)))

    def walked(self, proceed: Proceed, call: Call | None) -> Rows:
        """The rows of a page and all after it."""
        found: Rows = []
        for _ in range(_MOST_PAGES):
            if call is None:
                break
            answer = proceed(call)
            found += self.rows(answer)
            call = self.on(call, answer)
        return found

    def unpaged(self, call: Call) -> Call:
        """The same list from its first page on."""
        pages = self.pages
        names = filter(None, (pages.cursor, pages.offset, pages.number))
        return call.changed(**dict.fromkeys(names, ABSENT))

    def rank(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Where a row stands in the order of its list."""
        order = self.listing.order
        return tuple(row.get(field) for field in order.by) if order else ()
