"""The data base whose turn it is, and mocks that keep their state in it.

A test that is for every kind of data base asks for the fixture `database`. All tests share one of
each kind: each mock has a space of its own there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from flask import Flask

from streamproof.mockserver import app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.context import system_clock
from streamproof.mockserver.database import Database
from streamproof.mockserver.timepiece import Clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_turns: list[Database] = []
_spaces = (f"test-{os.getpid()}-{number}" for number in count(1))


@contextmanager
def turn_of(database: Database) -> Iterator[None]:
    """Let the mocks that are made meanwhile keep their state in `database`."""
    _turns.append(database)
    try:
        yield
    finally:
        _turns.pop()


def create_app(config: MockConfig, clock: Clock = system_clock) -> Flask:
    """A mock in a space of its own of the data base whose turn it is; else in memory."""
    if not _turns:
        return app.create_app(config, clock)
    made, space = app.create_app(config, clock, _turns[-1]), next(_spaces)
    outside = made.wsgi_app

    def inside(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ[app.SPACE] = space
        return outside(environ, start)

    made.wsgi_app = inside  # type: ignore[method-assign, assignment]
    return made
