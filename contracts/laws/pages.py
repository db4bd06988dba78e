"""Pages: whatever way a collection is cut, its pieces put end to end are the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.shelves import Shelf, Shelving
from streamproof.contracts.law import Subject, law

TWO_PAGES = "two pages"
MORE_THAN_LIMIT = "more items than the limit"
_TOLD = 4  # pages, the last ones, that a message tells of
FULL_LAST_PAGE = "a last page that is exactly full"


def offset_pages(
    trial: Trial, fetch: Callable[[int, int], Sequence[str]], members: Sequence[str], limit: int
) -> None:
    """Pages by offset: with any limit, the pages at 0, limit, 2·limit, … hold every member once.

    `fetch(limit, offset)` gives one page of a collection that holds just `members`. A server that
    serves fewer items than asked, always up to one size of its own, can't be judged with a larger
    limit; how large a page it serves shows on one that isn't the last. What lies past the end is
    another matter, and not asked for here.
    """
    full = min(limit, len(members) - 1)
    served = len(fetch(full, 0))
    trial.require(served >= full, f"pages of {limit} items are not served in full")
    if limit > full:  # the one page is the last, too: its only excuse is to be one item short
        shown = len(fetch(limit, 0))
        trial.require(shown != full, f"pages of {limit} items are not served in full")
    pages = [fetch(limit, offset) for offset in range(0, len(members), limit)]
    sizes = zip(range(0, len(members), limit), pages, strict=True)
    told = [f"{len(page)} at offset {offset}" for offset, page in sizes]
    where = f"the pages of {limit} put end to end ({', '.join(told[-_TOLD:])})"
    listed = [member for page in pages for member in page]
    trial.contains(listed, members, where)
    trial.no_repeats(listed, where)
    trial.lacks(listed, [m for m in listed if m not in members], where)
    if len(members) > limit:
        trial.witness(TWO_PAGES)
    if len(members) > limit and len(members) % limit == 0:
        trial.witness(FULL_LAST_PAGE)


def largest_page(trial: Trial, fetch: Callable[[int], Sequence[str]], limit: int) -> None:
    """A page holds at most `limit` items, of a collection that has more."""
    page = fetch(limit)
    trial.holds(
        len(page) <= limit,
        "page-too-long",
        expected=f"at most {limit} items on a page",
        actual=f"{len(page)} items",
    )
    trial.witness(MORE_THAN_LIMIT)


@law("pages/at-most", MORE_THAN_LIMIT)
def at_most(trial: Trial, subject: Subject) -> None:
    """A page holds no more rows than were asked for."""
    lists = subject.lists
    shelf, length = _cut(trial, subject)
    largest_page(trial, lambda limit: _names(trial, lists, shelf, limit), length)


@law("pages/by-offset", TWO_PAGES)
def by_offset(trial: Trial, subject: Subject) -> None:
    """Pages by an offset, or by their number, show everything once when put end to end."""
    lists = subject.lists
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    trial.require(
        shelf.alone,
        f"a list of {subject.resource.name} that others don't share: what they write moves pages",
    )
    if lists.pages.limit is None:
        _by_its_own_length(trial, lists, shelf)
        return
    _, length = _cut(trial, subject)

    def fetch(limit: int, offset: int) -> list[str]:
        return _names(trial, lists, shelf, limit, offset)

    served = len(fetch(length, 0))
    trial.holds(
        served,
        "lost",
        expected=f"rows on the first page of {length}, of {len(shelf.things)} that there are",
        actual="none",
    )
    if served < length:  # the largest page that is served
        trial.require(len(fetch(served, 0)) == served, f"pages of {length} or {served} in full")
    offset_pages(trial, fetch, shelf.names, min(served, length))


def _by_its_own_length(trial: Trial, lists: Lists, shelf: Shelf) -> None:
    """Pages as long as the server makes them hold every member once."""
    walked = shelf.walk(trial, lists, None)
    trial.require(walked.ended, f"a walk that ends within {len(walked.pages)} pages")
    names, where = shelf.seen(lists, walked.records), "the pages put end to end"
    trial.contains(names, shelf.names, where)
    trial.no_repeats(names, where)
    if len(walked.filled) > 1:
        trial.witness(TWO_PAGES)


def _cut(trial: Trial, subject: Subject) -> tuple[Shelf, int]:
    """A shelf, and a length of pages shorter than it."""
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    limit = str(subject.lists.pages.limit)
    lengths = subject.lists.numbers(limit, below=len(shelf.things))
    trial.require(lengths, f"pages of fewer than {len(shelf.things)} rows")
    return shelf, trial.draw(st.sampled_from(lengths))


def _names(
    trial: Trial, lists: Lists, shelf: Shelf, limit: int, offset: int | None = None
) -> list[str]:
    """The names of a page's rows, others' too; `offset` counts things."""
    pages = lists.pages
    at = {} if pages.limit is None else {pages.limit: limit}
    if offset is not None and pages.number is not None:
        at[pages.number] = pages.first + offset // limit
    elif offset is not None:
        at[str(pages.offset)] = offset
    rows = lists.page(trial, shelf.where, **{**shelf.query, **at}).records
    if offset is None:
        return [lists.identify(row) for row in rows]
    return shelf.seen(lists, rows)


LAWS = (at_most, by_offset)
