"""A world: all that the models say that there is, in every place; what stands in a thing goes with
it, and a thing that is made anew is empty. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from streamproof.contracts.models import collection, log
from streamproof.contracts.models.listing import Member
from streamproof.specs.resources import Resource

Place = Mapping[str, str]  # the arguments that name what things stand in, with their keys


@dataclass(frozen=True, slots=True)
class Home:
    """Where things of a resource stand."""

    resource: str
    place: tuple[tuple[str, str], ...] = ()

    @property
    def arguments(self) -> dict[str, str]:
        return dict(self.place)


@dataclass(frozen=True, slots=True)
class World:
    """The states of collections and logs, by where they are."""

    resources: Mapping[str, Resource]
    collections: dict[Home, collection.State] = field(default_factory=dict)
    logs: dict[Home, log.State] = field(default_factory=dict)

    @property
    def homes(self) -> list[Home]:
        """All places in which something was ever made, or refused, and that are still there."""
        return [*self.collections, *self.logs]

    def things(self, home: Home) -> collection.State:
        return self.collections.get(home, collection.State())

    def records(self, home: Home) -> log.State:
        return self.logs.get(home, log.State())

    def places(self, resource: Resource) -> Iterator[Place]:
        """Where things of a resource may stand: in all that there is of what is around it."""
        found: list[dict[str, str]] = [{}]
        for argument, parent in resource.within.items():
            found = [
                {**place, argument: key}
                for place in found
                for home, state in self.collections.items()
                if home.resource == parent and home.arguments.items() <= place.items()
                for key in state.things
            ]
        yield from found

    def remove(self, home: Home, key: str) -> None:
        """A thing is gone, with all that stands in it."""
        self.collections[home] = collection.removed(self.things(home), key, accepted=True)
        for inner in self.homes:
            if self._stands_in(inner, home, key):
                for each in self.things(inner).things:
                    self.remove(inner, each)
                self.collections.pop(inner, None)
                self.logs.pop(inner, None)

    def _stands_in(self, inner: Home, outer: Home, key: str) -> bool:
        around = self.resources[inner.resource].within.items()
        right_in = any(
            parent == outer.resource and inner.arguments.get(argument) == key
            for argument, parent in around
        )
        return right_in and outer.arguments.items() <= inner.arguments.items()

    def members(self, home: Home) -> list[Member]:
        """What a list of a place may show."""
        if home in self.logs:
            return [record.member for record in self.logs[home].records]
        return [Member(key, known) for key, known in self.things(home).things.items()]

    def strangers(self, home: Home, others: Sequence[Member] = ()) -> list[str]:
        """The keys of what a list must not show: of `others`, and of what is gone."""
        keys = (member.key for member in others if member.key is not None)
        return [*self.things(home).gone, *keys]
