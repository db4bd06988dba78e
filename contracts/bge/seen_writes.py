"""What bge makes of writes, batches and binds where the document is silent."""

from __future__ import annotations

from typing import Any

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, shown
from streamproof.contracts.bge.seeing import (
    ACCEPTED,
    REJECTED,
    Item,
    a_write,
    alike,
    batch,
    free_key,
    item,
    items_told,
    made_up,
    taken,
    which,
    write,
)
from streamproof.contracts.bge.series import Stored
from streamproof.contracts.bge.times import MINUTE
from streamproof.contracts.check import Trial
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.specs.wording import shown as told

_BIG = 9_007_199_254_740_993  # 2^53 + 1
_MOST = 100  # items of a batch
_ITEM_FAILS, _CALL_REJECTED = "item_fails", "call_rejected"


def _good(trial: Trial) -> Stored:
    """A good write, without which no rejection tells anything."""
    return trial.learn(a_write)


@observe("bge/unknown_element_on_write", dear=True)
def unknown_element_on_write(trial: Trial) -> str:
    """A write with a made-up data element."""
    _good(trial)
    outcome = write(trial, free_key(trial), data_element_id=made_up(trial))
    return ACCEPTED if taken(trial, outcome) is not None else REJECTED


@observe("bge/stream_data_not_object", dear=True)
def stream_data_not_object(trial: Trial) -> str:
    """Writes of an array, a number and null."""
    _good(trial)
    written = [taken(trial, write(trial, free_key(trial), text)) for text in ("[1]", "1", "null")]
    seen = [REJECTED if each is None else ACCEPTED for each in written]
    return alike(seen, "an array, a number and null")


@observe("bge/data_checked_against_element", dear=True)
def data_checked_against_element(trial: Trial) -> str:
    """A write of an object that no element describes."""
    made = taken(trial, write(trial, free_key(trial), {"streamproof": trial.names.letters()}))
    return "checked" if made is None else "unchecked"


def _read_back(trial: Trial, number: str) -> Any:
    """A number of a record that was written with this text of it, None where it is rejected."""
    _good(trial)
    made = taken(trial, write(trial, free_key(trial), f'{{"n": [{number}]}}'))
    if made is None:
        return None
    data = shown(trial, made).get("stream_data")
    numbers = data.get("n") if isinstance(data, dict) else None
    trial.require(isinstance(numbers, list) and len(numbers) == 1, f"the number: {told(data)}")
    assert isinstance(numbers, list)
    return numbers[0]


@observe("bge/number_kinds", dear=True)
def number_kinds(trial: Trial) -> str:
    """1.0 read back."""
    return which(_read_back(trial, "1.0"), {"kept": 1.0, "merged": 1})


@observe("bge/big_integers", dear=True)
def big_integers(trial: Trial) -> str:
    """9007199254740993 read back."""
    found = _read_back(trial, str(_BIG))
    if found is None:
        return REJECTED
    if isinstance(found, float) or found == _BIG - 1:
        return which(float(found), {"rounded": float(_BIG)})
    return which(found, {"exact": _BIG})


@observe("bge/duplicate_answer", dear=True)
def duplicate_answer(trial: Trial) -> str:
    """A write sent twice."""
    first = _good(trial)
    again = taken(trial, write(trial, first.key, first.data))
    if again is None:
        return REJECTED
    return which(again, {"older_id": first.id})


@observe("bge/same_instant_other_spelling", dear=True)
def same_instant_other_spelling(trial: Trial) -> str:
    """A time without its seconds, written again with them, and with another offset."""
    here = ground(trial)
    spelling = here.spelling
    trial.require(spelling is not None and spelling.offset, "a time that states its offset")
    assert spelling is not None
    others = [bound for bound in here.bounds if bound.offset not in ("", spelling.offset)]
    trial.require(others, "a time with another offset")
    moment = here.moments(1)[0] // MINUTE * MINUTE  # its own minute, at whose start is nothing
    pattern = "%Y-%m-%dT%H:%M"

    def made(offset: str, short: bool) -> str | None:
        how = type(spelling)(pattern if short else spelling.pattern, offset)
        key = Key(here.entities[0], here.elements[-1], how.write(moment), moment)
        return taken(trial, write(trial, key))

    first = made(spelling.offset, True)
    trial.require(first is not None, "a time without its seconds that is taken")
    trial.require(made(spelling.offset, True) in (None, first), "a repeat that stores nothing")
    longer, elsewhere = made(spelling.offset, False), made(others[0].offset, True)
    return which(
        (longer not in (None, first), elsewhere not in (None, first)),
        {"instant": (False, False), "precision": (True, False), "text": (True, True)},
    )


# -- batches -------------------------------------------------------------------------------------


def a_batch(trial: Trial) -> Stored:
    """A good item, alone in its batch. For `Trial.learn`."""
    key = free_key(trial)
    sent = item(trial, key)
    found = items_told(trial, batch(trial, sent), 1)
    trial.require(found is not None and found[0].succeeded, "a batch of a good item that is stored")
    record = found[0].id if found else None
    trial.require(record, "the stream_id of an item")
    return Stored(str(record), key, sent["stream_data"])


def _beside(trial: Trial, odd: Item) -> str:
    """What becomes of an odd item behind a good one."""
    trial.learn(a_batch)
    found = items_told(trial, batch(trial, item(trial), odd), 2)
    if found is None:
        return _CALL_REJECTED
    trial.require(found[0].succeeded, "a good item beside an odd one that is stored")
    return ACCEPTED if found[1].succeeded else _ITEM_FAILS


_ITEM_OR_CALL = {name: name for name in (_ITEM_FAILS, _CALL_REJECTED)}


@observe("bge/over_batch", dear=True)
def over_batch(trial: Trial) -> str:
    """101 items, of which only the first and the last can be stored, and without the last."""
    nobody = {**item(trial), "fundamental_entity_id": made_up(trial)}
    middle = [nobody] * (_MOST - 1)
    within = items_told(trial, batch(trial, item(trial), *middle), _MOST)
    known = within is not None and within[0].succeeded
    trial.require(known, "a batch of 100 items whose first is stored")
    found = items_told(trial, batch(trial, item(trial), *middle, item(trial)), _MOST + 1)
    if found is None:
        return REJECTED
    return which((found[0].succeeded, found[-1].succeeded), {"rest_fails": (True, False)})


@observe("bge/unknown_element_in_batch", dear=True)
def unknown_element_in_batch(trial: Trial) -> str:
    """A batch with a good item and one with a made-up data element."""
    seen = _beside(trial, item(trial, data_element_id=made_up(trial)))
    return which(seen, {_ITEM_FAILS: _ITEM_FAILS, ACCEPTED: ACCEPTED})


@observe("bge/item_lacks_field", dear=True)
def item_lacks_field(trial: Trial) -> str:
    """A batch with a good item and one without `data_element_id`."""
    return which(_beside(trial, item(trial, data_element_id=None)), _ITEM_OR_CALL)


@observe("bge/item_bad_time", dear=True)
def item_bad_time(trial: Trial) -> str:
    """A batch with a good item and one at yesterday-ish."""
    odd = item(trial, stream_generate_time="yesterday-ish")
    return which(_beside(trial, odd), _ITEM_OR_CALL)


@observe("bge/item_wrong_type", dear=True)
def item_wrong_type(trial: Trial) -> str:
    """Batches with a good item and the item 1, or one with a number for an id."""
    seen = [_beside(trial, odd) for odd in (1, item(trial, data_element_id=1))]
    return which(alike(seen, "the item 1, and a number for an id"), _ITEM_OR_CALL)


@observe("bge/item_data_as_text", dear=True)
def item_data_as_text(trial: Trial) -> str:
    """An item whose `stream_data` is the text of an object, read back."""
    trial.learn(a_batch)
    text = '{"name": "leo"}'
    found = items_told(trial, batch(trial, item(trial, stream_data=text)), 1)
    trial.require(found is not None, "a batch that is taken")
    if not found or not found[0].succeeded:
        return _ITEM_FAILS
    trial.require(found[0].id, "the stream_id of an item")
    data = shown(trial, str(found[0].id)).get("stream_data")
    return which(data, {"kept": text, "parsed": {"name": "leo"}})


@observe("bge/duplicate_item_answer", dear=True)
def duplicate_item_answer(trial: Trial) -> str:
    """A batch sent twice."""
    first = trial.learn(a_batch)
    sent = item(trial, first.key, stream_data=first.data)
    found = items_told(trial, batch(trial, sent), 1)
    trial.require(found is not None, "a repeated batch that is taken")
    if not found or not found[0].succeeded:
        return _ITEM_FAILS
    return which(found[0].id, {"older_id": first.id})


@observe("bge/equal_items_in_batch", dear=True)
def equal_items_in_batch(trial: Trial) -> str:
    """A batch of two items that differ only in their data."""
    trial.learn(a_batch)
    key, mine = free_key(trial), trial.names.letters()
    items = [item(trial, key, stream_data={"name": mine, "n": n}) for n in (1, 2)]
    found = items_told(trial, batch(trial, *items), 2)
    trial.require(found is not None, "a batch of two equal items that is taken")
    assert found is not None
    ids = [each.id for each in found if each.succeeded and each.id]
    data = [row.get("stream_data") for row in held(trial, ground(trial), [key], ids)]
    stored = sorted(
        each["n"] for each in data if isinstance(each, dict) and each.get("name") == mine
    )
    if not stored:
        trial.require(not ids, "the items that succeeded, in range")
        return "none"
    if len(stored) > 1:
        raise OtherChoice("both are stored")
    return which(stored[0], {"first": 1, "last": 2})


# -- bind ----------------------------------------------------------------------------------------


@observe("bge/unbound_sample", dear=True)
def unbound_sample(trial: Trial) -> str:
    """A bind with a biosample that is bound to no entity."""
    samples = trial.fixtures.get("biosamples") or {}
    unbound = next((sample for sample, entity in samples.items() if entity is None), None)
    trial.require(unbound is not None, "fixtures.biosamples: one that is bound to none")
    outcome = trial.client.call("bind", biosample_id=unbound)
    if not trial.granted(outcome, "the bind"):
        return REJECTED
    data = outcome.payload
    trial.require(
        isinstance(data, dict) and "fundamental_entity_id" in data, "fundamental_entity_id"
    )
    return which(data["fundamental_entity_id"], {"null_entity": None})


@observe("bge/empty_batch")
def empty_batch(trial: Trial) -> str:
    """A batch with `streams` []."""
    outcome = trial.client.call("batch_write", streams=[])
    if not trial.granted(outcome, "an empty batch"):
        return REJECTED
    if calls.answers(outcome.payload):
        raise OtherChoice("answers to no items")
    return "empty"


OBSERVERS = (
    *(unknown_element_on_write, stream_data_not_object, data_checked_against_element),
    *(number_kinds, big_integers, duplicate_answer, same_instant_other_spelling),
    *(over_batch, unknown_element_in_batch, item_lacks_field, item_bad_time),
    *(item_wrong_type, item_data_as_text, duplicate_item_answer, equal_items_in_batch),
    *(unbound_sample, empty_batch),
)
