"""A server in a thread of this process, on any free port: for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from streamproof.mockserver.addresses import bracketed, is_loopback
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


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

        with _in_thread(inside, "127.0.0.1", 0) as url:
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
    with closing(app.extensions["store"]), _in_thread(app, host, port) as url:
        yield RunningMock(url, app)


@contextmanager
def _in_thread(app: WSGIApplication, host: str, port: int) -> Iterator[str]:
    server = make_server(host, port, app, threaded=True, request_handler=_Quiet)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield f"http://{bracketed(host)}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(WSGIRequestHandler):
    """Writes nothing to the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        pass
