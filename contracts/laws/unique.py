"""Uniqueness: a key names one object, one call after another and N at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.laws.stays import stays
from streamproof.contracts.races import ROUNDS, at_once
from streamproof.contracts.wire import Outcome, Request

REJECTED_SECOND = "a second creation, rejected"
OLD_ONE_READ = "the first object, read again"
ONE_WINNER = "a race with a winner"
WON_IN_THE_END = "a race whose key was given out in the end"


def taken_key_is_rejected(
    trial: Trial, create: Callable[[], Outcome], again: Callable[[], Outcome], differs: str = ""
) -> None:
    """Creating with a key that is taken is rejected, also with other contents; `differs` says in
    what."""
    trial.given(create(), "the first creation")
    but = f" and another {differs}" if differs else " and the same contents"
    trial.rejected(again(), f"a second creation with the same key{but}")
    trial.witness(REJECTED_SECOND)


def taken_key_changes_nothing(
    trial: Trial,
    create: Callable[[], Outcome],
    again: Callable[[], Outcome],
    read: Callable[[], Any],
) -> None:
    """Whatever a second creation is answered, the first object stays as it was."""
    trial.given(create(), "the first creation")
    stays(trial, read, again, "the first object after a second creation", reason="overwritten")
    trial.witness(OLD_ONE_READ)


def keys_are_new(trial: Trial, create: Callable[[], str], count: int) -> None:
    """Keys that the server makes up are all different."""
    trial.no_repeats([create() for _ in range(count)], "generated keys")
    trial.witness("two generated keys")


@dataclass(frozen=True, slots=True)
class Contest:
    """Creations of one key, sent at once. `round_told` says which of how many this one was."""

    outcomes: Sequence[Outcome]
    round_told: str

    @property
    def winners(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.accepted]


def contests(trial: Trial, requests: Callable[[], Sequence[Request]]) -> Iterator[Contest]:
    """One race after another, each for a key of its own.

    `requests()` gives the creations of a new key, all different.
    """
    for number in range(1, ROUNDS + 1):
        trial.afresh()
        racers = requests()
        outcomes = at_once(trial.client, racers)
        yield Contest(outcomes, f"race {number} of {ROUNDS}, {len(racers)} calls each")


def at_most_one_wins(trial: Trial, contest: Contest) -> None:
    """Of N creations of one key at once at most one is accepted."""
    trial.holds(
        len(contest.winners) <= 1,
        "two-winners",
        expected="at most one of the simultaneous calls is accepted",
        actual=f"{len(contest.winners)} are accepted ({contest.round_told})",
    )
    if contest.winners:
        trial.witness(ONE_WINNER)


def winner_is_stored(trial: Trial, contest: Contest, stored: Any, told: Any) -> None:
    """What is stored after a race is what the one accepted call was told."""
    trial.equal(
        stored, told, f"what is stored after {contest.round_told}", reason="not-the-winners"
    )
    trial.witness(ONE_WINNER)


def retry_wins(trial: Trial, contest: Contest, retry: Callable[[], Outcome]) -> None:
    """If no call of a race was accepted, a single one after it is: the key is free."""
    if not contest.winners:
        outcome = retry()
        if outcome.rejected:  # by right, if a call that nobody answered for has won
            for racer in contest.outcomes:
                trial.judged(racer, "a call of the race")
        trial.accepted(outcome, f"a single call after {contest.round_told}, all rejected,")
    trial.witness(WON_IN_THE_END)
