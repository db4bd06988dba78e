"""Duplicates by flag: a key holds one record, unless the caller permits more.

A server may reject a repeated write or answer with the older record: what is stored is judged,
not what is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.records import Record, kept
from streamproof.contracts.law import Subject, law
from streamproof.contracts.races import CLIENTS, ROUNDS, at_once
from streamproof.contracts.wire import Outcome, Request

OLDER_FOUND = "the older record, found"
BOTH_FOUND = "both records, found"
RACE = "a race that left one record"

Write = Callable[[], Outcome]


class Stored(Protocol):
    """The ids of the records under the key, once there are `at_least` as many, or had time."""

    def __call__(self, at_least: int = 0) -> Sequence[str]: ...


def not_stored_twice(trial: Trial, first: Write, again: Write, stored: Stored) -> None:
    """Writing under a taken key, without permission, stores no second record, nor a third."""
    trial.given(first(), "the first write")
    before = stored(1)
    trial.require(before, "the record of the first write under its key")
    again()
    again()
    after = stored()
    trial.lacks(after, [i for i in after if i not in before], "the key after a repeated write")
    if all(older in after for older in before):
        trial.witness(OLDER_FOUND)


def stored_beside(trial: Trial, first: Write, other: Write, stored: Stored) -> None:
    """A second write that is permitted, or is of another key, is accepted, and both records stand.

    `stored()` gives the ids under both keys.
    """
    trial.given(first(), "the first write")
    before = stored(1)
    trial.require(before, "the record of the first write under its key")
    trial.accepted(other(), "the second write")
    after = stored(len(before) + 1)
    trial.contains(after, before, "what is stored after the second write")
    trial.holds(
        len(after) == len(before) + 1,
        "not-stored",
        expected=f"{len(before) + 1} records stored",
        actual=f"{len(after)} records stored",
    )
    trial.witness(BOTH_FOUND)


@dataclass(frozen=True, slots=True)
class Raced:
    """What rounds of equal writes at once left stored, and what a retry of those without any
    record came to: numbers of records, a number a round."""

    left: Sequence[int]
    finally_: Sequence[int]


def raced(
    trial: Trial,
    rounds: Sequence[Sequence[Request]],
    stored: Callable[[int], Sequence[int]],
    alone: Callable[[], object],
) -> Raced:
    """Send the requests of each round at once, and one of them again where none was stored.

    `stored(at_least)` counts the records under the key of each round, once there are as many in
    all, or had time; there are none at first. `alone()` tells whether a write that nothing races
    with leaves a record that such a look finds.
    """
    trial.require(alone(), "a record that was written alone, under its key")
    trial.require(not any(stored(0)), "keys that nothing has")
    for requests in rounds:
        at_once(trial.client, requests)
    left = stored(len(rounds))
    for requests, count in zip(rounds, left, strict=True):
        if not count:
            trial.judged(trial.client.send(requests[0]), "a write after a race")
    return Raced(left, stored(len(rounds)))


def at_most_one_stored(trial: Trial, race: Raced) -> None:
    """Of equal writes at once at most one is stored."""
    trial.holds(
        max(race.left) <= 1,
        "stored-twice",
        expected="at most one record of each race",
        actual=f"{list(race.left)} records of {len(race.left)} races",
    )
    if any(race.left):
        trial.witness(RACE)


def retry_stores(trial: Trial, race: Raced) -> None:
    """Where no write of a race was stored, one more alone is."""
    trial.holds(
        all(race.finally_),
        "none-stored",
        expected="a record of each race after a retry",
        actual=f"{list(race.finally_)} records of {len(race.finally_)} races",
    )
    trial.witness(RACE)


@law("duplicates/not-twice", OLDER_FOUND)
def not_twice(trial: Trial, subject: Subject) -> None:
    """A record is not kept beside one that is the same in the described fields, whether it is the
    same in all others or not."""
    record = Record.of(trial, subject.lists)
    again = replace(record, fields={**record.fields, **record.others()})
    chosen = trial.draw(st.sampled_from((record, again)))
    not_stored_twice(trial, record.write, chosen.write, kept(record))


@law("duplicates/respelled", OLDER_FOUND)
def respelled(trial: Trial, subject: Subject) -> None:
    """A record is not kept beside one of the same instant, written in another zone."""
    record, instant = Record.of(trial, subject.lists), str(subject.resource.instant)
    trial.require(instant in record.same, f"records that are told apart by {instant}")
    zones = timeline.EAST, timeline.WEST, timeline.another_day(record.at)
    zone = trial.draw(st.sampled_from(zones))
    control = Record.of(trial, subject.lists, record.where)
    spelled = control.spelled(zone).write()
    trial.require(trial.granted(spelled, "a record"), f"a zone in which {instant} is taken")
    not_stored_twice(trial, record.write, record.spelled(zone).write, kept(record))


@law("duplicates/others-kept", BOTH_FOUND)
def others_kept(trial: Trial, subject: Subject) -> None:
    """A record that differs in one of the described fields is kept beside the first."""
    record = Record.of(trial, subject.lists)
    other = trial.draw(st.sampled_from(record.differing()))
    stored_beside(trial, record.write, other.write, kept(record, other))


@law("duplicates/race", RACE)
def race(trial: Trial, subject: Subject) -> None:
    """Of equal records sent at once at most one is kept."""
    name = f"{subject.api.home.key}/{subject.resource.name}"
    at_most_one_stored(trial, trial.once(Racing(name, subject.lists)))


@law("duplicates/permitted", BOTH_FOUND)
def permitted(trial: Trial, subject: Subject) -> None:
    """With the argument that permits it a second record is kept beside the first."""
    record = Record.of(trial, subject.lists)
    permit = subject.resource.duplicates and subject.resource.duplicates.permit
    assert permit
    beside = replace(record, extra=dict([permit]))
    stored_beside(trial, record.write, beside.write, kept(record))


@dataclass(frozen=True, slots=True)
class Racing:
    """Races equal records, each round under a time of its own: for `Trial.once`."""

    name: str
    lists: Lists = field(compare=False, repr=False)

    def __call__(self, trial: Trial) -> Raced:
        lonely = Record.of(trial, self.lists)
        records = [Record.of(trial, self.lists, lonely.where) for _ in range(ROUNDS)]

        def stored(at_least: int) -> list[int]:
            def look() -> list[int]:
                rows = self.lists.everything(trial, lonely.where)
                return [len(record.among(rows)) for record in records]

            return until(look, lambda found: sum(found) >= at_least, SETTLE_S)

        def alone() -> bool:
            trial.given(lonely.write(), "a record alone")
            return bool(kept(lonely)(1))

        return raced(trial, [[r.request] * CLIENTS for r in records], stored, alone)


LAWS = (not_twice, respelled, others_kept, race, permitted)
