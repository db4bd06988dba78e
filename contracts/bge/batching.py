"""stream.md > batch_write_stream: the call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, shown
from streamproof.contracts.check import Check, Trial, check

_ANSWERED = "a batch, answered"
_STORED = "a hundred records, stored"
_LARGEST = 100
_LOOKED_AT = 5  # records of a large batch that are retrieved
_NO_ARRAY = ("{}", '{"0": []}', '"text"', "1", "no JSON", "[", "[{}")

Answers = Sequence[Mapping[str, Any]]


def arguments(trial: Trial) -> dict[str, Any]:
    """A good batch of two, under keys that nothing has."""
    here = ground(trial)
    return {"streams": items(trial, here.keys(2)), **here.permit()}


def items(trial: Trial, keys: Sequence[Key]) -> list[dict[str, Any]]:
    return [key.item({"name": trial.names.letters()}) for key in keys]


def batch(trial: Trial, sent: Sequence[Any], **more: Any) -> Answers:
    """The answers to a batch that other rules answer for, one per item."""
    permit = ground(trial).permit()
    outcome = trial.client.call("batch_write", streams=sent, **{**permit, **more})
    told = calls.answers(trial.given(outcome, "a batch"))
    trial.require(len(told) == len(sent), "an answer for each item")
    return told


# -- the call ------------------------------------------------------------------------------------


@check("bge/batch_write/minimal-call", _ANSWERED)
def _minimal_call(trial: Trial) -> None:
    """An array of complete items is enough; whether each of them is stored is their affair."""
    here = ground(trial)
    sent = items(trial, [here.year_key(), here.year_key()])
    outcome = trial.client.call("batch_write", streams=sent)
    if calls.answers(trial.accepted(outcome, "a batch")):
        trial.witness(_ANSWERED)


@check("bge/batch_write/accepts-duplicate-flag", _ANSWERED)
def _accepts_duplicate_flag(trial: Trial) -> None:
    """The flag may be sent, as in the printed call."""
    sent = items(trial, [ground(trial).year_key()])
    outcome = trial.client.call("batch_write", streams=sent, duplicate_enabled="true")
    if calls.answers(trial.accepted(outcome, "a batch with duplicate_enabled=true")):
        trial.witness(_ANSWERED)


def _rejected(slug: str, bad: calls.Bad) -> Check:
    run = calls.rejects("batch_write", arguments, "streams", bad)
    return Check(f"bge/batch_write/{slug}", run, (calls.GOOD_TWIN,))


@check("bge/batch_write/accepts-100", _STORED)
def _accepts_100(trial: Trial) -> None:
    """A hundred good items are accepted, and each is stored."""
    here = ground(trial)
    keys = here.keys(_LARGEST)
    sent = {"streams": items(trial, keys), **here.permit()}
    told = calls.answers(trial.accepted(trial.client.call("batch_write", **sent), "100 items"))
    trial.require(len(told) == _LARGEST, "an answer for each item")
    ids = [calls.told_id(answer) for answer in told]
    stored = [found for found in ids if found is not None]
    trial.holds(
        len(stored) == _LARGEST,
        "not-all-stored",
        expected=f"{_LARGEST} records stored",
        actual=f"{len(stored)} stream ids answered",
    )
    for record_id in stored[:: _LARGEST // _LOOKED_AT]:
        trial.equal(shown(trial, record_id)["stream_id"], record_id, "the id", reason="other-id")
    trial.witness(_STORED)


@check("bge/batch_write/never-over-100", calls.GOOD_TWIN)
def _never_over_100(trial: Trial) -> None:
    """More than a hundred items are rejected, or those beyond the hundredth fail."""
    count = trial.draw(st.sampled_from((_LARGEST + 1, _LARGEST + 20)))
    here = ground(trial)
    trial.require(here.fine, "a spelling of time that is finer than a year")
    keys = here.keys(count)
    outcome = trial.client.call("batch_write", streams=items(trial, keys))
    told = [] if outcome.rejected else calls.answers(trial.given(outcome, f"{count} items"))
    named = [found for answer in told if (found := calls.told_id(answer))]
    stored = calls.ids(held(trial, here, keys)) if here.namespace else named
    trial.holds(
        max(len(stored), len(named)) <= _LARGEST,
        "too-many",
        expected=f"at most {_LARGEST} records stored",
        actual=f"{len(stored)} records stored, {len(named)} stream ids answered",
    )
    batch(trial, items(trial, here.keys(2)))
    trial.witness(calls.GOOD_TWIN)


CHECKS = (
    _minimal_call,
    _accepts_duplicate_flag,
    _rejected("not-an-array-rejected", lambda t, _: (t.draw(st.sampled_from(_NO_ARRAY)),)),
    _rejected("null-streams-rejected", lambda *_: ("null",)),
    _accepts_100,
    _never_over_100,
)
