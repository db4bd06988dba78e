"""Connections of urllib3 that are told of by a watchdog, and that read all that an answer is."""

from __future__ import annotations

import http.client
import socket
import threading
from http import HTTPStatus
from typing import Any

import urllib3

from streamproof.contracts.watchdog import Guard
from streamproof.contracts.wire import length

_CHUNK = 65536
_STRAY_S = 0.005  # for a body that may stand behind an answer that has none
_ANNOUNCED_S = 0.05  # and for one whose length the answer's head tells
_CHUNKED_S = 1.0  # and for one that comes in chunks, as the head tells
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class _Guarded(threading.local):
    guard: Guard | None = None
    stray: bytes = b""  # what came behind an answer that has no body


here = _Guarded()  # the exchange that this thread is at


class _Watched:
    """Tells the watchdog which socket an answer is read from."""

    def getresponse(self) -> Any:
        if here.guard is not None:
            here.guard.sock = getattr(self, "sock", None)
        return super().getresponse()  # type: ignore[misc]


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
