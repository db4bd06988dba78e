"""Faults of the times that tell when a thing was made or changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Place
from streamproof.mockserver.mutants.values import later

_HOUR: Final = 3_600_000  # milliseconds
_YEARS: Final = 10 * 365 * 24 * _HOUR

Wanted = Callable[[Place, Document], Any]


def _shows(
    ground: Ground, call: Call, answer: Answer, value: Wanted, makers: bool = True
) -> Answer:
    """An answer with another value of the facet's field in each thing that it shows."""
    deed, key = ground.deed(call), str(ground.resource.key)
    if deed is None or not answer.accepted or answer.body is None:
        return answer

    def changed(row: Document) -> Document:
        place = (*ground.home(call), str(row.get(key)))
        return {**row, ground.name: value(place, row)} if ground.name in row else row

    if deed == "list":
        rows = ground.rows(answer)
        return ground.with_rows(answer, [changed(row) for row in rows]) if rows else answer
    thing = ground.shown(answer)
    if not thing or (deed == "make" and not makers):
        return answer
    return ground.showing(answer, changed(thing))


def _moves(ground: Ground, slug: str, says: str, by: int, makers: bool = True) -> Fault:
    def move(proceed: Proceed, call: Call, _context: Context) -> Answer:
        def value(_place: Place, row: Document) -> Any:
            return later(row[ground.name], by)

        return _shows(ground, call, proceed(call), value, makers)

    return ground.everywhere(slug, says, move)


def made(ground: Ground) -> Iterator[Fault]:
    yield _moves(ground, "years-ago", f"Shows a `{ground.name}` of years ago.", -_YEARS)
    yield _moves(ground, "an-hour-ahead", f"Shows a `{ground.name}` an hour ahead.", _HOUR)


def stays(ground: Ground) -> Iterator[Fault]:
    says = f"Shows another `{ground.name}` after a thing is made than by its making:"
    yield _moves(ground, "two-seconds-later", f"{says} two seconds later.", 2000, makers=False)
    yield _moves(ground, "a-second-later", f"{says} a second later.", 1000, makers=False)


def changed(ground: Ground) -> Iterator[Fault]:
    """What is shown before the first update stays as it is, so that this is about updates alone."""

    def shows(slug: str, says: str, value: Callable[[Any, Any], Any], least: int) -> Fault:
        def show(proceed: Proceed, call: Call, context: Context) -> Answer:
            first = ground.memory(context, "first", dict[Place, Any])
            times = ground.memory(context, "times", dict[Place, int])
            deed, place = ground.deed(call), ground.place(call)
            answer = proceed(call)
            if deed == "make" and answer.accepted:
                place = ground.place(call, answer)
                first[place] = ground.shown(answer).get(ground.name)
                times[place] = 0
            if deed == "update" and answer.accepted:
                times[place] = times.get(place, 0) + 1

            def wanted(place: Place, row: Document) -> Any:
                now = row[ground.name]
                known = first.get(place)
                is_due = times.get(place, 0) >= least and known is not None
                return value(now, known) if is_due else now

            return _shows(ground, call, answer, wanted)

        return ground.everywhere(slug, says, show)

    name = ground.name
    says = f"Shows a `{name}` that is an hour too early once a thing is updated."
    yield shows("an-hour-ago", says, lambda now, _first: later(now, -_HOUR), 1)
    says = f"Shows a `{name}` that stays as it was when the thing was made."
    yield shows("as-made", says, lambda _now, first: first, 1)


LAWS = {"times/made-now": made, "times/made-stays": stays, "times/changed-now": changed}
