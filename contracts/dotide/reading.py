"""Read."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, data, times
from streamproof.contracts.dotide.found import chosen, found
from streamproof.contracts.dotide.shelves import a_stream
from streamproof.contracts.laws.stays import LOOKED_TWICE, stays

_ONE_OF_TWO: Final = "one of two streams, read"
_TWIN: Final = "a read of an existing id, accepted"


@check("dotide/read/as-created", _ONE_OF_TWO, reads=True)
def as_created(trial: Trial) -> None:
    """A read answers the datastream that the path names, as its create answered it."""
    if trial.reads_only:
        for stream in trial.learn(chosen):
            outcome = trial.client.call("read", id=stream)
            trial.judged(outcome, "a read")
            if outcome.accepted:
                shown = calls.row(trial, outcome.payload).get("id")
                trial.equal(shown, stream, "the id of the stream read", reason="not-as-created")
                trial.witness(_ONE_OF_TWO)
        return
    first, answer = calls.create(
        trial,
        name=trial.draw(data.names),
        type=trial.draw(data.types),
        tags=trial.draw(data.tags),
    )
    calls.make(trial)  # so that the one made last is another one
    outcome = trial.client.call("read", id=first["id"])
    found = calls.row(trial, trial.accepted(outcome, "a read of a stream that was created"))
    shown, created = calls.view(found), calls.view(answer)
    for name in ("created_at", "updated_at"):
        before, after = times.parse(answer.get(name)), times.parse(found.get(name))
        if before and after:  # an answer may be rounded otherwise than what was stored
            rounding = times.step(answer[name], found[name])
            if timedelta(0) < abs(after - before) <= rounding:
                shown[name] = created[name]
    trial.equal(shown, created, "a stream, read after its creation", reason="not-as-created")
    trial.witness(_ONE_OF_TWO)


@check("dotide/read/unknown-id", _TWIN, reads=True)
def unknown_id(trial: Trial) -> None:
    """A read of an id that doesn't exist is rejected."""
    stream = a_stream(trial)
    trial.rejected(trial.client.call("read", id=trial.names.letters()), "a read of an unknown id")
    calls.read(trial, stream)
    trial.witness(_TWIN)


@check("dotide/read/changes-nothing", LOOKED_TWICE, reads=True)
def changes_nothing(trial: Trial) -> None:
    """A read changes no datastream; two in a row answer the same.

    Where others may change it, too, lists tell whether reads do.
    """
    if trial.reads_only:
        one = next(iter(found(trial)))

        def row() -> list[dict[str, Any]]:
            return [calls.view(r) for r in calls.listed(trial, [one], ids=[one])]

        read = partial(calls.look, trial, one)
        stays(trial, row, read, "a stream after reads", reason="changed")
        return
    stream, other = calls.make(trial)["id"], calls.make(trial)["id"]
    before = {seen: calls.look(trial, seen) for seen in (stream, other)}
    for seen in (stream, other):
        shown = calls.look(trial, seen)
        trial.equal(shown, before[seen], "a stream after reads", reason="changed")
    trial.witness(LOOKED_TWICE)


CHECKS: Final = (
    as_created,
    unknown_id,
    changes_nothing,
)
