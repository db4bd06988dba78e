"""What goes side by side never meets, and is given the same whatever the order."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from streamproof.contracts.kept import Kept, Made
from streamproof.contracts.names import Names
from streamproof.contracts.strands import MAIN, SHARED, Allotment, Places, Strand

STRANDS = [Strand(0), Strand(SHARED - 1), *(Strand(MAIN + n) for n in range(5))]


def taken(order: list[int], count: int) -> dict[int, list[int]]:
    """By strand what it is given, where they take turns in an order."""
    allotment = Allotment(4, room=40, block=4)
    given: dict[int, list[int]] = {n: [] for n in order}
    for n in order:
        with STRANDS[n].entered():
            first = allotment.take(count)
        given[n] += range(first, first + count)
    return given


@pytest.mark.parametrize("count", [1, 3])
def test_numbers_are_given_once_rising_and_whatever_the_order(count: int) -> None:
    order = [n for n in range(len(STRANDS)) for _ in range(13)]
    given = taken(order, count)
    shuffled = order.copy()
    random.Random(1).shuffle(shuffled)

    assert taken(shuffled, count) == given
    assert all(numbers == sorted(numbers) for numbers in given.values())
    every = [number for numbers in given.values() for number in numbers]
    assert len(every) == len({*every})


def test_a_shared_thing_may_take_more_than_it_has_room_for() -> None:
    given = taken([0, 1, 2] * 100, 1)
    every = [number for numbers in given.values() for number in numbers]
    assert len(every) == len({*every})


def test_two_things_of_one_name_have_two_places() -> None:
    places = Places()
    first, second = places.of("a", "name"), places.of("b", "name")
    assert first != second
    assert (places.of("a", "name"), places.of("b", "name")) == (first, second)


def test_what_is_shared_is_made_once_though_all_want_it_at_once() -> None:
    kept, names, ready = Kept(), Names("abcdefgh"), Barrier(8)
    made: list[str] = []

    def shelf() -> None: ...

    def make() -> Made:
        made.append(names.letters())
        return made[-1], ()

    def want(number: int) -> str:
        strand = Strand(MAIN + number)
        with strand.entered():
            ready.wait()
            name, _ = kept.of(shelf, make, names)
        assert len(strand.used) == 1
        return str(name)

    with ThreadPoolExecutor(8) as threads:
        assert {*threads.map(want, range(8))} == {*made}
    assert len(made) == 1


def test_the_name_of_what_is_shared_does_not_tell_who_made_it() -> None:
    def shelf() -> None: ...

    def made_by(number: int) -> str:
        names = Names("abcdefgh")
        with Strand(MAIN + number).entered():
            names.letters()
            return str(Kept().of(shelf, lambda: (names.letters(), ()), names)[0])

    assert made_by(1) == made_by(7)
