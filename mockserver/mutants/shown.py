"""Faults of what is shown of a thing: by the call that makes it, and by a read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground
from streamproof.mockserver.mutants.values import Change, near, other


def answered(ground: Ground) -> Iterator[Fault]:
    yield _spoils(ground, "other", "Answers with other values than it keeps.", ground.fields, other)
    says = "Answers with a last field that is slightly other than what it keeps."
    yield _spoils(ground, "last-field", says, ground.fields[-1:], near)


def read(ground: Ground) -> Iterator[Fault]:
    on = ground.resource.operations["read"]
    says = "Reads other values than what was sent."
    yield _spoils(ground, "other", says, ground.fields, other, on)
    says = "Reads a last field that is slightly other than what was sent."
    yield _spoils(ground, "last-field", says, ground.fields[-1:], near, on)


def _spoils(
    ground: Ground,
    slug: str,
    says: str,
    fields: Sequence[str],
    change: Change,
    on: str | None = None,
) -> Fault:
    def spoils(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return ground.spoilt(call, answer, fields, change) if answer.accepted else answer

    return ground.fault(slug, says, spoils, on)


LAWS = {"life/answered-as-sent": answered, "life/read-as-made": read}
