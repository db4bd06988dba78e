"""What holds for every call: answers, malformed input, and records seen from all sides."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from streamproof.contracts.bge import batching, calls, reading, times, writing
from streamproof.contracts.bge.found import survey
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, shown
from streamproof.contracts.bge.ranging import arguments as range_arguments
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.bge.series import bound_sample, crowd, other_element, plain, store, tied
from streamproof.contracts.check import Check, Mismatch, Trial, Unmet, check
from streamproof.contracts.laws.clocks import shows_now
from streamproof.contracts.laws.malformed import no_server_error
from streamproof.contracts.values import spelled
from streamproof.contracts.wire import Outcome

_OLD_ONE = "a record, read again"
_TWO_KEYS = "records of two keys"
_TWO_RECORDS = "two records of one data element"
_FOUND = "a record, found"

# -- answers -------------------------------------------------------------------------------------


def _is_json(outcome: Outcome) -> Mismatch | bool:
    """An accepted answer says that it is JSON."""
    if not calls.tells(outcome):
        return False
    kind = outcome.headers.get("content-type", "")
    if kind.partition(";")[0].strip().lower() != "application/json":
        return Mismatch("content-type", "content type application/json", f"{kind or 'none'}")
    return True


def _is_enveloped(outcome: Outcome) -> Mismatch | bool:
    """An accepted answer is an object that holds its data, or is the data itself."""
    if not outcome.accepted and (not outcome.trouble or outcome.data is None):
        return False  # a body that is no JSON breaks the rule on its shape
    if not isinstance(outcome.data, Mapping):
        return Mismatch("no-object", "a JSON object", str(outcome))
    if "code" in outcome.data and not isinstance(outcome.payload, Mapping):
        return Mismatch("no-data", "an object in data beside code 0", str(outcome))
    return calls.tells(outcome)


def _good_call(trial: Trial) -> None:
    outcome = trial.client.call("range", **range_arguments(trial))
    trial.given(outcome, "a range")
    trial.require(calls.tells(outcome), "a page, answered")


# -- malformed input -----------------------------------------------------------------------------


def _is_no_server_error(outcome: Outcome) -> Mismatch | bool:
    """No answer is a server error. (A gateway that finds no service says so by 502 to 504.)"""
    if outcome.status is None or outcome.unavailable:
        return False
    if outcome.status >= 500:
        return Mismatch("server-error", "a status below 500", str(outcome))
    return True


ARGUMENTS = {
    "range": range_arguments,
    "write": writing.arguments,
    "batch_write": batching.arguments,
    "retrieve": reading.retrieve_arguments,
    "bind": reading.bind_arguments,
}


def _nowhere(trial: Trial) -> Mapping[str, str]:
    """What makes a write fail, whatever its data are: an entity that doesn't exist."""
    stranger = {"fundamental_entity_id": unknown(trial)}
    outcome = trial.client.call("write", **{**writing.arguments(trial), **stranger})
    trial.judged(outcome, "a write for an unknown entity")
    return stranger if outcome.rejected else {}


def _nowhere_in_batch(trial: Trial) -> Mapping[str, str]:
    """The same for the items of a batch."""
    stranger = {"fundamental_entity_id": unknown(trial)}
    sent = batching.arguments(trial)
    items = [{**item, **stranger} for item in sent["streams"]]
    outcome = trial.client.call("batch_write", **{**sent, "streams": items})
    trial.judged(outcome, "a batch for an unknown entity")
    told = calls.answers(outcome.payload) if calls.tells(outcome) else ()
    failed = [answer.get("is_succeed") is False and not calls.told_id(answer) for answer in told]
    refused = outcome.rejected or (len(failed) == len(items) and all(failed))
    return stranger if refused else {}


# No write may reach beyond the run's own stretch of time, so times stay what they are. What may
# be stored can't be deleted again, so poison goes nowhere but to an entity that doesn't exist.
_MALFORMED = no_server_error(
    "bge/any/no-server-error",
    ARGUMENTS,
    keys=["stream_generate_time"],
    shields={
        "write": lambda trial: trial.learn(_nowhere),
        "batch_write": lambda trial: trial.learn(_nowhere_in_batch),
    },
)


# -- what calls leave behind ---------------------------------------------------------------------


_FORBIDDEN_BY = {
    "no data": "bge/write/requires-stream-data",
    "data that is no JSON": "bge/write/data-not-json-rejected",
    "a batch of no array": "bge/batch_write/not-an-array-rejected",
}


@check("bge/any/rejected-stores-nothing", _OLD_ONE)
def _rejected_stores_nothing(trial: Trial) -> None:
    """A rejected write or batch adds no record to its key and changes none there."""
    here = ground(trial)
    [key] = here.keys(1)
    older = store(trial, key)
    before = calls.ids(held(trial, here, [key], [older.id]))
    trial.require(older.id in before, "the record that is there already")
    data = shown(trial, older.id).get("stream_data")
    item = key.item({"name": "tom"})
    bad = trial.draw(st.sampled_from(tuple(_FORBIDDEN_BY)))
    match bad:
        case "no data":
            del item["stream_data"]
            outcome = trial.client.call("write", **item, duplicate_enabled="true")
        case "data that is no JSON":
            item["stream_data"] = "{'name': 'tom'}"
            outcome = trial.client.call("write", **item, duplicate_enabled="true")
        case _:
            outcome = trial.client.call("batch_write", streams=item, duplicate_enabled="true")
    trial.refused(outcome, f"a write with {bad}", _FORBIDDEN_BY[bad])
    after = calls.ids(held(trial, here, [key], [older.id]))
    trial.lacks(after, [i for i in after if i not in before], f"the key after a write with {bad}")
    now = shown(trial, older.id).get("stream_data")
    trial.equal(now, data, "the data of the older record", reason="changed")
    trial.witness(_OLD_ONE)


@check("bge/any/reads-change-nothing", _OLD_ONE, reads=True)
def _reads_change_nothing(trial: Trial) -> None:
    """A record is the same before and after calls that only read."""
    series = trial.once(plain)
    record = trial.draw(st.sampled_from(series.records))
    before = shown(trial, record.id)
    listed = calls.listed(trial, **series.query)
    for direction in ("asc", "desc"):
        trial.client.call("range", **series.query, limit=3, sort_direction=direction)
    trial.client.call("retrieve", stream_id=record.id)
    if trial.fixtures.get("biosamples") and trial.client.may("bind"):
        trial.client.call("bind", biosample_id=bound_sample(trial)[0])
    trial.equal(shown(trial, record.id), before, "the record, read again", reason="changed")
    again = calls.listed(trial, **series.query)
    if trial.reads_only:  # others may have added some
        listed, again = series.own(listed), series.own(again)
    trial.equal(
        sorted(calls.ids(again)), sorted(calls.ids(listed)), "the records", reason="other-records"
    )
    trial.witness(_OLD_ONE)


# -- the record ----------------------------------------------------------------------------------


@check("bge/any/stream-ids-unique", _TWO_KEYS, reads=True)
def _stream_ids_unique(trial: Trial) -> None:
    """One id, one record: of single writes, of batches, and of writes with permission."""
    if trial.reads_only:
        rows = [row for found in trial.learn(survey).stretches.values() for s in found for row in s]
    else:
        series = [trial.once(build) for build in (plain, other_element, tied, crowd)]
        rows = [row for each in series for row in calls.walked(trial, **each.query).records]
        rows += _of_two_entities(trial)
    keys: dict[str, set[tuple[object, ...]]] = {}
    for row in rows:
        key = (calls.entity(row), calls.element(row), spelled(row.get("stream_generate_time")))
        keys.setdefault(calls.identify(row), set()).add((*key, spelled(row.get("stream_data"))))
    shared = {found: of for found, of in keys.items() if len(of) > 1}
    trial.holds(
        not shared,
        "shared-id",
        expected="a stream_id of its own for each record",
        actual=f"records of one stream_id: {next(iter(shared.items()), None)}",
    )
    if len(keys) > 1:
        trial.witness(_TWO_KEYS)


def _of_two_entities(trial: Trial) -> list[calls.Row]:
    """Records of one data element and time, of two entities if there are as many."""
    here = ground(trial)
    [moment] = here.moments(1)
    keys = [here.key_at(moment, entity) for entity in range(min(2, len(here.entities)))]
    for key in keys:
        store(trial, key)
    return held(trial, here, keys)


@check("bge/any/data-element-described", _TWO_RECORDS, reads=True)
def _data_element_described(trial: Trial) -> None:
    """Every record of a data element describes it alike, and as the fixtures tell."""
    told = trial.draw(st.sampled_from(calls.fixture(trial, "data_elements")))
    known = {"id": told} if isinstance(told, str) else told
    one, other = (shown(trial, i).get("data_element") for i in _two_of(trial, known["id"]))
    if not isinstance(one, Mapping):
        raise Unmet("a data_element that is an object")
    for name in ("id", "name", "description", "source_domain", "source_id"):
        member = f"data_element_{name}"
        trial.holds(
            isinstance(one.get(member), str),
            "not-described",
            expected=f"text in {member}",
            actual=spelled(one.get(member)),
        )
        if name in known:
            trial.equal(one[member], known[name], member, reason="described-otherwise")
    trial.equal(other, one, "the data_element of another record", reason="described-differently")
    trial.witness(_TWO_RECORDS)


def _two_of(trial: Trial, element: str) -> Sequence[str]:
    """The ids of two records of a data element."""
    if trial.reads_only:
        ids = calls.ids(trial.learn(survey).rows(element=element))
        trial.require(len(ids) > 1, f"two records of the data element {element}")
        return ids[0], ids[-1]
    here = ground(trial)
    place = here.elements.index(element)
    return [store(trial, here.key_at(at, element=place)).id for at in here.moments(2)]


@check("bge/any/create-time-is-now", _FOUND)
def _create_time_is_now(trial: Trial) -> None:
    """`create_time` is the time of the write, give or take what clocks differ."""
    here = ground(trial)
    [key] = here.keys(1)
    before = datetime.now(UTC)
    outcome = trial.client.call("write", **key.item('{"name": "leo"}'), **here.permit())
    record_id = calls.stream_id(trial.given(outcome, "a write"))
    created = times.instant(shown(trial, record_id).get("create_time"))
    if created is None:
        raise Unmet("a readable create_time")
    shows_now(trial, times.moment(created), outcome, before, "create_time")
    trial.witness(_FOUND)


@check("bge/any/create-time-constant", _OLD_ONE)
def _create_time_constant(trial: Trial) -> None:
    """`create_time` is the same later, also after another write to the key."""
    [key] = ground(trial).keys(1)
    record = store(trial, key)
    before = shown(trial, record.id).get("create_time")
    trial.require(times.instant(before) is not None, "a readable create_time")
    trial.client.call("write", **key.item('{"name": "tom"}'), duplicate_enabled="true")
    # Long enough for any clock that the text shows to have moved on.
    time.sleep(0.01 if isinstance(before, str) and "." in before else 1.1)
    after = shown(trial, record.id).get("create_time")
    trial.equal(after, before, "create_time, read again", reason="moved")
    trial.witness(_OLD_ONE)


CHECKS = (
    replace(_MALFORMED, watch=_is_no_server_error),
    Check("bge/any/json-content-type", _good_call, watch=_is_json, reads=True),
    Check("bge/any/envelope", _good_call, watch=_is_enveloped, reads=True),
    _rejected_stores_nothing,
    _reads_change_nothing,
    _stream_ids_unique,
    _data_element_described,
    _create_time_is_now,
    _create_time_constant,
)
