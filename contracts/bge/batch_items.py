"""stream.md > batch_write_stream: answers item by item."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.batching import batch, items
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, retrieve
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.bge.series import store
from streamproof.contracts.check import Trial, check
from streamproof.contracts.laws import batches
from streamproof.contracts.laws.batches import SEVERAL
from streamproof.specs.wording import shown

_GOOD, _BAD = "a good item", "an item with an unknown entity"
_FOUND: Final = ("bge/batch_write/good-item-stored", "bge/write/found-by-range")
_AFTER_BAD, _BEFORE_BAD = "a good item after a bad one", "a good item before a bad one"


def _mixture(trial: Trial) -> tuple[list[dict[str, Any]], list[bool]]:
    """Items for several entities and elements, some of them for an unknown entity; and which of
    them are good."""
    here = ground(trial)
    good = trial.draw(st.lists(st.booleans(), min_size=2, max_size=6))
    moments = here.moments(len(good))
    keys = [
        here.key_at(moment, i % len(here.entities), (i // 2) % len(here.elements))
        for i, moment in enumerate(moments)
    ]
    sent = items(trial, keys)
    for item, is_good in zip(sent, good, strict=True):
        if not is_good:
            item["fundamental_entity_id"] = unknown(trial)
    return sent, good


@check("bge/batch_write/one-answer-per-item", SEVERAL)
def _one_answer_per_item(trial: Trial) -> None:
    """There is an answer for each item, be it good or bad."""
    sent, _ = _mixture(trial)
    outcome = trial.client.call("batch_write", streams=sent, **ground(trial).permit())
    batches.one_answer_each(trial, sent, calls.answers(trial.given(outcome, "a batch")))


@check("bge/batch_write/answers-in-order", SEVERAL)
def _answers_in_order(trial: Trial) -> None:
    """Each answer repeats entity and element of the item at its place."""
    sent, _ = _mixture(trial)
    batches.answers_in_order(
        trial,
        sent,
        batch(trial, sent),
        asked=lambda item: [item["fundamental_entity_id"], item["data_element_id"]],
        told=lambda answer: [
            calls.told(answer, "stream_meta", "fundamental_entity_id"),
            calls.told(answer, "data_element", "data_element_id"),
        ],
        what="entity and data element",
    )


@check("bge/batch_write/item-time-normalised", _GOOD, _BAD)
def _item_time_normalised(trial: Trial) -> None:
    """Each answer shows its item's year as the first instant of it, at +08:00."""
    here = ground(trial)
    keys = [here.year_key() for _ in range(3)]
    sent = items(trial, keys)
    sent[trial.draw(st.integers(0, 2))]["fundamental_entity_id"] = unknown(trial)
    for key, answer in zip(keys, batch(trial, sent, duplicate_enabled="true"), strict=True):
        text = calls.told(answer, "stream_generate_time")
        trial.holds(
            times.shows_year(text, key.time),
            "time",
            expected=f"{key.time}-01-01T00:00:00.000000+0800",
            actual=shown(text),
        )
        trial.witness(_GOOD if answer.get("is_succeed") else _BAD)


@check("bge/batch_write/caller-namespace", _GOOD, _BAD)
def _caller_namespace(trial: Trial) -> None:
    """Each answer bears the caller's namespace."""
    sent, good = _mixture(trial)
    for answer, is_good in zip(batch(trial, sent), good, strict=True):
        told = calls.told(answer, "stream_meta", "namespace")
        trial.equal(told, calls.fixture(trial, "namespace"), "the namespace", reason="namespace")
        trial.witness(_GOOD if is_good else _BAD)


@check("bge/batch_write/good-item-succeeds", _GOOD)
def _good_item_succeeds(trial: Trial) -> None:
    """A good item is answered with true, an empty message and an id."""
    here = ground(trial)
    sent = items(trial, here.keys(trial.draw(st.integers(1, 5))))
    for place, answer in enumerate(batch(trial, sent)):
        where = f"of answer {place}"
        trial.holds(  # of which type it is, is a matter of shape
            answer.get("is_succeed"),
            "is-succeed",
            expected=f"is_succeed true {where}",
            actual=shown(answer.get("is_succeed")),
        )
        told = answer.get("message") or ""  # printed empty, so it may be left out
        trial.equal(told, "", f"message {where}", reason="message")
        trial.holds(
            calls.told_id(answer),
            "stream-id",
            expected=f"a stream_id {where}",
            actual=shown(calls.told(answer, "stream_id")),
        )
        trial.witness(_GOOD)


@check("bge/batch_write/good-item-stored", _GOOD)
def _good_item_stored(trial: Trial) -> None:
    """The answered id retrieves the record that the item describes."""
    here = ground(trial)
    keys = [here.key_at(moment, i % len(here.entities)) for i, moment in enumerate(here.moments(2))]
    sent = [
        key.item({"name": trial.names.letters(), "n": [{"place": i}]}) for i, key in enumerate(keys)
    ]
    for key, item, answer in zip(keys, sent, batch(trial, sent), strict=True):
        found = retrieve(trial, calls.stream_id(answer.get("stream")))
        row = calls.record(trial.accepted(found, "retrieve of a stored item"))
        trial.equal(calls.entity(row), key.entity, "the entity", reason="entity")
        trial.equal(calls.element(row), key.element, "the data element", reason="element")
        calls.same_instant(trial, row, key)
        trial.equal(row.get("stream_data"), item["stream_data"], "the data", reason="data")
        trial.witness(_GOOD)


@check("bge/batch_write/new-stream-ids", SEVERAL)
def _new_stream_ids(trial: Trial) -> None:
    """No two stored items, and no item and a single write, have one id."""
    here = ground(trial)
    told = [*batch(trial, items(trial, here.keys(3))), *batch(trial, items(trial, here.keys(3)))]
    found = [calls.told_id(answer) for answer in told]
    trial.require(
        all(found), "a stream_id for each good item", "bge/batch_write/good-item-succeeds"
    )
    trial.no_repeats([*found, store(trial, here.keys(1)[0]).id], "the stream ids answered")
    trial.witness(SEVERAL)


@check("bge/batch_write/unknown-entity-fails", _GOOD, _BAD)
def _unknown_entity_fails(trial: Trial) -> None:
    """An item with an unknown entity is answered with false, a message, and no id."""
    sent, good = _mixture(trial)
    for place, (answer, is_good) in enumerate(zip(batch(trial, sent), good, strict=True)):
        if is_good:
            trial.witness(*([_GOOD] if answer.get("is_succeed") else []))
            continue
        where = f"of answer {place}"
        trial.holds(
            not answer.get("is_succeed"),
            "is-succeed",
            expected=f"is_succeed false {where}",
            actual=shown(answer.get("is_succeed")),
        )
        trial.holds(
            answer.get("message"),
            "message",
            expected=f"a message {where}",
            actual=shown(answer.get("message")),
        )
        trial.equal(calls.told(answer, "stream_id"), None, f"stream_id {where}", reason="stream-id")
        trial.witness(_BAD)


@check("bge/batch_write/unknown-entity-not-stored", _GOOD)
def _unknown_entity_not_stored(trial: Trial) -> None:
    """After a batch range shows nothing for the unknown entity in it."""
    here = ground(trial)
    [key] = here.keys(1)
    stranger = unknown(trial)
    [good, bad] = items(trial, [key, key])
    bad["fundamental_entity_id"] = stranger
    known = calls.told_id(batch(trial, [good, bad])[0])
    rows = held(trial, here, [key], [known] if known else [])
    trial.require(known in calls.ids(rows), "the good item beside it, found", *_FOUND)
    query = {**here.asked(stranger, key.element), **here.window(key.instant, key.instant)}
    found = calls.ids(calls.listed(trial, **query))
    trial.lacks(found, found, "the answer for an unknown entity")
    trial.witness(_GOOD)


@check("bge/batch_write/partial-success", _BEFORE_BAD, _AFTER_BAD)
def _partial_success(trial: Trial) -> None:
    """A failing item stops no other item, before or after it."""
    sent, good = _mixture(trial)
    found = [calls.told_id(answer) for answer in batch(trial, sent)]
    stored = [
        i is not None and trial.granted(retrieve(trial, i), "retrieve of a stored item")
        for i in found
    ]
    batches.failures_stop_nothing(trial, good, stored, "a record")
    if any(a and not b for a, b in pairwise(good)):
        trial.witness(_BEFORE_BAD)
    if any(b and not a for a, b in pairwise(good)):
        trial.witness(_AFTER_BAD)


@check("bge/batch_write/bad-item-not-stored", _GOOD)
def _bad_item_not_stored(trial: Trial) -> None:
    """An item that lacks an argument, or whose time is none, is not stored."""
    here = ground(trial)
    keys = here.keys(3)
    sent = items(trial, keys)
    fault = trial.draw(st.sampled_from((*sent[1], "a time")))
    good = [sent[0], sent[2]]
    if fault == "a time":
        sent[1]["stream_generate_time"] = "not-a-time"
    else:
        del sent[1][fault]
    outcome = trial.client.call("batch_write", streams=sent, **here.permit())
    if outcome.rejected:
        named, told = None, batch(trial, good)
        known = calls.told_id(told[0])
    else:
        told = calls.answers(trial.given(outcome, "a batch"))
        trial.require(len(told) == len(sent), "an answer for each item")
        known, named = calls.told_id(told[0]), calls.told_id(told[1])
    where = f"a batch with an item without {fault}"
    rows = calls.ids(held(trial, here, keys[:2], [known] if known else []))
    trial.require(known in rows, "the good item beside it, found", *_FOUND)
    at_its_key = set(rows) - {known} if here.fine else set()
    trial.lacks(rows, at_its_key, f"the key of the bad item after {where}")
    if named is not None:
        outcome = trial.client.call("retrieve", stream_id=named)
        taken = trial.granted(outcome, "retrieve of what a bad item was answered")
        trial.holds(
            not taken, "stored", expected=f"no record from {where}", actual=f"{named} is stored"
        )
    trial.witness(_GOOD)


CHECKS = (
    _one_answer_per_item,
    _answers_in_order,
    _item_time_normalised,
    _caller_namespace,
    _good_item_succeeds,
    _good_item_stored,
    _new_stream_ids,
    _unknown_entity_fails,
    _unknown_entity_not_stored,
    _partial_success,
    _bad_item_not_stored,
)
