"""bge-private-sdk 0.1a1 > signature.py: which calls are let in."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from streamproof.contracts.auth import Auth
from streamproof.contracts.bge import batching, calls, writing
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held
from streamproof.contracts.bge.ranging import arguments as range_arguments
from streamproof.contracts.bge.series import store
from streamproof.contracts.check import Trial, check
from streamproof.contracts.wire import Request

_GOOD_TWIN = "the same call, rightly signed, accepted"
_ACCEPTED = "a text of signs, accepted"
_FOUND = "the same write, rightly signed, found"
_OPERATIONS = ("range", "write", "batch_write")


@check("bge/any/signed-text-accepted", _ACCEPTED)
def _signed_text_accepted(trial: Trial) -> None:
    """Whatever signs a text holds, a rightly signed call with it is accepted."""
    text = trial.draw(writing.TEXTS)
    plain, sent = writing.arguments(trial), writing.arguments(trial)
    trial.given(trial.client.call("write", **plain), "a write of plain letters")
    # As they are, not escaped by JSON: it is the form and the signature that carry them.
    data = json.dumps({"name": text}, ensure_ascii=False)
    outcome = trial.client.call("write", **{**sent, "stream_data": data})
    calls.stream_id(trial.accepted(outcome, f"a write of {data}"))
    trial.witness(_ACCEPTED)


@check("bge/any/unsigned-rejected", _GOOD_TWIN, reads=True)
def _unsigned_rejected(trial: Trial) -> None:
    """Without `sign` a call is rejected, though all else of its signature is there."""
    request = _after_its_twin(trial)
    unsigned = replace(request, altered=(("sign", None),))
    trial.rejected(trial.client.send(unsigned), "a call without sign")
    trial.witness(_GOOD_TWIN)


@check("bge/any/wrong-signature-rejected", _GOOD_TWIN, reads=True)
def _wrong_signature_rejected(trial: Trial) -> None:
    """A call that is signed with another secret is rejected."""
    request, auth = _after_its_twin(trial), _auth(trial)
    secret = str(auth.credentials["app_secret"])
    other = trial.draw(st.sampled_from((secret + "x", secret[:-1], "", secret.swapcase())))
    trial.require(other != secret, "another secret")
    outcome = trial.client.send(request, auth=auth.holding(app_secret=other))
    trial.rejected(outcome, "a call signed with another secret")
    trial.witness(_GOOD_TWIN)


@check("bge/any/unknown-key-rejected", _GOOD_TWIN, reads=True)
def _unknown_key_rejected(trial: Trial) -> None:
    """A call whose key is unknown or missing is rejected."""
    request, auth = _after_its_twin(trial), _auth(trial)
    if trial.draw(st.booleans()):
        outcome = trial.client.send(request, auth=auth.holding(app_key=uuid.uuid4().hex))
        trial.rejected(outcome, "a call with an unknown app_key")
    else:
        outcome = trial.client.send(request, auth=auth.holding(app_key=""))
        trial.rejected(outcome, "a call without app_key")
    trial.witness(_GOOD_TWIN)


@check("bge/any/changed-field-rejected", _GOOD_TWIN, reads=True)
def _changed_field_rejected(trial: Trial) -> None:
    """A call is rejected when a field was changed, added or taken away after it was signed."""
    query = {**range_arguments(trial), "limit": 5, "sort_direction": "asc"}
    request = trial.client.request("range", **query)
    _twin(trial, request)
    for name, field, value in _changes():
        trial.afresh()
        changed = replace(request, altered=((field, value),))
        trial.rejected(trial.client.send(changed), f"a call with {name} after signing")
    trial.witness(_GOOD_TWIN)


@check("bge/any/unauthenticated-stores-nothing", _FOUND)
def _unauthenticated_stores_nothing(trial: Trial) -> None:
    """A write that is rejected for its signature leaves nothing behind: no record under its key
    or, where others may have a record there, none with its data."""
    here = ground(trial)
    bad, good = here.keys(2)
    data = {"name": trial.names.letters()}
    alone, unsigned = trial.draw(st.booleans()), trial.draw(st.booleans())
    sent = bad.item(json.dumps(data)) if alone else {"streams": [bad.item(data)]}
    operation = "write" if alone else "batch_write"
    request = trial.client.request(operation, **sent, **here.permit())
    auth = None if unsigned else _auth(trial).holding(app_secret="no-secret")
    outcome = trial.client.send(request, auth=auth)
    rule = "unsigned-rejected" if unsigned else "wrong-signature-rejected"
    trial.refused(outcome, "a write without a good signature", f"bge/any/{rule}")
    twin = store(trial, good)
    rows = held(trial, here, [bad, good], [twin.id])
    trial.require(twin.id in calls.ids(rows), "the same write, rightly signed, in range")
    trial.witness(_FOUND)
    others = [row for row in rows if calls.identify(row) != twin.id]
    trial.lacks(
        calls.ids(rows),
        calls.ids(row for row in others if here.fine or row.get("stream_data") == data),
        "what is stored after a call without a good signature",
    )


def _after_its_twin(trial: Trial) -> Request:
    """A good request, once another of its kind was accepted: a range, or a write where there is
    room for one."""
    room = "time_span" in trial.fixtures and not trial.reads_only
    choices = _OPERATIONS if room else _OPERATIONS[:1]
    operation = trial.draw(st.sampled_from(choices))
    _twin(trial, _request(trial, operation))
    return _request(trial, operation)


def _request(trial: Trial, operation: str) -> Request:
    match operation:
        case "write":
            return trial.client.request("write", **writing.arguments(trial))
        case "batch_write":
            return trial.client.request("batch_write", **batching.arguments(trial))
        case _:
            return trial.client.request("range", **range_arguments(trial))


def _twin(trial: Trial, request: Request) -> None:
    """The call is accepted when it is rightly signed: else its rejection would tell nothing."""
    outcome = trial.client.send(request)
    trial.given(outcome, "the same call, rightly signed")
    trial.require(calls.tells(outcome), "an answer to the same call, rightly signed")


def _auth(trial: Trial) -> Auth:
    return next(iter(trial.client.auths.values()))


def _changes() -> Iterator[tuple[str, str, str | None]]:
    """What is changed, and the field with its new value, None where it is taken away; each leaves
    the field such that a server might take it."""
    soon = datetime.now(UTC) + timedelta(seconds=30)
    yield "another limit", "limit", "6"
    yield "another order", "sort_direction", "desc"
    yield "another nonce", "signature_nonce", uuid.uuid4().hex
    yield "another timestamp", "timestamp", f"{soon:%Y-%m-%dT%H:%M:%SZ}"
    yield "no limit", "limit", None
    yield "a field more", "end_time", "2100"


CHECKS = (
    _signed_text_accepted,
    _unsigned_rejected,
    _wrong_signature_rejected,
    _unknown_key_rejected,
    _changed_field_rejected,
    _unauthenticated_stores_nothing,
)
