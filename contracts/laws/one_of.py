"""Exactly one of some arguments: each alone is accepted, none and several are rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.things import Thing
from streamproof.contracts.law import Subject, law
from streamproof.contracts.wire import Outcome

EACH_ALONE = "each alone, accepted"
BESIDE = "beside the one that it needs, accepted"


def neither_is_rejected(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    """A call with none of the alternatives is rejected, where each alone is accepted."""
    _each_alone(trial, call, alternatives)
    trial.rejected(call(), f"a call with neither {' nor '.join(alternatives)}")


def both_are_rejected(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    """A call with all the alternatives is rejected, where each alone is accepted."""
    _each_alone(trial, call, alternatives)
    trial.rejected(call(**alternatives), f"a call with both {' and '.join(alternatives)}")


def _each_alone(
    trial: Trial, call: Callable[..., Outcome], alternatives: Mapping[str, Any]
) -> None:
    for name, value in alternatives.items():
        trial.given(call(**{name: value}), f"a call with {name} alone")
    trial.witness(EACH_ALONE)


@law("one-of/neither", EACH_ALONE)
def neither(trial: Trial, subject: Subject) -> None:
    """A list with none of the arguments of which it needs one is rejected."""
    lists = subject.lists
    where = subject.things.make(trial).where
    call = partial(trial.client.call, lists.operation.id)
    needed = _needed(subject, where)
    alternatives = {name: lists.harmless(name) for name in lists.listing.exactly_one}
    neither_is_rejected(trial, lambda **chosen: call(**needed, **chosen), alternatives)


@law("one-of/both", EACH_ALONE)
def both(trial: Trial, subject: Subject) -> None:
    """A list with two of the arguments of which it may have one is rejected."""
    lists = subject.lists
    where = subject.things.make(trial).where
    call = partial(trial.client.call, lists.operation.id)
    needed = _needed(subject, where)
    one, other = trial.draw(st.sampled_from([*permutations(lists.listing.exactly_one, 2)]))
    alternatives = {name: lists.harmless(name) for name in (one, other)}
    both_are_rejected(trial, lambda **chosen: call(**needed, **chosen), alternatives)


@law("one-of/only-with", BESIDE)
def only_with(trial: Trial, subject: Subject) -> None:
    """An argument is accepted beside the one that it needs, and rejected without it."""
    lists, facet = subject.lists, subject.facet
    thing = subject.things.make(trial)
    value = _value(trial, subject, thing)
    beside = lists.asked(thing.where, {facet.name: lists.harmless(facet.name), facet.other: value})
    trial.given(trial.client.call(facet.operation, **beside), f"a list with {facet.other}")
    trial.witness(BESIDE)
    rivals: list[str | None] = []
    if facet.name in lists.listing.exactly_one:
        rivals += [n for n in lists.listing.exactly_one if n != facet.name]
    for name in rivals or [None]:
        rest = {n: v for n, v in beside.items() if n != facet.name}
        rest |= {} if name is None else {name: lists.harmless(name)}
        alone = trial.client.call(facet.operation, **rest)
        trial.rejected(alone, f"a list with {facet.other} and without {facet.name}")


def _needed(subject: Subject, where: Mapping[str, Any]) -> dict[str, Any]:
    """What a list needs beside the arguments of which there is one."""
    asked = subject.lists.asked(where)
    return {n: v for n, v in asked.items() if n not in subject.lists.listing.exactly_one}


def _value(trial: Trial, subject: Subject, thing: Thing) -> Any:
    """A good value of the argument that needs another; a cursor is one that the target gave."""
    lists, name = subject.lists, subject.facet.other
    if name != lists.pages.cursor:
        return lists.harmless(name)
    limit = {} if lists.pages.limit is None else {lists.pages.limit: 1}
    subject.things.make(trial, thing.where)
    cursor = lists.page(trial, thing.where, **limit).cursor
    trial.require(isinstance(cursor, str), "a page that leads on to another")
    return cursor


LAWS = (neither, both, only_with)
