"""Faults of rejected calls that do something all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground

Kind = Callable[[set[str], set[str]], bool]


def kept(ground: Ground) -> Iterator[Fault]:
    """What is rejected is made or kept, with fitting values in place of bad ones."""

    def keeps(slug: str, says: str, only: Kind) -> Fault:
        def keep(proceed: Proceed, call: Call, context: Context) -> Answer:
            answer = proceed(call)
            if not answer.accepted:
                mended, lacking, wrong = ground.mended(call, context)
                if (lacking or wrong) and only(lacking, wrong):
                    proceed(mended)
            return answer

        return ground.fault(slug, says, keep)

    yield keeps("kept", "Rejects a call, but keeps what was good of it.", lambda _l, _w: True)
    if ground.maker.body is not None and ground.maker.body.needed:
        says = "Rejects a call that lacks something, but keeps what it has."
        yield keeps("lacking", says, lambda lacking, wrong: bool(lacking and not wrong))
    says = "Rejects a call with one bad value, but keeps the others."
    yield keeps("one-bad-value", says, lambda lacking, wrong: not lacking and len(wrong) == 1)


def changed(ground: Ground) -> Iterator[Fault]:
    """What is rejected changes the thing."""

    def change(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer = proceed(call)
        if not answer.accepted:
            mended, _, wrong = ground.mended(call, context)
            if wrong:
                proceed(mended)
        return answer

    def good_half(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer = proceed(call)
        if not answer.accepted:
            _, _, wrong = ground.mended(call, context)
            good = {n: v for n, v in call.fields.items() if n not in wrong}
            outside = {n: v for n, v in call.without_body.items() if n not in wrong}
            if wrong and good:
                proceed(ground.to(call, call.operation.id, **{**good, **outside}))
        return answer

    yield ground.fault("changed", "Rejects an update, but changes the thing.", change)
    says = "Rejects an update for one field, but keeps the others that came with it."
    yield ground.fault("good-half", says, good_half)


LAWS = {
    "life/rejected-makes-nothing": kept,
    "logs/rejected-keeps-nothing": kept,
    "life/rejected-update": changed,
}
