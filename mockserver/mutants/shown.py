"""Faults of what is shown of a thing: by the call that makes it, and by a read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground, Place
from streamproof.mockserver.mutants.values import Change, near, other

_TRIED: Final = 2  # things


def answered(ground: Ground) -> Iterator[Fault]:
    yield _spoils(ground, "other", "Answers with other values than it keeps.", ground.fields, other)
    says = "Answers with a last field that is slightly other than what it keeps."
    yield _spoils(ground, "last-field", says, ground.fields[-1:], near)


def read(ground: Ground) -> Iterator[Fault]:
    """From the third thing of a space on: whoever tries one out finds nothing wrong."""

    def reads(slug: str, says: str, fields: Sequence[str], change: Change) -> Fault:
        def spoils(proceed: Proceed, call: Call, context: Context) -> Answer:
            made = ground.memory(context, "made", dict[Place, None])
            answer, deed = proceed(call), ground.deed(call)
            if deed == "make" and answer.accepted:
                made[ground.place(call, answer)] = None
            if deed != "read" or not answer.accepted:
                return answer
            is_due = ground.place(call) in [*made][_TRIED:]
            return ground.spoilt(call, answer, fields, change) if is_due else answer

        return ground.everywhere(slug, says, spoils)

    yield reads("other", "Reads other values than what was sent.", ground.fields, other)
    says = "Reads a last field that is slightly other than what was sent."
    yield reads("last-field", says, ground.fields[-1:], near)


def _spoils(
    ground: Ground,
    slug: str,
    says: str,
    fields: Sequence[str],
    change: Change,
) -> Fault:
    def spoils(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return ground.spoilt(call, answer, fields, change) if answer.accepted else answer

    return ground.fault(slug, says, spoils)


LAWS = {"life/answered-as-sent": answered, "life/read-as-made": read}
