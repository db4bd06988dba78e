"""What is there after a kill, held against the ledgers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.durability.load import ELEMENT, Ledger, data, tag
from tests.durability.target import Target

_Call = tuple[int, int]
"""The number of a writer, and that of its call."""


def faults(target: Target, ledgers: Iterable[Ledger]) -> Iterator[str]:
    """What is missing, half there, or was never sent, a line each."""
    ledgers = list(ledgers)
    for ledger in ledgers:
        yield from ledger.refused
        yield from _streams(target, ledger)
    yield from _records(target, ledgers)


def _streams(target: Target, ledger: Ledger) -> Iterator[str]:
    for name, states in ledger.streams.items():
        found = target.read(name)
        if found not in states:
            yield f"stream {name} is {found}, not one of {states}"
        for version in range(ledger.versions[name] + 1):
            label = tag(name, version)
            carries = found is not None and label in found["tags"]
            if target.tagged(label) != ([name] if carries else []):
                yield f"stream {name} is {found}, and a list by tag {label} says otherwise"


def _records(target: Target, ledgers: Iterable[Ledger]) -> Iterator[str]:
    found: dict[_Call, dict[int, str]] = defaultdict(dict)
    for record in target.walk(ELEMENT):
        said = record["stream_data"]
        items = found[said["writer"], said["call"]]
        if said["item"] in items:
            yield f"two records say {said}"
        items[said["item"]] = record["stream_id"]
    sent = {(each.writer, call): each for each in ledgers for call in each.writes}
    for place in found.keys() - sent.keys():
        yield f"records of {place} were never sent"
    for (writer, call), ledger in sent.items():
        there, size = found.get((writer, call), {}), ledger.writes[call]
        ids = ledger.answered.get(call)
        if ids is not None and there != dict(enumerate(ids)):
            yield f"acknowledged {data(writer, call, size - 1)} with {ids}, and there are {there}"
        if ids is None and len(there) not in (0, size):
            yield f"{len(there)} of the {size} records of {data(writer, call, size - 1)} are there"
