"""Whether a target keeps what it is given: one that says yes to everything passes no rule."""

from __future__ import annotations

from dataclasses import dataclass, field

from streamproof.contracts.check import Trial, Unavailable, Unmet
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.specs.api import Api
from streamproof.specs.resources import Resource


@dataclass(frozen=True, slots=True)
class Keeping:
    """Makes a thing of a resource and looks for it: for `Trial.learn`, which does so once.

    Raises `Unmet` where it is neither read nor listed; where an API has no such call, nobody can
    tell.
    """

    name: str
    api: Api = field(compare=False, repr=False)
    resource: Resource = field(compare=False, repr=False)

    @classmethod
    def of(cls, api: Api, resource: Resource) -> Keeping:
        return cls(f"{api.home.key}/{resource.name}", api, resource)

    def __call__(self, trial: Trial) -> None:
        operations, listed = self.resource.operations, self.resource.listing is not None
        if "read" not in operations and not listed:
            return
        things = Things(self.api, self.resource)
        thing = things.make(trial, **things.full(trial))
        there = until(
            lambda: self._is_read(trial, things, thing) or self._is_listed(trial, thing),
            bool,
            SETTLE_S,
        )
        what = f"one of {self.resource.name} that was made, read or listed"
        trial.require(there, f"a target that keeps what it is given: {what}")

    def _is_read(self, trial: Trial, things: Things, thing: Thing) -> bool:
        if "read" not in self.resource.operations or thing.key is None:
            return False
        look = things.look(trial, thing)
        shown = things.row(look.payload).get(self.resource.key or "") if look.accepted else None
        return str(shown) == thing.key

    def _is_listed(self, trial: Trial, thing: Thing) -> bool:
        if self.resource.listing is None:
            return False
        lists = Lists(self.api, self.resource)
        try:
            rows = lists.walk(trial, thing.where, **lists.large).records
        except Unavailable:
            raise
        except Unmet:
            return False
        return bool(lists.find(rows, thing)) or bool(thing.where and rows)
