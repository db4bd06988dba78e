"""Datastreams that many examples only read, made once in a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, combinations

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls


@dataclass(frozen=True, slots=True)
class Shelf:
    """Datastreams that share a tag of their own, some with ids of letters, some of digits.

    The ids of one kind are equally long; they were not created in their order.
    """

    tag: str
    letters: tuple[str, ...]
    digits: tuple[str, ...]

    @property
    def members(self) -> tuple[str, ...]:
        return self.letters + self.digits


def shelf(trial: Trial) -> Shelf:
    """Five streams with ids of letters and four of digits."""
    tag = trial.names.letters()
    letters = tuple(trial.names.letters() for _ in range(5))
    digits = tuple(trial.names.digits() for _ in range(4))
    in_order = letters + digits
    for i in (3, 7, 0, 8, 4, 1, 6, 2, 5):
        calls.make(trial, id=in_order[i], tags=[tag, trial.names.mark])
    calls.settle(trial)
    return Shelf(tag, letters, digits)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Datastreams by id, each with its tags: every subset of three tags, and a fourth on all.

    One id begins with another.
    """

    tags: tuple[str, str, str]
    streams: Mapping[str, frozenset[str]]

    def carrying(self, *tags: str) -> list[str]:
        """The ids of the streams that carry all of `tags`."""
        return [stream for stream, own in self.streams.items() if own.issuperset(tags)]


def tagged(trial: Trial) -> Tagged:
    """Nine streams; the first in order of id carries none of the three tags."""
    a, b, c, common = (trial.names.letters() for _ in range(4))
    subsets = chain.from_iterable(combinations((a, b, c), size) for size in range(4))
    streams = {}
    for own in subsets:
        sent = calls.make(trial, tags=[*own, common])
        streams[sent["id"]] = frozenset(sent["tags"])
    longer = calls.make(trial, id=min(streams) + "a", tags=[c, common])
    streams[longer["id"]] = frozenset(longer["tags"])
    calls.settle(trial)
    return Tagged((a, b, c), streams)
