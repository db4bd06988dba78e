"""Orders: by a key that is shown, and the same wherever two things are shown together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.shelves import Shelving
from streamproof.contracts.law import Subject, law
from streamproof.specs.wording import shown

DISTINCT = "two distinct keys"
IN_BOTH = "two members in both lists"


def in_order(
    trial: Trial,
    records: Sequence[Any],
    *,
    key: Callable[[Any], Any],
    descending: bool,
    told: Callable[[Any], str] = str,
) -> None:
    """Records come by `key`, rising or falling; equal keys may stand in any order. Messages show
    keys as `told`."""
    keys = [key(record) for record in records]
    wanted = sorted(keys, reverse=descending)
    if keys != wanted:
        at = next(i for i, (got, want) in enumerate(zip(keys, wanted, strict=True)) if got != want)
        trial.fail(
            "out-of-order",
            expected=f"{'falling' if descending else 'rising'} order, {told(wanted[at])} at {at}",
            actual=f"{told(keys[at])} at {at}",
        )
    if len(set(keys)) > 1:
        trial.witness(DISTINCT)


def one_order(trial: Trial, whole: Sequence[str], other: Sequence[str], what: str) -> None:
    """Members that stand in both lists stand in the same order; a repeated one counts once."""
    common = [member for member in dict.fromkeys(other) if member in whole]
    trial.equal(common, sorted(common, key=whole.index), what, reason="another-order")
    if len(common) > 1:
        trial.witness(IN_BOTH)


@law("orders/sorted", DISTINCT)
def sorted_by_fields(trial: Trial, subject: Subject) -> None:
    """Rows stand in the order of the fields by which the list is sorted."""
    lists = subject.lists
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    rows = lists.everything(trial, shelf.where, seek=shelf.things, **shelf.query)
    order = lists.listing.order
    descending = order is not None and order.default == "desc"
    in_order(trial, shelf.own(lists, rows), key=lists.rank, descending=descending, told=shown)


@law("orders/turned", DISTINCT)
def turned(trial: Trial, subject: Subject) -> None:
    """Asked for either way the rows stand that way."""
    lists, direction = subject.lists, subject.facet.name
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    for way in ("asc", "desc"):
        query = {**shelf.query, direction: way}
        rows = lists.everything(trial, shelf.where, seek=shelf.things, **query)
        descending = way == "desc"
        in_order(trial, shelf.own(lists, rows), key=lists.rank, descending=descending, told=shown)


LAWS = (sorted_by_fields, turned)
