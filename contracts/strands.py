"""Strands: what a run does side by side, each with steps, numbers and an account of its own.

A strand is a check, or something that several checks share and that the first of them makes. What
it is given follows from what it is, never from who came first: so a seed and a run id settle the
requests of every check, however many go side by side.

The strand that a thread is at stands in a context variable. Were it handed on from call to call,
whatever outlives a check (a client, what was learnt, what is shared) would have to be told of it
with each use, and what forgot to would mix up two checks without anybody's noticing.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zlib import crc32

from streamproof.contracts.abreast import NotBeside

if TYPE_CHECKING:
    from streamproof.contracts.check import Mismatch
    from streamproof.contracts.finding import Finding
    from streamproof.contracts.wire import Outcome

SHARED: Final = 512  # places of what is shared; those of checks come behind
MAIN: Final = SHARED  # the place of whatever is no strand
_MANY: Final = 1000  # checks, where nobody says how many there are


@dataclass(slots=True, eq=False)
class Strand:
    """One of them. `place` tells which numbers are its own, `requests` what it spent without what
    it `used`, which others share. `findings` are what it saw of rules, `elsewhere` the mismatches
    that break another rule than its own, with the steps that led there. `since` is the first of
    its `steps` that is its own, `packed` how many octets of answers they hold. It may go `beside`
    others."""

    place: int = MAIN
    beside: bool = False
    steps: list[Outcome] = field(default_factory=list)
    since: int = 0
    requests: int = 0
    packed: int = 0
    used: dict[Strand, None] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)
    elsewhere: list[tuple[Mismatch, Sequence[Outcome]]] = field(default_factory=list)

    def join(self, part: Strand) -> None:
        """Take what a part of it, now done, spent and saw for its own."""
        self.requests += part.requests
        self.used |= part.used
        self.elsewhere += part.elsewhere
        for rule, found in part.findings.items():
            if rule in self.findings:
                self.findings[rule].add(found)
            else:
                self.findings[rule] = found

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread does inside the block is this strand's."""
        before = _current.set(self)
        try:
            yield
        finally:
            _current.reset(before)


_current: ContextVar[Strand | None] = ContextVar("strand", default=None)


def current() -> Strand | None:
    """The strand that this thread is at."""
    return _current.get()


def alone() -> None:
    """Go on only where no other strand goes beside this one. Raises `NotBeside`."""
    strand = current()
    if strand is not None and strand.beside:
        raise NotBeside


class Places:
    """Which place has what is shared: by its name, so that the order of its making is all one.

    Of two whose names meet the later one goes on to the next.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._whose: dict[int, Hashable] = {}

    def of(self, thing: Hashable, name: str) -> int:
        place = crc32(name.encode()) % SHARED
        with self._lock:
            while self._whose.setdefault(place, thing) != thing:
                place = (place + 1) % SHARED
        return place


class Allotment:
    """Numbers from 0 on, each given once: to a strand its own, rising, whatever others take.

    What is shared has `room` for so many each; should one take more, the rest comes in the order
    of asking. Behind that each of `strands` checks has every so many-th `block` of numbers.
    """

    def __init__(self, strands: int = _MANY, *, room: int, block: int) -> None:
        self._strands, self._room, self._block = strands, room, block
        self._taken: dict[int, int] = {}
        self._lock = threading.Lock()

    def take(self, count: int = 1) -> int:
        """The first of `count` new numbers in a row, no more than a block holds."""
        strand = current()
        with self._lock:
            return self._take(MAIN if strand is None else strand.place, count)

    def _take(self, place: int, count: int) -> int:
        taken = self._taken.get(place, 0)
        if place < SHARED:
            if taken + count > self._room:
                return self._take(SHARED + self._strands, count)
            self._taken[place] = taken + count
            return place * self._room + taken
        row, within = divmod(taken, self._block)
        if within + count > self._block:
            row, within = row + 1, 0
        self._taken[place] = row * self._block + within + count
        first = row * (self._strands + 1) + place - SHARED
        return SHARED * self._room + first * self._block + within
