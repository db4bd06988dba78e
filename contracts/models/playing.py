"""Plays: one sequence of calls at a target, beside the models of what they leave.

Which calls a play makes was drawn before it; which things they concern depends on what there is.
After the last call everything that they touched is looked at. Only things of the play's own are
judged. What is late is waited for, and a refusal is always the target's right: it has to leave
everything as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.collection import Collection
from streamproof.contracts.drivers.records import forbidding
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.models import asking, collection, log
from streamproof.contracts.models.difference import Known
from streamproof.contracts.models.session import Session, settled
from streamproof.contracts.models.values import FEW
from streamproof.contracts.models.world import Home
from streamproof.contracts.wire import Outcome
from streamproof.specs.examples import example
from streamproof.specs.wording import shown

_ZONES: Final = (UTC, timeline.EAST, timeline.WEST)


@dataclass(frozen=True, slots=True)
class Turn:
    """One call of a play: of a resource (its name), doing something (`list`, or a deed), with
    numbers that choose among what there is."""

    resource: str
    deed: str
    where: int = 0
    which: int = 0
    how: int = 0


def play(session: Session, turns: Sequence[Turn]) -> None:
    """Make the calls, and look at what they left. Raises `Broken` at the first difference."""
    for turn in turns:
        _take(session, turn)
    world = session.world
    for home in [*world.collections]:
        if "read" in session.resource(home).operations:
            for key in world.collections[home].keys:
                _read(session, home, key)
    for home in world.homes:
        if session.resource(home).listing is not None:
            asking.look_at_all(session, home)


def _take(session: Session, turn: Turn) -> None:
    """Make a call, if there is anything that it can concern."""
    resource = session.api.resources[turn.resource]
    places = list(session.world.places(resource))
    if not places:
        return
    home = Home(resource.name, tuple(places[turn.where % len(places)].items()))
    match turn.deed:
        case "create":
            _create(session, home, turn)
        case "append":
            _append(session, home, turn)
        case "list":
            asking.ask(session, home, turn.which, turn.how)
        case deed:
            state = session.world.things(home)
            keys = [*state.things, *state.things, *sorted(state.gone | state.open)]
            if keys:
                key = keys[turn.which % len(keys)]
                if deed == "update":
                    _update(session, home, key, turn.how)
                else:
                    (_read if deed == "read" else _remove)(session, home, key)


def _create(session: Session, home: Home, turn: Turn) -> None:
    things = session.things(home)
    state = session.world.collections.setdefault(home, collection.State())
    fields = session.values.drawn(things, things.maker, turn.how, things.resource.key)
    key = str(things.resource.key)
    if things.resource.keyed_by == "client" or (key in things.resource.fields and turn.how & 1):
        fields[key] = session.values.keys(things)[turn.which % FEW]
    sent = things.fields(session.trial, **fields)
    outcome = session.trial.client.send(things.request(session.trial, home.arguments, sent))
    accepted = session.granted(outcome)
    thing = things.made(home.arguments, sent, outcome)
    if not accepted and things.resource.keyed_by != "client":
        return
    session.trial.require(thing.key is not None, f"the key of a new one of {home.resource}")
    key = str(thing.key)
    unique = session.api.rulebook.by_law(things.maker.id, "keys/taken-rejected") is not None
    if accepted and unique and key in state.things:
        taken = f"a call that makes {key}, which is there,"
        session.differ("taken", home, f"{taken} is rejected", "accepted")
    known = settled(things.resource, sent)
    session.world.collections[home] = collection.made(state, key, known, accepted)
    if accepted:
        _answered(session, home, things, known, outcome)


def _append(session: Session, home: Home, turn: Turn) -> None:
    resource = session.resource(home)
    things, state = session.things(home), session.world.logs.setdefault(home, log.State())
    instants = session.values.instants(resource)
    duplicates, name = resource.duplicates, str(resource.instant)
    if name not in things.maker.arguments:
        return  # a time that the target sets says nothing of where its record stands
    at = instants[turn.which % FEW]
    if duplicates is None and any(old.at == at for old in state.records):
        return  # whether two records of one instant are kept nothing tells
    zone = _ZONES[turn.how % len(_ZONES)]
    fields = session.values.drawn(things, things.maker, turn.how, resource.key, name)
    sent = things.fields(session.trial, **fields, **{name: timeline.written(at, zone)})
    permit = duplicates.permit if duplicates is not None and turn.how & 8 else None
    extra = forbidding(session.trial, things) if permit is None else dict([permit])
    outcome = session.trial.client.send(things.request(session.trial, home.arguments, sent, extra))
    accepted = session.granted(outcome)
    known = settled(resource, sent)
    key = things.made(home.arguments, sent, outcome).key if accepted else None
    record = log.Record(key, known, at)
    same = duplicates.same if duplicates is not None else ()
    left = log.appended(state, record, accepted, same, permit is not None, things.alike)
    session.world.logs[home] = left
    if left is not state:
        _answered(session, home, things, known, outcome)


def _remove(session: Session, home: Home, key: str) -> None:
    if session.granted(session.call(home, "delete", key)):
        session.world.remove(home, key)


def _update(session: Session, home: Home, key: str, how: int) -> None:
    things = session.things(home)
    operation, resource = things.operation("update"), things.resource
    body = operation.body
    needed = example(body.schema, session.api.openapi) if body is not None else {}
    drawn = session.values.drawn(things, operation, how, resource.key)
    sent = dict(needed) if isinstance(needed, Mapping) else {}
    sent = {n: v for n, v in sent.items() if n not in resource.fields or n == resource.key}
    sent |= drawn
    sent |= Collection(session.api, resource).keeping(session.trial.names, operation, sent)
    if resource.key in sent:
        sent[str(resource.key)] = key
    outcome = session.call(home, "update", key, **sent)
    known = settled(resource, {n: v for n, v in sent.items() if n != resource.key})
    accepted = session.granted(outcome)
    state = session.world.collections[home]
    if resource.key in state.things.get(key, {}):
        known = {**known, str(resource.key): key}
    session.world.collections[home] = collection.changed(state, key, known, accepted)


def _read(session: Session, home: Home, key: str) -> None:
    things, state = session.things(home), session.world.collections[home]
    shows = things.shows(things.operation("read"))

    def look() -> Known | None:
        outcome = session.call(home, "read", key)
        if not session.trial.granted(outcome, f"a read of one of {home.resource}"):
            return None
        return things.row(outcome.payload)

    def wrong(found: Known | None) -> str | None:
        return collection.wrong(state, key, found, things.alike, shows)

    found = session.until(look, lambda found: wrong(found) is None)
    kind, _, name = (wrong(found) or "").partition(":")
    match kind:
        case "lost":
            session.differ("lost", home, f"a read of {key} is accepted", "rejected")
        case "ghost":
            what = f"a read of {key}, which is not there,"
            session.differ("ghost", home, f"{what} is rejected", "accepted")
        case "otherwise":
            assert found is not None
            what, has = f"{name} of {key}", state.things[key][name]
            expected, actual = f"{what}: {shown(has)}", f"{what}: {shown(found.get(name))}"
            session.differ("otherwise", home, expected, actual)
    session.world.collections[home] = collection.seen(state, key, _decided(things, found))
    if found is not None:
        session.witness()


def _answered(session: Session, home: Home, things: Things, known: Known, outcome: Outcome) -> None:
    """The answer to an accepted call shows what was sent, where it shows anything."""
    row = things.row(outcome.payload)
    shows = things.shows(things.maker)
    name = things.differs(known, row, shows=shows) if row else None
    if name is not None and session.judges("answered-otherwise", home):
        what = f"{name} in the answer"
        expected, actual = f"{what}: {shown(known[name])}", f"{what}: {shown(row.get(name))}"
        session.differ("answered-otherwise", home, expected, actual)


def _decided(things: Things, found: Known | None) -> Known | None:
    """What is settled by what was shown: of the fields on which a caller decides."""
    if found is None:
        return None
    names = things.maker.arguments
    return {n: v for n, v in settled(things.resource, found).items() if n in names}
