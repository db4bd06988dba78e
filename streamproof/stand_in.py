"""A mock in this process that stands in for a target: with its fixtures, in any dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from streamproof.config import TargetConfig
from streamproof.contracts.run import Target
from streamproof.contracts.transport import WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import base_urls
from streamproof.specs.dialect import Value


@contextmanager
def stand_in(target: TargetConfig, dialect: Mapping[str, Value] | None = None) -> Iterator[Target]:
    """A mock that holds the target's fixtures, for the time of the block."""
    api = target.api
    mine = {**api.fixtures, **target.fixtures}
    dialects = {api.name: dialect or {}}
    app = create_app(MockConfig((api.home.key,), fixtures={api.name: mine}, dialects=dialects))
    try:
        yield Target(
            api,
            WsgiTransport(app, base_urls(api, "http://stand-in", mine)[0]),
            mine["credentials"],
            target.fixtures,
            target.lacks,
        )
    finally:
        app.extensions["store"].close()
