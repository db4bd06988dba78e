"""Pages by cursor: following the cursors shows every record once, in order, and comes to an end.

How long pages are, and whether an empty one ends the walk, is the server's choice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.shelves import Shelf, Shelving
from streamproof.contracts.drivers.walks import STALLED, Walk
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws.orders import in_order, settled_in_order
from streamproof.contracts.laws.pages import TWO_PAGES
from streamproof.specs.wording import shown

TIE_AT_BOUNDARY = "a tie across a page boundary"
NULL_CURSOR = "a null cursor after more than one page"


def comes_to_an_end(trial: Trial, walked: Walk) -> None:
    """The cursor becomes null; it doesn't lead on and on without a new record."""
    trial.holds(
        not walked.stalled,
        "no-end",
        expected="a null cursor when nothing is left",
        actual=f"{STALLED} pages in a row with a cursor and without a new record",
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


def _walked(trial: Trial, subject: Subject) -> tuple[Shelf, Walk, list[str]]:
    """A shelf, a walk through it by pages shorter than it, and the names of what came of it."""
    lists = subject.lists
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    length = None
    if lists.pages.limit is not None:
        lengths = lists.numbers(lists.pages.limit, below=len(shelf.things))
        trial.require(lengths, f"pages of fewer than {len(shelf.things)} rows")
        length = trial.draw(st.sampled_from(lengths))
    walked = shelf.walk(trial, lists, length)
    return shelf, walked, shelf.seen(lists, walked.records)


@law("cursors/complete", TWO_PAGES)
def complete(trial: Trial, subject: Subject) -> None:
    """Whatever the length of the pages, nothing is left out."""
    shelf, walked, names = _walked(trial, subject)
    nothing_lost(trial, walked, names, shelf.names)


@law("cursors/once", TWO_PAGES)
def once(trial: Trial, subject: Subject) -> None:
    """Whatever the length of the pages, nothing comes twice."""
    _, walked, names = _walked(trial, subject)
    nothing_twice(trial, walked, names)


@law("cursors/ordered", TWO_PAGES)
def ordered(trial: Trial, subject: Subject) -> None:
    """The order of the rows goes on across the edges of pages."""
    lists = subject.lists
    shelf, walked, _ = _walked(trial, subject)
    order = lists.listing.order
    _ended(trial, walked)
    settled_in_order(
        trial,
        shelf.own(lists, walked.records),
        key=lists.rank,
        settled=lists.settled,
        descending=order is not None and order.default == "desc",
        told=shown,
    )
    _two_pages(trial, walked)


@law("cursors/end", NULL_CURSOR)
def end(trial: Trial, subject: Subject) -> None:
    """The pages come to an end."""
    _, walked, _ = _walked(trial, subject)
    comes_to_an_end(trial, walked)


@law("cursors/ties", TIE_AT_BOUNDARY)
def ties(trial: Trial, subject: Subject) -> None:
    """Rows of equal rank come once each, also where a page ends among them."""
    lists = subject.lists
    shelf, walked, names = _walked(trial, subject)
    whole = shelf.rows(trial, lists, seek=shelf.names)
    ranks = {
        name: lists.rank(row)
        for name, row in zip(shelf.seen(lists, whole), shelf.own(lists, whole), strict=True)
    }
    told = {id(r): n for r, n in zip(shelf.own(lists, walked.records), names, strict=True)}
    pages = [replace(p, records=[r for r in p.records if id(r) in told]) for p in walked.pages]
    ties_kept_whole(
        trial,
        replace(walked, pages=pages),
        identify=lambda row: told[id(row)],
        key=lists.rank,
        members=ranks,
        told=shown,
    )


LAWS = (complete, once, ordered, end, ties)
