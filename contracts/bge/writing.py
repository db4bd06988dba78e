"""stream.md > write_stream: the call, and what is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, retrieve, shown
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.bge.series import store
from streamproof.contracts.check import Check, Trial, check
from streamproof.contracts.laws import unique
from streamproof.specs import wording

_WRITTEN = "a stream_id, answered"
_FOUND = "a record, found"
_TRIES = 12

_KEYS = st.text("abxyz_", min_size=1, max_size=4)
_PLAIN = st.sampled_from((None, True, False, 0, 1, -1, 250, "", "a", "b", "A", "leo"))
_TREES = st.recursive(
    _PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3)
        | inner.map(lambda value: [value, value])  # members that are equal are as many as were sent
        | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(_KEYS, _TREES, max_size=4)
# Characters that are escaped in JSON, in a form or in a signature, and some beyond ASCII.
TEXTS = st.one_of(
    st.text("aZ09 +-~&=%#?/\\\"'\n\t\u00e9\u03a9数据元😀\u2028", max_size=12),
    st.sampled_from(("e\u0301", " a\n", "\ufb01")),  # equal to no tidier text
)
_NAMED_TEXTS = st.dictionaries(_KEYS, TEXTS.filter(bool), min_size=1)
_NUMBER = st.one_of(
    st.integers(-(2**53), 2**53),
    st.sampled_from((2**53, -(2**53), 2**31, 0.1, 1e-9, 1e21)),
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
)
_NUMBERS = st.fixed_dictionaries(
    {"one": _NUMBER, "list": st.lists(_NUMBER, min_size=1, max_size=4, unique=True)}
)
_NOT_JSON = ("{", '{"a": 1', "{'a': 1}", '{"a" 1}', "[1, 2", "name: leo", '{"a": 1} x', "tru")
_NO_TIME = ("not-a-time", "someday", "1986-99-99", "T", "--", "一九八六")


def arguments(trial: Trial) -> dict[str, Any]:
    """A good write, under a key that nothing has."""
    here = ground(trial)
    [key] = here.keys(1)
    return {**key.item(json.dumps({"name": trial.names.letters()})), **here.permit()}


# -- the call ------------------------------------------------------------------------------------


@check("bge/write/minimal-call", _WRITTEN)
def _minimal_call(trial: Trial) -> None:
    """Entity, data element, a year and an object are enough.

    A year may be taken by an earlier run, and a free one may be refused because the server takes
    something else for its duplicate, as other rules judge.
    """
    here = ground(trial)
    for attempt in range(_TRIES):
        key = here.year_key(attempt % len(here.entities), attempt % len(here.elements))
        outcome = trial.client.call("write", **key.item('{"name": "leo"}'))
        if outcome.rejected and _as_duplicate(trial, key):
            continue
        calls.stream_id(trial.accepted(outcome, f"a write at the year {key.time}"))
        trial.witness(_WRITTEN)
        return
    trial.require(False, "a year in fixtures.time_span that is free")


def _as_duplicate(trial: Trial, key: calls.Key) -> bool:
    """Whether a write may have been rejected as a duplicate: forbidding duplicates doesn't help,
    permitting them does, and range shows some other record of the entity and data element."""
    here, item = ground(trial), key.item('{"name": "leo"}')
    if trial.client.call("write", **item, duplicate_enabled="false").accepted:
        return False
    permitted = trial.client.call("write", **item, duplicate_enabled="true")
    if not calls.tells(permitted) or here.namespace is None:
        return False
    own = calls.stream_id(permitted.payload)
    held(trial, here, [key], [own])  # gives it time to show
    query = here.asked(key.entity, key.element)
    outcome = trial.client.call("range", **query, limit=2)
    return calls.ids(calls.page(trial.given(outcome, "range")).records) != [own]


@check("bge/write/accepts-duplicate-flag", _WRITTEN)
def _accepts_duplicate_flag(trial: Trial) -> None:
    """The flag may be sent, as in the printed call."""
    key = ground(trial).year_key()
    outcome = trial.client.call("write", **key.item('{"name": "leo"}'), duplicate_enabled="true")
    calls.stream_id(trial.accepted(outcome, "a write with duplicate_enabled=true"))
    trial.witness(_WRITTEN)


def _rejected(slug: str, name: str, bad: calls.Bad) -> Check:
    run = calls.rejects("write", arguments, name, bad)
    return Check(f"bge/write/{slug}", run, (calls.GOOD_TWIN,))


@check("bge/write/unknown-entity-not-stored", _FOUND)
def _unknown_entity_not_stored(trial: Trial) -> None:
    """After such a write range shows nothing for that entity, while it shows a known one's."""
    here = ground(trial)
    [key] = here.keys(1)
    good, stranger = store(trial, key), unknown(trial)
    bad = {**key.item('{"name": "leo"}'), "fundamental_entity_id": stranger}
    outcome = trial.client.call("write", **bad)
    trial.refused(outcome, "a write for an unknown entity", "bge/write/unknown-entity-rejected")
    found = held(trial, here, [key], [good.id])
    trial.require(good.id in calls.ids(found), "the same write for a known entity, found")
    query = {**here.asked(stranger, key.element), **here.window(key.instant, key.instant)}
    rows = calls.ids(calls.listed(trial, **query))
    trial.lacks(rows, rows, "the answer for an unknown entity")
    trial.witness(_FOUND)


# -- what is stored ------------------------------------------------------------------------------


@check("bge/write/new-stream-id", "two generated keys")
def _new_stream_id(trial: Trial) -> None:
    """No two writes that store a record answer the same id."""
    here = ground(trial)
    keys = iter([*here.keys(4), here.key_at(here.moments(1)[0], element=0)])
    unique.keys_are_new(trial, lambda: store(trial, next(keys)).id, 5)


@check("bge/write/retrievable", _FOUND)
def _retrievable(trial: Trial) -> None:
    """The answered id retrieves the record that has it."""
    [key] = ground(trial).keys(1)
    record = store(trial, key)
    found = calls.record(trial.accepted(retrieve(trial, record.id), "retrieve of a fresh record"))
    trial.equal(calls.identify(found), record.id, "the stream_id retrieved", reason="other-id")
    trial.witness(_FOUND)


@check("bge/write/found-by-range", _FOUND)
def _found_by_range(trial: Trial) -> None:
    """Range with the record's entity, element and namespace shows it."""
    here = ground(trial)
    [key] = here.keys(1)
    record = store(trial, key)
    found = held(trial, here, [key], [record.id])
    if not found:  # perhaps for the window alone, which other rules judge
        query = here.asked(key.entity, key.element)
        found = calls.listed(trial, stop_at=[record.id], **query)
    # By its time where nobody else has it: whether the answered id is the record's own is for
    # other rules to say.
    by_time = [calls.instant(row) == key.instant for row in found] if here.fine else []
    trial.holds(
        record.id in calls.ids(found) or any(by_time),
        "lost",
        expected=f"range shows the record of {key.time}, {record.id}",
        actual=f"{len(found)} other records",
    )
    trial.witness(_FOUND)


@check("bge/write/key-kept", _FOUND)
def _key_kept(trial: Trial) -> None:
    """A record reads back with the entity, the data element and the instant that were sent."""
    here = ground(trial)
    [moment] = here.moments(1)
    entity = trial.draw(st.integers(0, len(here.entities) - 1))
    element = trial.draw(st.integers(0, len(here.elements) - 1))
    step = here.step if here.fine else 0
    key = here.key_at(moment + trial.draw(st.integers(0, 3)) * step, entity, element)
    row = shown(trial, store(trial, key).id)
    trial.equal(calls.entity(row), key.entity, "the entity", reason="entity")
    trial.equal(calls.element(row), key.element, "the data element", reason="element")
    calls.same_instant(trial, row, key)
    trial.witness(_FOUND)


def _kept(strategy: SearchStrategy[dict[str, Any]]) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """What was written as data reads back equal as JSON."""
        data = trial.draw(strategy)
        [key] = ground(trial).keys(1)
        row = shown(trial, store(trial, key, data).id)
        trial.equal(row.get("stream_data"), data, "the data", reason="data")
        trial.witness(_FOUND)

    return run


@check("bge/write/year-normalised", _FOUND)
def _year_normalised(trial: Trial) -> None:
    """A year is shown as its first instant, at +08:00."""
    key, row = _at_a_year(trial)
    text = row.get("stream_generate_time")
    trial.holds(
        times.shows_year(text, key.time),
        "time",
        expected=f"{key.time}-01-01T00:00:00.000000+0800",
        actual=wording.shown(text),
    )
    trial.witness(_FOUND)


@check("bge/write/year-mask", _FOUND)
def _year_mask(trial: Trial) -> None:
    """The mask tells that only a year's digits were stated."""
    _, row = _at_a_year(trial)
    mask = row.get("stream_generate_time_mask")
    trial.holds(
        isinstance(mask, str) and re.fullmatch(times.YEAR_MASK, mask),
        "mask",
        expected="1111-00-00T00:00:00.000000±1111",
        actual=wording.shown(mask),
    )
    trial.witness(_FOUND)


def _at_a_year(trial: Trial) -> tuple[calls.Key, calls.Row]:
    """A record written at a year; the key may be taken, so with permission if need be."""
    key = ground(trial).year_key()
    return key, shown(trial, store(trial, key).id)


CHECKS = (
    _minimal_call,
    _accepts_duplicate_flag,
    _rejected("data-not-json-rejected", "stream_data", lambda *_: _NOT_JSON),
    _rejected("bad-time-rejected", "stream_generate_time", lambda *_: _NO_TIME),
    _rejected("unknown-entity-rejected", "fundamental_entity_id", lambda t, _: (unknown(t),)),
    _unknown_entity_not_stored,
    _new_stream_id,
    _retrievable,
    _found_by_range,
    _key_kept,
    Check("bge/write/data-kept", _kept(_OBJECTS), (_FOUND,)),
    Check("bge/write/text-kept", _kept(_NAMED_TEXTS), (_FOUND,)),
    Check("bge/write/numbers-kept", _kept(_NUMBERS), (_FOUND,)),
    _year_normalised,
    _year_mask,
)
