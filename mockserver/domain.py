"""What an API gives to the server: code of its own, or else what the engine makes of its files.

Over the engine an API in a folder or package may put functions of its own, in a `domain.py` there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

from streamproof.specs import api
from streamproof.specs.errors import SpecError, meant
from streamproof.specs.homes import home

if TYPE_CHECKING:  # the command that only starts a worker has no use for a data base
    from sqlalchemy import Connection, MetaData

    from streamproof.mockserver.call import Answer, Call
    from streamproof.mockserver.context import Context
    from streamproof.mockserver.engine import Engine
    from streamproof.mockserver.faults import Fault
    from streamproof.mockserver.parsing import Unreadable
    from streamproof.mockserver.problems import Rejected
    from streamproof.specs.api import Api
    from streamproof.specs.dialect import Dialect

Perform = Callable[["Context", Mapping[str, Any]], "Answer"]


class Domain(Protocol):
    """The module ``mockserver/<api>/operations.py``, or an `Engine`: what calls do.

    Silent points that are about HTTP alone are asked by the server, where the API's dialect has
    them: trailing_slash, wrong_method, largest_body. Where it has method_get, GET reaches `adapt`.
    """

    @property
    def OPERATIONS(self) -> Mapping[str, Perform]:  # noqa: N802 - a constant of the module
        """By operationId: carries out a call that is authentic and valid, defaults filled in."""

    def seed(
        self,
        connection: Connection,
        space: str,
        fixtures: Mapping[str, Any],
        dialect: Dialect,
        now: datetime,
    ) -> None:
        """Fill a new space."""

    @property
    def STATE(self) -> tuple[str, ...]:  # noqa: N802 - a constant of the module
        """The fixtures that `state` gives and `seed` fills a space with; none if it can't."""

    def state(
        self, connection: Connection, space: str, fixtures: Mapping[str, Any], dialect: Dialect
    ) -> Mapping[str, Any]:
        """What a space holds, in the form of the fixtures `STATE`."""

    def authenticate(self, context: Context, call: Call) -> None:
        """Raise `Rejected` unless the request proves who sends it. Looks at the request only."""

    def adapt(self, context: Context, call: Call) -> Mapping[str, Any]:
        """The call's arguments, with what the silent points say about odd ones done to them.

        May raise `Rejected`, and `Unreadable` by reading them. An argument that is `ABSENT` is
        named without a value: validation passes it over.
        """

    def unreadable(self, context: Context, call: Call, fault: Unreadable) -> Rejected:
        """The rejection of a request that can't be read."""

    def grant(self, context: Context, answer: Answer) -> Answer:
        """The answer to an accepted call in the API's own form."""

    def refuse(self, context: Context, rejection: Rejected) -> Answer:
        """A rejection in the API's own form; the server adds the rule."""


@cache
def load(of: str) -> Domain:
    """The domain of an API, found by the key of its home. Raises `SpecError` for a `domain.py` that
    names an operation which isn't there."""
    found = home(of)
    own = found.part("mockserver", "operations" if found.ours else "domain")
    if own is None:
        return _engine(of)
    return cast("Domain", own if found.ours else Overlay(api.load(of), _engine(of), own))


class Overlay:
    """The engine of an API with what its own module has in place: each name of a `Domain` that the
    module defines is the module's, and of `OPERATIONS` those that it names.

    An own operation is ``function(proceed, context, arguments) -> Answer``, where
    ``proceed(context, arguments)`` is what the engine does.
    """

    def __init__(self, of: Api, engine: Engine, own: ModuleType) -> None:
        ids = {name: op.id for op in of.operations.values() for name in (op.id, op.given)}
        operations = dict(engine.OPERATIONS)
        for name, function in getattr(own, "OPERATIONS", {}).items():
            if name not in ids:
                hint = meant(name, ids, "openapi.yaml names them")
                raise SpecError(str(of.home.folder / "domain.py"), name, f"no operation; {hint}")
            operations[ids[name]] = partial(function, engine.OPERATIONS[ids[name]])
        self.OPERATIONS: Mapping[str, Perform] = operations
        self._engine, self._own = engine, own

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name) if hasattr(self._own, name) else getattr(self._engine, name)


@cache
def metadata(of: str) -> MetaData:
    """The tables of an API, found by the key of its home."""
    found = home(of)
    own = found.part("mockserver", "tables") if found.ours else None
    return _engine(of).metadata if own is None else cast("MetaData", own.metadata)


def stateless(of: str) -> tuple[str, ...]:
    """The operations, as their file names them, that an API's domain answers by examples."""
    found = api.load(of)
    kept = {call for resource in found.resources.values() for call in resource.calls}
    if found.home.ours:
        return ()
    own = found.home.part("mockserver", "domain")
    written = {*getattr(own, "OPERATIONS", {})}
    operations = found.operations.values()
    return tuple(op.given for op in operations if not {op.id, op.given} & {*kept, *written})


@cache
def faults(of: str) -> tuple[Fault, ...]:
    """The faults of an API, by the key of its home: its own, and those of its rules. `BESIDE` in
    its module names which others can't hold beside one of those."""
    from streamproof.mockserver import mutants

    module = home(of).part("mockserver", "faults")
    own = () if module is None else cast("tuple[Fault, ...]", module.FAULTS)
    beside = getattr(module, "BESIDE", {})
    made = (
        replace(each, also_fails={**each.also_fails, **beside.get(each.name, {})})
        for each in mutants.faults(api.load(of))
    )
    return (*own, *made)


@cache
def _engine(of: str) -> Engine:
    from streamproof.mockserver.engine import Engine

    return Engine(api.load(of))
