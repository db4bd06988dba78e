"""Lists: they show what was made, as reads show it, and change nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.contents import members
from streamproof.contracts.drivers.lists import Lists, Row
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws.life import watched
from streamproof.contracts.laws.stays import LOOKED_TWICE
from streamproof.contracts.values import spelled
from streamproof.specs.wording import shown

LISTED: Final = "what was made, in a list"
IN_BOTH: Final = "the same thing, listed and read"
EACH_IN_ITS_OWN: Final = "two things, each listed by what it stands in"


@law("lists/shows-made", LISTED)
def shows_made(trial: Trial, subject: Subject) -> None:
    """What was made, with few fields or with all, is listed once, with what was sent.

    Others may add and remove things while pages are turned, which shows some twice: what counts
    is that a walk comes which shows each once. What nothing tells from others may show more often.
    """
    things, lists = subject.things, subject.lists
    first = things.make(trial)
    made = [first, things.make_if_taken(trial, first.where, things.odd(trial))]

    def is_known(thing: Thing) -> bool:
        own = thing.key is not None or trial.names.owned(thing.sent)
        return bool(own) or subject.resource.instant in thing.sent

    def once(rows: Sequence[Row]) -> bool:
        found = [(thing, len(lists.find(rows, thing))) for thing in made]
        return all(n == 1 or (n > 1 and not is_known(thing)) for thing, n in found)

    rows = until(lambda: lists.everything(trial, first.where), once, SETTLE_S)
    for thing in made:
        found = lists.find(rows, thing)
        wanted = f"{_named(thing)} once in the list"
        trial.holds(found, "lost", expected=wanted, actual=f"not among {len(rows)} rows")
        once_only = len(found) == 1 or not is_known(thing)
        trial.holds(once_only, "repeated", expected=wanted, actual=f"{len(found)} times")
        # what isn't described may show less than a read
        things.as_sent(trial, thing.sent, found[0], "the row", _shows(lists) or frozenset())
        trial.witness(LISTED)


@law("lists/as-read", IN_BOTH)
def as_read(trial: Trial, subject: Subject) -> None:
    """Whatever stands in a thing, its row shows as its read does, as far as it shows it."""
    things, lists = subject.things, subject.lists
    first = things.make(trial)
    made = [first, things.make_if_taken(trial, first.where, things.odd(trial))]
    rows = lists.everything(trial, first.where, seek=made)
    times = {*subject.resource.made_at, *subject.resource.changed_at}
    described = _shows(lists)
    for thing in made:
        found = lists.find(rows, thing)
        trial.require(found, f"{_named(thing)} in the list", *subject.rules("lists/shows-made"))
        read, row = things.known(things.read(trial, thing)), things.known(found[0])
        for name, value in read.items():
            if name not in row and (described is None or name not in described):
                continue
            trial.holds(
                name in row and _alike(subject, name in times, name, value, row[name]),
                "not-as-read",
                expected=f"the row shows {name} as the read: {shown(value)}",
                actual=shown(row[name]) if name in row else "not there",
            )
        trial.witness(IN_BOTH)


def _alike(subject: Subject, is_time: bool, name: str, value: Any, other: Any) -> bool:
    at, there = timeline.read(value), timeline.read(other)
    if is_time and at is not None and there is not None:
        return abs(at - there) < timeline.SECOND  # one may be cut to the second
    return subject.things.alike(name, value, other)


@law("lists/changes-nothing", LOOKED_TWICE)
def changes_nothing(trial: Trial, subject: Subject) -> None:
    """What is read, or else listed, is the same however often one lists."""
    things, lists = subject.things, subject.lists
    first = things.make(trial, **things.full(trial))
    made = [first, things.make(trial, first.where), things.make(trial, first.where)]
    if "read" in subject.resource.operations:
        look = watched(trial, things, *made)
    else:
        look = partial(_shown, trial, subject, made)
    before = look()
    for _ in range(2):
        rows = lists.everything(trial, first.where, seek=made)
        trial.equal(look(), before, "what was made, after a list", reason="changed-by-a-list")
    missing = [thing for thing in made if not lists.find(rows, thing)]
    trial.require(not missing, "what was made, in the list", *subject.rules("lists/shows-made"))
    if first.where:  # where nobody else writes
        page, again = (lists.page(trial, first.where).records for _ in range(2))
        trial.equal(
            sorted(spelled(things.known(row)) for row in again),
            sorted(spelled(things.known(row)) for row in page),
            "a page, listed again at once",
            reason="changed-by-a-list",
        )
    trial.witness(LOOKED_TWICE)


@law("lists/kept-apart", EACH_IN_ITS_OWN)
def kept_apart(trial: Trial, subject: Subject) -> None:
    """Of two things in two others, a list by either of these shows the one and not the other.

    What stands between them has the same key in both, where it may.
    """
    things, lists, argument = subject.things, subject.lists, subject.facet.name
    first = things.make(trial)
    around = list(subject.resource.within)
    at = around.index(argument)
    shared, within = ({n: first.where[n] for n in some} for some in (around[:at], around[at + 1 :]))
    second = things.make(trial, things.place(trial, shared, within))
    trial.require(
        first.key != second.key or things.differs(first.sent, second.sent) is not None,
        f"two of {subject.resource.name} that can be told apart",
    )
    for thing, other in ((first, second), (second, first)):

        def is_there(rows: Sequence[Row], thing: Thing = thing) -> bool:
            return bool(lists.find(rows, thing))

        rows = until(partial(_rows, trial, lists, thing.where), is_there, SETTLE_S)
        trial.require(
            is_there(rows), "what stands in it, in the list", *subject.rules("lists/shows-made")
        )
        strangers = _strangers(subject, rows, thing, other)
        trial.holds(
            not strangers,
            "intruder",
            expected=f"a list by {argument} {thing.where[argument]} without what stands in another",
            actual=f"{shown(strangers[:1])}, made in {other.where[argument]}",
        )
    trial.witness(EACH_IN_ITS_OWN)


def _strangers(subject: Subject, rows: Sequence[Row], thing: Thing, other: Thing) -> list[Row]:
    """The rows that show the other: of two that have one key, each where it stands, by fields."""
    things, found = subject.things, subject.lists.find(rows, other)
    if thing.key != other.key:
        return found
    return [
        row
        for row in found
        if things.differs(other.sent, row) is None and things.differs(thing.sent, row) is not None
    ]


def _shown(trial: Trial, subject: Subject, made: Sequence[Thing]) -> list[str]:
    """What a list shows of what was made, whatever its order."""
    lists = subject.lists
    rows = lists.everything(trial, made[0].where, seek=made)
    own = (row for row in rows if any(lists.find([row], thing) for thing in made))
    return sorted(spelled(subject.things.known(row)) for row in own)


def _rows(trial: Trial, lists: Lists, where: Mapping[str, Any]) -> list[Row]:
    """The rows of a walk, also of one that doesn't come to an end."""
    return lists.walk(trial, where, **lists.large).records


def _named(thing: Thing) -> str:
    return "what was made" if thing.key is None else str(thing.key)


def _shows(lists: Lists) -> frozenset[str] | None:
    """The members of a row that the list is described to show."""
    return members(lists.operation.success.payload, lists.listing.rows, lists.api.openapi)


LAWS = (shows_made, as_read, changes_nothing, kept_apart)
