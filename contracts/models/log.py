"""What calls leave in a log: records in time that are appended, and never change.

A rejected call leaves nothing. An accepted one leaves its record, but for one that agrees with an
earlier record in the fields in which no two may: that one stays alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamproof.contracts.models.difference import Alike, Known
from streamproof.contracts.models.listing import Member


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was sent, at an instant in microseconds; `key` is None where no answer
    told it."""

    key: str | None
    fields: Known
    at: int

    @property
    def member(self) -> Member:
        """As a list may show it."""
        return Member(self.key, self.fields)


@dataclass(frozen=True, slots=True)
class State:
    """The records in the order of their coming."""

    records: tuple[Record, ...] = ()


def repeated(state: State, record: Record, same: Sequence[str], alike: Alike) -> bool:
    """Whether a record agrees with an earlier one in all the fields `same`, if there are any."""
    return bool(same) and any(
        all(alike(name, record.fields.get(name), old.fields.get(name)) for name in same)
        for old in state.records
    )


def appended(
    state: State,
    record: Record,
    accepted: bool,
    same: Sequence[str],
    permitted: bool,
    alike: Alike,
) -> State:
    """After a call that appends a record; no two of the same `same` are kept unless `permitted`."""
    if not accepted or (not permitted and repeated(state, record, same, alike)):
        return state
    return State((*state.records, record))


def between(
    state: State, start: int | None, end: int | None, closed: bool
) -> tuple[list[Record], list[Record], list[Record]]:
    """The records inside a window, those at an edge of one that isn't closed (at which of its
    ends it is open nothing tells), and the others. A bound that is None doesn't bound."""
    inside, edge, outside = [], [], []
    for record in state.records:
        if (start is not None and record.at < start) or (end is not None and record.at > end):
            outside.append(record)
        elif not closed and record.at in (start, end):
            edge.append(record)
        else:
            inside.append(record)
    return inside, edge, outside


def newest(state: State, count: int) -> tuple[list[Record], list[Record], list[Record]]:
    """Of the last `count` records those that are certainly among them, those of which a tie
    leaves it open, and the others."""
    ordered = sorted(state.records, key=lambda record: -record.at)
    if len(ordered) <= count:
        return ordered, [], []
    edge = ordered[count - 1].at
    sure = [r for r in ordered if r.at > edge]
    tied = [r for r in ordered if r.at == edge]
    if len(sure) + len(tied) == count:
        sure, tied = [*sure, *tied], []
    return sure, tied, [r for r in ordered if r.at < edge]
