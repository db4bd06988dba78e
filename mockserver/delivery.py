"""How an answer goes over the wire, where that isn't at once and whole."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import struct
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Literal

WIRE: Final = "streamproof.wire"
"""In the environ of a request that came over a connection: where its `Delivery` is put."""

NO_WIRE: Final = (
    "this fault breaks a connection, and an application in process has none; serve it, with "
    "`streamproof mock` or `streamproof.mock()`"
)
_LOOKS: Final = 1_000
_BETWEEN_LOOKS_S: Final = 0.005
_RESET: Final = struct.pack("ii", 1, 0)  # linger, for no time: to close is to reset
_Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is done to an answer on its way.

    It starts after `wait_s`, and goes on with `at_once` bytes of the body (0 is all) every
    `pause_s`. Of ``half`` the head and the first half of the body are sent, of ``nothing`` not even
    the head; then the connection ends, and where it `resets` it is reset.
    """

    wait_s: float = 0.0
    at_once: int = 0
    pause_s: float = 0.0
    sent: Literal["all", "half", "nothing"] = "all"
    resets: bool = False

    @property
    def breaks_off(self) -> bool:
        """Whether it takes a connection to be seen."""
        return self.sent != "all"

    def wait(self, length: int) -> None:
        """Take as long as the whole delivery of a body of `length` bytes, where nothing is sent."""
        pauses = max(0, -(-length // self.at_once) - 1) if self.at_once else 0
        time.sleep(self.wait_s + pauses * self.pause_s)


async def deliver(
    how: Delivery,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    scope: Mapping[str, Any],
    send: Callable[[_Message], Awaitable[None]],
) -> None:
    """Send an answer by ASGI as `how` says. Of an empty body no half can be sent, so nothing is."""
    await asyncio.sleep(how.wait_s)
    sent = "nothing" if how.sent == "half" and len(body) < 2 else how.sent
    if sent == "nothing":
        await _hang_up(scope, how.resets)
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    end = len(body) if sent == "all" else len(body) // 2
    step = how.at_once or end or 1
    for at in range(0, end, step):
        if at:
            await asyncio.sleep(how.pause_s)
        part = {"type": "http.response.body", "body": body[at : min(at + step, end)]}
        await send({**part, "more_body": True})
    if sent == "all":
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    elif how.resets:
        _linger_not(scope)
    # what granian has of a body that is not ended it sends, and closes the connection


async def _hang_up(scope: Mapping[str, Any], resets: bool) -> None:
    """Let granian believe that the client has gone, and wait until it has closed the connection:
    whoever returns earlier makes it answer."""
    connection = _connection(scope)
    if connection is None:
        return
    with connection, suppress(OSError):  # it may have gone indeed
        if resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        connection.shutdown(socket.SHUT_RD)
    for _ in range(_LOOKS):
        await asyncio.sleep(_BETWEEN_LOOKS_S)
        still = _connection(scope)
        if still is None:
            return
        still.close()


def _linger_not(scope: Mapping[str, Any]) -> None:
    connection = _connection(scope)
    if connection is not None:
        with connection, suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _connection(scope: Mapping[str, Any]) -> socket.socket | None:
    """A further handle of the socket by which a request came; granian gives none away."""
    host, port = scope["client"]  # its "server" is what a Host header says
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):  # what is closed meanwhile
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                connection = socket.fromfd(int(name), socket.AF_INET, socket.SOCK_STREAM)
                if _peer(connection) == (host, int(port)):
                    return connection
                connection.close()
    return None


def _peer(connection: socket.socket) -> object:
    try:
        return connection.getpeername()[:2]
    except OSError:  # one that listens
        return None
