"""Order and pages of bge's range where the document is silent, as only more records show them."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held
from streamproof.contracts.bge.seeing import which
from streamproof.contracts.bge.series import Series, crowd, store
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page
from streamproof.contracts.observations import OtherChoice, observe

_TIES = 3  # records at one time
_ROUNDS = 3  # of them, until an order that ids and writes have in common is told apart

# -- order ---------------------------------------------------------------------------------------


def tied(trial: Trial) -> Series:
    """Three records at one time, in the order of writing. For `Trial.learn`."""
    here = ground(trial)
    trial.require(not trial.reads_only, "three equal records; run without --read-only")
    key = here.keys(1)[0]
    records = [store(trial, key, duplicate_enabled="true") for _ in range(_TIES)]
    ids = [record.id for record in records]
    trial.require(len(set(ids)) == _TIES, "three records at one time")
    there = calls.ids(held(trial, here, [key], ids))
    trial.require(set(ids) <= set(there), "three equal records, in range")
    window = here.window(key.instant, key.instant)
    return Series(records, {**here.asked(key.entity, key.element), **window})


def _order(trial: Trial, there: Series, direction: str) -> list[str]:
    """The ids of equal records as a walk shows them."""
    found = calls.listed(trial, stop_at=there.ids, **there.query, sort_direction=direction)
    shown = [each for each in calls.ids(found) if each in there.ids]
    trial.require(len(shown) == _TIES, "all of three equal records")
    return shown


@observe("bge/tie_order", dear=True)
def tie_order(trial: Trial) -> str:
    """Three equal records in ascending order; again, where their ids rise with their writing."""
    left = {"written", "reverse", "stream_id"}
    for turn in range(_ROUNDS):
        there = tied(trial) if turn else trial.learn(tied)
        shown, ids = _order(trial, there, "asc"), there.ids
        orders = {"written": ids, "reverse": ids[::-1], "stream_id": sorted(ids)}
        left = {choice for choice in left if orders[choice] == shown}
        if not left:
            raise OtherChoice("they come otherwise than written, reversed, or by stream_id")
        if len(left) == 1:
            return left.pop()
        if {*map(tuple, orders.values())} == {tuple(ids), tuple(ids[::-1])} and turn:
            break  # ids that rise with time will go on doing so
    raise Unmet(f"a stream_id that doesn't rise with time: {' or '.join(sorted(left))}")


@observe("bge/asc_mirrors_desc", dear=True)
def asc_mirrors_desc(trial: Trial) -> str:
    """Three equal records in both orders."""
    there = trial.learn(tied)
    up, down = _order(trial, there, "asc"), _order(trial, there, "desc")
    return which(down, {"mirrored": up[::-1], "ties_keep": up})


# -- pages ---------------------------------------------------------------------------------------


@observe("bge/default_limit", dear=True)
def default_limit(trial: Trial) -> int:
    """The first page of more than a hundred records, without `limit`."""
    there = trial.learn(crowd)
    outcome = trial.client.call("range", **there.query)
    return len(calls.page(trial.given(outcome, "a range without limit")).records)


@observe("bge/cursor_lifetime_s", dear=True)
def cursor_lifetime_s(_trial: Trial) -> int:
    """Nothing: it takes waiting for longer than anybody waits."""
    raise Unmet("five minutes and more of waiting, which no look takes")


@observe("bge/write_during_paging", dear=True)
def write_during_paging(trial: Trial) -> str:
    """A record that is written between two pages, at a time still to come."""
    here = ground(trial)
    early, ahead, late = here.keys(3)
    around = [store(trial, early), store(trial, late)]
    held(trial, here, [early, late], [record.id for record in around])
    query = {**here.asked(early.entity, early.element), "sort_direction": "asc", "limit": 1}
    query |= here.window(early.instant, late.instant)
    first = calls.page(trial.given(trial.client.call("range", **query), "a range"))
    trial.require(first.cursor is not None and first.records, "a page with a next_page")
    trial.require(calls.instant(first.records[-1]) < ahead.instant, "a time still to come")
    new = store(trial, ahead)
    there = calls.ids(held(trial, here, [ahead], [new.id]))
    trial.require(new.id in there, "the new record, in a range of its own")

    def fetch(cursor: Any) -> Page:
        outcome = trial.client.call("range", **query, next_page=cursor)
        return calls.page(trial.given(outcome, "range with the next_page of the page before"))

    seen, cursor = set[str](), first.cursor
    while cursor is not None and cursor != "":
        after = fetch(cursor)
        fresh = {*calls.ids(after.records)} - seen
        seen |= fresh
        if {new.id, around[1].id} & fresh or not fresh:
            break
        cursor = after.cursor
    if new.id in seen:
        return "shown"
    trial.require(around[1].id in seen, "the record behind it, in the same walk")
    return "hidden"


OBSERVERS = (*(tie_order, asc_mirrors_desc, default_limit, cursor_lifetime_s, write_during_paging),)
