"""stream.md > stream_range: the call, and which records it answers, in which order."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.found import best_of, survey
from streamproof.contracts.bge.series import (
    Series,
    a_record_of_each,
    bound_sample,
    by_sample,
    of_sample,
    other_element,
    other_entity,
    plain,
)
from streamproof.contracts.check import Check, Trial, check
from streamproof.contracts.laws import one_of
from streamproof.contracts.laws.orders import in_order
from streamproof.contracts.wire import Outcome

_ANSWERED = "a page with a record"
_MATCH, _NO_MATCH = "a record that matches", "a record that doesn't match"
_TWO_KEYS = "two distinct keys"
_TWO_RECORDS = "two records, by sample and by entity"


def arguments(trial: Trial) -> dict[str, Any]:
    """A minimal call, for which there is something to answer where the fixtures let us write."""
    entity = calls.fixture(trial, "entities")[0]
    if trial.reads_only:
        entity = trial.learn(survey).pair[0]
    return {**_whence(trial, entity), "fundamental_entity_id": entity}


def sample_arguments(trial: Trial) -> dict[str, Any]:
    """The same by a sample."""
    sample, entity = bound_sample(trial)
    return {**_whence(trial, entity), "biosample_id": sample}


def _whence(trial: Trial, entity: str) -> dict[str, Any]:
    """Namespace and data element, of which the entity has a record if it may be written to.

    (A range that nothing matches may be rejected: silent point no_match.)
    """
    if trial.reads_only:
        element = best_of(trial, entity)[1]
        return {"namespace": calls.fixture(trial, "namespace"), "data_element_id": element}
    element = calls.fixture(trial, "data_elements")[0]
    if "time_span" in trial.fixtures and entity in trial.fixtures.get("entities", ()):
        trial.once(a_record_of_each)
    return {
        "namespace": calls.fixture(trial, "namespace"),
        "data_element_id": element if isinstance(element, str) else element["id"],
    }


# -- the call ----------------------------------------------------------------------------------


@check("bge/range/minimal-call", _ANSWERED, reads=True)
def _minimal_call(trial: Trial) -> None:
    """Namespace, data element and entity are enough."""
    _answers(trial, arguments(trial), "a minimal range")


@check("bge/range/accepts-biosample", _ANSWERED, reads=True)
def _accepts_biosample(trial: Trial) -> None:
    """A sample stands for its entity."""
    _answers(trial, sample_arguments(trial), "a range by sample")


@check("bge/range/limit-100-accepted", _ANSWERED, reads=True)
def _limit_100_accepted(trial: Trial) -> None:
    """The largest limit that there is a word of is accepted."""
    _answers(trial, {**arguments(trial), "limit": 100}, "limit=100")


def _answers(trial: Trial, query: Mapping[str, Any], what: str) -> None:
    page = calls.page(trial.accepted(trial.client.call("range", **query), what))
    if page.records:
        trial.witness(_ANSWERED)


@check("bge/range/neither-rejected", one_of.EACH_ALONE, reads=True)
def _neither_rejected(trial: Trial) -> None:
    """A range that says neither whose records nor of which sample is rejected."""
    query = arguments(trial)
    alternatives = {"fundamental_entity_id": query["fundamental_entity_id"]}
    one_of.neither_is_rejected(trial, _asking(trial, query), alternatives)


@check("bge/range/both-rejected", one_of.EACH_ALONE, reads=True)
def _both_rejected(trial: Trial) -> None:
    """A range that says both is rejected, although they agree."""
    sample, entity = bound_sample(trial)
    alternatives = {"fundamental_entity_id": entity, "biosample_id": sample}
    call = _asking(trial, sample_arguments(trial))
    one_of.both_are_rejected(trial, call, alternatives)


def _asking(trial: Trial, query: Mapping[str, Any]) -> Callable[..., Outcome]:
    """Range with the alternatives that are given instead of those of `query`."""
    whose = ("fundamental_entity_id", "biosample_id")
    rest = {name: value for name, value in query.items() if name not in whose}
    return lambda **given: trial.client.call("range", **rest, **given)


# -- which records -----------------------------------------------------------------------------


@check("bge/range/only-namespace", _MATCH, _NO_MATCH, reads=True)
def _only_namespace(trial: Trial) -> None:
    """Our records are not answered for another namespace, nor another's for ours."""
    series, ours = trial.once(plain), calls.fixture(trial, "namespace")
    found = calls.listed(trial, **series.query)
    trial.require(set(series.ids) & set(calls.ids(found)), "our records, asked for")
    trial.witness(_MATCH)
    strangers = [row for row in found if calls.identify(row) not in series.ids]
    foreign = [row for row in strangers if calls.namespace(row) != ours]
    trial.lacks(calls.ids(found), calls.ids(foreign), f"the answer for namespace {ours}")
    other = trial.draw(st.sampled_from(("NO_SUCH_NAMESPACE", ours.lower() + "_2", ours[:-1])))
    trial.require(other and other != ours, "another namespace")
    answered = calls.ids(calls.listed(trial, **{**series.query, "namespace": other}))
    trial.lacks(answered, series.ids, f"the answer for namespace {other}")
    trial.witness(_NO_MATCH)


@check("bge/range/only-data-element", _MATCH, _NO_MATCH, reads=True)
def _only_data_element(trial: Trial) -> None:
    """Records of another data element of the entity are not answered."""
    _only(trial, trial.once(plain), trial.once(other_element), calls.element)


@check("bge/range/only-entity", _MATCH, _NO_MATCH, reads=True)
def _only_entity(trial: Trial) -> None:
    """Records of another entity are not answered."""
    _only(trial, trial.once(plain), trial.once(other_entity), calls.entity)


def _only(trial: Trial, asked: Series, others: Series, told: Callable[[calls.Row], object]) -> None:
    """Each of two series of the same times is answered without the other.

    Records that are not ours are judged by what they tell of themselves.
    """
    for wanted, strange in ((asked, others), (others, asked)):
        found = calls.listed(trial, **wanted.query)
        trial.require(set(wanted.ids) & set(calls.ids(found)), "our records, asked for")
        trial.witness(_MATCH)
        trial.lacks(calls.ids(found), strange.ids, "the answer")
        trial.witness(_NO_MATCH)
        ours = {*asked.ids, *others.ids}
        strangers = [row for row in found if calls.identify(row) not in ours]
        wrong = [r for r in strangers if told(r) not in wanted.query.values()]
        trial.lacks(calls.ids(found), calls.ids(wrong), "the answer")


@check("bge/range/caller-namespace", _MATCH)
def _caller_namespace(trial: Trial) -> None:
    """What the caller writes bears the caller's namespace."""
    series = trial.once(plain)
    rows = [r for r in calls.listed(trial, **series.query) if calls.identify(r) in series.ids]
    for row in rows:
        trial.equal(
            calls.namespace(row),
            calls.fixture(trial, "namespace"),
            "the namespace of our record",
            reason="namespace",
        )
        trial.witness(_MATCH)


@check("bge/range/sample-equals-entity", _TWO_RECORDS, reads=True)
def _sample_equals_entity(trial: Trial) -> None:
    """By sample and by entity come the same records in the same order (ties aside)."""
    direction = trial.draw(st.sampled_from(("asc", "desc")))
    series = trial.once(of_sample)
    by_entity = calls.listed(trial, **series.query, sort_direction=direction)
    found = calls.listed(trial, **by_sample(trial), sort_direction=direction)
    if trial.reads_only:  # others may have added to one of the two
        strangers = [row for row in found if calls.identify(row) not in series.ids]
        foreign = [row for row in strangers if calls.entity(row) != bound_sample(trial)[1]]
        trial.lacks(calls.ids(found), calls.ids(foreign), "the records by sample")
        found, by_entity = series.own(found), series.own(by_entity)
    trial.equal(
        sorted(calls.ids(found)),
        sorted(calls.ids(by_entity)),
        "the records by sample",
        reason="other-records",
    )
    trial.equal(
        [row.get("stream_generate_time") for row in found],
        [row.get("stream_generate_time") for row in by_entity],
        "the times by sample",
        reason="other-order",
    )
    if len(found) > 1:
        trial.witness(_TWO_RECORDS)


# -- in which order ----------------------------------------------------------------------------


def _sorted(direction: str) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A page is ordered by generate time; equal times may stand in any order."""
        limit = trial.draw(st.integers(2, 20))
        series = trial.once(plain)
        query = {**series.query, "limit": limit, "sort_direction": direction}
        page = calls.page(trial.given(trial.client.call("range", **query), "range"))
        ours = [row for row in page.records if calls.identify(row) in series.ids]
        in_order(trial, ours, key=calls.instant, descending=direction == "desc", told=times.told)

    return run


def times_shown(trial: Trial, extra: Mapping[str, Any]) -> list[str]:
    """What shows the default of `sort_direction`: the times of a page, in their order."""
    series = trial.once(plain)
    query = {**series.query, "limit": 100 if trial.reads_only else 20, **extra}
    page = calls.page(trial.given(trial.client.call("range", **query), "range"))
    rows = series.own(page.records) if trial.reads_only else page.records
    trial.require(len(rows) > 1, "a page of two records")
    return [times.told(calls.instant(row)) for row in rows]


def unknown(trial: Trial) -> str:
    """An id that nothing has, in the form of a UUID."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, trial.names.letters()))


CHECKS = (
    _minimal_call,
    _accepts_biosample,
    _limit_100_accepted,
    _neither_rejected,
    _both_rejected,
    _only_namespace,
    _only_data_element,
    _only_entity,
    _caller_namespace,
    _sample_equals_entity,
    Check("bge/range/sort-asc", _sorted("asc"), (_TWO_KEYS,), reads=True),
    Check("bge/range/sort-desc", _sorted("desc"), (_TWO_KEYS,), reads=True),
)
