"""Forms of bge's answers where the document is silent: envelope, statuses, ids, rejections."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.seeing import shelf, whole
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown


@observe("bge/envelope")
def envelope(trial: Trial) -> str:
    """The members of an accepted range: those of an envelope, or those of a page."""
    outcome = trial.client.call("range", **shelf(trial).query)
    trial.given(outcome, "a range")
    wrapping = {"code", "msg", "data"}
    names = {*outcome.data} if isinstance(outcome.data, Mapping) else set()
    if names >= wrapping:
        return "wrapped"
    if "result" in names and not names & wrapping:
        return "bare"
    raise OtherChoice(f"an object with {', '.join(sorted(names))}")


def _written(trial: Trial) -> Outcome:
    """A write that is accepted, of one record in all looks."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = trial.client.call("write", **key.item('{"probe": 3}'), **here.permit())
    trial.given(outcome, "a write")
    return outcome


@observe("bge/write_status")
def write_status(trial: Trial) -> int:
    """The status of an accepted write."""
    status = trial.learn(_written).status
    assert status is not None
    return status


@observe("bge/stream_id_form")
def stream_id_form(trial: Trial) -> str:
    """The ids of a series."""
    forms = {_form(each) for each in whole(trial)}
    if len(forms) > 1:
        raise OtherChoice(f"ids of several forms: {', '.join(sorted(forms))}")
    return forms.pop()


def _form(stream: str) -> str:
    """Its form; UUIDs are written as RFC 9562 has them, with hyphens."""
    try:
        known = uuid.UUID(stream)
    except ValueError:
        return "other"
    written = str(known) == stream.lower()
    return f"uuid{known.version}" if written and known.version in (1, 4) else "other"


def _refusals(trial: Trial) -> tuple[Outcome, Outcome, Outcome]:
    """What is refused for a bad argument, for its signature, and for something unknown."""
    query = dict(shelf(trial).query)
    del query["data_element_id"]
    argument = trial.client.call("range", **query)
    unsigned = trial.client.send(
        trial.client.request("range", **shelf(trial).query), None, watched=False
    )
    unknown = trial.client.call("retrieve", stream_id=str(uuid.uuid4()))
    refused = argument, unsigned, unknown
    for outcome in refused:
        trial.refused(outcome, "a bad call")
    return refused


def _by_reason(seen: list[Any], reasons: list[int]) -> Any:
    """The one value that all refusals have, or that each has its own."""
    if seen == reasons:
        return "by_reason"
    if len(set(map(repr, seen))) > 1:
        raise OtherChoice(f"{shown(seen)} for an argument, a signature, an unknown id")
    return seen[0]


@observe("bge/rejection_status")
def rejection_status(trial: Trial) -> Any:
    """The statuses of calls without an argument, without a signature, with an unknown id."""
    outcomes = trial.once(_refusals)
    return _by_reason([outcome.status for outcome in outcomes], [400, 401, 404])


@observe("bge/rejection_code")
def rejection_code(trial: Trial) -> Any:
    """The codes of calls without an argument, without a signature, with an unknown id."""
    return _by_reason([_member(o, "code") for o in trial.once(_refusals)], [400, 401, 404])


@observe("bge/rejection_message")
def rejection_message(trial: Trial) -> str:
    """The messages of two unlike rejections."""
    argument, _, unknown = trial.once(_refusals)
    first, second = (_member(each, "msg") for each in (argument, unknown))
    return "fixed" if first == second else "detailed"


def _member(outcome: Outcome, name: str) -> Any:
    found = outcome.data.get(name) if isinstance(outcome.data, Mapping) else None
    if found is None:
        raise Unmet(f"a member {name} in a rejection: {outcome}")
    return found


OBSERVERS = (
    *(envelope, write_status, stream_id_form, rejection_status, rejection_code),
    rejection_message,
)
