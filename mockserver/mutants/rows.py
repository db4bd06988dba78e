"""Faults of what a list shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants import harm
from streamproof.mockserver.mutants.ground import Document, Ground, Place, Rows
from streamproof.mockserver.mutants.values import Change, later, near, other

_HOUR: Final = 3_600_000  # milliseconds


def _valid(ground: Ground, answer: Answer, rows: Rows) -> Answer:
    """The page with other rows, where these are valid."""
    told = ground.with_rows(answer, rows)
    listed = ground.api.operations[ground.listing.operation]
    return told if ground.is_valid(listed, told) else answer


def _last_near(ground: Ground, row: Document) -> Document:
    fields = [name for name in ground.fields if name in row] or [str(ground.resource.key)]
    return {**row, **{name: near(row[name]) for name in fields[-1:] if name in row}}


def shows_made(ground: Ground) -> Iterator[Fault]:
    """Of what was made last in a home, or where nothing tells that, of the last row."""
    key = str(ground.resource.key)

    def shows(slug: str, says: str, change: Callable[[Document], Rows]) -> Fault:
        def show(proceed: Proceed, call: Call, context: Context) -> Answer:
            made = ground.memory(context, "made", dict[Place, str])
            answer, deed = proceed(call), ground.deed(call)
            if deed == "make" and answer.accepted:
                made[ground.home(call)] = ground.place(call, answer)[-1]
            rows = ground.rows(answer) if deed == "list" else []
            if not rows:
                return answer
            keys = [str(row.get(key)) for row in rows]
            newest = made.get(ground.home(call)) if key in rows[0] else keys[-1]
            if newest not in keys:
                return answer
            at = len(keys) - 1 - keys[::-1].index(newest)
            return _valid(ground, answer, [*rows[:at], *change(rows[at]), *rows[at + 1 :]])

        return ground.everywhere(slug, says, show)

    yield shows("newest-lost", "Leaves out what was made last.", lambda _row: [])
    yield shows("newest-twice", "Shows what was made last twice.", lambda row: [row, row])
    yield shows(
        "newest-last-field",
        "Shows of what was made last a last field that is slightly other than what was sent.",
        lambda row: [_last_near(ground, row)],
    )


def as_read(ground: Ground) -> Iterator[Fault]:
    """Of members that nobody sent, so that rows show all that was sent."""
    key = str(ground.resource.key)
    times = {*ground.resource.made_at, *ground.resource.changed_at}

    def shows(slug: str, says: str, by: int, change: Change) -> Fault:
        def show(proceed: Proceed, call: Call, context: Context) -> Answer:
            sent = ground.memory(context, "sent", dict[Place, set[str]])
            answer, deed = proceed(call), ground.deed(call)
            place = ground.place(call, answer)
            if deed in ("make", "update") and answer.accepted:
                known = sent.get(place, set()) if deed == "update" else set()
                sent[place] = {*known, *call.fields}
            rows = ground.rows(answer) if deed == "list" else []

            def changed(row: Document) -> Document:
                named = sent.get((*ground.home(call), str(row.get(key))), {*row})
                return {n: v if n in named or n == key else strange(n, v) for n, v in row.items()}

            def strange(name: str, value: Any) -> Any:
                return later(value, by) if name in times else change(value)

            return _valid(ground, answer, [*map(changed, rows)]) if rows else answer

        why = "A list that shows another time than a read is one of two showings that differ."
        return ground.also(ground.everywhere(slug, says, show), "times/made-stays", why)

    says = "Shows in rows other values of what nobody sent."
    yield shows("unsent", says, _HOUR, other)
    says = "Shows in rows slightly other values of what nobody sent."
    yield shows("unsent-slightly", says, 2000, near)


def changes_nothing(ground: Ground) -> Iterator[Fault]:
    """Of what can be read, a read shows the change; of what can't, the second of two equal lists
    between which nothing is changed."""
    if "read" in ground.resource.operations:
        yield from harm.after(ground, "list", "A list")
        return

    def touches(slug: str, says: str, change: Callable[[Rows], Rows]) -> Fault:
        def touch(proceed: Proceed, call: Call, context: Context) -> Answer:
            seen = ground.memory(context, "seen", set[str])
            answer, deed = proceed(call), ground.deed(call)
            if deed == "list" and answer.accepted:
                sent = str(sorted(call.arguments.items()))
                again = sent in seen
                seen.add(sent)
                rows = ground.rows(answer)
                return _valid(ground, answer, change(rows)) if again and rows else answer
            if deed not in (None, "read"):
                seen.clear()
            return answer

        return ground.everywhere(slug, says, touch)

    yield touches("takes-a-row", "Takes away the last row that it lists.", lambda rows: rows[:-1])
    yield touches(
        "touches-the-last",
        "Changes the last field of the last row that it lists.",
        lambda rows: [*rows[:-1], _last_near(ground, rows[-1])],
    )


def kept_apart(ground: Ground) -> Iterator[Fault]:
    """A list that comes after something was put into another home shows rows of that one."""
    names = [*ground.resource.within]
    where = names.index(ground.name)

    def shows(slug: str, says: str, last: bool) -> Fault:
        def show(proceed: Proceed, call: Call, context: Context) -> Answer:
            homes = ground.memory(context, "homes", list[Place])
            answer, home = proceed(call), ground.home(call)
            if ground.deed(call) == "make" and answer.accepted:
                homes.append(home)
            if ground.deed(call) != "list" or not homes:
                return answer
            if not ground.is_last(proceed, call, answer):
                return answer
            latest, rows = homes[-1], ground.rows(answer)
            apart = [at for at in range(len(names)) if latest[at] != home[at]]
            if apart != [where]:
                return answer
            keys = ground.typed(call.operation, dict(zip(names, latest, strict=True)))
            strange = ground.rows(proceed(ground.unpaged(call).changed(**keys)))
            told = [*rows, *(strange[-1:] if last else strange)]
            return _valid(ground, answer, _ordered(ground, call, told))

        return ground.everywhere(slug, says, show)

    yield shows("all-rows", f"Shows also what stands under the last `{ground.name}`.", False)
    yield shows("last-row", f"Shows also the last row of the last `{ground.name}`.", True)


def _ordered(ground: Ground, call: Call, rows: Rows) -> Rows:
    order = ground.listing.order
    if order is None:
        return rows
    turned = (
        call.arguments.get(order.direction, order.default) if order.direction else order.default
    )
    try:
        return sorted(rows, key=ground.rank, reverse=str(turned).lower() == "desc")
    except TypeError:  # values that can't be compared
        return rows


LAWS = {
    "lists/shows-made": shows_made,
    "lists/as-read": as_read,
    "lists/changes-nothing": changes_nothing,
    "lists/kept-apart": kept_apart,
}
