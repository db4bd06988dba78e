"""A world: what stands in a thing goes with it, and comes not back with its name."""

from __future__ import annotations

from streamproof.contracts.models import collection, log
from streamproof.contracts.models.listing import Member
from streamproof.contracts.models.world import Home, World
from tests.fieldpost.test_declared import FULL

DEVICES = Home("devices")
RECORD = log.Record("r", {"value": 1}, 1)


def having(*serials: str) -> World:
    """A world with some devices, each with one reading."""
    world = World(FULL.resources)
    things = {serial: {"serial": serial} for serial in serials}
    world.collections[DEVICES] = collection.State(things)
    for serial in serials:
        world.logs[Home("readings", (("serial", serial),))] = log.State((RECORD,))
    return world


def test_things_stand_in_all_that_there_is_of_what_is_around_them() -> None:
    world = having("a", "b")
    assert [*world.places(FULL.resources["devices"])] == [{}]
    assert [*world.places(FULL.resources["readings"])] == [{"serial": "a"}, {"serial": "b"}]
    assert [*World(FULL.resources).places(FULL.resources["readings"])] == []


def test_what_stands_in_a_thing_goes_with_it() -> None:
    world = having("a", "b")

    world.remove(DEVICES, "a")

    assert world.homes == [DEVICES, Home("readings", (("serial", "b"),))]
    assert world.strangers(DEVICES) == ["a"]


def test_a_thing_that_is_made_anew_is_empty() -> None:
    world = having("a")

    world.remove(DEVICES, "a")
    state = collection.made(world.things(DEVICES), "a", {"serial": "a"}, accepted=True)
    world.collections[DEVICES] = state

    assert world.records(Home("readings", (("serial", "a"),))) == log.State()
    assert world.members(DEVICES) == [Member("a", {"serial": "a"})]
