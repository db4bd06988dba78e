"""What calls leave in a collection: keyed things that are made, changed and removed.

A rejected call leaves everything as it was. An accepted one leaves what it sent; a field that it
didn't send is open until it is seen, and then stays. What is made under the key of a removed
thing is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from streamproof.contracts.models.difference import Alike, Known, Members, differing


@dataclass(frozen=True, slots=True)
class State:
    """The things by key. Nothing stands under the keys that are `gone`; whether something does
    under those that are `open` the answers so far don't tell."""

    things: Mapping[str, Known] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys that were ever used."""
        return (*self.things, *sorted(self.gone | self.open))

    def having(self, key: str, known: Known) -> State:
        things = {**self.things, key: known}
        return State(things, self.gone - {key}, self.open - {key})

    def lacking(self, key: str) -> State:
        things = {name: known for name, known in self.things.items() if name != key}
        return State(things, self.gone | {key}, self.open - {key})


def made(state: State, key: str, sent: Known, accepted: bool) -> State:
    """After a call that makes a thing under a key."""
    if accepted:
        return state.having(key, sent)
    return state if key in state.keys else state.lacking(key)


def changed(state: State, key: str, sent: Known, accepted: bool) -> State:
    """After an update. Whether one that is accepted where nothing stood has made something is
    open."""
    if not accepted or key in state.open:
        return state
    if key in state.things:
        return state.having(key, sent)
    return replace(state, gone=state.gone - {key}, open=state.open | {key})


def removed(state: State, key: str, accepted: bool) -> State:
    """After a removal."""
    return state.lacking(key) if accepted else state


def seen(state: State, key: str, shown: Known | None) -> State:
    """After a read that showed a thing (None where it was rejected): what was open is settled."""
    if shown is None:
        return state.lacking(key)
    return state.having(key, {**shown, **state.things.get(key, {})})


def wrong(
    state: State, key: str, shown: Known | None, alike: Alike, shows: Members = None
) -> str | None:
    """What is wrong with a read: `lost`, `ghost`, or the name of a field after `otherwise:`."""
    if key in state.open:
        return None
    if key not in state.things:
        return None if shown is None else "ghost"
    if shown is None:
        return "lost"
    name = differing(state.things[key], shown, alike, shows)
    return None if name is None else f"otherwise:{name}"
