"""What an operation and a fault know besides the call."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver.store import Space, Store
from streamproof.mockserver.timepiece import Clock
from streamproof.specs.api import Api
from streamproof.specs.dialect import Dialect
from streamproof.specs.operation import Operation


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """The surroundings of one call to one API.

    `fixtures` are the API's, with the user's seed data in place; `now` tells the time in UTC;
    `loopback` is true while the server can't be reached from another machine. `base_url` and
    `variables` are the request's, empty where there is no `operation`. `touched` names the faults
    that changed the call or its answer.
    """

    api: Api
    dialect: Dialect
    fixtures: Mapping[str, Any]
    store: Store
    space: Space
    now: Clock
    race_window_ms: float
    loopback: bool
    base_url: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    operation: Operation | None = None
    touched: list[str] = field(default_factory=list)

    def transaction(self) -> AbstractContextManager[Connection]:
        """A connection for one transaction: committed at the end, undone by an exception."""
        return self.store.transaction(self.space.name)

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read one state with, whatever is written meanwhile."""
        return self.store.reading(self.space.name)

    def race_window(self) -> None:
        """Wait as long as two racing calls need to meet."""
        time.sleep(self.race_window_ms / 1000)
