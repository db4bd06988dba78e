"""List: `limit` and `offset`."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.shelves import shelf, tagged
from streamproof.contracts.laws.pages import (
    FULL_LAST_PAGE,
    TWO_PAGES,
    largest_page,
    offset_pages,
)
from streamproof.contracts.values import same

_MORE: Final = "more items than the limit"
_PAST_THE_END: Final = "a list that is not empty, and an offset past its end"
_FULL_PAGE: Final = "a full page without the filter"
_HOLDS_ALL: Final = ("dotide/list/tags-all", "dotide/list/shows-created")
_ONLY_THEM: Final = "a list by one filter that holds nothing else"


@check("dotide/list/limit", _MORE, reads=True)
def at_most_limit(trial: Trial) -> None:
    """A list holds at most `limit` datastreams, of more that there are."""
    kept = trial.once(shelf)
    limit = trial.draw(st.integers(1, len(kept.members) - 1))
    there = calls.listed(trial, kept.members, **kept.query)
    trial.require(len(there) > limit, f"more than {limit} streams in a list", *_HOLDS_ALL)

    def fetch(limit: int) -> list[str]:
        page = calls.page(trial, **kept.query, limit=limit)
        return calls.ids(calls.rows_of(trial, page))

    largest_page(trial, fetch, limit)


@check("dotide/list/pages", TWO_PAGES, FULL_LAST_PAGE, reads=True)
def pages(trial: Trial) -> None:
    """Pages by `limit` and `offset`, put end to end, are the whole filtered list."""
    kept = trial.once(shelf)
    there = calls.ids(calls.listed(trial, kept.members, **kept.query))
    trial.require(there, "a list that is not empty", *_HOLDS_ALL)
    trial.require({*there} <= {*kept.members}, _ONLY_THEM, "dotide/list/tags-only")

    def fetch(limit: int, offset: int) -> list[str]:
        page = calls.page(trial, **kept.query, limit=limit, offset=offset)
        return calls.ids(calls.rows_of(trial, page))

    # The simplest example is the one with the fewest pages, not the one with the lowest limit.
    limit = len(kept.members) + 1 - trial.draw(st.integers(0, len(kept.members)))
    offset_pages(trial, fetch, kept.members, limit)


@check("dotide/list/past-the-end", _PAST_THE_END, reads=True)
def past_the_end(trial: Trial) -> None:
    """A list with an `offset` at or past the end is accepted and empty."""
    kept = trial.once(shelf)
    there = calls.listed(trial, kept.members, **kept.query)
    trial.require(there, "a list that is not empty", *_HOLDS_ALL)
    listed = {*calls.ids(there)}
    trial.require(listed >= {*kept.members}, "a list that holds all that match", *_HOLDS_ALL)
    trial.require(listed <= {*kept.members}, _ONLY_THEM, "dotide/list/tags-only")
    first, second = (
        calls.rows_of(trial, calls.page(trial, **kept.query, limit=1, offset=n)) for n in (0, 1)
    )
    trial.require(not same(first, second), "a page that its offset moves", "dotide/list/pages")
    offset = len(there) + trial.draw(st.sampled_from((0, 1, 1000)))
    limit = trial.draw(st.sampled_from((1, 3, calls.PAGE)))
    outcome = calls.page(trial, **kept.query, limit=limit, offset=offset)
    rows = trial.accepted(outcome, f"offset={offset} in a list of {len(there)}")
    trial.equal(rows, [], "a page past the end", reason="not-empty")
    trial.witness(_PAST_THE_END)


@check("dotide/list/filters-before-pages", _FULL_PAGE, reads=True)
def filters_before_pages(trial: Trial) -> None:
    """`limit` counts only the datastreams that pass the filters.

    A page of the filtered list is as full as one of the list of all: its limit is not used up by
    streams that the filter keeps out. What `offset` counts shows in the pages put end to end, and
    so does a last page that is lost: so more matches are left than one page holds.
    """
    shown = trial.once(tagged)
    named = trial.draw(st.permutations(sorted(shown.streams)))[:5]
    filtered: list[tuple[calls.Filters, list[str], str]] = [
        ({"ids": named}, named, "dotide/list/ids-all")
    ]
    if shown.tags:
        tag = trial.draw(st.sampled_from(shown.tags))
        filtered.insert(0, ({"tags": [tag]}, shown.carrying(tag), "dotide/list/tags-all"))
    for filters, passing, holds_all in filtered:
        if len(passing) < 2:
            continue
        there = calls.ids(calls.listed(trial, passing, **filters))
        trial.require({*passing} <= {*there}, "a list that holds all that pass", holds_all)
        limit = trial.draw(st.integers(1, len(passing) - 1))
        unfiltered = calls.rows_of(trial, calls.page(trial, limit=limit))
        trial.require(len(unfiltered) == limit, f"pages of {limit} items, served in full")
        page = calls.rows_of(trial, calls.page(trial, limit=limit, **filters))
        trial.holds(
            len(page) >= limit,
            "filtered-after-paging",
            expected=f"{limit} of {len(passing)} matches on a page of {limit}",
            actual=f"{len(page)} on it",
        )
        trial.witness(_FULL_PAGE)


CHECKS: Final = (
    at_most_limit,
    pages,
    past_the_end,
    filters_before_pages,
)
