"""Faults of keys: taken ones, contested ones, and those that the server makes up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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
    """A key is shown for two things that are made one right after the other, by all calls that
    show them."""
    key = str(ground.resource.key)

    def repeats(slug: str, says: str, pairs: bool) -> Fault:
        def repeat(proceed: Proceed, call: Call, context: Context) -> Answer:
            row = ground.memory(context, "row", list[Any])
            instead = ground.memory(context, "instead", dict[Any, Any])
            answer, deed = proceed(call), ground.deed(call)
            if deed != "make":
                row.clear()
            thing = ground.shown(answer) if deed == "make" else {}
            if answer.accepted and key in thing:
                row.append(thing[key])
                first = row[-2 + len(row) % 2] if pairs else row[0]
                if first != thing[key]:
                    instead[thing[key]] = first
                    return ground.showing(answer, {**thing, key: first})
            rows = ground.rows(answer) if deed == "list" else []
            told = [{**each, key: instead.get(each.get(key), each.get(key))} for each in rows]
            return ground.with_rows(answer, told) if told != rows else answer

        why = "Of two things of one key a list has two rows."
        fault = ground.also(ground.everywhere(slug, says, repeat), "lists/shows-made", why)
        return ground.also(fault, "life/read-as-made", "Of two things of one key one is read.")

    says = f"Gives things that are made in a row the `{key}` of the first"
    yield repeats("in-a-row", f"{says}.", False)
    yield repeats("in-pairs", f"{says}, two by two.", True)


LAWS = {
    "keys/taken-rejected": taken,
    "keys/one-winner": one_winner,
    "keys/winner-stored": winner_stored,
    "keys/new": made_up,
}
