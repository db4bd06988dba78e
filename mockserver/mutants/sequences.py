"""Faults that only a sequence of calls shows: a removal spoils the list of another thing."""

from __future__ import annotations

from collections.abc import Iterator

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground, Place
from streamproof.specs.api import Api
from streamproof.specs.declared import SEQUENCES
from streamproof.specs.facets import Facet
from streamproof.specs.resources import Resource


def faults(api: Api) -> Iterator[Fault]:
    """The faults of the rule on sequences, where an API has it and things can be removed."""
    if f"{api.name}/{SEQUENCES}" not in api.rulebook.rules:
        return
    for outer in api.resources.values():
        if {"create", "delete"} <= outer.operations.keys() and outer.fields:  # it can be told again
            for inner in (outer, *_inside(api, outer)):
                if inner.listing is not None:
                    yield _unlisted(api, outer, inner)


def _inside(api: Api, outer: Resource) -> Iterator[Resource]:
    """What stands right in a thing."""
    return (r for r in api.resources.values() if [*r.within.values()][-1:] == [outer.name])


def _unlisted(api: Api, outer: Resource, inner: Resource) -> Fault:
    """A removal hides the next thing from lists, or what is in all later ones, until they are made
    anew."""
    assert inner.listing is not None
    rule = api.rulebook[f"{api.name}/{SEQUENCES}"]
    ground = Ground(api, rule, Facet("listed", inner, inner.listing.operation))

    def hides(proceed: Proceed, call: Call, context: Context) -> Answer:
        made = ground.memory(context, f"{inner.name} made", list[Place])
        hidden = ground.memory(context, f"{inner.name} hidden", set[Place])
        answer = proceed(call)
        deed = ground.deed(call, outer)
        if deed in ("make", "delete") and answer.accepted:
            place = ground.place(call, answer, outer)
            if deed == "make":
                made.append(place)
                hidden.discard(place)
            elif place in made:
                at = made.index(place)
                later = made[at + 1 :] if inner is not outer else made[at + 1 : at + 2]
                hidden |= {each for each in later if each[:-1] == place[:-1]}
                made.remove(place)
        if ground.deed(call, inner) == "list":
            home, key = ground.home(call, inner), str(inner.key)
            if inner is outer:
                rows = [
                    row for row in ground.rows(answer) if (*home, str(row.get(key))) not in hidden
                ]
            else:
                rows = [] if home in hidden else ground.rows(answer)
            return ground.with_rows(answer, rows) if answer.accepted else answer
        return answer

    what = (
        f"the {inner.name} of what was made later" if inner is not outer else "what was made next"
    )
    says = f"After a removal {what} of {outer.name} can't be listed."
    return ground.everywhere(f"{inner.name}-unlisted", says, hides)
