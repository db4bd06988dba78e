"""Windows: a bound lets in what lies on its good side and nothing beyond it; its own edge, too,
where the window is closed.

Members are given as ids with their places on a line. Not every place can be judged: what lies no
more than `outer` beyond a bound may count as inside (0 where bounds are exact).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, timezone
from typing import Literal

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.shelves import Shelf, Shelving
from streamproof.contracts.law import Subject, law
from streamproof.specs.resources import Window

Side = Literal["start", "end"]
Fetch = Callable[[int | None, int | None], Collection[str]]  # (start, end) -> ids answered

ON_THE_EDGE = "a record on the edge"
INSIDE = "a record inside"
OUTSIDE = "a record outside"
IN_ANOTHER_ZONE = "a bound in another zone"
_FEWEST = 3  # instants, so that something lies on each side of one


def edge_is_inside(
    trial: Trial, fetch: Fetch, members: Mapping[str, int], bound: int, side: Side
) -> None:
    """What lies exactly at a bound is answered."""
    edge = [member for member, place in members.items() if place == bound]
    trial.contains(_from(fetch, bound, side), edge, f"the answer with its {side} at the edge")
    if edge:
        trial.witness(ON_THE_EDGE)


def edge_is_outside(
    trial: Trial, fetch: Fetch, members: Mapping[str, int], bound: int, side: Side
) -> None:
    """What lies exactly at a bound is not answered."""
    edge = [member for member, place in members.items() if place == bound]
    trial.lacks(_from(fetch, bound, side), edge, f"the answer with its {side} at the edge")
    if edge:
        trial.witness(ON_THE_EDGE)


def beyond_is_outside(
    trial: Trial,
    fetch: Fetch,
    members: Mapping[str, int],
    bound: int,
    side: Side,
    outer: int = 0,
) -> None:
    """What lies beyond a bound is not answered, while something on its good side is."""
    sign = 1 if side == "start" else -1
    within = [member for member, place in members.items() if sign * (place - bound) > 0]
    beyond = [member for member, place in members.items() if sign * (bound - place) > outer]
    answered = _from(fetch, bound, side)
    trial.lacks(answered, beyond, f"the answer with its {side} at the bound")
    if beyond:
        trial.witness(OUTSIDE)
    if any(member in answered for member in within):
        trial.witness(INSIDE)


def exactly_between(
    trial: Trial,
    fetch: Fetch,
    members: Mapping[str, int],
    start: int | None,
    end: int | None,
    outer: int = 0,
    *,
    closed: bool = True,
) -> None:
    """Members between the bounds are answered, edges included where they are `closed`, all others
    not.

    A bound that is None is not sent, and that side is open.
    """
    low = -float("inf") if start is None else start
    high = float("inf") if end is None else end
    inside = [m for m, p in members.items() if low < p < high or (closed and p in (low, high))]
    outside = [m for m, p in members.items() if p < low - outer or p > high + outer]
    if not closed:
        outside += [m for m, p in members.items() if p in (low, high)]
    answered = fetch(start, end)
    where = "the answer between the bounds"
    trial.contains(answered, inside, where)
    trial.lacks(answered, outside, where)
    if inside:
        trial.witness(INSIDE)
    if outside:
        trial.witness(OUTSIDE)
    if any(place in (start, end) for place in members.values()):
        trial.witness(ON_THE_EDGE)


def _from(fetch: Fetch, bound: int, side: Side) -> Collection[str]:
    return fetch(bound, None) if side == "start" else fetch(None, bound)


def _edge(side: Side, trial: Trial, subject: Subject) -> None:
    line = _Line.of(trial, subject)
    judge = edge_is_inside if line.window.closed else edge_is_outside
    judge(trial, line.fetch, line.members, line.bound(), side)


def _outside(side: Side, trial: Trial, subject: Subject) -> None:
    line = _Line.of(trial, subject)
    beyond_is_outside(trial, line.fetch, line.members, line.bound(), side)


@law("windows/start-edge", ON_THE_EDGE)
def start_edge(trial: Trial, subject: Subject) -> None:
    """A record exactly at the start is shown, or where the window is open not."""
    _edge("start", trial, subject)


@law("windows/end-edge", ON_THE_EDGE)
def end_edge(trial: Trial, subject: Subject) -> None:
    """A record exactly at the end is shown, or where the window is open not."""
    _edge("end", trial, subject)


@law("windows/start-outside", INSIDE, OUTSIDE)
def start_outside(trial: Trial, subject: Subject) -> None:
    """A record before the start is not shown, while one behind it is."""
    _outside("start", trial, subject)


@law("windows/end-outside", INSIDE, OUTSIDE)
def end_outside(trial: Trial, subject: Subject) -> None:
    """A record behind the end is not shown, while one before it is."""
    _outside("end", trial, subject)


@law("windows/between", INSIDE, OUTSIDE)
def between(trial: Trial, subject: Subject) -> None:
    """Of two bounds, what lies between them is shown and nothing else."""
    line = _Line.of(trial, subject)
    places = line.places
    ends = [(a, b) for a in places for b in places if a < b and (a, b) != (places[0], places[-1])]
    start, end = trial.draw(st.sampled_from(ends))
    closed = line.window.closed
    exactly_between(trial, line.fetch, line.members, start, end, closed=closed)


@law("windows/respelled", IN_ANOTHER_ZONE)
def respelled(trial: Trial, subject: Subject) -> None:
    """A start in another zone shows what the same instant in UTC shows; a server may refuse to
    read the zone, but not read it otherwise."""
    line, name = _Line.of(trial, subject), subject.facet.name
    bound = line.bound()
    plain = [member for member in line.members if member in line.fetch(bound, None)]
    trial.require(plain, "a record behind the start")
    for zone in (timeline.EAST, timeline.WEST):
        spelled = timeline.written(bound, zone)
        query = {**subject.lists.large, **line.shelf.query, name: spelled}
        outcome = subject.lists.call(trial, line.shelf.where, **query)
        if not trial.granted(outcome, f"a list with {name}={spelled}"):
            continue
        shown = line.fetch(bound, None, zone)
        found = [member for member in line.members if member in shown]
        trial.equal(found, plain, f"what is listed with {name}={spelled}", reason="another-instant")
        trial.witness(IN_ANOTHER_ZONE)
    trial.require(IN_ANOTHER_ZONE in trial.seen, f"a zone in which {name} is understood")


@dataclass(frozen=True, slots=True)
class _Line:
    """The records of a shelf by name, with their instants: those that are shown as sent."""

    trial: Trial
    subject: Subject
    shelf: Shelf
    members: Mapping[str, int]

    @classmethod
    def of(cls, trial: Trial, subject: Subject) -> _Line:
        lists, instant = subject.lists, str(subject.resource.instant)
        trial.require(
            instant in subject.things.maker.arguments,
            f"a time of {subject.resource.name} that whoever makes one sets",
        )
        shelf = trial.once(Shelving.of(subject.api, subject.resource))
        rows = shelf.rows(trial, lists, seek=shelf.names)
        sent = {
            name: timeline.read(thing.sent.get(instant))
            for name, thing in zip(shelf.names, shelf.things, strict=True)
        }
        shown = zip(shelf.seen(lists, rows), shelf.own(lists, rows), strict=True)
        members: dict[str, int] = {}
        for name, row in shown:
            at = timeline.read(row.get(instant))
            if at is not None and at == sent.get(name):
                members[name] = at
        line = cls(trial, subject, shelf, members)
        trial.require(len(line.places) >= _FEWEST, f"{instant} as it was sent, in the rows")
        return line

    @property
    def window(self) -> Window:
        found = self.subject.lists.listing.window
        assert found is not None
        return found

    @property
    def places(self) -> list[int]:
        return sorted({*self.members.values()})

    def bound(self) -> int:
        """An instant of a record, with some on each side of it."""
        return self.trial.draw(st.sampled_from(self.places[1:-1]))

    def fetch(self, start: int | None, end: int | None, zone: timezone = UTC) -> Collection[str]:
        """The names of what is listed between bounds."""
        given = {
            str(argument): timeline.written(at, zone)
            for argument, at in ((self.window.start, start), (self.window.end, end))
            if at is not None
        }
        inside = [
            name
            for name, at in self.members.items()
            if (start is None or at > start) and (end is None or at < end)
        ]
        rows = self.shelf.rows(self.trial, self.subject.lists, given, seek=inside)
        return self.shelf.seen(self.subject.lists, rows)


LAWS = (start_edge, end_edge, start_outside, end_outside, between, respelled)
