"""The model of a log: what calls append, and what windows and numbers let through."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.models import log
from streamproof.contracts.models.log import Record, State


def alike(_name: str, one: Any, other: Any) -> bool:
    return bool(one == other)


def record(at: int, value: int = 0, key: str | None = None) -> Record:
    return Record(key, {"time": at, "value": value}, at)


def appended(
    state: State, *records: Record, accepted: bool = True, permitted: bool = False
) -> State:
    for each in records:
        state = log.appended(state, each, accepted, ("time",), permitted, alike)
    return state


ONE, TWO, TWIN, THREE = record(1), record(2), record(2, 5), record(3)


def test_records_are_kept_in_the_order_of_their_coming() -> None:
    assert appended(State(), THREE, ONE).records == (THREE, ONE)


def test_a_rejected_record_is_not_kept() -> None:
    assert appended(State(), ONE, accepted=False) == State()


def test_a_record_that_agrees_with_an_earlier_one_is_kept_only_where_that_is_permitted() -> None:
    state = appended(State(), TWO)

    assert appended(state, TWIN) == state
    assert appended(state, TWIN, permitted=True).records == (TWO, TWIN)
    assert log.appended(state, TWIN, True, (), False, alike).records == (TWO, TWIN)


def test_a_window_holds_its_edges_where_it_is_closed() -> None:
    state = appended(State(), ONE, TWO, THREE)

    assert log.between(state, 2, None, closed=True) == ([TWO, THREE], [], [ONE])
    assert log.between(state, None, 2, closed=True) == ([ONE, TWO], [], [THREE])
    assert log.between(state, 1, 2, closed=False) == ([], [ONE, TWO], [THREE])


def test_of_the_newest_a_tie_leaves_open_which() -> None:
    state = appended(appended(State(), ONE, TWO, THREE), TWIN, permitted=True)

    assert log.newest(state, 1) == ([THREE], [], [TWO, TWIN, ONE])
    assert log.newest(state, 2) == ([THREE], [TWO, TWIN], [ONE])
    assert log.newest(state, 3) == ([THREE, TWO, TWIN], [], [ONE])
    assert log.newest(state, 9) == ([THREE, TWO, TWIN, ONE], [], [])
