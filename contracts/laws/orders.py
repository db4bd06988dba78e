"""Orders: by a key that is shown, and the same wherever two things are shown together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
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


def settled_in_order(
    trial: Trial,
    records: Sequence[Any],
    *,
    key: Callable[[Any], Any],
    settled: Callable[[Any, Any], bool],
    descending: bool,
    told: Callable[[Any], str] = str,
) -> None:
    """Of any two records whose order is `settled` by their keys, the one that comes first stands
    first, rising or falling. Messages show keys as `told`."""
    keys = [key(record) for record in records]
    for early, late in combinations(keys, 2):
        if early == late or not settled(early, late):
            continue
        first, second = (late, early) if descending else (early, late)
        trial.holds(
            first < second,
            "out-of-order",
            expected=f"{'falling' if descending else 'rising'} order",
            actual=f"{told(early)} before {told(late)}",
        )
        trial.witness(DISTINCT)


@law("orders/sorted", DISTINCT)
def sorted_by_fields(trial: Trial, subject: Subject) -> None:
    """Rows stand in the order of the fields by which the list is sorted."""
    order = subject.lists.listing.order
    _stand(trial, subject, {}, descending=order is not None and order.default == "desc")


@law("orders/turned", DISTINCT)
def turned(trial: Trial, subject: Subject) -> None:
    """Asked for either way the rows stand that way."""
    lists, direction = subject.lists, subject.facet.name
    for way in ("asc", "desc"):
        _stand(trial, subject, {direction: lists.way(direction, way)}, descending=way == "desc")


def _stand(trial: Trial, subject: Subject, given: Mapping[str, Any], *, descending: bool) -> None:
    """The rows of a list, asked for with `given`, stand in its order."""
    lists = subject.lists
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    rows = shelf.own(lists, shelf.rows(trial, lists, given, seek=shelf.names))
    settled_in_order(
        trial,
        rows,
        key=lists.rank,
        settled=lists.settled,
        descending=descending,
        told=shown,
    )


LAWS = (sorted_by_fields, turned)
