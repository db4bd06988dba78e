"""Pages: whatever way a collection is cut, its pieces put end to end are the collection."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamproof.contracts.check import Trial

TWO_PAGES = "two pages"
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
    trial.witness("more items than the limit")
