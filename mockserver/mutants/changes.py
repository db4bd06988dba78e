"""Faults of updates that aren't carried out, in whole or in part."""

from __future__ import annotations

from collections.abc import Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground


def shown(ground: Ground) -> Iterator[Fault]:
    def undoes(slug: str, says: str, last: bool) -> Fault:
        def undo(proceed: Proceed, call: Call, _context: Context) -> Answer:
            old = ground.read(proceed, call, ground.place(call))
            answer = proceed(call)
            if not answer.accepted:
                return answer
            sent = [name for name in call.fields if name in old and name != ground.resource.key]
            back = {name: old[name] for name in (sent[-1:] if last else sent)}
            if back:
                kept = call.fields if call.operation.method == "PUT" else {}
                proceed(ground.to(call, call.operation.id, **{**kept, **call.without_body, **back}))
            return answer

        return ground.fault(slug, says, undo)

    yield undoes("nothing-changed", "Accepts an update, and keeps what was there.", False)
    yield undoes("last-field-lost", "Loses the last field of an update.", True)


LAWS = {"life/update-shown": shown}
