"""Calls: a good one is accepted, however little it says; one by a key of nothing is not."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.keeping import Keeping
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.law import Subject, law
from streamproof.contracts.names import Names
from streamproof.contracts.wire import Outcome

LITTLE: Final = "a call with what it needs, accepted"
TWIN: Final = "the same call by a key of something, accepted"
_FAR: Final = 1_000_000_000  # numbers between a key that a server gave and one that nothing has
_COUNTED: Final = re.compile(r"(\D*)(\d{1,12})")  # 17, r-17


@law("calls/minimal", LITTLE)
def minimal(trial: Trial, subject: Subject) -> None:
    """A call that makes something, with what it needs and no more, is accepted."""
    things = subject.things
    where = things.place(trial)
    fields = things.needed(trial)
    outcome = trial.client.send(things.request(trial, where, fields))
    trial.accepted(outcome, "a call with what it needs and no more")
    made = things.made(where, fields, outcome)
    if not trial.names.carries({"sent": fields}) and made.key is not None:
        _remove_unmarked(trial, things, made)
    trial.learn(Keeping.of(subject.api, subject.resource))
    trial.witness(LITTLE)


def _remove_unmarked(trial: Trial, things: Things, made: Thing) -> None:
    """Remove a thing under a key that the target made up, while it is known for ours: at once, and
    only if a read shows what was sent."""
    if {"read", "delete"} <= {*things.resource.operations}:
        look = things.look(trial, made)
        if look.accepted and things.differs(made.sent, things.row(look.payload)) is None:
            things.remove(trial, made)


@law("calls/unknown", TWIN)
def unknown(trial: Trial, subject: Subject) -> None:
    """A call by a key that nothing has is rejected; by a key of something it isn't."""
    facet = subject.facet
    by_parent = facet.name in subject.resource.within
    call = _in_unknown if by_parent else _of_unknown
    outcome, key = call(trial, subject)
    trial.rejected(outcome, f"a call by a {facet.name} that nothing has, {key}")


def _of_unknown(trial: Trial, subject: Subject) -> tuple[Outcome, str]:
    """A call of the facet by a key of nothing, once it was accepted by that of a thing."""
    things, operation = subject.things, subject.facet.operation
    thing = things.make(trial, **things.full(trial))
    if "read" in subject.resource.operations:
        things.look_until(trial, thing)
    deed = next(d for d, name in subject.resource.operations.items() if name == operation)
    named = things.named(trial, thing, deed)
    fields = things.changes(trial, thing) if deed == "update" else {}
    trial.given(
        trial.client.call(operation, **{**fields, **named}), "the call by a key of something"
    )
    trial.witness(TWIN)
    key = _unused(trial, things, str(thing.key))
    named[subject.facet.name] = things.spelled(deed, key)
    return trial.client.call(operation, **{**fields, **named}), key


def _in_unknown(trial: Trial, subject: Subject) -> tuple[Outcome, str]:
    """A call of the facet within something that isn't there, once it was accepted within something
    that is."""
    things, facet = subject.things, subject.facet
    parent = subject.api.resources[subject.resource.within[facet.name]]
    where = things.place(trial)
    key = _unused(trial, Things(subject.api, parent), str(where[facet.name]))
    elsewhere = {**where, facet.name: key}
    if facet.operation == things.maker.id:
        things.make(trial, where)
        trial.witness(TWIN)
        request = things.request(trial, elsewhere, things.fields(trial))
        return trial.client.send(request), key
    subject.lists.page(trial, where)
    trial.witness(TWIN)
    return subject.lists.call(trial, elsewhere), key


def _unused(trial: Trial, things: Things, key: str) -> str:
    """A key of the form of `key` that nothing has."""
    if things.resource.keyed_by != "server":
        return str(things.different(trial, str(things.resource.key)))
    return unused(key, trial.names)


def unused(key: str, names: Names) -> str:
    """A key as a server makes them up, that it hasn't: a number far beyond those that it has come
    to, or else other letters and digits. A call by it can't hit what is somebody else's."""
    counted = _COUNTED.fullmatch(key)
    if counted:
        return f"{counted[1]}{int(counted[2]) + _FAR + names.number(_FAR)}"
    digits = iter(hashlib.sha256(f"{names.run_id}{key}".encode()).hexdigest())
    tail = max(0, len(key) - 12)
    return key[:tail] + "".join(_other(sign, next(digits)) for sign in key[tail:])


def _other(sign: str, digit: str) -> Any:
    """A sign of the same sort: all that stand in hexadecimal numbers are taken for one."""
    if not sign.isalnum():
        return sign
    if sign.lower() not in "0123456789abcdef":
        return chr(ord("G" if sign.isupper() else "g") + int(digit, 16))
    return digit.upper() if sign.isupper() else digit


LAWS = (minimal, unknown)
