"""Delete."""

from __future__ import annotations

from typing import Final

from streamproof.contracts.check import Mismatch, Trial, check
from streamproof.contracts.dotide import calls
from streamproof.contracts.laws.removal import SEEN_BEFORE, not_found
from streamproof.contracts.wire import Outcome, length

_DELETED: Final = "an accepted delete"
_STILL_GONE: Final = "a deleted stream, looked for after later calls"


def empty_body(outcome: Outcome) -> Mismatch | bool:
    """The answer to an accepted delete has no body."""
    if outcome.request.operation.id != "delete" or not outcome.accepted:
        return False
    if outcome.body:
        return Mismatch("a-body", "no body", f"a body of {len(outcome.body)} bytes")
    if told := length(outcome.headers):  # it may come late, or never
        return Mismatch("a-body", "no body", f"Content-Length: {told}")
    return True


@check("dotide/delete/empty-body", _DELETED, watch=empty_body)
def an_accepted_delete(trial: Trial) -> None:
    stream = calls.make(trial)["id"]
    trial.given(trial.client.call("delete", id=stream), "a delete")
    trial.witness(_DELETED)


@check("dotide/delete/not-readable", SEEN_BEFORE)
def not_readable(trial: Trial) -> None:
    """After a delete, a read of the datastream is rejected."""
    stream = calls.make(trial)["id"]

    def readable() -> bool:
        return trial.granted(trial.client.call("read", id=stream), "a read")

    not_found(
        trial,
        readable,
        lambda: trial.client.call("delete", id=stream),
        "what can be read",
        "dotide/read/as-created",
    )


@check("dotide/delete/not-listed", SEEN_BEFORE)
def not_listed(trial: Trial) -> None:
    """After a delete, no list holds the datastream."""
    sent = calls.make(trial, tags=[trial.names.letters()])
    stream = sent["id"]
    calls.settle(trial)

    def listed() -> bool:
        by_id = calls.listed(trial, ids=[stream])
        by_tag = calls.listed(trial, tags=sent["tags"])
        return stream in calls.ids(by_id + by_tag)

    not_found(
        trial,
        listed,
        lambda: trial.client.call("delete", id=stream),
        "lists",
        "dotide/list/shows-created",
    )


@check("dotide/delete/stays-deleted", _STILL_GONE)
def stays_deleted(trial: Trial) -> None:
    """A deleted datastream stays gone after later calls on others and a rejected update of it."""
    first, other = calls.make(trial), calls.make(trial)
    stream = first["id"]
    trial.given(trial.client.call("delete", id=stream), "a delete")
    calls.update(trial, other["id"])
    calls.make(trial)
    trial.given(trial.client.call("delete", id=other["id"]), "a delete of another stream")
    outcome = trial.client.call("update", id=stream, **calls.updated())
    trial.refused(outcome, "an update of a deleted stream", "dotide/update/unknown-id")
    trial.holds(
        not calls.exists(trial, stream),
        "back-again",
        expected="a deleted stream stays gone",
        actual=f"{stream} can be read or is listed",
    )
    trial.witness(_STILL_GONE)


CHECKS: Final = (
    an_accepted_delete,
    not_readable,
    not_listed,
    stays_deleted,
)
