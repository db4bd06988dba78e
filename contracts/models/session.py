"""A session: a play's calls at a target, with the world that they should leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from streamproof.contracts.check import Broken, Trial
from streamproof.contracts.drivers.patience import HURRIED_S, SETTLE_S, until
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.models import attribution
from streamproof.contracts.models.difference import Difference, Kind, Known
from streamproof.contracts.models.values import Values
from streamproof.contracts.models.world import Home, World
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.resources import Deed, Resource

T = TypeVar("T")

SHOWN: Final = "something made, shown after other calls"


@dataclass(slots=True)
class Session:
    """`changes` counts the accepted calls that changed something."""

    api: Api
    trial: Trial
    world: World = field(init=False)
    values: Values = field(init=False)
    changes: int = 0

    def __post_init__(self) -> None:
        self.world, self.values = World(self.api.resources), Values(self.trial)

    def resource(self, home: Home) -> Resource:
        return self.api.resources[home.resource]

    def things(self, home: Home) -> Things:
        return Things(self.api, self.resource(home))

    def call(self, home: Home, deed: Deed, key: str, **fields: Any) -> Outcome:
        """A call of one thing."""
        resource = self.resource(home)
        operation = self.api.operations[resource.operations[deed]]
        where = {n: v for n, v in home.arguments.items() if n in operation.arguments}
        naming = {resource.named_in(operation): self.things(home).spelled(deed, key)}
        return self.trial.client.call(operation.id, **{**fields, **where, **naming})

    def granted(self, outcome: Outcome) -> bool:
        """Whether a call that changes something was accepted."""
        accepted = self.trial.granted(outcome, outcome.request.operation.given)
        self.changes += accepted
        return accepted

    def until(self, look: Callable[[], T], enough: Callable[[T], bool]) -> T:
        """What is seen once it is enough, or has had its time; only the last look is told."""
        steps = self.trial.transcript
        start = len(steps)

        def anew() -> T:
            del steps[start:]
            return look()

        return until(anew, enough, HURRIED_S if self.trial.hurried else SETTLE_S)

    def witness(self) -> None:
        """Something was shown as it should be."""
        if self.changes > 1:
            self.trial.witness(SHOWN)

    def judges(self, kind: Kind, home: Home) -> bool:
        """Whether any rule speaks of such a difference."""
        found = Difference(kind, home.resource, "", "")
        return any(attribution.candidates(self.api, found))

    def differ(
        self,
        kind: Kind,
        home: Home,
        expected: str,
        actual: str,
        arguments: frozenset[str] = frozenset(),
    ) -> None:
        """Raise `Broken`: the target shows something else than the world has."""
        found = Difference(kind, home.resource, expected, actual, arguments)
        raise Broken(attribution.mismatch(self.api, found))


def settled(resource: Resource, fields: Mapping[str, Any]) -> Known:
    """What fields that were sent or shown settle."""
    return {n: v for n, v in fields.items() if n in resource.fields and v is not None}
