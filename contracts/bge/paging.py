"""stream.md > stream_range > limit, next_page: pages, and the walk from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.series import (
    Series,
    beside_sample,
    bound_sample,
    by_sample,
    crowd,
    of_sample,
    other_element,
    other_entity,
    plain,
    tied,
)
from streamproof.contracts.bge.times import SECOND
from streamproof.contracts.check import Trial, check
from streamproof.contracts.drivers.walks import Walk
from streamproof.contracts.laws import cursors, pages
from streamproof.contracts.laws.cursors import NULL_CURSOR, TIE_AT_BOUNDARY
from streamproof.contracts.laws.pages import TWO_PAGES

_LARGEST = 100
_MORE_THAN_LIMIT = "more items than the limit"
_BEYOND_THE_WINDOW = "records before and after the window"
_OTHERS = "records of others in the same window"
_DIRECTIONS = ("asc", "desc")


# -- how long a page is --------------------------------------------------------------------------


@check("bge/range/limit-respected", _MORE_THAN_LIMIT, reads=True)
def _limit_respected(trial: Trial) -> None:
    """A page has at most `limit` records."""
    query = trial.once(crowd).query
    limit = trial.draw(st.one_of(st.integers(1, _LARGEST), st.sampled_from((1, _LARGEST))))
    _more_than_largest(trial)
    pages.largest_page(trial, lambda most: _page(trial, query, limit=most), limit)


@check("bge/range/never-over-100", _MORE_THAN_LIMIT, reads=True)
def _never_over_100(trial: Trial) -> None:
    """A limit over 100 is rejected, or answered with 100 records at most."""
    query = trial.once(crowd).query
    limit = trial.draw(st.sampled_from((101, 102, 1000, 100_000)))
    outcome = trial.client.call("range", **query, limit=limit)
    _more_than_largest(trial)
    if not outcome.rejected:
        found = calls.page(trial.given(outcome, f"limit={limit}"))
        pages.largest_page(trial, lambda _: calls.ids(found.records), _LARGEST)


@check("bge/range/never-over-100-unasked", _MORE_THAN_LIMIT, reads=True)
def _never_over_100_unasked(trial: Trial) -> None:
    """Without a limit, too, a page has 100 records at most."""
    query = trial.once(crowd).query
    _more_than_largest(trial)
    pages.largest_page(trial, lambda _: _page(trial, query), _LARGEST)


def _page(trial: Trial, query: Mapping[str, Any], **more: Any) -> list[str]:
    outcome = trial.client.call("range", **query, **more)
    return calls.ids(calls.page(trial.given(outcome, "range")).records)


def _more_than_largest(trial: Trial) -> None:
    """More than 100 records match: range shows them, page by page."""
    trial.require(trial.learn(_crowd_found) > _LARGEST, "more than 100 records that match")
    trial.witness(_MORE_THAN_LIMIT)


def _crowd_found(trial: Trial) -> int:
    series = trial.once(crowd)
    if trial.reads_only:
        return len({*series.ids})
    found = calls.ids(calls.listed(trial, **series.query, limit=50))
    return len(set(found) & set(series.ids))


# -- from page to page ---------------------------------------------------------------------------


@check("bge/range/pages-end", NULL_CURSOR, reads=True)
def _pages_end(trial: Trial) -> None:
    walked = _some_walk(trial, trial.once(plain).query, judged=True)
    cursors.comes_to_an_end(trial, walked)


@check("bge/range/pages-complete", TWO_PAGES, *_DIRECTIONS, reads=True)
def _pages_complete(trial: Trial) -> None:
    series = trial.once(plain)
    walked = _some_walk(trial, series.query)
    cursors.nothing_lost(trial, walked, calls.ids(walked.records), series.ids)


@check("bge/range/pages-distinct", TWO_PAGES, *_DIRECTIONS, reads=True)
def _pages_distinct(trial: Trial) -> None:
    walked = _some_walk(trial, trial.once(plain).query)
    cursors.nothing_twice(trial, walked, calls.ids(walked.records))


@check("bge/range/pages-ordered", TWO_PAGES, "two distinct keys", reads=True)
def _pages_ordered(trial: Trial) -> None:
    series = trial.once(plain)
    direction = trial.draw(st.sampled_from(_DIRECTIONS))
    walked = _some_walk(trial, series.query, direction)
    cursors.ordered_throughout(
        trial,
        walked,
        _ours(series, walked),
        key=calls.instant,
        descending=direction == "desc",
        told=times.told,
    )


@check("bge/range/pages-with-ties", TIE_AT_BOUNDARY, reads=True)
def _pages_with_ties(trial: Trial) -> None:
    series = trial.once(tied)
    cursors.ties_kept_whole(
        trial,
        _some_walk(trial, series.query),
        identify=calls.identify,
        key=calls.instant,
        members=series.places,
        told=times.told,
    )


@check("bge/range/pages-in-window", TWO_PAGES, _BEYOND_THE_WINDOW, reads=True)
def _pages_in_window(trial: Trial) -> None:
    """Every page keeps to the window that the first one was asked for, and none is lost."""
    here, series = ground(trial), trial.once(plain)
    in_time = sorted(place for place in series.places.values() if place % SECOND == 0)
    start = in_time[trial.draw(st.integers(1, 3))]
    end = in_time[trial.draw(st.integers(-4, -2))]
    window = {"start_time": here.bound(start), "end_time": here.bound(end)}
    walked = _some_walk(trial, {**series.query, **window}, most=4)
    ids = calls.ids(walked.records)
    inside = [i for i, place in series.places.items() if start <= place <= end]
    # Nothing close beyond a bound is judged: that is for the rules of the window alone.
    near = here.slack or SECOND // 2
    beyond = [i for i, p in series.places.items() if not start - near <= p <= end + near]
    trial.lacks(ids, beyond, "the pages of a window")
    cursors.nothing_lost(trial, walked, ids, inside)
    cursors.nothing_twice(trial, walked, ids)
    if beyond:
        trial.witness(_BEYOND_THE_WINDOW)


@check("bge/range/pages-keep-arguments", TWO_PAGES, _OTHERS)
def _pages_keep_arguments(trial: Trial) -> None:
    """Pages that a cursor leads to show nothing that another argument would show at these times.

    Whether the first page does is for other rules. Records that are not ours are judged by what
    they tell of themselves.
    """
    if trial.fixtures.get("biosamples") and trial.draw(st.booleans()):
        query, (_, entity), others = by_sample(trial), bound_sample(trial), [beside_sample]
    else:
        query, others = dict(trial.once(plain).query), [other_element, other_entity]
        entity = query["fundamental_entity_id"]
    asked = (calls.fixture(trial, "namespace"), query["data_element_id"], entity)
    beside = [trial.once(series).records for series in others]
    walked = _some_walk(trial, query, most=4)
    later = [row for page in walked.pages[1:] for row in page.records]
    strangers = [
        row
        for row in later
        if (calls.namespace(row), calls.element(row), calls.entity(row)) != asked
    ]
    trial.lacks(calls.ids(later), calls.ids(strangers), "the pages after the first")
    if later:
        trial.witness(TWO_PAGES)
    if all(beside):
        trial.witness(_OTHERS)


@check("bge/range/pages-by-sample", TWO_PAGES, reads=True)
def _pages_by_sample(trial: Trial) -> None:
    series = trial.once(of_sample)
    walked = _some_walk(trial, by_sample(trial))
    ids = calls.ids(walked.records)
    cursors.nothing_lost(trial, walked, ids, series.ids)
    cursors.nothing_twice(trial, walked, ids)


@check("bge/range/count-right", TWO_PAGES, reads=True)
def _count_right(trial: Trial) -> None:
    """All that match are our own, where the window is."""
    series = trial.once(plain)
    walked = _some_walk(trial, series.query)
    total = len({*calls.ids(walked.records), *series.ids})
    cursors.counts_are_right(trial, walked, total)


def _ours(series: Series, walked: Walk) -> list[calls.Row]:
    """The series' records in the order in which a walk showed them."""
    return [row for row in walked.records if calls.identify(row) in series.ids]


def _some_walk(
    trial: Trial,
    query: Mapping[str, Any],
    direction: str | None = None,
    most: int = 13,
    judged: bool = False,
) -> Walk:
    """A walk with a drawn limit and, unless it is given, a drawn direction."""
    limit = trial.draw(st.integers(1, most))
    direction = direction or trial.draw(st.sampled_from(_DIRECTIONS))
    trial.witness(direction)

    def walk() -> Walk:
        return calls.walked(trial, judged=judged, **query, limit=limit, sort_direction=direction)

    return _undisturbed(trial, query, walk) if trial.reads_only else walk()


def _undisturbed(trial: Trial, query: Mapping[str, Any], walk: Callable[[], Walk]) -> Walk:
    """A walk, or its failure, if others add nothing to what matches: two looks before it and two
    after it, for copies of the data may answer in turn."""
    looks: list[set[str]] = []

    def look_twice() -> None:
        for _ in range(2):
            looks.append(set(calls.ids(calls.listed(trial, **query, limit=_LARGEST))))
        trial.require(all(look == looks[0] for look in looks), "a walk while others add nothing")

    look_twice()
    try:
        return walk()
    finally:
        look_twice()


CHECKS = (
    _limit_respected,
    _never_over_100,
    _never_over_100_unasked,
    _pages_end,
    _pages_complete,
    _pages_distinct,
    _pages_ordered,
    _pages_with_ties,
    _pages_in_window,
    _pages_by_sample,
    _pages_keep_arguments,
    _count_right,
)
