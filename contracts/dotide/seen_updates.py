"""What updates and deletes do where the document is silent, and how odd bodies are taken.

Odd bodies go to an own stream by an update: a create of one might leave a stream without a name.
"""

from __future__ import annotations

import gzip
import json
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.dotide.seeing import REJECTED, empty, put, put_oddly, refusal, which
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.contracts.wire import Outcome

_JSON = (("Content-Type", "application/json"),)
_UNSUPPORTED = 415


def _stream(trial: Trial, **fields: Any) -> str:
    found: str = calls.make(trial, **fields)["id"]
    return found


@observe("dotide/null_in_update")
def null_in_update(trial: Trial) -> str:
    """A read after an update with `"name": null`, where one without a name keeps it."""
    sent = calls.make(trial)
    outcome = put(trial, sent["id"], {**calls.updated(), "name": None})
    if trial.granted(outcome, "the update"):
        row = calls.read(trial, sent["id"])
        if not empty(row, "name"):
            return which(row.get("name"), {"absent": sent["name"]})
        choice = "clears"
    else:
        choice = REJECTED
    _kept_without_a_name(trial)
    return choice


def _kept_without_a_name(trial: Trial) -> None:
    """Raise `Unmet` where an update without a name is rejected, or takes the name away: then null
    could be as if no name was sent."""
    sent, body = calls.make(trial), calls.updated()
    del body["name"]
    taken = trial.granted(put(trial, sent["id"], body), "an update without a name")
    kept = taken and calls.read(trial, sent["id"]).get("name") == sent["name"]
    trial.require(kept, "an update without a name that is taken, and keeps it")


@observe("dotide/put_body")
def put_body(trial: Trial) -> str:
    """A read after an update with a name alone."""
    sent = calls.make(trial)
    outcome = put(trial, sent["id"], {"name": trial.names.letters()})
    if not trial.granted(outcome, "the update"):
        return "reject"
    row = calls.read(trial, sent["id"])
    seen = calls.tags(row), calls.properties(row)
    return which(seen, {"merge": (sent["tags"], sent["properties"]), "replace": ([], {})})


@observe("dotide/put_properties")
def put_properties(trial: Trial) -> str:
    """A read after an update with other properties."""
    stream = _stream(trial, properties={"p": {"q": 1}, "r": 2})
    outcome = put(trial, stream, calls.updated(properties={"p": {"s": 3}}))
    trial.given(outcome, "an update of properties")
    choices = {
        "replace": {"p": {"s": 3}},
        "merge": {"p": {"s": 3}, "r": 2},
        "deep_merge": {"p": {"q": 1, "s": 3}, "r": 2},
    }
    return which(calls.properties(calls.read(trial, stream)), choices)


@observe("dotide/put_type")
def put_type(trial: Trial) -> str:
    """A read after an update with another type."""
    stream = _stream(trial, type="number")
    outcome = put(trial, stream, {**calls.updated(), "type": "string"})
    if not trial.granted(outcome, "the update"):
        return REJECTED
    return which(calls.read(trial, stream).get("type"), {"ignored": "number", "applied": "string"})


@observe("dotide/put_id")
def put_id(trial: Trial) -> str:
    """An update with another id, and a read of the old one."""
    stream = _stream(trial)
    outcome = put(trial, stream, {**calls.updated(), "id": trial.names.letters()})
    if not trial.granted(outcome, "the update"):
        return REJECTED
    read = trial.client.call("read", id=stream)
    if not trial.granted(read, "a read"):
        raise OtherChoice("the stream has the other id")
    return which(calls.row(trial, read.payload).get("id"), {"ignored": stream})


@observe("dotide/put_unchanged")
def put_unchanged(trial: Trial) -> str:
    """The times that one update answers when it is sent twice."""
    stream = _stream(trial)
    first = calls.update(trial, stream).get("updated_at")
    times.let_pass(first)
    second = calls.update(trial, stream).get("updated_at")
    was, now = times.parse(first), times.parse(second)
    if was is None or now is None or now < was:
        raise OtherChoice(f"{first}, then {second}")
    return "moves" if now > was else "stays"


@observe("dotide/unknown_id_status")
def unknown_id_status(trial: Trial) -> int:
    """A read and an update of an id that was never used."""
    read = trial.client.call("read", id=trial.names.letters())
    update = put(trial, trial.names.letters(), calls.updated())
    seen = refusal(trial, read, "a read"), refusal(trial, update, "an update")
    if seen[0] != seen[1]:
        raise OtherChoice("a read {}, an update {}".format(*seen))
    return seen[0]


@observe("dotide/delete_unknown")
def delete_unknown(trial: Trial) -> str:
    """A second delete of one stream."""
    stream = _stream(trial)
    trial.given(trial.client.call("delete", id=stream), "a delete")
    again = trial.client.call("delete", id=stream)
    return "accepted" if trial.granted(again, "a second delete") else REJECTED


# -- odd bodies ----------------------------------------------------------------------------------


def _as_nothing(trial: Trial, content: bytes | None) -> str:
    """How an update with this body is taken, where one with `{}` is accepted."""
    stream = _stream(trial)
    plain = trial.granted(put(trial, stream, {}), "an update with {}")
    trial.require(plain, "an update with {} that is taken")
    taken = trial.granted(put_oddly(trial, stream, content), "the update")
    return "as_empty" if taken else REJECTED


@observe("dotide/non_object_body")
def non_object_body(trial: Trial) -> str:
    """An update with the body `[]`."""
    return _as_nothing(trial, b"[]")


@observe("dotide/empty_body")
def empty_body(trial: Trial) -> str:
    """An update without a body."""
    return _as_nothing(trial, None)


@observe("dotide/malformed_json_status")
def malformed_json_status(trial: Trial) -> int:
    """An update with the body `{`."""
    outcome = put_oddly(trial, _stream(trial), b"{")
    return refusal(trial, outcome, "an update with a body that is no JSON")


def _content(trial: Trial) -> bytes:
    """The body of an update with a new name."""
    return json.dumps(calls.updated(name=trial.names.letters())).encode()


def _read_or_not(trial: Trial, outcome: Outcome, content: bytes, choice: str) -> str:
    """Whether such an update did its work, or is rejected with 415."""
    if not trial.granted(outcome, "the update"):
        return which(outcome.status, {REJECTED: _UNSUPPORTED})
    name = calls.row(trial, outcome.payload).get("name")
    return which(name, {choice: json.loads(content)["name"]})


@observe("dotide/missing_content_type")
def missing_content_type(trial: Trial) -> str:
    """An update without `Content-Type`."""
    content = _content(trial)
    outcome = put_oddly(trial, _stream(trial), content, ())
    return _read_or_not(trial, outcome, content, "read_as_json")


@observe("dotide/other_content_type")
def other_content_type(trial: Trial) -> str:
    """An update whose body is said to be `text/plain`."""
    content = _content(trial)
    outcome = put_oddly(trial, _stream(trial), content, (("Content-Type", "text/plain"),))
    return _read_or_not(trial, outcome, content, "read_as_json")


@observe("dotide/content_encoding")
def content_encoding(trial: Trial) -> str:
    """An update whose body is packed by gzip."""
    content = _content(trial)
    headers = (*_JSON, ("Content-Encoding", "gzip"))
    outcome = put_oddly(trial, _stream(trial), gzip.compress(content), headers)
    return _read_or_not(trial, outcome, content, "decoded")


OBSERVERS = (
    *(null_in_update, put_body, put_properties, put_type, put_id, put_unchanged),
    *(unknown_id_status, delete_unknown, non_object_body, empty_body),
    *(malformed_json_status, missing_content_type, other_content_type, content_encoding),
)
