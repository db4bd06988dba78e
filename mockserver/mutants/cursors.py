"""Faults of pages that lead from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Rows

_MADE: Final = "bWFkZSB1cA"  # what a cursor that a fault makes up begins with


def complete(ground: Ground) -> Iterator[Fault]:
    def first_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return answer if ground.on(call, answer) is None else ground.ending(answer)

    def edge_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        rows = ground.rows(answer) if ground.goes_on(call) else []
        return ground.with_rows(answer, rows[1:]) if len(rows) > 1 else answer

    def full_last_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        after = ground.on(call, answer)
        if after is None:
            return answer
        last = proceed(after)
        is_last = ground.on(after, last) is None
        is_full = len(ground.rows(last)) == len(ground.rows(answer))
        return ground.ending(answer) if is_last and is_full else answer

    says = "Leads from the first page to no other."
    yield ground.fault("first-only", says, first_only)
    yield ground.fault(
        "edge-lost", "Leaves out the first of several rows of every further page.", edge_lost
    )
    says = "Leads to no last page that is exactly full."
    yield ground.fault("full-last-page-lost", says, full_last_lost)


def once(ground: Ground) -> Iterator[Fault]:
    def row_again(proceed: Proceed, call: Call, context: Context) -> Answer:
        """Where the rows on both sides of the edge differ in rank."""
        edges = ground.memory(context, "edges", dict[str, Document])
        edge = edges.get(_cursor(ground, call))
        answer = proceed(call)
        rows = ground.rows(answer)
        if edge is not None and rows and ground.rank(rows[0]) != ground.rank(edge):
            answer = _with_edge(ground, proceed, call, answer, edge)
        _note(ground, call, answer, edges)
        return answer

    def full_page_again(proceed: Proceed, call: Call, context: Context) -> Answer:
        """A last page that is exactly full leads to another, which has its last row again."""
        again = ground.memory(context, "again", dict[str, Answer])
        if (cursor := _cursor(ground, call)) in again:
            return again[cursor]
        answer = proceed(call)
        rows = ground.rows(answer)
        limit = call.arguments.get(str(ground.pages.limit))
        if not ground.goes_on(call) or ground.on(call, answer) is not None or len(rows) != limit:
            return answer
        cursor = f"{_MADE}{ground.number(context)}"
        again[cursor] = ground.with_rows(answer, rows[-1:])
        return ground.leading(answer, cursor)

    says = "Begins every page but the first with the last row of the page before."
    yield ground.fault("edge-again", says, row_again)
    if _can_lead(ground):
        says = "Leads from a last page that is exactly full to its last row again."
        why = "What comes once more at the end is one of the rows that come once each."
        fault = ground.fault("full-last-page-again", says, full_page_again)
        yield ground.also(fault, "cursors/ties", why)


def ordered(ground: Ground) -> Iterator[Fault]:
    def mixes(slug: str, says: str, mix: Callable[[Rows, Rows], tuple[Rows, Rows]]) -> Fault:
        def mixed(proceed: Proceed, call: Call, context: Context) -> Answer:
            """The first two pages have some of each other's rows."""
            other = ground.memory(context, "other", dict[tuple[str, Any], Rows])
            answer, limit = proceed(call), call.arguments.get(str(ground.pages.limit))
            rows, cursor = ground.rows(answer), (_cursor(ground, call), limit)
            if ground.goes_on(call):
                first = other.get(cursor)
                return answer if not first else ground.with_rows(answer, mix(first, rows)[1])
            after = ground.on(call, answer)
            if after is None or not rows:
                return answer
            second = ground.rows(proceed(after))
            other[_cursor(ground, after), limit] = rows
            return ground.with_rows(answer, mix(rows, second)[0])

        return ground.fault(slug, says, mixed)

    def edges(first: Rows, second: Rows) -> tuple[Rows, Rows]:
        if not second or ground.rank(first[-1]) == ground.rank(second[0]):
            return first, second
        return [*first[:-1], second[0]], [first[-1], *second[1:]]

    def whole(first: Rows, second: Rows) -> tuple[Rows, Rows]:
        """Of two as long as each other, so that each is in order."""
        return (second, first) if len(second) == len(first) else (first, second)

    yield mixes("second-first", "Shows the second page before the first.", whole)
    yield mixes("edge-swapped", "Swaps the rows on both sides of the first page's edge.", edges)


def end(ground: Ground) -> Iterator[Fault]:
    """Pages without rows go on and on."""

    def goes_on(slug: str, says: str, only_full: bool) -> Fault:
        def endless(proceed: Proceed, call: Call, context: Context) -> Answer:
            empty = ground.memory(context, "empty", dict[str, Answer])
            cursor = _cursor(ground, call)
            if cursor in empty:
                return _led(ground, context, empty, empty[cursor])
            answer = proceed(call)
            rows = ground.rows(answer)
            limit = call.arguments.get(str(ground.pages.limit))
            is_due = answer.accepted and ground.goes_on(call) and ground.on(call, answer) is None
            if not is_due or (only_full and len(rows) != limit):
                return answer
            return _led(ground, context, empty, answer)

        return ground.fault(slug, says, endless)

    if _can_lead(ground):
        yield goes_on("endless", "Leads from the last page on to empty ones for ever.", False)
        says = "Leads from a last page that is exactly full on to empty ones for ever."
        yield goes_on("full-last-page-endless", says, True)


def _led(ground: Ground, context: Context, empty: dict[str, Answer], answer: Answer) -> Answer:
    """A page that leads to an empty one, by a cursor that nobody had."""
    cursor = f"{_MADE}{ground.number(context)}"
    empty[cursor] = ground.with_rows(answer, [])
    return ground.leading(answer, cursor)


def ties(ground: Ground) -> Iterator[Fault]:
    def ties_lost(proceed: Proceed, call: Call, context: Context) -> Answer:
        edges = ground.memory(context, "edges", dict[str, Document])
        edge = edges.get(_cursor(ground, call))
        answer = proceed(call)
        _note(ground, call, answer, edges)
        rows = ground.rows(answer)
        if edge is None or not rows:
            return answer
        rest = list(rows)
        while rest and ground.rank(rest[0]) == ground.rank(edge):
            rest = rest[1:]
        return ground.with_rows(answer, rest) if len(rest) < len(rows) else answer

    def tie_again(proceed: Proceed, call: Call, context: Context) -> Answer:
        edges = ground.memory(context, "edges", dict[str, Document])
        edge = edges.get(_cursor(ground, call))
        answer = proceed(call)
        rows = ground.rows(answer)
        if edge is not None and rows and ground.rank(rows[0]) == ground.rank(edge):
            answer = _with_edge(ground, proceed, call, answer, edge)
        _note(ground, call, answer, edges)
        return answer

    fault = ground.fault(
        "ties-lost", "Leaves out what has the rank of the last row of the page before.", ties_lost
    )
    yield ground.also(fault, "cursors/complete", "Rows of equal rank are among those left out.")
    fault = ground.fault(
        "tie-again",
        "Begins a page with the last row of the page before, where the next has its rank.",
        tie_again,
    )
    yield ground.also(fault, "cursors/once", "Rows of equal rank are among those shown twice.")


def _can_lead(ground: Ground) -> bool:
    """Whether a fault can make up a cursor."""
    pages = ground.pages
    named = pages.next is not None or pages.next_header is not None
    return pages.cursor is not None and named


def _cursor(ground: Ground, call: Call) -> str:
    """What tells a page after the first from all others."""
    pages, sent = ground.pages, call.arguments
    by: Any = next(filter(None, (pages.cursor, pages.offset, pages.number)), "")
    others = sorted((n, str(v)) for n, v in sent.items() if n != by) if by != pages.cursor else ""
    return f"{sent.get(by)}{others}" if ground.goes_on(call) else ""


def _note(ground: Ground, call: Call, answer: Answer, edges: dict[str, Document]) -> None:
    """Remember the last row of a page for the next."""
    after, rows = ground.on(call, answer), ground.rows(answer)
    if after is not None and rows:
        edges[_cursor(ground, after)] = rows[-1]


def _with_edge(
    ground: Ground, proceed: Proceed, call: Call, answer: Answer, edge: Document
) -> Answer:
    """The page with a row before its first, and one less after it, so that it isn't too long."""
    name = ground.pages.limit
    limit = None if name is None else call.arguments.get(name)
    if name is not None and isinstance(limit, int) and len(ground.rows(answer)) >= limit:
        if limit < 2:
            return answer
        answer = proceed(call.changed(**{name: limit - 1}))
    return ground.with_rows(answer, [edge, *ground.rows(answer)])


LAWS = {
    "cursors/complete": complete,
    "cursors/once": once,
    "cursors/ordered": ordered,
    "cursors/end": end,
    "cursors/ties": ties,
}
