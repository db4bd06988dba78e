"""Faults of the rules that laws become: one family of laws a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from streamproof.mockserver.faults import Fault
from streamproof.mockserver.mutants import (
    calls,
    changes,
    choices,
    cursors,
    filters,
    harm,
    keys,
    logs,
    orders,
    pages,
    rejected,
    removal,
    rows,
    shown,
    times,
    windows,
)
from streamproof.mockserver.mutants.ground import Ground
from streamproof.specs.api import Api

Family = Mapping[str, Callable[[Ground], Iterator[Fault]]]

_FAMILIES: Final[tuple[Family, ...]] = (
    calls.LAWS,
    shown.LAWS,
    harm.LAWS,
    rejected.LAWS,
    removal.LAWS,
    changes.LAWS,
    keys.LAWS,
    times.LAWS,
    rows.LAWS,
    orders.LAWS,
    pages.LAWS,
    cursors.LAWS,
    filters.LAWS,
    windows.LAWS,
    choices.LAWS,
    logs.LAWS,
)
LAWS: Final[Family] = {name: make for family in _FAMILIES for name, make in family.items()}


def faults(api: Api) -> Iterator[Fault]:
    """The faults of every rule of an API that is a law's."""
    for rule in api.rulebook:
        if rule.law is not None and rule.facet is not None:
            yield from LAWS[rule.law](Ground(api, rule, rule.facet))
