"""The laws, by miniatures that keep or break them."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from streamproof.contracts.check import Broken, Trial, Unmet
from streamproof.contracts.drivers.walks import Page, Walk, walk
from streamproof.contracts.laws import batches, cursors, windows
from streamproof.contracts.laws.pages import TWO_PAGES

MEMBERS = {"a": 10, "b": 20, "c": 30}


def trial() -> Trial:
    """A trial that only judges."""
    nothing: Any = None
    return Trial(nothing, nothing, {}, nothing, [])


def between(
    low: Callable[[int, int], bool], high: Callable[[int, int], bool]
) -> Callable[[int | None, int | None], Collection[str]]:
    return lambda start, end: [
        member
        for member, place in MEMBERS.items()
        if (start is None or low(start, place)) and (end is None or high(end, place))
    ]


CLOSED = between(lambda start, place: start <= place, lambda end, place: place <= end)
HALF_OPEN = between(lambda start, place: start <= place, lambda end, place: place < end)
COARSE = between(lambda start, place: start // 20 <= place // 20, lambda end, place: place <= end)


def test_a_closed_window_keeps_its_laws_and_is_witnessed() -> None:
    judge = trial()
    windows.edge_is_inside(judge, CLOSED, MEMBERS, 20, "start")
    windows.beyond_is_outside(judge, CLOSED, MEMBERS, 20, "end")
    windows.exactly_between(judge, CLOSED, MEMBERS, 20, None)
    assert judge.seen == {windows.ON_THE_EDGE, windows.INSIDE, windows.OUTSIDE}


def test_an_open_edge_is_told_from_a_wrong_side() -> None:
    with pytest.raises(Broken, match="c"):
        windows.edge_is_inside(trial(), HALF_OPEN, MEMBERS, 30, "end")
    windows.edge_is_inside(trial(), HALF_OPEN, MEMBERS, 20, "start")
    windows.beyond_is_outside(trial(), HALF_OPEN, MEMBERS, 20, "end")
    with pytest.raises(Broken, match="b"):
        windows.beyond_is_outside(trial(), COARSE, MEMBERS, 30, "start")


def test_what_lies_too_close_beyond_a_bound_is_not_judged() -> None:
    judge = trial()
    windows.beyond_is_outside(judge, COARSE, MEMBERS, 30, "start", outer=10)
    windows.exactly_between(judge, COARSE, MEMBERS, 30, None, outer=10)
    assert judge.seen == {windows.INSIDE, windows.OUTSIDE, windows.ON_THE_EDGE}


def walked(*pages: tuple[str, Any]) -> Walk:
    """A walk over pages of one-letter records, each with its cursor."""
    served = iter(pages)

    def fetch(_cursor: Any) -> Page:
        records, cursor = next(served)
        return Page(records, cursor, len(records))

    return walk(fetch, str)


def test_a_walk_that_ends_keeps_every_law() -> None:
    judge, walk = trial(), walked(("ab", 1), ("", 2), ("bc", 3), ("", None))
    cursors.comes_to_an_end(judge, walk)
    cursors.nothing_lost(judge, walk, walk.records, "abc")
    cursors.ordered_throughout(judge, walk, walk.records, key=str, descending=False)
    cursors.counts_are_right(judge, walk, 3)
    assert {cursors.NULL_CURSOR, TWO_PAGES} <= judge.seen
    with pytest.raises(Broken, match="b"):
        cursors.nothing_twice(trial(), walk, walk.records)


def test_a_cursor_that_leads_round_in_circles_is_no_end() -> None:
    walk = walked(("ab", 1), *[("b", 1)] * 20)
    with pytest.raises(Broken, match="null cursor"):
        cursors.comes_to_an_end(trial(), walk)
    with pytest.raises(Unmet):
        cursors.nothing_lost(trial(), walk, walk.records, "ab")


def test_a_tie_counts_only_where_it_crosses_an_edge() -> None:
    key = str.lower
    judge, whole = trial(), walked(("aAb", 1), ("c", None))
    cursors.ties_kept_whole(
        judge, whole, identify=str, key=key, members={m: key(m) for m in "aAbc"}
    )
    assert judge.seen == set()
    cursors.ties_kept_whole(
        judge,
        walked(("a", 1), ("Ab", None)),
        identify=str,
        key=key,
        members={m: key(m) for m in "aAb"},
    )
    assert judge.seen == {cursors.TIE_AT_BOUNDARY}


@pytest.mark.parametrize("counts", [[1, 2], [3, 4], [2, 2], [None, None]])
def test_a_count_is_of_the_page_or_of_all(counts: Sequence[Any]) -> None:
    pages = [Page("ab", 1, counts[0]), Page("c", None, counts[1])]
    with pytest.raises(Broken, match=r"\[2, 1\], or 3"):
        cursors.counts_are_right(trial(), Walk(pages, True, False), 3)


def test_a_batch_answers_item_by_item() -> None:
    judge = trial()
    batches.one_answer_each(judge, "abc", "ABC")
    batches.answers_in_order(judge, "abc", "ABC", asked=str, told=str.lower, what="letter")
    batches.failures_stop_nothing(judge, [True, False, True], [True, False, True], "a letter")
    assert judge.seen == {batches.SEVERAL}
    with pytest.raises(Broken, match="2 answers"):
        batches.one_answer_each(trial(), "abc", "AB")
    with pytest.raises(Broken, match="answer 1"):
        batches.answers_in_order(trial(), "abc", "ACB", asked=str, told=str.lower, what="letter")
    with pytest.raises(Broken, match="none at 2"):
        batches.failures_stop_nothing(trial(), [True, False, True], [True] * 2 + [False], "it")
