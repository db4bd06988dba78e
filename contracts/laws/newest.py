"""The newest so many: an argument asks for the last records of all, on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.shelves import Shelving
from streamproof.contracts.law import Subject, law

FEWER = "fewer asked for than there are"
ALL = "as many asked for as there are, or more"


def newest_only(
    trial: Trial, listed: Sequence[str], members: Mapping[str, int], number: int, served: int
) -> None:
    """Of the members, ids with their places on a line, the `number` that lie furthest are listed,
    each once, and no others; of a tie any may be.

    `served` is the most that the target was seen to list on one page.
    """
    wanted = min(number, len(members), served)
    trial.holds(
        len(listed) == wanted,
        "another-number",
        expected=f"{wanted} of {len(members)} records, asked for the last {number}",
        actual=f"{len(listed)} records",
    )
    what = f"the last {number} of {len(members)} records"
    trial.no_repeats(listed, what)
    edge = sorted(members.values(), reverse=True)[wanted - 1]
    trial.contains(listed, [m for m, place in members.items() if place > edge], what)
    trial.lacks(listed, [m for m, place in members.items() if place < edge], what)
    trial.lacks(listed, [m for m in listed if m not in members], what)
    trial.witness(FEWER if number < len(members) else ALL)


@law("newest/last", FEWER, ALL)
def last(trial: Trial, subject: Subject) -> None:
    """As many of the newest records as were asked for, or all if there are fewer."""
    lists, name, instant = subject.lists, subject.facet.name, str(subject.resource.instant)
    trial.require(
        instant in subject.things.maker.arguments,
        f"a time of {subject.resource.name} that whoever makes one sets",
    )
    shelf = trial.once(Shelving.of(subject.api, subject.resource))
    trial.require(
        shelf.alone and not shelf.query,  # a filter may be asked before or after
        f"a list of {subject.resource.name} in which others' are never the newest",
    )
    members = {
        own: timeline.read(thing.sent.get(instant)) or 0
        for own, thing in zip(shelf.names, shelf.things, strict=True)
    }

    def listed(number: int) -> list[str]:
        rows = lists.page(trial, shelf.where, **{**shelf.query, name: number}).records
        return shelf.seen(lists, rows)

    there, most = len(members), lists.most(name)
    few = lists.numbers(name, below=there)
    many = [n for n in (there, there + 1, most) if there <= n <= most]
    trial.require(few and many, f"{there} records, of which {name} may ask for fewer and for more")
    served = max(len(listed(number)) for number in (there, most))
    trial.require(served, f"a record with {name}={most}")
    for number in (trial.draw(st.sampled_from(few)), trial.draw(st.sampled_from(many))):
        newest_only(trial, listed(number), members, number, served)


LAWS = (last,)
