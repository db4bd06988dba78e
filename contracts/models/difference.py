"""Differences: where a target's state, as it shows it, is not the one that a model holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Known = Mapping[str, Any]  # the fields of a thing that are settled; what isn't named is open
Alike = Callable[[str, Any, Any], bool]  # whether two values of a field mean the same
Members = frozenset[str] | None  # those that an answer is described to show; None: nothing tells

Kind = Literal[
    "lost",  # a thing that is there can't be read
    "ghost",  # a thing that isn't there can be read
    "otherwise",  # a read shows another field
    "answered-otherwise",  # the answer to a call that makes one shows another field
    "taken",  # a key that is taken was given out again
    "lost-row",  # a list lacks what it has to show
    "stray-row",  # a list shows what isn't there, or doesn't match
    "other-row",  # a list shows another field
    "repeated-row",  # a list shows one thing twice
    "disorder",  # rows in another order
    "long-page",  # a page with more rows than asked for
]


@dataclass(frozen=True, slots=True)
class Difference:
    """`resource` is the name of what differs. `arguments` are those of the list that showed it."""

    kind: Kind
    resource: str
    expected: str
    actual: str
    arguments: frozenset[str] = frozenset()


def differing(known: Known, shown: Known, alike: Alike, shows: Members = None) -> str | None:
    """The first settled field that is shown otherwise, or not shown although the answer is
    described to show it; None if none is."""
    for name, value in known.items():
        if name not in shown:
            if value is not None and (shows is None or name in shows):
                return name
        elif not alike(name, value, shown[name]):
            return name
    return None
