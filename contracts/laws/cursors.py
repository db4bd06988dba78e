"""Pages by cursor: following the cursors shows every record once, in order, and comes to an end.

How long pages are, and whether an empty one ends the walk, is the server's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.laws.orders import in_order
from streamproof.contracts.laws.pages import TWO_PAGES

TIE_AT_BOUNDARY = "a tie across a page boundary"
NULL_CURSOR = "a null cursor after more than one page"
_STALLED = 5  # pages in a row that bring nothing new: the walk goes round in circles
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
    while len(pages) < _MOST_PAGES and rows < _MOST_ROWS and stale < _STALLED:
        page = fetch(cursor)
        pages.append(page)
        rows += len(page.records)
        found = {identify(record) for record in page.records}
        stale = 0 if found - known else stale + 1
        known |= found
        cursor = page.cursor
        if cursor in (None, ""):
            return Walk(pages, ended=True, stalled=False)
    return Walk(pages, ended=False, stalled=stale >= _STALLED)


def comes_to_an_end(trial: Trial, walked: Walk) -> None:
    """The cursor becomes null; it doesn't lead on and on without a new record."""
    trial.holds(
        not walked.stalled,
        "no-end",
        expected="a null cursor when nothing is left",
        actual=f"{_STALLED} pages in a row with a cursor and without a new record",
    )
    _ended(trial, walked)
    if len(walked.pages) > 1:
        trial.witness(NULL_CURSOR)


def nothing_lost(trial: Trial, walked: Walk, ids: Sequence[str], members: Collection[str]) -> None:
    """Every member stands on one of the pages. `ids` are those of the walk's records."""
    _ended(trial, walked)
    trial.contains(ids, members, "the pages put end to end")
    _two_pages(trial, walked)


def nothing_twice(trial: Trial, walked: Walk, ids: Sequence[str]) -> None:
    """No record stands on two pages, or twice on one."""
    _ended(trial, walked)
    trial.no_repeats(ids, "the pages put end to end")
    _two_pages(trial, walked)


def ordered_throughout(
    trial: Trial,
    walked: Walk,
    records: Sequence[Any],
    *,
    key: Callable[[Any], Any],
    descending: bool,
    told: Callable[[Any], str] = str,
) -> None:
    """The order of a page goes on across the edge to the next. `records` are those to be judged,
    as the walk showed them."""
    _ended(trial, walked)
    in_order(trial, records, key=key, descending=descending, told=told)
    _two_pages(trial, walked)


def ties_kept_whole(
    trial: Trial,
    walked: Walk,
    *,
    identify: Callable[[Any], str],
    key: Callable[[Any], Any],
    members: Mapping[str, Any],
    told: Callable[[Any], str] = str,
) -> None:
    """Records of equal key on both sides of a page's edge come once each. `members` have the keys
    by their ids; messages show keys as `told`.

    (A cursor that remembers the key alone loses the rest of a tie, or begins it anew.)
    """
    _ended(trial, walked)
    ids = [identify(record) for record in walked.records]
    seen = set(ids)
    where = "the pages put end to end"
    for number, page in enumerate(walked.filled[:-1], 1):
        edge = key(page.records[-1])
        lost = [member for member, at in members.items() if at == edge and member not in seen]
        if lost:
            where += (
                f"; page {number} ends in a tie at {told(edge)}, {len(lost)} of which never come"
            )
            break
    trial.contains(ids, members, where)
    trial.no_repeats(ids, "the pages put end to end")
    if any(key(a.records[-1]) == key(b.records[0]) for a, b in pairwise(walked.filled)):
        trial.witness(TIE_AT_BOUNDARY)


def counts_are_right(trial: Trial, walked: Walk, total: int) -> None:
    """A page counts its own records, or every page counts all that match: `total`."""
    _ended(trial, walked)
    counts = [page.count for page in walked.pages]
    own = [len(page.records) for page in walked.pages]
    trial.holds(
        counts == own or all(count == total for count in counts),
        "count",
        expected=f"{own}, or {total} on every page",
        actual=f"{counts}",
    )
    _two_pages(trial, walked)


def _ended(trial: Trial, walked: Walk) -> None:
    trial.require(walked.ended, f"a walk that ends within {len(walked.pages)} pages")


def _two_pages(trial: Trial, walked: Walk) -> None:
    if len(walked.filled) > 1:
        trial.witness(TWO_PAGES)
