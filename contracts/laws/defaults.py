"""Defaults: leaving an argument out is the same as giving its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.shelves import Shelving
from streamproof.contracts.law import Subject, law
from streamproof.contracts.values import same

BOTH = "both calls, accepted"
Show = Callable[[Trial, Mapping[str, Any]], Any]


def absent_is_default(trial: Trial, show: Show, name: str, default: Any) -> None:
    """What a call shows without `name` equals what it shows with ``name=default``.

    `show(trial, extra)` makes a call of its own with the extra arguments and gives what depends
    on the argument, nothing else.
    """
    explicit = show(trial, {name: default})
    absent = show(trial, {})
    trial.equal(absent, explicit, f"without {name}, as with {name}={default}", reason="default")
    trial.witness(BOTH)


@law("defaults/absent", BOTH)
def absent(trial: Trial, subject: Subject) -> None:
    """A list asked for without an argument is the one asked for with its default.

    What a page's length does shows only where there is more than one: so many things are made.
    """
    lists, name = subject.lists, subject.facet.name
    default = lists.operation.schemas[name]["default"]
    trial.require(default is not None, f"a default of {name} that can be sent")
    pages, shelving = lists.pages, Shelving.of(subject.api, subject.resource)
    if name == pages.limit:
        trial.require(type(default) is int, f"a default of {name} that is a number of rows")
        shelving = Shelving.longer(subject.api, subject.resource, int(default))
    shelf = trial.once(shelving)

    def show(trial: Trial, extra: Mapping[str, Any]) -> Any:
        if name == pages.limit:
            return len(lists.page(trial, shelf.where, **{**shelf.query, **extra}).records)
        if name in (pages.offset, pages.number, pages.cursor):
            rows = lists.page(trial, shelf.where, **{**lists.large, **shelf.query, **extra}).records
            return [lists.identify(row) for row in rows]
        rows = shelf.own(lists, shelf.rows(trial, lists, extra))
        if lists.listing.order is not None and name == lists.listing.order.direction:
            return [list(lists.rank(row)) for row in rows]
        return sorted(rows, key=lists.identify)

    explicit = show(trial, {name: default})
    again = show(trial, {name: default})
    trial.require(same(explicit, again), f"a list that is the same twice with {name}={default}")
    absent_is_default(trial, show, name, default)


LAWS = (absent,)
