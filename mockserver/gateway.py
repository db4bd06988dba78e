"""A WSGI application at granian's asynchronous interface (RSGI), its calls in one thread.

Threads that take turns at the interpreter and at one store need twice as long for the same calls.
So they run one after the other, while bodies come in and answers go out beside them. A process in
which calls wait on purpose gives each a thread.
"""

from __future__ import annotations

import sys
from asyncio import get_running_loop
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_Answer = tuple[int, list[tuple[str, str]], bytes]
_OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class Gateway:
    """Serves `app`. While `may_wait()` is true, up to `threads` calls run at a time.

    A body that says that it has more than `largest` bytes isn't read: `app` finds none, and is to
    refuse it for its CONTENT_LENGTH.
    """

    def __init__(
        self, app: WSGIApplication, may_wait: Callable[[], bool], threads: int, largest: int
    ) -> None:
        self._app = app
        self._may_wait = may_wait
        self._threads = ThreadPoolExecutor(threads)
        self._largest = largest

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        environ = _environ(scope)
        try:
            await self._receive(protocol, environ)
        except ProtocolClosed:  # the rest of the body won't come, or is no body
            protocol.response_empty(400, [])
            return
        if self._may_wait():
            loop = get_running_loop()
            answer = await loop.run_in_executor(self._threads, self._call, environ)
        else:
            answer = self._call(environ)
        protocol.response_bytes(*answer)

    async def _receive(self, protocol: HTTPProtocol, environ: WSGIEnvironment) -> None:
        """Put the body into `environ`; nothing of one that says that it is too large."""
        body = b""
        chunked = environ.pop("HTTP_TRANSFER_ENCODING", None)
        if chunked or 0 < int(environ.get("CONTENT_LENGTH", 0)) <= self._largest:
            body = await protocol()
            environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)

    def _call(self, environ: WSGIEnvironment) -> _Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
            started.append((status, headers))

        parts = self._app(environ, start)
        try:
            body = b"".join(parts)
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()
        status, headers = started[-1]  # of several the last counts: an error began anew
        return int(status[:3]), headers, body


def _environ(scope: Scope) -> WSGIEnvironment:
    """What WSGI says of a request."""
    name, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _bytes(scope.path),
        "QUERY_STRING": _bytes(scope.query_string),
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for header, value in scope.headers.items():
        key = _key(header)
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@lru_cache(maxsize=200)
def _key(header: str) -> str:
    return _OWN_NAMES.get(header) or f"HTTP_{header.upper().replace('-', '_')}"


def _bytes(text: str) -> str:
    """Text as WSGI has it: each byte of UTF-8 as a character."""
    return text if text.isascii() else text.encode().decode("latin-1")
