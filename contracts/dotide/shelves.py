"""Datastreams that many examples only read: made once in a run, or found where nothing may be
written (`found`)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Final

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls
from streamproof.contracts.dotide.found import found, several

_FEW: Final = 3  # found datastreams, of which some are asked for and one is not
_RUNS: Final = re.compile("[0-9]+|[a-z]")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Datastreams that are listed by `query`, and no others are.

    In each of `comparable` stand ids whose order is settled; they were not created in that order.
    """

    query: calls.Filters
    members: tuple[str, ...]
    comparable: Sequence[Collection[str]]


def shelf(trial: Trial) -> Shelf:
    """Five streams with ids of letters and four of digits, with a tag of their own."""
    if trial.reads_only:
        ids = tuple(several(trial, 2))
        listed = calls.ids(calls.listed(trial, ids, ids=list(ids)))
        trial.require({*listed} <= {*ids}, "a list by ids that holds no others")
        pairs = [pair for pair in combinations(sorted(ids), 2) if order_is_settled(*pair)]
        return Shelf({"ids": list(ids)}, ids, pairs)
    tag = trial.names.letters()
    letters = tuple(trial.names.letters() for _ in range(5))
    digits = tuple(trial.names.digits() for _ in range(4))
    in_order = letters + digits
    for i in (3, 7, 0, 8, 4, 1, 6, 2, 5):
        calls.make(trial, id=in_order[i], tags=[tag, trial.names.mark])
    calls.settle(trial)
    return Shelf({"tags": [tag]}, in_order, (letters, digits))


def order_is_settled(one: str, other: str) -> bool:
    """Whether any alphabet and any collation orders two ids alike: where they first differ there
    are two letters, or two numbers of as many digits."""
    if not all(re.fullmatch("[a-z0-9]+", stream) for stream in (one, other)):
        return False
    pairs = zip(_RUNS.findall(one), _RUNS.findall(other), strict=False)
    first, second = next((pair for pair in pairs if pair[0] != pair[1]), ("", ""))
    return first != "" and len(first) == len(second) and first.isdigit() == second.isdigit()


@dataclass(frozen=True, slots=True)
class Tagged:
    """Datastreams by id, each with its tags; of `tags`, each is on some and not on all of them.

    `whole` is false where streams beside them may carry the tags.
    """

    tags: tuple[str, ...]
    streams: Mapping[str, frozenset[str]]
    whole: bool = True

    def carrying(self, *tags: str) -> list[str]:
        """The ids of the streams that carry all of `tags`."""
        return [stream for stream, own in self.streams.items() if own.issuperset(tags)]

    def judged(self, listed: Sequence[str]) -> list[str]:
        """What of a list by tags can be judged."""
        return [stream for stream in listed if self.whole or stream in self.streams]


def tagged(trial: Trial) -> Tagged:
    """Every subset of three tags, and a fourth on all of nine streams; the first in order of id
    carries none of the three, and one id begins with another."""
    if trial.reads_only:
        streams = {s: frozenset(view["tags"]) for s, view in several(trial, _FEW).items()}
        for row in calls.listed(trial, streams, ids=list(streams)):
            if streams.get(stream := str(row.get("id"))) != frozenset(calls.tags(row)):
                streams.pop(stream, None)  # who is right is for others to judge
        alike = f"{_FEW} datastreams whose tags a list and a read show alike"
        trial.require(len(streams) >= _FEW, alike)
        return Tagged(telling(streams.values()), streams, whole=False)
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


def telling(sets: Collection[frozenset[str]]) -> tuple[str, ...]:
    """Up to three tags that tell some of the streams from others, and mean nothing else to any
    server: of letters and digits, in one spelling."""
    counts = Counter(tag for own in sets for tag in own)
    spellings = Counter(tag.casefold() for tag in counts)
    plain = [
        tag
        for tag, count in counts.items()
        if count < len(sets)
        and tag.isalnum()
        and unicodedata.is_normalized("NFKC", tag)
        and spellings[tag.casefold()] == 1
    ]
    return tuple(sorted(plain, key=lambda tag: (abs(2 * counts[tag] - len(sets)), tag))[:3])


def a_stream(trial: Trial) -> str:
    """The id of a datastream that is only read: a new one, or one that is there."""
    if trial.reads_only:
        return next(iter(trial.once(found)))
    stream: str = calls.make(trial)["id"]
    calls.settle(trial)
    return stream


def a_tag(trial: Trial) -> tuple[str, str, frozenset[str]]:
    """A datastream, a tag that it carries, and all that it carries."""
    if not trial.reads_only:
        tag = trial.names.letters()
        stream = calls.make(trial, tags=[tag])["id"]
        calls.settle(trial)
        return stream, tag, frozenset([tag])
    streams = trial.once(tagged).streams
    for stream, own in streams.items():
        for tag in sorted(own):
            if len(tag) > 2 and tag.isalnum() and tag.isascii():
                return stream, tag, own
    trial.require(False, "a datastream with a tag of three letters")
    raise AssertionError


def ready(trial: Trial) -> None:
    """Raise `Unmet` unless there is something to read: the target keeps what it is given."""
    if trial.reads_only:
        trial.once(found)
    else:
        calls.ready(trial)
