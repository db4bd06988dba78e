"""A load generator: one thread, many connections that are kept, requests that were built before.

It reads of an answer only its status and its length, so that it costs little of what it measures.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

_CHUNK = 1 << 18
_LONGEST_WAIT_S = 10.0
_END_OF_HEADERS = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class BadAnswer(Exception):
    """The server answered something else than was measured; says what."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load came to. `cpu_s` is the generator's own time of a processor."""

    answers: int
    seconds: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def share(self) -> float:
        """What the generator took of one processor."""
        return self.cpu_s / self.seconds


def size(start: bytes, statuses: Collection[bytes]) -> int | None:
    """How many bytes an answer has that begins with `start`; None while its headers go on.

    Raises `BadAnswer` for another status, and for an answer that doesn't tell its length.
    """
    end = start.find(_END_OF_HEADERS)
    if end < 0:
        return None
    if start[9:12] not in statuses:
        raise BadAnswer(start[:800].decode("latin-1"))
    if start[9:12] == b"204":
        return end + len(_END_OF_HEADERS)
    headers = start[: end + 2].lower()
    at = headers.find(_LENGTH)
    if at < 0:
        raise BadAnswer(f"no length in {headers.decode('latin-1')}")
    at += len(_LENGTH)
    return end + len(_END_OF_HEADERS) + int(headers[at : headers.index(b"\r", at)])


@dataclass(slots=True)
class _Connection:
    """One call at a time. `missing` bytes of the answer are still to come, 0 if unknown."""

    sock: socket.socket
    start: bytes = b""
    missing: int = 0

    def hear(self, statuses: Collection[bytes]) -> bool:
        """Read what has come; whether the answer is whole."""
        part = self.sock.recv(_CHUNK)
        if not part:
            raise BadAnswer("the server closed a connection")
        if not self.missing:
            if self.start:
                part = self.start + part
            length = size(part, statuses)
            if length is None:
                self.start = part
                return False
            self.missing, self.start = length, b""
        self.missing -= len(part)
        return not self.missing


def put(
    address: tuple[str, int],
    supply: Iterator[bytes],
    statuses: Collection[bytes],
    seconds: float,
    connections: int = 16,
) -> Load:
    """Send the requests of `supply`, one after the other on every connection, for `seconds`.

    Ends early when the supply does. Every request that was sent is heard out. Raises `BadAnswer`
    for an answer with none of the `statuses`.
    """
    first = list(islice(supply, connections))
    poll = select.epoll()
    open_: dict[int, _Connection] = {}
    try:
        for _ in first:
            sock = socket.create_connection(address, _LONGEST_WAIT_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            open_[sock.fileno()] = _Connection(sock)
            poll.register(sock, select.EPOLLIN)
        begun, cpu = time.perf_counter(), time.process_time()
        for each, request in zip(open_.values(), first, strict=True):
            each.sock.sendall(request)
        answers, waiting, until = 0, len(open_), begun + seconds
        while waiting:
            ready = poll.poll(_LONGEST_WAIT_S)
            if not ready:
                raise BadAnswer(f"no answer within {_LONGEST_WAIT_S:g} s")
            late = time.perf_counter() >= until
            for number, _ in ready:
                connection = open_[number]
                if not connection.hear(statuses):
                    continue
                answers += 1
                if late or not (request := next(supply, b"")):
                    waiting -= 1
                else:
                    connection.sock.sendall(request)
        return Load(answers, time.perf_counter() - begun, time.process_time() - cpu)
    finally:
        poll.close()
        for each in open_.values():
            each.sock.close()
