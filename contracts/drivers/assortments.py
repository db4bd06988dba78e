"""Assortments: shelves whose things carry different values of the field of a filter."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.patience import SETTLE_S
from streamproof.contracts.drivers.shelves import Shelf
from streamproof.contracts.drivers.things import Things
from streamproof.specs.api import Api
from streamproof.specs.examples import joined
from streamproof.specs.resources import Filter, Resource
from streamproof.specs.schema import Validator

_SETS = ((0,), (1,), (0, 1), (1, 2), (0, 1, 2))  # members, by number, of sets
_ONES = (0, 0, 1, 2)  # values, by number, of things that carry one each


@dataclass(frozen=True, slots=True)
class Assortment:
    """A shelf, and the values that each of its things carries, by their names."""

    shelf: Shelf
    carried: Mapping[str, tuple[Any, ...]]

    def queries(self, how: str) -> list[tuple[Any, ...]]:
        """The values to filter by, one or more, so that something matches and something not."""
        known: list[Any] = []
        for values in self.carried.values():
            known += [value for value in values if value not in known]
        asked: list[tuple[Any, ...]] = [(value,) for value in known]
        if how != "equals":
            asked += [(a, b) for a in known for b in known if a != b]
        return [values for values in asked if 0 < len(self.matches(how, values)) < len(self.names)]

    @property
    def names(self) -> Sequence[str]:
        return self.shelf.names

    def matches(self, how: str, values: Sequence[Any]) -> list[str]:
        """The names of the things that match: that carry all of the values, or one of them."""
        enough = all if how == "all_of" else any
        return [
            name for name, own in self.carried.items() if enough(value in own for value in values)
        ]


@dataclass(frozen=True, slots=True)
class Assorting:
    """Builds the assortment of a filter: for `Trial.once`, which keeps one of each name."""

    name: str
    api: Api = field(compare=False, repr=False)
    resource: Resource = field(compare=False, repr=False)
    filter: Filter = field(compare=False, repr=False)

    @classmethod
    def of(cls, api: Api, resource: Resource, argument: str) -> Assorting:
        assert resource.listing is not None
        wanted = next(f for f in resource.listing.filters if f.argument == argument)
        return cls(f"{api.home.key}/{resource.name}/{argument}", api, resource, wanted)

    def __call__(self, trial: Trial) -> Assortment:
        things, name = Things(self.api, self.resource), self.filter.field
        contents = self._contents(trial, things)
        where = things.place(trial)
        made = [
            things.make(trial, where, **({} if content is None else {name: content}))
            for content in contents
        ]
        rests = time.monotonic() + SETTLE_S
        shelf = Shelf(where, {}, made, bool(where), rests)
        trial.require(
            name != self.resource.key or all(thing.key for thing in made),
            f"the keys of new {self.resource.name}",
        )
        carried = {
            own: (thing.key,) if content is None else _several(content)
            for own, thing, content in zip(shelf.names, made, contents, strict=True)
        }
        return Assortment(shelf.settle(trial, Lists(self.api, self.resource)), carried)

    def _contents(self, trial: Trial, things: Things) -> list[Any]:
        """What the field of each thing is; None where a key is left to whoever makes it."""
        name, kind = self.filter.field, self.resource.fields.get(self.filter.field)
        if name == self.resource.key:
            return [None] * 3
        trial.require(
            kind is not None and kind not in ("json", "object") and name in things.maker.arguments,
            f"values of {name} of {self.resource.name} to filter by",
        )
        judge = Validator(things.schema(name), self.api.openapi)
        if kind == "set":
            members = self._members(trial, things)
            sets = [[members[n] for n in own if n < len(members)] for own in _SETS]
            return [own for own in sets if not judge.errors(own)]
        values = [things.different(trial, name, n) for n in range(3)]
        if isinstance(values[0], str) and not judge.errors(values[0] + "a"):
            values[2] = values[0] + "a"  # of which another is the beginning
        distinct = [v for n, v in enumerate(values) if v not in values[:n]]
        return [distinct[n] for n in _ONES if n < len(distinct)]

    def _members(self, trial: Trial, things: Things) -> list[Any]:
        """What may stand in a set."""
        item = joined(joined(things.schema(self.filter.field), self.api.openapi), self.api.openapi)
        item = joined(item.get("items", {}), self.api.openapi)
        if isinstance(item, Mapping) and "enum" in item:
            return list(item["enum"])[:3]
        name, other = trial.names.letters(), trial.names.letters()
        return [name, other, name + "a"]


def _several(content: Any) -> tuple[Any, ...]:
    return tuple(content) if isinstance(content, list) else (content,)
