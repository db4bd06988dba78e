"""A WSGI application behind granian's asynchronous interface (ASGI), by one way for all.

Only there are headers, paths and queries handed over as the bytes that came, and the end of a body
that broke off is told. So whoever serves the mock gets the same answer to an odd request.

Threads that take turns at the interpreter and at one store need twice as long for the same calls.
So they run one after the other, while bodies come in and answers go out beside them. A process in
which calls wait, on purpose or for other processes, gives each a thread.
"""

from __future__ import annotations

import sys
from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from streamproof.mockserver.delivery import WIRE, Delivery, deliver

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_Answer = tuple[int, list[tuple[str, str]], bytes]
_Message = Mapping[str, Any]
_OWN_NAMES = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class _Unsound(Exception):
    """What came is no request that could be carried out; says why."""


class Gateway:
    """Serves `app`. While `may_wait()` is true, up to `threads` calls run at a time.

    Of a body of more than `largest` bytes none is kept: `app` finds it empty, and is to refuse it
    for its CONTENT_LENGTH. Headers with an underscore are dropped but for those `underscored`, in
    lower case.
    """

    def __init__(
        self,
        app: WSGIApplication,
        may_wait: Callable[[], bool],
        threads: int,
        largest: int,
        underscored: Collection[str] = (),
    ) -> None:
        self._app = app
        self._may_wait = may_wait
        self._threads = ThreadPoolExecutor(threads)
        self._largest = largest
        self._underscored = frozenset(name.encode() for name in underscored)

    def close(self) -> None:
        """End the threads, each after its call."""
        self._threads.shutdown(wait=False)

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        deliveries: list[Delivery] = []
        try:
            environ = _environ(scope, self._underscored)
            environ[WIRE] = deliveries
            await self._receive(receive, environ)
        except _Unsound as why:
            answer = _refusal(str(why))
        else:
            if self._may_wait():
                loop = get_running_loop()
                answer = await loop.run_in_executor(self._threads, self._call, environ)
            else:
                answer = self._call(environ)
        status, headers, body = answer
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        if deliveries:
            await deliver(deliveries[-1], status, raw, body, scope, send)
            return
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _receive(
        self, receive: Callable[[], Awaitable[_Message]], environ: WSGIEnvironment
    ) -> None:
        """Put the body into `environ`; nothing of one that is too large. Raises `_Unsound`."""
        chunked = environ.pop("HTTP_TRANSFER_ENCODING", None)
        parts: list[bytes] = []
        announced = int(environ.get("CONTENT_LENGTH", 0))
        if chunked or 0 < announced <= self._largest:
            length, more = 0, True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Unsound("the body ends before it is whole, or is no body")
                part, length = message["body"], length + len(message["body"])
                more = message["more_body"] if chunked else length < announced
                if length > self._largest:
                    parts.clear()
                else:
                    parts.append(part)
            environ["CONTENT_LENGTH"] = str(length)
        environ["wsgi.input"] = BytesIO(b"".join(parts))

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


def _refusal(why: str) -> _Answer:
    body = b'{"message":"%s"}' % why.encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    return 400, headers, body


def _environ(scope: Mapping[str, Any], underscored: Collection[bytes]) -> WSGIEnvironment:
    """What WSGI says of a request. Raises `_Unsound`."""
    path: bytes = scope["raw_path"]
    name, port = scope["server"]
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": name,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    _add_headers(environ, scope["headers"], underscored)
    return environ


def _add_headers(
    environ: WSGIEnvironment,
    headers: Iterable[tuple[bytes, bytes]],
    underscored: Collection[bytes],
) -> None:
    """A header that is repeated with the same value counts once; other values are joined. One with
    an underscore would take the place of another in WSGI, so it has to be known."""
    for header, raw in headers:
        if b"_" in header and header.lower() not in underscored:
            continue
        key = _key(header)
        value = raw.decode("latin-1")
        if key not in environ:
            environ[key] = value
        elif key == "HTTP_HOST":  # RFC 9112, 3.2
            raise _Unsound("Host stands more than once; send it once")
        elif value != environ[key]:
            environ[key] += f",{value}"


@lru_cache(maxsize=200)
def _key(header: bytes) -> str:
    """The name of a header in WSGI."""
    name = header.decode("latin-1")
    return _OWN_NAMES.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
