"""What holds for every call: no server error, one media type, times in their order."""

from __future__ import annotations

from typing import Any, Final

from streamproof.contracts.check import Check, Mismatch, Trial
from streamproof.contracts.dotide import calls, poison, times
from streamproof.contracts.dotide.shelves import a_stream
from streamproof.contracts.laws.malformed import Arguments, no_server_error
from streamproof.contracts.wire import Outcome

_KEPT: Final = "a valid create, kept"


def _own(trial: Trial) -> dict[str, Any]:
    """A datastream that malformed calls may read and update."""
    return {"id": a_stream(trial)}


CALLS: Final[dict[str, Arguments]] = {
    "list": lambda trial: {"ids": trial.once(_own)["id"], "limit": 2},
    "create": calls.contents,
    "read": lambda trial: trial.once(_own),
    "update": lambda trial: {**trial.once(_own), **calls.updated()},
    "delete": lambda trial: {"id": calls.make(trial)["id"]},
}


def a_valid_create(trial: Trial) -> None:
    """Some answers to watch: those to a create and a read of what it made."""
    calls.look(trial, a_stream(trial))
    trial.witness(_KEPT)


def json_media_type(outcome: Outcome) -> Mismatch | bool:
    """An accepted answer with a body has the media type ``application/json``."""
    if not outcome.accepted or not outcome.body:
        return False
    sent = outcome.headers.get("content-type", "")
    if sent.partition(";")[0].strip().lower() != "application/json":
        return Mismatch("media-type", "media type application/json", sent or "no media type")
    return True


def updated_not_before_created(outcome: Outcome) -> Mismatch | bool:
    """The `updated_at` of a datastream is never earlier than its `created_at`.

    Where one of the two is shown more coarsely, it may only look earlier.
    """
    if outcome.request.operation.id not in CALLS:
        return False
    rows: list[Any] = outcome.payload if isinstance(outcome.payload, list) else [outcome.payload]
    judged = False
    for row in rows:
        if not outcome.accepted or not isinstance(row, dict):
            continue
        texts = row.get("created_at"), row.get("updated_at")
        created, updated = map(times.parse, texts)
        if created is None or updated is None:
            continue
        if created - updated >= times.step(*texts):
            return Mismatch("updated-first", f"updated_at from {texts[0]} on", str(texts[1]))
        judged = True
    return judged


def _unsent(_trial: Trial) -> dict[str, Any]:
    """Nothing is sure to be refused; `poison.py` sends such values, and takes them away again."""
    return {}


_MALFORMED: Final = no_server_error(
    "dotide/any/no-server-error",
    CALLS,
    keys=["id"],
    shields={"create": _unsent, "update": _unsent},
    besides=poison.crashes,
)


CHECKS: Final = (
    _MALFORMED,
    Check("dotide/any/json-content-type", a_valid_create, (_KEPT,), json_media_type, reads=True),
    Check(
        "dotide/any/updated-not-before-created",
        a_valid_create,
        (_KEPT,),
        updated_not_before_created,
        reads=True,
    ),
    *poison.CHECKS,
)
