"""Faults of calls that harm what they aren't about: another thing, or the first of a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Place
from streamproof.mockserver.mutants.values import near, other

Hurts = Callable[[Call, Answer], bool]
Spoil = Callable[[Proceed, Call, Answer], Answer]


def _harms(ground: Ground, slug: str, says: str, hurts: Hurts, spoil: Spoil, last: bool) -> Fault:
    """A fault by which what was read before a call that `hurts` is read as `spoil` has it after:
    all of the same home, or only the `last` of them that the call isn't about."""

    def harms(proceed: Proceed, call: Call, context: Context) -> Answer:
        seen = ground.memory(context, "seen", dict[Place, None])
        harmed = ground.memory(context, "harmed", set[Place])
        answer, deed = proceed(call), ground.deed(call)
        place = ground.place(call, answer)
        if deed == "read" and answer.accepted:
            if place in harmed:
                return spoil(proceed, call, answer)
            seen.pop(place, None)
            seen[place] = None
        elif deed and hurts(call, answer):
            others = [each for each in seen if each[:-1] == place[:-1] and each != place]
            harmed.update(others[-1:] if last else others)
        if deed == "make" and answer.accepted:
            harmed.discard(place)
            seen.pop(place, None)
        return answer

    return ground.everywhere(slug, says, harms)


def after(ground: Ground, deed: str, of: str) -> Iterator[Fault]:
    """Faults by which calls of a deed, named `of`, spoil what was read before."""

    def hurts(call: Call, answer: Answer) -> bool:
        return ground.deed(call) == deed and answer.accepted

    def gone(proceed: Proceed, call: Call, _answer: Answer) -> Answer:
        return proceed(ground.nowhere(call, ground.resource.named_in(call.operation)))

    def all_other(_proceed: Proceed, call: Call, answer: Answer) -> Answer:
        for name in ground.fields:  # one by one: not every field may have any other value
            answer = ground.spoilt(call, answer, [name], other)
        return answer

    def last_near(_proceed: Proceed, call: Call, answer: Answer) -> Answer:
        thing = ground.shown(answer)
        changing = [n for n in ground.fields if n in thing and near(thing[n]) != thing[n]]
        return ground.spoilt(call, answer, changing[-1:], near)

    if deed == "delete":
        yield _harms(ground, "gone-too", f"{of} takes all others with it.", hurts, gone, False)
    else:
        yield _harms(ground, "others-spoilt", f"{of} spoils all others.", hurts, all_other, False)
    says = f"{of} changes the last field of the thing that was read last."
    yield _harms(ground, "last-read", says, hurts, last_near, True)


def making(ground: Ground) -> Iterator[Fault]:
    yield from after(ground, "make", "Making a thing")


def removal(ground: Ground) -> Iterator[Fault]:
    yield from after(ground, "delete", "A removal")


def update(ground: Ground) -> Iterator[Fault]:
    """The update is carried out on others, too."""

    def spreads(slug: str, says: str, last: bool) -> Fault:
        def spread(proceed: Proceed, call: Call, context: Context) -> Answer:
            seen = ground.memory(context, "seen", dict[Place, None])
            answer, deed = proceed(call), ground.deed(call)
            place = ground.place(call, answer)
            if deed == "delete" and answer.accepted:
                seen.pop(place, None)
            if deed == "read" and answer.accepted:
                seen.pop(place, None)
                seen[place] = None
            if deed != "update" or not answer.accepted:
                return answer
            others = [each for each in seen if each[:-1] == place[:-1] and each != place]
            sent = {n: v for n, v in call.fields.items() if n != ground.resource.key}
            if last:
                others, sent = others[-1:], dict([*sent.items()][-1:])
            for each in others:
                key = ground.resource.named_in(call.operation)
                around = zip((*ground.resource.within, key), each, strict=True)
                proceed(
                    ground.to(
                        call,
                        call.operation.id,
                        **sent,
                        **ground.typed(call.operation, dict(around)),
                    )
                )
            return answer

        return ground.everywhere(slug, says, spread)

    yield spreads("all-others", "Updates all others that were read, too.", False)
    says = "Puts the last field of an update also into the thing that was read last."
    yield spreads("last-read", says, True)


def taken(ground: Ground) -> Iterator[Fault]:
    """What came with a rejected call for a taken key is shown from then on."""

    def overwrites(slug: str, says: str, last: bool) -> Fault:
        def overwrite(proceed: Proceed, call: Call, context: Context) -> Answer:
            seen = ground.memory(context, "seen", set[Place])
            over = ground.memory(context, "over", dict[Place, Document])
            answer, deed = proceed(call), ground.deed(call)
            place = ground.place(call, answer)
            if deed == "make" and answer.accepted:
                seen.discard(place)
                over.pop(place, None)
            elif deed == "make" and ground.is_of(answer, "keys/taken-rejected") and place in seen:
                sent = [(name, call.fields[name]) for name in ground.fields if name in call.fields]
                over[place] = dict(sent[-1:] if last else sent)
            elif deed == "read" and answer.accepted:
                seen.add(place)
                if place in over:
                    return ground.showing(answer, {**ground.shown(answer), **over[place]})
            return answer

        return ground.everywhere(slug, says, overwrite)

    yield overwrites("overwritten", "Rejects a taken key, but keeps what came with it.", False)
    says = "Rejects a taken key, but keeps the last field that came with it."
    yield overwrites("last-field-overwritten", says, True)


LAWS = {
    "life/others-unharmed": making,
    "life/removal-spares-others": removal,
    "life/update-spares-others": update,
    "keys/taken-unharmed": taken,
}
