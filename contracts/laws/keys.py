"""Keys: one that a caller gives names one thing, and each that a server makes up is a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.things import Fields, Things
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws import unique
from streamproof.contracts.laws.life import watched
from streamproof.contracts.races import CLIENTS, at_once
from streamproof.contracts.wire import Request

_MANY: Final = 8
_TOLD_APART: Final = ("text", "word", "number", "integer")


@law("keys/taken-rejected", unique.REJECTED_SECOND)
def taken_rejected(trial: Trial, subject: Subject) -> None:
    """A second call for a key that is taken is rejected, with the same contents or with others."""
    things, key = subject.things, str(subject.resource.key)
    where, sent = things.place(trial), things.full(trial)
    _keeps_keys(trial, things)
    other = trial.draw(st.booleans())
    again = things.drawn(trial, **{key: sent[key]}) if other else sent
    unique.taken_key_is_rejected(
        trial,
        lambda: trial.client.send(things.request(trial, where, sent)),
        lambda: trial.client.send(things.request(trial, where, again)),
        "contents" if other else "",
    )


def _keeps_keys(trial: Trial, things: Things) -> None:
    """Raise `Unmet` where a thing can't be read under the key that was sent: it takes none."""
    if "read" in things.resource.operations:
        key, first = str(things.resource.key), things.make(trial, **things.full(trial))
        trial.require(str(first.key) == str(first.sent[key]), f"a thing under the {key} sent")
        things.read(trial, first)


@law("keys/taken-unharmed", unique.OLD_ONE_READ)
def taken_unharmed(trial: Trial, subject: Subject) -> None:
    """What is read of a thing is the same before and after a second call for its key."""
    things, key = subject.things, str(subject.resource.key)
    first = things.make(trial, **things.full(trial))
    again = things.full(trial, **{key: first.sent[key]})
    look = watched(trial, things, first)
    unique.taken_key_changes_nothing(
        trial,
        lambda: first.outcome,
        lambda: trial.client.send(things.request(trial, first.where, again)),
        look,
    )


@dataclass(slots=True)
class _Racers:
    """Calls for a key, another one each round, each call with a value of its own in one field."""

    trial: Trial
    things: Things
    name: str | None
    where: Mapping[str, Any]
    sent: list[Mapping[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, trial: Trial, things: Things) -> _Racers:
        """In new things around them, where there are any."""
        key, kinds = things.resource.key, things.resource.fields
        apart = (n for n in kinds if n != key and kinds[n] in _TOLD_APART)
        name = next((n for n in apart if n in things.maker.arguments), None)
        return cls(trial, things, name, things.place(trial))

    def requests(self) -> Sequence[Request]:
        key = str(self.things.resource.key)
        taken = self.things.different(self.trial, key)
        own = [
            {}
            if self.name is None
            else {self.name: self.things.different(self.trial, self.name, n)}
            for n in range(CLIENTS)
        ]
        self.sent = [self.things.full(self.trial, **{key: taken}, **each) for each in own]
        return [self.things.request(self.trial, self.where, fields) for fields in self.sent]


@law("keys/one-winner", unique.ONE_WINNER)
def one_winner(trial: Trial, subject: Subject) -> None:
    """Of several calls for one key at the same time at most one is accepted."""
    _keeps_keys(trial, subject.things)
    racers = _Racers.of(trial, subject.things)
    for contest in unique.contests(trial, racers.requests):
        unique.at_most_one_wins(trial, contest)


@law("keys/winner-stored", unique.ONE_WINNER)
def winner_stored(trial: Trial, subject: Subject) -> None:
    """After simultaneous calls for one key a read shows what the accepted one sent."""
    things = subject.things
    racers = _Racers.of(trial, things)
    trial.require(racers.name is not None, f"a field in which {subject.resource.name} may differ")
    name = str(racers.name)
    for contest in unique.contests(trial, racers.requests):
        if len(contest.winners) == 1:
            won = contest.outcomes.index(contest.winners[0])
            sent = racers.sent[won]
            thing = things.made(racers.where, sent, contest.winners[0])
            look = things.look_as_sent(trial, thing, {name: sent[name]})
            row = things.row(trial.given(look, "a read of the winner"))
            others = [each for n, each in enumerate(racers.sent) if n != won]
            field = next((n for n in row if _is_of_another(things, n, row, sent, others)), name)
            unique.winner_is_stored(trial, contest, row.get(field), sent[field])


def _is_of_another(
    things: Things, name: str, row: Fields, sent: Fields, others: Sequence[Fields]
) -> bool:
    """Whether a row shows in a field what one of the others sent there, and not what was `sent`."""
    alike = [name in each and things.alike(name, each[name], row[name]) for each in others]
    return name in sent and not things.alike(name, sent[name], row[name]) and any(alike)


@law("keys/new", "two generated keys")
def new(trial: Trial, subject: Subject) -> None:
    """Keys that the server makes up differ, whether calls come one by one or at once."""
    things = subject.things
    where = things.place(trial)

    def create() -> str:
        return _key(trial, things.make(trial, where).key)

    unique.keys_are_new(trial, create, _MANY)
    requests = [things.request(trial, where, things.fields(trial)) for _ in range(CLIENTS)]
    made = [things.made(where, {}, o) for o in at_once(trial.client, requests) if o.accepted]
    trial.no_repeats([_key(trial, thing.key) for thing in made], "keys made up at once")


def _key(trial: Trial, key: str | None) -> str:
    trial.require(key is not None, "the key of what was made")
    return str(key)


LAWS = (taken_rejected, taken_unharmed, one_winner, winner_stored, new)
