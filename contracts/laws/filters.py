"""Filters: a list holds what passes, and nothing else. The two halves are judged apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.assortments import Assorting, Assortment
from streamproof.contracts.law import Subject, law

MATCH = "a match"
NON_MATCH = "a non-match"


def nothing_else(
    trial: Trial,
    listed: Sequence[str],
    matches: Collection[str],
    others: Collection[str],
    what: str,
) -> None:
    """A filter keeps out whatever doesn't match; `others` are known not to, strangers neither."""
    trial.lacks(listed, [member for member in listed if member not in matches], what)
    if others:
        trial.witness(NON_MATCH)
    if listed:
        trial.witness(MATCH)


def every_match(trial: Trial, listed: Sequence[str], matches: Collection[str], what: str) -> None:
    """A filter lets in whatever matches."""
    trial.contains(listed, matches, what)
    if matches:
        trial.witness(MATCH)


@law("filters/nothing-else", MATCH, NON_MATCH)
def lets_nothing_else_in(trial: Trial, subject: Subject) -> None:
    """Of what a run made, what a filter lets in matches."""
    lists, facet = subject.lists, subject.facet
    stock, values, argument = _asked(trial, subject)
    walked = lists.walk(trial, stock.shelf.where, **{**lists.large, facet.name: argument})
    listed = stock.shelf.seen(lists, walked.records)
    matches = stock.matches(_how(subject), values)
    others = [name for name in stock.names if name not in matches]
    nothing_else(trial, listed, matches, others, f"the list with {facet.name}={argument}")


@law("filters/every-match", MATCH)
def lets_every_match_in(trial: Trial, subject: Subject) -> None:
    """A filter lets in whatever matches of what a run made."""
    lists, facet = subject.lists, subject.facet
    stock, values, argument = _asked(trial, subject)
    matches = stock.matches(_how(subject), values)
    rows = stock.shelf.rows(trial, lists, {facet.name: argument}, seek=matches)
    listed = stock.shelf.seen(lists, rows)
    every_match(trial, listed, matches, f"the list with {facet.name}={argument}")


def _asked(trial: Trial, subject: Subject) -> tuple[Assortment, tuple[Any, ...], Any]:
    """What there is to filter, the values by which it is done, and how the argument tells them."""
    name, how = subject.facet.name, _how(subject)
    stock = trial.once(Assorting.of(subject.api, subject.resource, name))
    queries = stock.queries(how)
    trial.require(queries, f"values of {name} that some of {subject.resource.name} match")
    values = trial.draw(st.sampled_from(queries))
    return stock, values, values[0] if how == "equals" else list(values)


def _how(subject: Subject) -> str:
    listing = subject.lists.listing
    return next(f.how for f in listing.filters if f.argument == subject.facet.name)


LAWS = (lets_nothing_else_in, lets_every_match_in)
