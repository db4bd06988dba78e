"""Data bases that anybody may read, and nobody change."""

from __future__ import annotations

from typing import Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls, naming

_PUBLIC: Final = "the same calls with the data base's own credentials, accepted"


def _open(trial: Trial) -> tuple[Client, str]:
    """A client of the public data base, and a datastream there."""
    calls.ready(trial)
    public = naming.elsewhere(trial.client, trial.fixtures["public_database"])
    sent = calls.contents(trial)
    trial.given(public.call("create", **sent), "a create in the public data base by its own")
    return public, sent["id"]


@check("dotide/any/public-reads", _PUBLIC)
def public_reads(trial: Trial) -> None:
    """Anybody may list and read the datastreams of a public data base."""
    public, stream = _open(trial)
    for operation, arguments in (("read", {"id": stream}), ("list", {"ids": stream})):
        trial.given(public.call(operation, **arguments), f"a {operation} by its own")
        outcome = public.call(operation, None, **arguments)
        trial.accepted(outcome, f"a {operation} of a public data base without credentials")
    trial.witness(_PUBLIC)


@check("dotide/any/public-writes-refused", _PUBLIC)
def public_writes_refused(trial: Trial) -> None:
    """A write or delete in a public data base without credentials is rejected, and changes
    nothing."""
    public, stream = _open(trial)
    seen = trial.given(public.call("read", id=stream), "a read by its own")
    before = calls.view(calls.row(trial, seen))
    for operation, arguments in (
        ("create", calls.contents(trial)),
        ("update", {"id": stream, **calls.updated()}),
        ("delete", {"id": stream}),
    ):
        outcome = public.call(operation, None, **arguments)
        trial.rejected(outcome, f"a {operation} in a public data base without credentials")
    found = public.call("read", id=stream)
    trial.holds(
        found.accepted and calls.view(calls.row(trial, found.payload)) == before,
        "changed",
        expected="the datastream as it was, after calls that were rejected",
        actual=str(found),
    )
    trial.witness(_PUBLIC)


CHECKS: Final = (public_reads, public_writes_refused)
