"""A server in a thread of this process, on any free port: for tests."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING, Any

from flask import Flask
from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from streamproof.mockserver.addresses import bracketed, is_loopback
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.gateway import Gateway
from streamproof.mockserver.serve import THREADS, claim
from streamproof.mockserver.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_GRACE_S = 0.2  # for answers under way
_ENDING_S = 0.5  # for threads; one whose client never ends its request stays
# What granian configures otherwise closes all handlers of whoever uses this process.
_NO_LOG = {"incremental": True, "handlers": {}, "loggers": {}}


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A server in a thread of this process. `url` has no slash at its end."""

    url: str
    app: Flask

    def space(self, name: str) -> str:
        """The URL under which the space `name` sees the whole server."""
        return f"{self.url}/_space/{name}"

    @contextmanager
    def door(self, name: str) -> Iterator[str]:
        """A URL of its own for the space `name`, forgotten with the space at the end.

        Published clients drop the path of their endpoint, so a space needs a port to be reached.
        """

        def inside(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            environ["PATH_INFO"] = f"/_space/{name}{environ['PATH_INFO']}"
            return self.app(environ, start)

        with _in_thread(self.app, inside, "127.0.0.1", 0) as url:
            yield url
        self.store.drop(name)

    @property
    def store(self) -> Store:
        store: Store = self.app.extensions["store"]
        return store


@contextmanager
def serve_in_thread(
    config: MockConfig, host: str = "127.0.0.1", port: int = 0
) -> Iterator[RunningMock]:
    """A server for tests; with port 0 on any free one."""
    app = create_app(replace(config, loopback=config.loopback and is_loopback(host)))
    with closing(app.extensions["store"]), _in_thread(app, app, host, port) as url:
        yield RunningMock(url, app)


@contextmanager
def _in_thread(app: Flask, entrance: WSGIApplication, host: str, port: int) -> Iterator[str]:
    """The URL of a server for `app`, whose calls come in by `entrance`."""
    gateway = Gateway(
        entrance,
        lambda: app.extensions["may_wait"],
        THREADS,
        app.config["MAX_CONTENT_LENGTH"],
        app.extensions["underscored"],
    )
    with claim(host, port) as held:
        address, port = held.getsockname()[:2]
        server = Server(
            gateway,
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            websockets=False,
            log_enabled=False,
            log_dictconfig=_NO_LOG,
        )
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        thread = Thread(target=_run, args=(loop, _serve(server, stop)), daemon=True)
        others, own = _native_threads(), frozenset[str]()
        thread.start()
        try:
            _wait_for(address, port, thread)
            own = _native_threads() - others
            yield f"http://{bracketed(host)}:{port}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            gateway.close()
            _outlive(own)


def _run(loop: asyncio.AbstractEventLoop, serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serving)


async def _serve(server: Server, stop: asyncio.Event) -> None:
    serving = asyncio.create_task(server.serve())
    await stop.wait()
    server.stop()  # type: ignore[no-untyped-call]
    # it waits for whoever is in the middle of a request, and that may be for good
    await asyncio.wait([serving], timeout=_GRACE_S)


def _native_threads() -> frozenset[str]:
    """The threads of this process that aren't Python's; none where the system doesn't tell."""
    try:
        every = os.listdir("/proc/self/task")
    except OSError:
        return frozenset()
    return frozenset(every) - {str(thread.native_id) for thread in enumerate_threads()}


def _outlive(threads: frozenset[str]) -> None:
    """Wait for granian's threads: one that is there when Python ends aborts the process."""
    give_up = time.monotonic() + _ENDING_S
    while threads & _native_threads() and time.monotonic() < give_up:
        time.sleep(0.001)


def _wait_for(address: str, port: int, thread: Thread) -> None:
    """Return once the server accepts connections."""
    while thread.is_alive():
        try:
            socket.create_connection((address, port), 0.2).close()
        except OSError:
            time.sleep(0.001)
        else:
            return
    raise OSError(f"no server could be started at {address}:{port}")
