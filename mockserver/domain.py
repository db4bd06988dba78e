"""What the folder of an API gives to the server, besides its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from streamproof.specs.homes import home

if TYPE_CHECKING:  # the command that only starts a worker has no use for a data base
    from sqlalchemy import Connection, MetaData

    from streamproof.mockserver.call import Answer, Call
    from streamproof.mockserver.context import Context
    from streamproof.mockserver.faults import Fault
    from streamproof.mockserver.parsing import Unreadable
    from streamproof.mockserver.problems import Rejected
    from streamproof.specs.dialect import Dialect

Perform = Callable[["Context", Mapping[str, Any]], "Answer"]


class Domain(Protocol):
    """The module ``mockserver/<api>/operations.py``: what a specification can't say.

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
def load(api: str) -> Domain:
    """The domain of an API, found by its name."""
    return cast("Domain", import_module(f"streamproof.mockserver.{api}.operations"))


@cache
def metadata(api: str) -> MetaData:
    """The tables of an API, found by its name."""
    return cast("MetaData", import_module(f"streamproof.mockserver.{api}.tables").metadata)


@cache
def faults(api: str) -> tuple[Fault, ...]:
    """The faults of an API, by its name or folder; none where it has none."""
    module = home(api).part("mockserver", "faults")
    return () if module is None else cast("tuple[Fault, ...]", module.FAULTS)
