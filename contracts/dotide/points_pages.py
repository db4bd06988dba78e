"""Lists of datapoints, page by page."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide.datapoints import VALUES, minute, points, shelf, written
from streamproof.contracts.laws import pages

_ALL: Final = [written(minute(number)) for number in range(len(VALUES))]


def _page(trial: Trial, limit: int, offset: int = 0) -> list[str]:
    query = {"order": "asc", "limit": limit, **({"offset": offset} if offset else {})}
    outcome = trial.client.call("list_datapoints", id=trial.once(shelf), **query)
    return [written(at) for at, _ in points(trial, outcome)]


@check("dotide/list_datapoints/limit", pages.MORE_THAN_LIMIT)
def at_most(trial: Trial) -> None:
    """A list holds at most `limit` datapoints, of more that there are."""
    limit = trial.draw(st.sampled_from((1, 2, 5)))
    pages.largest_page(trial, lambda limit: _page(trial, limit), limit)


@check("dotide/list_datapoints/pages", pages.TWO_PAGES, pages.FULL_LAST_PAGE)
def by_offset(trial: Trial) -> None:
    """Pages by `limit` and `offset`, put end to end, are the whole list."""
    limit = trial.draw(st.sampled_from((2, 3)))

    def fetch(limit: int, offset: int) -> list[str]:
        return _page(trial, limit, offset)

    pages.offset_pages(trial, fetch, _ALL, limit)


CHECKS: Final = (at_most, by_offset)
