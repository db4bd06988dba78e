"""Faults of keys: taken ones, contested ones, and those that the server makes up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Place

_TAKEN = "keys/taken-rejected"


def taken(ground: Ground) -> Iterator[Fault]:
    def accepts(slug: str, says: str, only: Callable[[Document, Document], bool]) -> Fault:
        def accept(proceed: Proceed, call: Call, context: Context) -> Answer:
            answer = proceed(call)
            if answer.rule != ground.rule.id:
                return answer
            there, sent = ground.read(proceed, call, ground.place(call)), _sent(ground, call)
            if not only(sent, there):
                return answer
            return ground.pretended(context, call.operation, {**there, **sent})

        return ground.fault(slug, says, accept)

    def is_same(sent: Document, there: Document) -> bool:
        return {**there, **sent} == there

    says = "Answers a call with a taken key as if it had made a thing"
    yield accepts("accepted", f"{says}.", lambda _sent, _there: True)
    yield accepts("accepted-alike", f"{says}, if it is the same as the one there.", is_same)
    yield accepts(
        "accepted-unlike",
        f"{says}, if it is another than the one there.",
        lambda sent, there: not is_same(sent, there),
    )


def one_winner(ground: Ground) -> Iterator[Fault]:
    def wins(slug: str, says: str, most: int) -> Fault:
        def win(proceed: Proceed, call: Call, context: Context) -> Answer:
            winners = ground.memory(context, "winners", dict[Place, list[None]])
            place = ground.place(call)
            was_free = not ground.read(proceed, call, place)
            context.race_window()
            answer = proceed(call)
            if answer.accepted:
                winners[place] = []
            if not (was_free and ground.is_of(answer, _TAKEN)):
                return answer
            more = winners.setdefault(place, [])
            more.append(None)  # in one step, as no sum would be
            if len(more) > most:
                return answer
            there = ground.read(proceed, call, place)
            return ground.pretended(context, call.operation, {**there, **_sent(ground, call)})

        return ground.fault(slug, says, win)

    says = "Looks whether a key is free first, and accepts"
    yield wins("all-win", f"{says} all calls that saw it free.", 1000)
    yield wins("two-win", f"{says} two of the calls that saw it free.", 1)


def winner_stored(ground: Ground) -> Iterator[Fault]:
    def stores(slug: str, says: str, last: bool) -> Fault:
        def store(proceed: Proceed, call: Call, context: Context) -> Answer:
            over = ground.memory(context, "over", dict[Place, Document])
            deed, place = ground.deed(call), ground.place(call)
            if deed == "make":
                was_free = not ground.read(proceed, call, place)
                context.race_window()
                answer = proceed(call)
                if was_free and ground.is_of(answer, _TAKEN):
                    there = ground.read(proceed, call, place)
                    sent = [
                        (name, value)
                        for name, value in _sent(ground, call).items()
                        if value != there.get(name)
                    ]
                    over[place] = dict(sent[-1:] if last else sent)
                return answer
            answer = proceed(call)
            if deed == "delete" and answer.accepted:
                over.pop(place, None)
            if deed == "read" and answer.accepted and place in over:
                return ground.showing(answer, {**ground.shown(answer), **over[place]})
            return answer

        return ground.everywhere(slug, says, store)

    says = "Rejects the losers of a race, but keeps"
    yield stores("last-one-stored", f"{says} what the last of them sent.", False)
    yield stores("last-field-stored", f"{says} the last field that the last of them sent.", True)


def _sent(ground: Ground, call: Call) -> Document:
    names = (*filter(None, [ground.resource.key]), *ground.fields)
    return {name: call.fields[name] for name in names if name in call.fields}


def made_up(ground: Ground) -> Iterator[Fault]:
    """A key is shown for two things, by all calls that show them."""
    key = str(ground.resource.key)

    def repeats(slug: str, says: str, every: int) -> Fault:
        def repeat(proceed: Proceed, call: Call, context: Context) -> Answer:
            made = ground.memory(context, "made", list[object])
            instead = ground.memory(context, "instead", dict[object, object])
            answer = proceed(call)
            thing = ground.shown(answer) if ground.deed(call) == "make" else {}
            if answer.accepted and key in thing:
                made.append(thing[key])
                if len(made) % every == 0:
                    instead[made[-1]] = made[-2]
                if thing[key] in instead:
                    return ground.showing(answer, {**thing, key: instead[thing[key]]})
            if ground.deed(call) == "list":
                rows = [
                    {**r, key: instead.get(r.get(key), r.get(key))} for r in ground.rows(answer)
                ]
                return ground.with_rows(answer, rows) if rows else answer
            return answer

        return ground.everywhere(slug, says, repeat)

    yield repeats("every-second", f"Gives every second thing the `{key}` of the one before.", 2)
    yield repeats("every-fourth", f"Gives every fourth thing the `{key}` of the one before.", 4)


LAWS = {
    "keys/taken-rejected": taken,
    "keys/one-winner": one_winner,
    "keys/winner-stored": winner_stored,
    "keys/new": made_up,
}
