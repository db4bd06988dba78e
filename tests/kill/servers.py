"""The rows of the matrix: servers that keep every rule, that do nothing, and that break one."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from flask import Flask

from streamproof.contracts.transport import HttpTransport, Transport, WsgiApp, WsgiTransport
from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import Fault, switch_on
from streamproof.mockserver.store import DEFAULT_SPACE, Store
from streamproof.served import Served
from streamproof.specs import api
from streamproof.specs.api import Api
from streamproof.specs.dialect import Value

ROOT = "http://localhost"
_HANG_S = 0.1  # how long the suite waits for a server that never answers


class Kind(Enum):
    """What is expected of a row; the value heads its part of the page."""

    GOOD = "the good mock"
    DIALECT = "the good mock in another dialect"
    NULL = "a server that does nothing"
    FAULT = "the mock with a fault"


@dataclass(frozen=True, slots=True)
class Server:
    """One row: a server of one API, told by the key of its home. Plain data, so that another
    process can start it."""

    kind: Kind
    api: str
    name: str
    dialect: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @contextmanager
    def started(self) -> Iterator[tuple[Transport, Callable[[], None]]]:
        """The way to the server, and what takes it back to its start."""
        spec = api.load(self.api)
        url = Served.at(ROOT, spec, spec.fixtures).url
        if self.kind is not Kind.NULL:
            app = _mock(self.api, tuple(self.dialect.items()))
            store: Store = app.extensions["store"]

            def restart() -> None:
                store.reset(DEFAULT_SPACE)
                faults = (fault_of(self),) if self.kind is Kind.FAULT else ()
                switch_on(store.space(DEFAULT_SPACE), faults)

            yield WsgiTransport(app, url), restart
        elif self.name == HANGS:
            with socket.create_server(("127.0.0.1", 0)) as deaf:
                here = f"http://127.0.0.1:{deaf.getsockname()[1]}"
                yield HttpTransport(url.replace(ROOT, here), timeout_s=_HANG_S), lambda: None
        else:
            yield WsgiTransport(NULL[self.name](), url), lambda: None


@lru_cache(maxsize=2)  # to build one takes longer than many a row
def _mock(key: str, dialect: tuple[tuple[str, Value], ...]) -> Flask:
    return create_app(MockConfig((key,), {api.load(key).name: dict(dialect)}))


def good(spec: Api) -> Server:
    return Server(Kind.GOOD, spec.home.key, "default dialect")


def dialects(spec: Api, combined: int) -> Iterator[Server]:
    """The good mock with every other choice at every silent point, and `combined` times with
    choices at all points drawn together."""
    points = [point for point in spec.dialect.points.values() if point.mock]
    for point in points:
        seen = point.visible_when or {}
        for choice in point.choices:
            if choice.value != point.default:
                name = f"{point.name}: {choice.value}"
                yield Server(Kind.DIALECT, spec.home.key, name, {**seen, point.name: choice.value})
    for seed in range(1, combined + 1):
        drawn = random.Random(f"{spec.name}:{seed}")
        chosen = {p.name: drawn.choice(p.choices).value for p in points}
        yield Server(Kind.DIALECT, spec.home.key, f"all points drawn, seed {seed}", chosen)


def nulls(spec: Api) -> Iterator[Server]:
    for name in (*NULL, HANGS):
        yield Server(Kind.NULL, spec.home.key, name)


def faulty(spec: Api) -> Iterator[Server]:
    for fault in domain.faults(spec.home.key):
        yield Server(Kind.FAULT, spec.home.key, fault.name)


def fault_of(server: Server) -> Fault:
    return next(f for f in domain.faults(server.api) if f.name == server.name)


def always(status: str, body: bytes, media_type: str = "application/json") -> WsgiApp:
    """Answers everything alike."""

    def app(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(status, [("Content-Type", media_type), ("Location", "/datastreams/a")])
        return [body]

    return app


def echo() -> WsgiApp:
    """Gives back what it gets, and keeps nothing."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [("Content-Type", environ.get("CONTENT_TYPE", "application/json"))])
        return [environ["wsgi.input"].read()]

    return app


def accept_and_forget() -> WsgiApp:
    """Says yes to all that brings a body, and finds nothing."""

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        brought = environ["REQUEST_METHOD"] in ("POST", "PUT", "DELETE")
        start("201 Created" if brought else "404 Not Found", [("Content-Type", "application/json")])
        return [body if body.startswith(b"{") else b'{"code": 0, "data": {}}']

    return app


HANGS = "hangs"
NULL: Mapping[str, Callable[[], WsgiApp]] = {
    "always 500": lambda: always("500 Oops", b'{"message": "oops"}'),
    "always 404": lambda: always("404 Not Found", b'{"message": "not found"}'),
    "200 {}": lambda: always("200 OK", b"{}"),
    "200 []": lambda: always("200 OK", b"[]"),
    "echo": echo,
    "accepts and forgets": accept_and_forget,
    "login page": lambda: always("200 OK", b"<html>Log in</html>", "text/html"),
}
