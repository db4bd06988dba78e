"""Servers in a few lines, on real sockets."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

PEM = str(Path(__file__).parent / "localhost.pem")
"""A key and its certificate, signed by itself, for 127.0.0.1 and localhost."""


class Asked(BaseHTTPRequestHandler):
    body = b""


Respond = Callable[[Asked], tuple[int, dict[str, str], bytes]]


@contextmanager
def serving(respond: Respond, *, tls: bool = False) -> Iterator[str]:
    """A server that answers by a function of the request; gives host and port."""

    class Handler(Asked):
        protocol_version = "HTTP/1.1"

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(time() + (timestamp or 0), usegmt=True)

        def _answer(self) -> None:
            self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, body = respond(self)
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that finds no handshake goes away."""

    server = Quiet(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Shelf:
    """A Dotide that keeps streams and answers every list, and every read of what isn't there, as
    it answers a stranger: like a server with the wrong credentials, but for what it creates.

    Calls by the method `without` are refused."""

    def __init__(self, without: str = "") -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.without = without

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        key = asked.path.partition("?")[0].rpartition("/")[2]
        if asked.command == self.without:
            return 403, {}, b'{"message": "Forbidden"}'
        if asked.command == "POST":
            made = json.loads(asked.body)
            self.held[made["id"]] = made
            return 201, {"Content-Type": "application/json"}, json.dumps(made).encode()
        if key not in self.held:
            return 404, {}, b'{"message": "Not Found"}'
        if asked.command == "DELETE":
            del self.held[key]
            return 204, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(self.held[key]).encode()


class OpenShelf(Shelf):
    """One that lists, nothing though, for everyone."""

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.command == "GET" and "/datastreams/" not in asked.path:
            return 200, {"Content-Type": "application/json"}, b"[]"
        return super().__call__(asked)
