"""Sequences of all five calls on a key, its neighbours and an entity that doesn't exist.

A neighbour differs from the key in its entity, its data element or its time alone. After each
write and batch the entities and data elements that the sequence has used are looked through.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.bge import differing, model
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.duplicating import forbidding
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.model import Call, Flag, Item, State
from streamproof.contracts.bge.performing import Performer
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.check import Broken, Trial, check

_LENGTH: Final = 6  # calls of a sequence
_LENGTH_WHERE_SLOW: Final = 3  # where each look at a fresh record takes its time
_MOST_ITEMS: Final = 3
_OPERATIONS: Final = (*("write",) * 3, *("batch_write",) * 2, "retrieve", "range", "range", "bind")
_WHERE_EMPTY: Final = ("write", "batch_write")
_DATA: Final = ('{"name": "leo"}', '{"name": "tom"}')
_PLAYED: Final = "a sequence of calls, as allowed"


@check("bge/any/model", _PLAYED)
def _model(trial: Trial) -> None:
    """Whatever is called in whatever order, answers and records are as the model allows."""
    here = ground(trial)
    trial.require(here.fine, "a spelling of time that is finer than a year")
    known = _keys(here)
    stranger = replace(known[0], entity=unknown(trial))
    performer = Performer(trial, here, (*known, stranger), forbidding(trial))
    states, written = [State()], 0
    for _ in range(_LENGTH_WHERE_SLOW if here.patience_s else _LENGTH):
        call = _draw(trial, states[0], known, stranger, written)
        written += len(call.items)
        seen = performer.perform(call, states[0])
        left = model.follow(states, call, seen)
        if not left:
            raise Broken(differing.mismatch(trial.client.api.rulebook, states, call, seen))
        states = left
    trial.witness(_PLAYED)


def _keys(here: Ground) -> tuple[Key, ...]:
    """A key, and those neighbours of it for which the fixtures have entities and elements."""
    first, second = here.moments(2)
    keys = [here.key_at(first), here.key_at(second)]
    if len(here.entities) > 1:
        keys.append(here.key_at(first, entity=1))
    if len(here.elements) > 1:
        keys.append(here.key_at(first, element=-2))
    return tuple(keys)


def _draw(trial: Trial, state: State, known: tuple[Key, ...], stranger: Key, written: int) -> Call:
    """A call; what stands first is the simplest. The first one stores something."""
    keys = st.sampled_from((known[0], *known, stranger, stranger))

    def item(serial: int) -> Item:
        key, data = trial.draw(keys), trial.draw(st.sampled_from(_DATA))
        return Item(serial, key, data, known=key is not stranger)

    operation = trial.draw(st.sampled_from(_OPERATIONS if state.records else _WHERE_EMPTY))
    match operation:
        case "write":
            return Call(operation, (item(written),), trial.draw(st.sampled_from(Flag)))
        case "batch_write":
            flag, count = trial.draw(st.sampled_from(Flag)), trial.draw(st.integers(1, _MOST_ITEMS))
            return Call(operation, tuple(item(written + i) for i in range(count)), flag)
        case "range":
            key = trial.draw(st.sampled_from(known))
            ascending = trial.draw(st.booleans())
            return Call(operation, pair=(key.entity, key.element), ascending=ascending)
    bound = [e for e in trial.fixtures.get("biosamples", {}).values() if e is not None]
    if operation == "bind" and bound:
        return Call(operation, entity=trial.draw(st.sampled_from(bound)))
    serials = [record.item.serial for record in state.records]
    return Call("retrieve", serial=trial.draw(st.sampled_from((*serials, None))))


CHECKS: Final = (_model,)
