"""What a list may show of a state: all that has to stand in it, once, as it is, and no more."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from streamproof.contracts.models.difference import Alike, Kind, Known, Members, differing
from streamproof.specs.resources import How
from streamproof.specs.wording import shown

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A thing or a record; `key` is None where it is known by its fields alone."""

    key: str | None
    fields: Known

    def __str__(self) -> str:
        return self.key if self.key is not None else shown(dict(self.fields))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list has to show, and what it may beside that. `strangers` are the keys of what it
    must not show; where it stands `alone` that is all else."""

    must: Sequence[Member]
    may: Sequence[Member] = ()
    strangers: Collection[str] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with the rows of a list."""

    kind: Kind
    expected: str
    actual: str


def wrong(
    rows: Sequence[Row],
    wanted: Wanted,
    key_of: Callable[[Row], str | None],
    alike: Alike,
    shows: Members = None,
) -> Wrong | None:
    """The first thing that is wrong with the rows of a list; None if nothing is."""
    left = list(rows)
    for member in wanted.must:
        found = [row for row in left if _shows(row, member, key_of, alike, shows)]
        if not found:
            return Wrong("lost-row", f"{member} is listed", f"it is not, among {len(rows)} rows")
        name = differing(member.fields, found[0], alike, shows)
        if name is not None:
            what = f"{name} of {member} in the list"
            has, told = shown(member.fields[name]), shown(found[0].get(name))
            return Wrong("other-row", f"{what}: {has}", f"{what}: {told}")
        if member.key is not None and len(found) > 1:
            return Wrong("repeated-row", f"{member} once in the list", f"{len(found)} times")
        left.remove(found[0])
    for member in wanted.may:
        found = [row for row in left if _shows(row, member, key_of, alike, shows)]
        if found:
            left.remove(found[0])
    for row in left:
        key = key_of(row)
        if wanted.alone or key in wanted.strangers:
            what = key or shown(dict(row))
            return Wrong("stray-row", f"the list is without {what}", "it is listed")
    return None


def _shows(
    row: Row,
    member: Member,
    key_of: Callable[[Row], str | None],
    alike: Alike,
    shows: Members,
) -> bool:
    key = key_of(row)
    if member.key is not None and key is not None:
        return key == member.key
    return differing(member.fields, row, alike, shows) is None


def matches(field: str, how: How, value: Any, known: Known, alike: Alike) -> bool | None:
    """Whether a filter by `value` lets a thing through; None where that is open."""
    if field not in known:
        return None
    has, asked = known[field], value if isinstance(value, list) else [value]
    if not isinstance(has, list):
        hits = [alike(field, has, each) for each in asked]
    elif how == "equals" and len(has) != 1:
        return None if any(each in has for each in asked) else False
    else:
        hits = [each in has for each in asked]
    return any(hits) if how == "one_of" else all(hits)


def disorder(
    ranks: Sequence[Any], settled: Callable[[Any, Any], bool], descending: bool
) -> tuple[Any, Any] | None:
    """Two ranks that stand in another order than theirs, where that is settled; None if none do."""
    for early, late in combinations(ranks, 2):
        if early != late and settled(early, late) and (early < late) is descending:
            return early, late
    return None
