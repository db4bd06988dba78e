"""Walks: pages followed from one to the next, however long they are and whatever ends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

STALLED = 5  # pages in a row that bring nothing new: the walk goes round in circles
_MOST_PAGES = 300
_MOST_ROWS = 20_000  # of a walk, whatever its pages


@dataclass(frozen=True, slots=True)
class Page:
    """A page of records, the cursor of the next one (None on the last), and what it counts."""

    records: Sequence[Any]
    cursor: Any
    count: Any = None


@dataclass(frozen=True, slots=True)
class Walk:
    """The pages that the cursors led to. `stalled` tells that they lead on without end,
    `ended` that the last one names no other."""

    pages: Sequence[Page]
    ended: bool
    stalled: bool

    @property
    def records(self) -> list[Any]:
        return [record for page in self.pages for record in page.records]

    @property
    def filled(self) -> list[Page]:
        return [page for page in self.pages if page.records]


def walk(fetch: Callable[[Any], Page], identify: Callable[[Any], str]) -> Walk:
    """Follow cursors from the first page; `fetch(None)` gives that one."""
    pages: list[Page] = []
    known: set[str] = set()
    cursor, stale, rows = None, 0, 0
    while len(pages) < _MOST_PAGES and rows < _MOST_ROWS and stale < STALLED:
        page = fetch(cursor)
        pages.append(page)
        rows += len(page.records)
        found = {identify(record) for record in page.records}
        stale = 0 if found - known else stale + 1
        known |= found
        cursor = page.cursor
        if cursor in (None, ""):
            return Walk(pages, ended=True, stalled=False)
    return Walk(pages, ended=False, stalled=stale >= STALLED)
