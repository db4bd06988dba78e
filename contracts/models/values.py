"""Values: the few keys, times and fields of which one play makes its calls, so that they meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.things import Things
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Resource
from streamproof.specs.schema import Validator

FEW: Final = 3  # keys and instants


@dataclass(frozen=True, slots=True)
class Values:
    """Each is made when it is first needed, and the same from then on."""

    trial: Trial
    _made: dict[tuple[str, str], Sequence[Any]] = field(default_factory=dict)

    def _once(self, name: str, what: str, make: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        if (name, what) not in self._made:
            self._made[name, what] = make()
        return self._made[name, what]

    def keys(self, things: Things) -> Sequence[str]:
        """Keys for things of a collection; one begins as another does, where that is allowed."""
        name = str(things.resource.key)

        def make() -> list[str]:
            keys = [str(things.different(self.trial, name)) for _ in range(FEW - 1)]
            longer = keys[0] + keys[0][-1]
            fits = not Validator(things.schema(name), things.api.openapi).errors(longer)
            return [*keys, longer if fits else str(things.different(self.trial, name))]

        return self._once(things.resource.name, name, make)

    def fields(self, things: Things, name: str) -> Sequence[Any]:
        """Values of a field, two where there are as many; of a text that marks what has no name of
        the run's but one."""

        def make() -> list[Any]:
            schema = things.schema(name)
            values = []
            if things.resource.fields[name] == "text":
                mark = self.trial.names.mark
                if not Validator(schema, things.api.openapi).errors(mark):
                    if things.resource.keyed_by != "client":
                        return [mark]
                    values.append(mark)
            for n in range(2 - len(values)):
                with suppress(Unmet):
                    values.append(things.different(self.trial, name, n))
            return values

        return self._once(things.resource.name, f"{name}=", make)

    def drawn(
        self, things: Things, operation: Operation, how: int, *but: str | None
    ) -> dict[str, Any]:
        """Fields for a call, of those that a caller decides on: all that it needs, and as many more
        as `how` says."""
        sent: dict[str, Any] = {}
        for number, name in enumerate(things.resource.fields):
            bits = how >> number
            if name not in operation.arguments or name in but:
                continue
            values = self.fields(things, name)
            if values and (name in operation.required or bits & 1 == 0):
                sent[name] = values[(bits >> 1) % len(values)]
        return sent

    def instants(self, resource: Resource) -> Sequence[int]:
        return self._once(
            resource.name,
            "instants",
            lambda: [timeline.fresh(self.trial.names) for _ in range(FEW)],
        )
