"""The total deadline of an answer: a socket whose time is up is shut, whatever it is doing.

A timeout of a socket is for one read: a server that sends a byte now and then, in a header or
between chunks, never meets it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf

_TICK_S = 0.05


@dataclass(slots=True, eq=False)
class Guard:
    """One exchange under watch. `sock` is what to shut, `cut` tells that its time was up."""

    deadline: float
    sock: socket.socket | None = None
    cut: bool = False


class Watchdog:
    """Watches any number of exchanges with one thread, which sleeps while there are none.

    `horizon()` is an instant that none of them may go beyond, whenever it began.
    """

    def __init__(self) -> None:
        self.horizon: Callable[[], float] = lambda: inf
        self._guards: set[Guard] = set()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None

    @contextmanager
    def guard(self, seconds: float) -> Iterator[Guard]:
        """Watch what happens inside the block, for at most `seconds`."""
        guard = Guard(time.monotonic() + seconds)
        with self._wake:
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            if not self._guards:
                self._wake.notify()
            self._guards.add(guard)
        try:
            yield guard
        finally:
            with self._wake:
                self._guards.discard(guard)

    def _watch(self) -> None:
        while True:
            with self._wake:
                if not self._guards:
                    self._wake.wait()
                now, horizon = time.monotonic(), self.horizon()
                for guard in self._guards:
                    if now > min(guard.deadline, horizon):
                        guard.cut = True
                        if guard.sock is None:
                            continue  # whoever makes the connection sees that it is cut
                        with suppress(OSError):  # closed by itself in the meantime
                            # not SSLSocket's own: it takes the cipher from under the reader
                            socket.socket.shutdown(guard.sock, socket.SHUT_RDWR)
            time.sleep(_TICK_S)
