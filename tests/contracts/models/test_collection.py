"""The model of a collection: what calls leave, and which reads contradict that."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.models import collection
from streamproof.contracts.models.collection import State

LAMP, CHAIR = {"kind": "lamp"}, {"kind": "chair"}


def alike(_name: str, one: Any, other: Any) -> bool:
    return bool(one == other)


def wrong(state: State, key: str, shown: dict[str, Any] | None) -> str | None:
    return collection.wrong(state, key, shown, alike)


def test_what_was_made_is_there_with_what_was_sent() -> None:
    state = collection.made(State(), "a", LAMP, accepted=True)

    assert wrong(state, "a", {"kind": "lamp", "more": 1}) is None
    assert wrong(state, "a", CHAIR) == "otherwise:kind"
    assert wrong(state, "a", {}) == "otherwise:kind"
    assert wrong(state, "a", None) == "lost"


def test_a_rejected_call_leaves_everything_as_it_was() -> None:
    state = collection.made(State(), "a", LAMP, accepted=True)

    assert collection.made(state, "a", CHAIR, accepted=False) == state
    assert collection.changed(state, "a", CHAIR, accepted=False) == state
    assert collection.removed(state, "a", accepted=False) == state
    assert wrong(collection.made(state, "b", CHAIR, accepted=False), "b", CHAIR) == "ghost"


def test_an_update_leaves_what_it_sent_and_opens_the_rest_until_it_is_seen() -> None:
    state = collection.made(State(), "a", {**LAMP, "note": "old"}, accepted=True)

    state = collection.changed(state, "a", CHAIR, accepted=True)

    assert wrong(state, "a", {**CHAIR, "note": ""}) is None
    assert wrong(state, "a", LAMP) == "otherwise:kind"
    state = collection.seen(state, "a", {**CHAIR, "note": ""})
    assert wrong(state, "a", {**CHAIR, "note": "old"}) == "otherwise:note"


def test_what_was_removed_is_gone_and_new_when_made_again() -> None:
    state = collection.made(State(), "a", {**LAMP, "note": "old"}, accepted=True)

    state = collection.removed(state, "a", accepted=True)
    assert wrong(state, "a", LAMP) == "ghost"
    assert wrong(state, "a", None) is None

    state = collection.made(state, "a", CHAIR, accepted=True)
    assert state.things == {"a": CHAIR}
    assert not state.gone


def test_an_update_accepted_where_nothing_stood_binds_only_what_is_seen_next() -> None:
    state = collection.changed(State(), "a", LAMP, accepted=True)

    assert wrong(state, "a", None) is None
    assert wrong(state, "a", CHAIR) is None
    assert wrong(collection.seen(state, "a", None), "a", LAMP) == "ghost"
    assert wrong(collection.seen(state, "a", LAMP), "a", None) == "lost"
