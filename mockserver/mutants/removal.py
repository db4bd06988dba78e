"""Faults of removals: what was removed is still there, or comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Place, Rows

_TRIED: Final = 2  # removals


def still_read(ground: Ground) -> Iterator[Fault]:
    """From the third removal of a space on: whoever tries removals out finds nothing wrong."""

    def reads(slug: str, says: str, only_read: bool) -> Fault:
        def still(proceed: Proceed, call: Call, context: Context) -> Answer:
            seen = ground.memory(context, "seen", set[Place])
            buried = ground.memory(context, "buried", dict[Place, Answer])
            removed = ground.memory(context, "removed", list[Place])
            deed, place = ground.deed(call), ground.place(call)
            if deed == "delete":
                last = proceed(ground.reading(call, place))
                answer = proceed(call)
                if answer.accepted:
                    removed.append(place)
                if len(removed) > _TRIED and last.accepted and (place in seen or not only_read):
                    buried[place] = last
                return answer
            answer = proceed(call)
            if deed == "make" and answer.accepted:
                place = ground.place(call, answer)
                buried.pop(place, None)
                seen.discard(place)
            if deed == "read" and answer.accepted:
                seen.add(place)
            return buried.get(place, answer) if deed == "read" and not answer.accepted else answer

        return ground.everywhere(slug, says, still)

    yield reads("still-read", "Reads what was removed, but for the first two.", False)
    yield reads(
        "from-cache",
        "Reads what was removed, if it had been read before, but for the first two.",
        True,
    )


def again(ground: Ground) -> Iterator[Fault]:
    def removes(slug: str, says: str, most: int) -> Fault:
        def accept(proceed: Proceed, call: Call, context: Context) -> Answer:
            gone = ground.memory(context, "gone", dict[Place, tuple[Answer, int]])
            place, answer = ground.place(call), proceed(call)
            if answer.accepted:
                gone[place] = (answer, 0)
            elif place in gone and gone[place][1] < most:
                first, times = gone[place]
                gone[place] = (first, times + 1)
                return first
            return answer

        return ground.fault(slug, says, accept)

    yield removes("accepted", "Accepts every further removal of what was removed.", 1000)
    yield removes("once-more", "Accepts a second removal, and no third.", 1)


def still_listed(ground: Ground) -> Iterator[Fault]:
    """What was removed is kept, and hidden from all calls but lists."""
    resource = ground.resource

    def lists(slug: str, says: str, only_listed: bool) -> Fault:
        def linger(proceed: Proceed, call: Call, context: Context) -> Answer:
            hidden = ground.memory(context, "hidden", dict[Place, Call])
            listed = ground.memory(context, "listed", set[Place])
            deed, place = ground.deed(call), ground.place(call)
            if deed == "make" and place in hidden:
                proceed(hidden.pop(place))
            elif deed in ("read", "update", "delete") and place in hidden:
                return proceed(ground.nowhere(call, resource.named_in(call.operation)))
            elif deed == "delete" and (place in listed or not only_listed):
                there = ground.read(proceed, call, place)
                if there:
                    hidden[place] = call
                    return ground.pretended(context, call.operation, there)
            inner = _around(ground, call)
            if inner is not None and inner[1] in hidden:
                return proceed(ground.nowhere(call, inner[0]))
            answer = proceed(call)
            if deed == "list":
                home = ground.home(call)
                listed |= {(*home, str(r.get(str(resource.key)))) for r in ground.rows(answer)}
            return answer

        return ground.everywhere(slug, says, linger)

    yield lists("still-listed", "Lists what was removed.", False)
    yield lists("was-listed", "Lists what was removed, if it had been listed before.", True)


def _around(ground: Ground, call: Call) -> tuple[str, Place] | None:
    """The argument by which a call is about something in a thing, and that thing."""
    for inner in ground.api.resources.values():
        argument = next((a for a, n in inner.within.items() if n == ground.resource.name), None)
        if argument is not None and ground.deed(call, inner) is not None:
            home = dict(zip(inner.within, ground.home(call, inner), strict=True))
            return argument, (*(home.get(a, "") for a in ground.resource.within), home[argument])
    return None


def reborn(ground: Ground) -> Iterator[Fault]:
    """What is made anew under a key isn't new."""

    def returns(slug: str, says: str, whole: bool) -> Fault:
        def old(proceed: Proceed, call: Call, context: Context) -> Answer:
            buried = ground.memory(context, "buried", dict[Place, Document])
            over = ground.memory(context, "over", dict[Place, Document])
            deed, place = ground.deed(call), ground.place(call)
            if deed == "delete":
                last = ground.read(proceed, call, place)
                answer = proceed(call)
                if answer.accepted and last:
                    buried[place] = {n: last[n] for n in ground.fields if n in last}
                return answer
            if deed == "make" and place in buried:
                sent = {} if whole else call.fields
                left = {n: v for n, v in buried[place].items() if n not in sent}
                answer = proceed(call)
                if answer.accepted:
                    over[place] = left
                    del buried[place]
                return answer
            answer = proceed(call)
            if deed == "make" and answer.accepted:
                over.pop(place, None)
            if deed == "read" and answer.accepted and place in over:
                return ground.showing(answer, {**ground.shown(answer), **over[place]})
            return answer

        return ground.everywhere(slug, says, old)

    yield returns("as-before", "Reads under a key that was freed what had it before.", True)
    if {*ground.fields} - ground.maker.required:
        says = "Fills fields that a thing is made anew without with those of what was removed."
        yield returns("left-over", says, False)


def children(ground: Ground) -> Iterator[Fault]:
    """What stood in a thing that was removed is there when the thing is made anew."""
    inner = ground.resource
    parent = ground.api.operations[ground.facet.operation]
    outer = next(r for r in ground.api.resources.values() if parent.id in r.operations.values())

    def stays(slug: str, says: str, last: bool) -> Fault:
        def stay(proceed: Proceed, call: Call, context: Context) -> Answer:
            left = ground.memory(context, "left", dict[Place, Rows])
            deed = ground.deed(call, outer)
            if deed == "delete":
                place = ground.place(call, None, outer)
                rows = ground.everything(proceed, call, _in(ground, place))
                answer = proceed(call)
                if answer.accepted and rows:
                    left[place] = rows[-1:] if last else rows
                return answer
            answer = proceed(call)
            if deed == "make" and answer.accepted:
                place = ground.place(call, answer, outer)
                for row in left.pop(place, []):
                    _put_back(ground, proceed, call, place, row)
            return answer

        return ground.everywhere(slug, says, stay)

    yield stays("stay", f"Gives a thing that is made anew the {inner.name} of the old.", False)
    says = f"Gives a thing that is made anew the last of the {inner.name} of the old."
    yield stays("last-stays", says, True)


def _in(ground: Ground, place: Place) -> Place:
    return place[-len(ground.resource.within) :]


def _put_back(ground: Ground, proceed: Proceed, call: Call, place: Place, row: Document) -> None:
    maker, resource = ground.maker, ground.resource
    known = maker.body.fields if maker.body else {}
    sent = {name: value for name, value in row.items() if name in known}
    home = dict(zip(resource.within, _in(ground, place), strict=True))
    permit = resource.duplicates.permit if resource.duplicates else None
    extra = {} if permit is None else {permit[0]: True if permit[1] == "true" else permit[1]}
    proceed(ground.to(call, maker.id, **sent, **extra, **ground.typed(maker, home)))


LAWS = {
    "life/read-after-removal": still_read,
    "life/removed-again": again,
    "life/listed-after-removal": still_listed,
    "life/reborn": reborn,
    "life/children-go-too": children,
}
