"""A law: a property of a facet, judged wherever an API has that facet.

What is said of it stands in specs/laws.yaml; `judge` acts on a `Subject`, which knows the facet
and how its things are made, read and listed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from streamproof.contracts.check import Check, Trial
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.things import Things
from streamproof.specs.api import Api
from streamproof.specs.facets import Facet
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Rule


@dataclass(frozen=True, slots=True)
class Subject:
    """A facet of an API, and the ways to its things."""

    api: Api
    facet: Facet

    @property
    def resource(self) -> Resource:
        return self.facet.resource

    @property
    def things(self) -> Things:
        return Things(self.api, self.facet.resource)

    @property
    def lists(self) -> Lists:
        return Lists(self.api, self.facet.resource)

    def rules(self, law: str) -> tuple[str, ...]:
        """The rules that a law becomes for the same resource."""
        own = (r for r in self.api.rulebook if r.law == law and r.facet is not None)
        return tuple(r.id for r in own if r.facet and r.facet.resource == self.resource)


Judge = Callable[[Trial, Subject], None]


@dataclass(frozen=True, slots=True)
class Law:
    """How a law of specs/laws.yaml is judged, and what must have been seen for a pass."""

    name: str
    judge: Judge
    witnesses: tuple[str, ...]

    def check(self, api: Api, rule: Rule) -> Check:
        """The check of a rule of this law."""
        assert rule.facet is not None
        subject = Subject(api, rule.facet)
        return Check(rule.id, lambda trial: self.judge(trial, subject), self.witnesses)


def law(name: str, *witnesses: str) -> Callable[[Judge], Law]:
    """The function below, whose docstring states a property, is the law of this name."""
    return lambda judge: Law(name, judge, witnesses)
