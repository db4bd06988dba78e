"""Connections of urllib3 that are told of by a watchdog, and that read all that an answer is."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from http import HTTPStatus
from threading import Thread
from typing import Any

import urllib3

from streamproof.contracts.watchdog import Guard
from streamproof.contracts.wire import length

_CHUNK = 65536
_SLICE_S = 0.05  # how long a connection that is being made is deaf
_STRAY_S = 0.005  # for a body that may stand behind an answer that has none
_ANNOUNCED_S = 0.05  # and for one whose length the answer's head tells
_CHUNKED_S = 1.0  # and for one that comes in chunks, as the head tells
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class _Guarded(threading.local):
    guard: Guard | None = None
    stray: bytes = b""  # what came behind an answer that has no body


here = _Guarded()  # the exchange that this thread is at


class _Watched:
    """Tells the watchdog which socket is spoken through, from the first handshake on."""

    def connect(self) -> None:
        guard = here.guard
        try:
            super().connect()  # type: ignore[misc]
        finally:
            if guard is not None and guard.sock is not None:
                handle, guard.sock = guard.sock, getattr(self, "sock", None)
                handle.close()

    def _new_conn(self) -> socket.socket:
        """A connection, unless the time is up before there is one. Names are looked up, and
        connections made, where nothing cuts them short; so another thread waits for that."""
        guard = here.guard
        make: Callable[[], socket.socket] = super()._new_conn  # type: ignore[misc]
        if guard is None:
            return make()
        made: Future[socket.socket] = Future()
        Thread(target=_keep, args=(make, made), daemon=True).start()
        while not made.done():
            wait([made], _SLICE_S)
            if guard.cut:
                made.add_done_callback(_leave)
                raise urllib3.exceptions.ConnectTimeoutError("the time is up")
        sock = made.result()
        guard.sock = sock.dup()  # TLS takes the socket itself away from whoever holds it
        return sock

    def getresponse(self) -> Any:
        if here.guard is not None:
            here.guard.sock = getattr(self, "sock", None)
        return super().getresponse()  # type: ignore[misc]


def _keep(make: Callable[[], socket.socket], made: Future[socket.socket]) -> None:
    try:
        made.set_result(make())
    except BaseException as fault:
        made.set_exception(fault)


def _leave(made: Future[socket.socket]) -> None:
    """Close a connection that nobody waits for any more."""
    if made.exception() is None:
        made.result().close()


class _Final(http.client.HTTPResponse):
    """Passes over all interim answers, as http.client itself does over a 100 only (RFC 9110,
    15.2), and sees a body behind a 204 or 304, which have none (6.4.1).

    Where such a body ends nobody can tell, so the connection is closed.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._sock = sock

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            told: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.SWITCHING_PROTOCOLS < told[1] < HTTPStatus.OK:
                return told
            http.client.parse_headers(self.fp)

    def begin(self) -> None:
        super().begin()
        if self.status in _BODILESS:
            self.chunked, self.length = False, 0
            here.stray = self._stray()
            self.will_close = True

    def _stray(self) -> bytes:
        """The beginning of what comes behind the head, if it comes soon; blank lines don't count,
        nor does the end of a chunked body."""
        chunked = "Transfer-Encoding" in self.headers
        announced = chunked or length(self.headers)
        self._sock.settimeout(_CHUNKED_S if chunked else _ANNOUNCED_S if announced else _STRAY_S)
        try:
            found: bytes = self.fp.read1(_CHUNK).strip(b"\r\n")
        except (OSError, ValueError):  # nothing came
            return b""
        return b"" if chunked and found == b"0" else found


class Http(_Watched, urllib3.connection.HTTPConnection):
    response_class = _Final


class Https(_Watched, urllib3.connection.HTTPSConnection):
    response_class = _Final
