"""stream.md > stream_retrieve and stream_bind: one record, and the entity of a sample."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.found import survey
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, retrieve, shown
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.bge.series import (
    Stored,
    bound_sample,
    by_sample,
    of_sample,
    plain,
    store,
)
from streamproof.contracts.check import Check, Trial, check

_FOUND = "a record, found"
_BOUND = "an entity, answered"
_NOT_COUNTED = 16  # signs of an id that is no number of the record, to which another may be near
_AGAIN = "the same entity again"


def retrieve_arguments(trial: Trial) -> dict[str, Any]:
    """A record that had time to show."""
    return {"stream_id": trial.once(_some_record)}


def bind_arguments(trial: Trial) -> dict[str, Any]:
    """A sample that is bound."""
    return {"biosample_id": bound_sample(trial)[0]}


def _some_record(trial: Trial) -> str:
    """The id of a record of this run, as range shows it if it can be asked, given time to show."""
    if trial.reads_only:
        known = trial.learn(survey)
        return calls.identify(known.rows(*known.pair)[0])
    here = ground(trial)
    [key] = here.keys(1)
    record = store(trial, key)
    rows = held(trial, here, [key], [record.id]) if here.namespace else []
    found = record.id if here.namespace is None or not rows else calls.identify(rows[0])
    retrieve(trial, found)
    return found


# -- retrieve ------------------------------------------------------------------------------------


@check("bge/retrieve/minimal-call", _FOUND, reads=True)
def _minimal_retrieve(trial: Trial) -> None:
    """The id of a record is enough."""
    record_id = trial.once(_some_record)
    outcome = trial.client.call("retrieve", stream_id=record_id)
    calls.record(trial.accepted(outcome, "retrieve of a record"))
    trial.witness(_FOUND)


@check("bge/retrieve/as-in-range", _FOUND, reads=True)
def _as_in_range(trial: Trial) -> None:
    """Range and retrieve show one record the same, field for field, one of a year alone too."""
    series = trial.once(plain)
    if trial.reads_only:
        record = trial.draw(st.sampled_from(series.records))
        rows = calls.listed(trial, **series.query)
    else:
        record = trial.draw(st.sampled_from((*series.records, trial.once(_of_a_year))))
        rows = held(trial, ground(trial), [record.key], [record.id])
    listed = next((row for row in rows if calls.identify(row) == record.id), None)
    trial.require(listed is not None, "the record in range")
    trial.equal(shown(trial, record.id), listed, "the record", reason="differs")
    trial.witness(_FOUND)


def _of_a_year(trial: Trial) -> Stored:
    return store(trial, ground(trial).year_key())


def _strangers(trial: Trial, known: str) -> tuple[str, ...]:
    """An id that no record has."""
    # In the server's own form as far as possible: the same length and signs, other digits.
    turned = known.translate(str.maketrans("0123456789abcdef", "f0123456789abcde"))
    near = (turned, known + "0") if len(known) >= _NOT_COUNTED else ()
    stranger = trial.draw(st.sampled_from((unknown(trial), *near)))
    trial.require(stranger != known, "an id that no record has")
    return (stranger,)


# -- bind ----------------------------------------------------------------------------------------


@check("bge/bind/minimal-call", _BOUND)
def _minimal_bind(trial: Trial) -> None:
    """A sample is enough."""
    outcome = trial.client.call("bind", **bind_arguments(trial))
    trial.accepted(outcome, "bind of a bound sample")
    trial.require(calls.tells(outcome), "an answer with fundamental_entity_id")
    trial.witness(_BOUND)


@check("bge/bind/entity-of-sample", _BOUND)
def _entity_of_sample(trial: Trial) -> None:
    """Each sample of the fixtures has the entity that they tell."""
    bound = {s: e for s, e in calls.fixture(trial, "biosamples").items() if e is not None}
    for sample, entity in bound.items():
        trial.equal(_bound_to(trial, sample), entity, f"the entity of {sample}", reason="entity")
        trial.witness(_BOUND)


@check("bge/bind/same-each-time", _AGAIN)
def _same_each_time(trial: Trial) -> None:
    """A sample's entity is the same however often it is asked for."""
    sample, _ = bound_sample(trial)
    first = _bound_to(trial, sample)
    for _ in range(3):
        trial.equal(_bound_to(trial, sample), first, "the entity, asked again", reason="entity")
    trial.witness(_AGAIN)


@check("bge/bind/agrees-with-range", _FOUND)
def _agrees_with_range(trial: Trial) -> None:
    """The records of a sample are of the entity that bind answers for it."""
    series = trial.once(of_sample)
    entity = _bound_to(trial, bound_sample(trial)[0])
    for row in calls.listed(trial, **by_sample(trial)):
        trial.equal(calls.entity(row), entity, "the entity of a sample's record", reason="entity")
        if calls.identify(row) in series.ids:
            trial.witness(_FOUND)


def _bound_to(trial: Trial, sample: str) -> Any:
    outcome = trial.client.call("bind", biosample_id=sample)
    payload = trial.given(outcome, f"bind of {sample}")
    trial.require(calls.tells(outcome), "an answer with fundamental_entity_id")
    return payload["fundamental_entity_id"]


CHECKS = (
    _minimal_retrieve,
    _as_in_range,
    Check(
        "bge/retrieve/unknown-rejected",
        calls.rejects("retrieve", retrieve_arguments, "stream_id", _strangers),
        (calls.GOOD_TWIN,),
        reads=True,
    ),
    _minimal_bind,
    _entity_of_sample,
    _same_each_time,
    _agrees_with_range,
    Check(
        "bge/bind/unknown-rejected",
        calls.rejects("bind", bind_arguments, "biosample_id", lambda t, _: (unknown(t),)),
        (calls.GOOD_TWIN,),
    ),
)
