"""How a target lists where the document is silent: filters, limits, offsets, order."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.seeing import REJECTED, Shelf, a_list, own, posted, shelf, which
from streamproof.contracts.observations import OtherChoice, observe

_MANY = 101  # streams, for the limits that a list has by itself
_HUGE = 1_000_000
_ORDERS = {
    "code_point": ("1", "B", "a", "s10", "s9", "é"),
    "ignore_case": ("1", "a", "B", "s10", "s9", "é"),
    "letters_first": ("B", "a", "s10", "s9", "é", "1"),
    "natural": ("1", "B", "a", "s9", "s10", "é"),
}


@observe("dotide/collation")
def collation(trial: Trial) -> str:
    """Own ids that differ in their end, in the order of a list of them."""
    stem, tag = trial.names.letters(), trial.names.letters()
    ends = []
    for end in _ORDERS["code_point"]:
        sent = calls.contents(trial, id=f"{stem}{end}", tags=[trial.names.mark, tag])
        if trial.granted(posted(trial, sent), "the create"):
            ends.append(end)
    calls.settle(trial)
    rows = calls.ids(calls.listed(trial, [f"{stem}{end}" for end in ends], tags=[tag]))
    seen = tuple(each.removeprefix(stem) for each in rows)
    orders = {name: tuple(e for e in order if e in ends) for name, order in _ORDERS.items()}
    if list(orders.values()).count(seen) > 1:
        raise Unmet(f"ids that tell orders apart: only {', '.join(ends)} were taken")
    return which(seen, orders)


@observe("dotide/list_properties_name")
def list_properties_name(trial: Trial) -> str:
    """The names in a row of a list."""
    stream = calls.make(trial)["id"]
    calls.settle(trial)
    row = next((r for r in calls.listed(trial, ids=[stream]) if calls.identify(r) == stream), None)
    trial.require(row is not None, "a row of a stream that was created")
    names = sorted({"properties", "attributes"} & {*(row or {})})
    return which(names, {"properties": ["properties"], "attributes": ["attributes"]})


@observe("dotide/empty_ids")
def empty_ids(trial: Trial) -> str:
    """A list by an own tag, with `ids=` beside it."""
    there = trial.once(shelf)
    return _filtered(there, a_list(trial, ("ids", ""), tags=there.tag), there.plain)


@observe("dotide/empty_tags")
def empty_tags(trial: Trial) -> str:
    """A list by two own ids, with `tags=` beside them."""
    there = trial.once(shelf)
    two = there.ids[:2]
    return _filtered(there, a_list(trial, ("tags", ""), ids=",".join(two)), two)


def _filtered(there: Shelf, seen: tuple[str, ...] | None, everything: tuple[str, ...]) -> str:
    if seen is None:
        return REJECTED
    mine = own(seen, there.ids)
    if len(seen) != len(mine):
        raise OtherChoice("streams that the other filter doesn't take")
    return which(mine, {"everything": everything, "nothing": ()})


@observe("dotide/offset_without_limit")
def offset_without_limit(trial: Trial) -> str:
    """A list of own streams with `offset=1`: which is its first?"""
    there = trial.once(shelf)
    seen = a_list(trial, tags=there.tag, offset=1)
    return REJECTED if seen is None else _first(seen, applied=there.ids[1], ignored=there.ids[0])


def _first(seen: tuple[str, ...], **choices: str) -> str:
    return which(seen[:1], {name: (stream,) for name, stream in choices.items()})


@observe("dotide/limit_zero")
def limit_zero(trial: Trial) -> str:
    """A list of own streams with `limit=0`."""
    return _limited(trial, 0)


@observe("dotide/limit_negative")
def limit_negative(trial: Trial) -> str:
    """A list of own streams with `limit=-1`."""
    return _limited(trial, -1)


@observe("dotide/limit_malformed")
def limit_malformed(trial: Trial) -> str:
    """A list of own streams with `limit=ten`."""
    return _limited(trial, "ten")


def _limited(trial: Trial, limit: Any) -> str:
    there = trial.once(shelf)
    seen = a_list(trial, tags=there.tag, limit=limit)
    return REJECTED if seen is None else which(seen, {"ignored": there.plain, "empty": ()})


@observe("dotide/offset_zero")
def offset_zero(trial: Trial) -> str:
    """A list of own streams with `limit=1&offset=0`."""
    there = trial.once(shelf)
    seen = a_list(trial, tags=there.tag, limit=1, offset=0)
    return REJECTED if seen is None else _first(seen, first_page=there.ids[0])


@observe("dotide/offset_negative")
def offset_negative(trial: Trial) -> str:
    """A list of own streams with `limit=1&offset=-1`."""
    return _offset(trial, -1)


@observe("dotide/offset_malformed")
def offset_malformed(trial: Trial) -> str:
    """A list of own streams with `limit=1&offset=two`."""
    return _offset(trial, "two")


def _offset(trial: Trial, offset: Any) -> str:
    there = trial.once(shelf)
    seen = a_list(trial, tags=there.tag, limit=1, offset=offset)
    return REJECTED if seen is None else _first(seen, ignored=there.ids[0])


def _many(trial: Trial) -> tuple[str, frozenset[str]]:
    """A tag that as many own streams have as tell the smaller limits, and those: it is the run's
    mark, for other looks have left some with it."""
    tag = trial.names.mark
    try:
        there = _all_with(trial, tag)
    except Unmet:  # one of them, say, can't be listed
        tag, there = trial.names.letters(), frozenset()
    tags = list(dict.fromkeys((trial.names.mark, tag)))
    made = {str(calls.make(trial, tags=tags)["id"]) for _ in range(_MANY - len(there))}
    calls.settle(trial)
    return tag, there | made


def _all_with(trial: Trial, tag: str) -> frozenset[str]:
    """The streams of a tag, page by page to the end."""
    return frozenset(calls.ids(calls.listed(trial, [trial.names.letters()], tags=tag)))


@observe("dotide/default_limit", dear=True)
def default_limit(trial: Trial) -> int:
    """A list of 101 own streams or more: how many does it show?"""
    tag, many = trial.learn(_many)
    seen = a_list(trial, tags=tag)
    trial.require(seen is not None, "a list without a limit")
    return _cut(trial, seen or (), tag, many)


@observe("dotide/largest_limit", dear=True)
def largest_limit(trial: Trial) -> int:
    """A list of as many own streams with the largest limit that is taken."""
    tag, many = trial.learn(_many)
    for limit in (_HUGE, 1000, 500):
        seen = a_list(trial, tags=tag, limit=limit)
        if seen is not None:
            return _cut(trial, seen, tag, many)
    raise Unmet("a limit of 500 or more that is taken")


def _cut(trial: Trial, seen: tuple[str, ...], tag: str, many: frozenset[str]) -> int:
    """How many a list shows that leaves out some who were there before it, and are after it."""
    left_out = many.difference(seen)
    if left_out and seen:
        left_out &= _all_with(trial, tag)
    if not left_out:
        there = f"all of {len(many)} streams are listed at once"
        raise Unmet(f"{there}: there is no limit, or a larger one")
    if not seen:
        raise OtherChoice("an empty list")
    return len(seen)


@observe("dotide/over_largest_limit")
def over_largest_limit(trial: Trial) -> str:
    """A list of own streams with a limit of a million; and one of 500, which is printed."""
    there = trial.once(shelf)
    seen = a_list(trial, tags=there.tag, limit=_HUGE)
    if seen is not None:
        return "clamped" if seen else which(seen, {})
    printed = a_list(trial, tags=there.tag, limit=500)
    trial.require(printed is not None, "a list with limit=500, which is printed")
    return REJECTED


@observe("dotide/repeated_parameter")
def repeated_parameter(trial: Trial) -> str:
    """A list of own streams with `limit=1&limit=2`: one, or two?"""
    there = trial.once(shelf)
    seen = a_list(trial, ("limit", "2"), tags=there.tag, limit=1)
    return REJECTED if seen is None else which(len(seen), {"first": 1, "last": 2})


@observe("dotide/unknown_parameters")
def unknown_parameters(trial: Trial) -> str:
    """A list of own streams with `colour=red`."""
    there = trial.once(shelf)
    seen = a_list(trial, ("colour", "red"), tags=there.tag)
    return REJECTED if seen is None else which(seen, {"ignored": there.plain})


OBSERVERS = (
    *(collation, list_properties_name, empty_ids, empty_tags, offset_without_limit),
    *(limit_zero, limit_negative, limit_malformed, offset_zero, offset_negative),
    *(offset_malformed, default_limit, largest_limit, over_largest_limit),
    *(repeated_parameter, unknown_parameters),
)
