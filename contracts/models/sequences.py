"""Sequences for any API: calls on the resources of its resources.yaml, in any order.

A whole sequence is drawn before it is played, so that hypothesis can leave out calls of a failing
one; the numbers in it choose among what there is when their call's turn comes.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from streamproof.contracts.check import Check, Trial
from streamproof.contracts.drivers.collection import Collection
from streamproof.contracts.models.playing import Turn, play
from streamproof.contracts.models.session import SHOWN, Session
from streamproof.specs.api import Api
from streamproof.specs.declared import SEQUENCES
from streamproof.specs.facets import kept
from streamproof.specs.resources import Resource

_SHORTEST, _LONGEST = 16, 32  # calls; some of them do nothing
_PAUSE: Final = ("", "pause")
_WEIGHTS: Final = {"create": 3, "append": 3, "delete": 2, "list": 2}


def sequences(api: Api) -> Check | None:
    """The check of sequences over what an API keeps; None where nothing can be both made and shown,
    or no rule speaks of it."""
    resources = [each for each in kept(api.resources) if _may_be_made(api, each)]
    rule = f"{api.name}/{SEQUENCES}"
    if not resources or rule not in api.rulebook.rules:
        return None
    menu = [_PAUSE, *(entry for resource in resources for entry in _menu(resource))]
    turn = st.tuples(
        st.sampled_from(menu), st.integers(0, 3), st.integers(0, 7), st.integers(0, 1023)
    )
    turns = st.lists(turn, min_size=_SHORTEST, max_size=_LONGEST)

    def run(trial: Trial) -> None:
        """Whatever is called in whatever order, what is shown is what the calls say they left."""
        drawn = trial.draw(turns)
        turns_taken = [Turn(*entry, *numbers) for entry, *numbers in drawn if entry != _PAUSE]
        play(Session(api, trial), turns_taken)

    return Check(rule, run, (SHOWN,))


def _may_be_made(api: Api, resource: Resource) -> bool:
    return resource.kind != "collection" or Collection(api, resource).may_be_made


def _menu(resource: Resource) -> list[tuple[str, str]]:
    """The calls on a resource, the likelier ones several times."""
    deeds: list[str] = [*resource.operations]
    if resource.listing is not None:
        deeds.append("list")
    return [(resource.name, deed) for deed in deeds for _ in range(_WEIGHTS.get(deed, 1))]
