"""Faults of calls as such: minimal ones, and those by a name that nothing has."""

from __future__ import annotations

from collections.abc import Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground


def minimal(ground: Ground) -> Iterator[Fault]:
    def is_minimal(call: Call) -> bool:
        return not {*call.arguments} - ground.operation.required

    def refused(proceed: Proceed, call: Call, context: Context) -> Answer:
        return ground.refusal(context) if is_minimal(call) else proceed(call)

    def first_try(proceed: Proceed, call: Call, context: Context) -> Answer:
        tried = ground.memory(context, "tried", set[str])
        sent = str(sorted(call.arguments.items(), key=str))
        is_new = sent not in tried
        tried.add(sent)
        return refused(proceed, call, context) if is_new else proceed(call)

    yield ground.fault("refused", "Refuses a call that has only what it needs.", refused)
    says = "Refuses a call that has only what it needs, until it is sent again."
    yield ground.fault("first-try-refused", says, first_try)


def unknown(ground: Ground) -> Iterator[Fault]:
    """`name` is the argument; it names a thing of the resource itself, or one around it."""
    resource, name = ground.resource, ground.name
    named = ground.api.resources[resource.within[name]] if name in resource.within else resource

    def accept(call: Call, answer: Answer, context: Context) -> Answer:
        """An accepted answer about a name that no call that makes things ever had."""
        tried = ground.memory(context, "tried", set[str])
        if ground.deed(call, named) == "make":
            tried.add(ground.place(call, answer, named)[-1])
        if call.operation.id != ground.facet.operation or answer.rule != ground.rule.id:
            return answer
        sent = call.arguments.get(name)
        if str(sent) in tried:
            return answer
        own = {str(resource.key): sent} if named is resource else {}
        return ground.pretended(context, call.operation, own)

    def accepted(proceed: Proceed, call: Call, context: Context) -> Answer:
        return accept(call, proceed(call), context)

    def beside_others(proceed: Proceed, call: Call, context: Context) -> Answer:
        there = ground.memory(context, "there", set[str])
        answer, deed = proceed(call), ground.deed(call, named)
        told = accept(call, answer, context)
        if answer.accepted and deed == "make":
            there.add(ground.place(call, answer, named)[-1])
        if answer.accepted and deed == "delete":
            there.discard(ground.place(call, answer, named)[-1])
        return told if there else answer

    def first_try(proceed: Proceed, call: Call, context: Context) -> Answer:
        asked = ground.memory(context, "asked", set[str])
        answer = proceed(call)
        sent = str(call.arguments.get(name))
        told = answer if sent in asked else accept(call, answer, context)
        if call.operation.id == ground.facet.operation:
            asked.add(sent)
        return told

    says = f"Accepts a `{name}` that nothing ever had"
    yield ground.everywhere("accepted", f"{says}.", accepted)
    if ground.operation.id == named.operations.get("delete"):
        yield ground.everywhere("first-try", f"{says}, for the first time.", first_try)
    else:
        yield ground.everywhere("beside-others", f"{says}, where there are others.", beside_others)


LAWS = {"calls/minimal": minimal, "calls/unknown": unknown}
