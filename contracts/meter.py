"""What a run may spend on a target, and when it has to end: shared by all its clients."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf

from streamproof.contracts.stop import IN_FLIGHT_S, Stop
from streamproof.contracts.strands import current
from streamproof.contracts.turns import Turns

_SILENT_IN_A_ROW = 5  # requests without an answer that end a run
_WINDOW = 50  # the latest requests, of which no more than so many may be without an answer
_SILENT_OF_WINDOW = 20
_LONGEST_WAITING_S = 45.0  # for answers that never came, where that is half of all the time
_LONGEST_PAUSE_S = 120.0  # that a target is granted without a budget that it may use up
_NAP_S = 0.1  # how long a pause may be deaf


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
    """Counts requests, accepted ones, and silences. Safe for several threads.

    Of the `accepted` ones `shown` had something of the API in their answer. `stops` is how often
    the run has to be told to end before nothing more is sent, `jobs` how many requests go side by
    side as a rule; in `turns` they go, or a race alone.
    """

    limits: Limits = Limits()
    stop: Stop = field(default_factory=Stop)
    stops: int = 1
    jobs: int = 1
    turns: Turns = field(default_factory=Turns, repr=False)
    requests: int = 0
    accepted: int = 0
    shown: int = 0
    answered: int = 0
    _silent: int = 0  # in a row
    _latest: deque[bool] = field(default_factory=lambda: deque(maxlen=_WINDOW))
    _waited_s: float = 0.0  # for answers that never came
    _trouble: str = ""
    _next_slot: float = 0.0
    _held_until: float = 0.0  # the target asked for a pause
    _begun: float = field(default_factory=lambda: time.monotonic())
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def admit(self, count: int = 1) -> None:
        """Count requests that go at once, and wait for their turn.

        In no second do more go than the rate says: before `count` at once there is as much time
        as that many take, and after them as well. Raises `RunEnded` if they may not be sent.
        """
        with self._lock:
            limits, now = self.limits, time.monotonic()
            self._go_on(now)
            if limits.max_requests is not None and self.requests + count > limits.max_requests:
                raise RunEnded(f"the limit of {limits.max_requests} requests is used up")
            turn = max(now, self._held_until)
            if limits.rate is not None:
                turn = max(turn, self._next_slot + (count - 1) / limits.rate)
                self._next_slot = turn + count / limits.rate
            self._count(count)
        self.pause(turn - now)
        with self._lock:
            try:
                self._go_on(time.monotonic())
            except RunEnded:
                self._count(-count)
                raise

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A request that is admitted goes inside the block, while no race does."""
        with self.turns.together():
            self.admit()
            yield

    @contextmanager
    def race(self, count: int) -> Iterator[None]:
        """So many requests go at once inside the block, and nothing beside them."""
        with self.turns.alone():
            self.admit(count)
            yield

    def _count(self, requests: int) -> None:
        self.requests += requests
        strand = current()
        if strand is not None:
            strand.requests += requests

    @property
    def spent(self) -> int:
        """The requests so far of the strand that this thread is at."""
        strand = current()
        return self.requests if strand is None else strand.requests

    def _go_on(self, now: float) -> None:
        """Raise `RunEnded` where the run is over for another reason than its requests."""
        deadline = self.limits.deadline
        if self.stop.count >= self.stops:
            raise RunEnded("interrupted")
        if self._silent >= _SILENT_IN_A_ROW:
            raise RunEnded(f"the target does not answer ({self._trouble})")
        if self._latest.count(False) >= _SILENT_OF_WINDOW:
            raise RunEnded(
                f"the target answers too seldom: of the last {len(self._latest)} requests"
                f" {self._latest.count(False)} got no answer ({self._trouble})"
            )
        if self._waited_s > max(_LONGEST_WAITING_S, (now - self._begun) / 2):
            raise RunEnded(
                f"the target hangs: {self._waited_s:.0f} s of {now - self._begun:.0f} s went by"
                f" with waiting for answers that never came ({self._trouble})"
            )
        if deadline is not None and now >= deadline:
            if self._trouble and not self.answered:
                raise RunEnded(f"the target does not answer ({self._trouble})")
            raise RunEnded("the time budget is used up")
        pause = self._held_until - now
        if deadline is not None and self._held_until > deadline:
            raise RunEnded(f"the target asks for a pause of {pause:.0f} s, longer than is left")
        if deadline is None and pause > _LONGEST_PAUSE_S:
            raise RunEnded(f"the target asks for a pause of {pause:.0f} s; --budget grants it")

    def horizon(self) -> float:
        """The `time.monotonic()` instant up to which a request that is under way may go on."""
        end = inf if self.limits.deadline is None else self.limits.deadline
        return min(end, self.stop.at + IN_FLIGHT_S) if self.stop.count >= self.stops else end

    def granted(self, *, shows: bool = True) -> None:
        """Note that the target accepted a call; whether its answer `shows` anything of the API."""
        with self._lock:
            self.accepted += 1
            self.shown += shows

    def heard(self, trouble: str | None, waited_s: float = 0.0, *, spoke: bool = False) -> None:
        """Note that a request was answered, or what kept it from being: `trouble`.

        `waited_s` is what that took; `spoke` says that somebody answered nevertheless.
        """
        with self._lock:
            self._silent = 0 if trouble is None else self._silent + 1
            self.answered += trouble is None or spoke
            self._latest.append(trouble is None or spoke)
            self._trouble = trouble or self._trouble
            if trouble is not None and not spoke:
                self._waited_s += waited_s / self.jobs

    def hold(self, seconds: float) -> None:
        """Send nothing for some time: the target asked for it."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def pause(self, seconds: float) -> None:
        """Sleep, but not past the deadline, nor when told to end."""
        end = time.monotonic() + seconds
        if self.limits.deadline is not None:
            end = min(end, self.limits.deadline)
        while (left := end - time.monotonic()) > 0 and self.stop.count < self.stops:
            time.sleep(min(left, _NAP_S))

    def abreast(self, many: int) -> int:
        """How many requests may go at once where `many` would: as many as the rate takes in a
        second, and two at least."""
        rate = self.limits.rate
        return many if rate is None else max(2, min(many, int(rate)))

    def for_clean_up(self, deadline: float | None = None) -> None:
        """Begin anew, with rate and deadline as the only limits: what was made has to be removed.

        It ends when the run is told to end once more, and at least for the second time.
        """
        with self._lock:
            self.limits = replace(self.limits, max_requests=None, deadline=deadline)
            self.stops = 2
            self.listen_anew()

    def listen_anew(self) -> None:
        """Forget the silences so far."""
        self._silent, self._waited_s, self._begun = 0, 0.0, time.monotonic()
        self._latest.clear()
