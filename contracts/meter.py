"""What a run may spend on a target, and when it has to end: shared by all its clients."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

_SILENT_IN_A_ROW = 5  # requests without an answer that end a run


class RunEnded(Exception):
    """Nothing more may be sent: the target is gone, or the run's limits are used up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`deadline` is a `time.monotonic()` instant, `rate` is in requests per second."""

    max_requests: int | None = None
    deadline: float | None = None
    rate: float | None = None


@dataclass(slots=True)
class Meter:
    """Counts requests, accepted ones, and silences. Safe for several threads."""

    limits: Limits = Limits()
    requests: int = 0
    accepted: int = 0
    _silent: int = 0
    _trouble: str = ""
    _next_slot: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def admit(self) -> None:
        """Count a request and wait for its turn. Raises `RunEnded` if it may not be sent."""
        with self._lock:
            limits, now = self.limits, time.monotonic()
            if self._silent >= _SILENT_IN_A_ROW:
                raise RunEnded(f"the target does not answer ({self._trouble})")
            if limits.max_requests is not None and self.requests >= limits.max_requests:
                raise RunEnded(f"the limit of {limits.max_requests} requests is used up")
            if limits.deadline is not None and now >= limits.deadline:
                raise RunEnded("the time budget is used up")
            self.requests += 1
            wait = 0.0
            if limits.rate is not None:
                wait = max(0.0, self._next_slot - now)
                self._next_slot = max(now, self._next_slot) + 1 / limits.rate
        self.pause(wait)

    def granted(self) -> None:
        """Note that the target accepted a call."""
        with self._lock:
            self.accepted += 1

    def heard(self, trouble: str | None) -> None:
        """Note that a request was answered, or what kept it from being: `trouble`."""
        with self._lock:
            self._silent = 0 if trouble is None else self._silent + 1
            self._trouble = trouble or ""

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the deadline."""
        if self.limits.deadline is not None:
            seconds = min(seconds, self.limits.deadline - time.monotonic())
        if seconds > 0:
            time.sleep(seconds)

    def for_clean_up(self) -> None:
        """Begin anew, with the rate as the only limit: what was made has to be removed."""
        with self._lock:
            self.limits, self._silent = Limits(rate=self.limits.rate), 0
