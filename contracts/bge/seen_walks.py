"""How bge's range cuts a list into pages where the document is silent, on the few records of a
shelf."""

from __future__ import annotations

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.seeing import REJECTED, good_page, page_with, which_page, whole
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.specs.wording import shown

_PAGE = 4  # records, of the eleven of a shelf


def _first(trial: Trial) -> Page:
    """The first page of several; of all looks that only read it the same."""
    return trial.once(_first_of_three)


def _first_of_three(trial: Trial) -> Page:
    return _first_with(trial, _PAGE)


def _first_with(trial: Trial, limit: int) -> Page:
    page = page_with(trial, limit=limit)
    if page is None or page.cursor is None or not page.records:
        raise Unmet(f"a first page of several with limit={limit}")
    return page


@observe("bge/count_meaning")
def count_meaning(trial: Trial) -> str:
    """The count of a first page of several."""
    page, total = _first(trial), len(whole(trial))
    for choice, count in (("page", len(page.records)), ("total", total)):
        if type(page.count) is int and page.count == count:
            return choice
    raise OtherChoice(f"count {shown(page.count)}, {len(page.records)} of {total} records")


@observe("bge/last_page")
def last_page(trial: Trial) -> str:
    """The end of a walk whose records are a multiple of `limit`."""
    total = len(whole(trial))
    page = page_with(trial, limit=total)
    if page is None or len(page.records) != total:
        raise Unmet("a page that holds all of a series")
    if page.cursor is None:
        return "ends"
    after = page_with(trial, limit=total, next_page=page.cursor)
    if after is None or after.records:
        raise OtherChoice("a next_page that leads to no empty page")
    return "empty_page"


@observe("bge/short_pages")
def short_pages(trial: Trial) -> str:
    """The lengths of the pages of walks through eleven records: two, five, and ten a page."""
    full = [_full(trial, limit) for limit in (2, 5, 10)]
    return "never" if all(full) else "sometimes"


def _full(trial: Trial, limit: int) -> bool:
    """Whether every page of a walk holds `limit` records, but for the last."""
    page, lengths = _first_with(trial, limit), list[int]()
    while page.cursor is not None and len(lengths) < len(whole(trial)):
        lengths.append(len(page.records))
        following = page_with(trial, limit=limit, next_page=page.cursor)
        trial.require(following is not None, "the next page of a walk")
        page = following or page
    return all(length >= limit for length in lengths)


@observe("bge/cursor_type")
def cursor_type(trial: Trial) -> str:
    """The `next_page` of a first page."""
    cursor = _first(trial).cursor
    if isinstance(cursor, str):
        return "text"
    if isinstance(cursor, int | float) and not isinstance(cursor, bool):
        return "number"
    raise OtherChoice(f"next_page {shown(cursor)}")


@observe("bge/invalid_cursor")
def invalid_cursor(trial: Trial) -> str:
    """A range with a made-up `next_page`."""
    cursor = _first(trial).cursor
    made_up = 987_654_321 if isinstance(cursor, int) else "streamproof-made-up"
    page = page_with(trial, limit=_PAGE, next_page=made_up)
    return which_page(page, empty=[], first_page=good_page(trial, limit=_PAGE))


@observe("bge/cursor_with_other_arguments")
def cursor_with_other_arguments(trial: Trial) -> str:
    """A `next_page` sent with the other `sort_direction`."""
    first = _first(trial)
    page = page_with(trial, limit=_PAGE, next_page=first.cursor, sort_direction="desc")
    if page is None:
        return REJECTED
    found, there = calls.ids(page.records), whole(trial)
    if found == there[_PAGE : 2 * _PAGE]:
        raise OtherChoice("the walk goes on under the old arguments")
    if not {*found} <= {*there} or found != sorted(found, key=there.index, reverse=True):
        raise OtherChoice(f"{len(found)} records, not in the order that was asked for")
    return "new_arguments"


OBSERVERS = (
    *(count_meaning, last_page, short_pages, cursor_type, invalid_cursor),
    cursor_with_other_arguments,
)
