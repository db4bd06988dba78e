"""Pinned points: where whoever checks a target says how it settles what the documents leave open.

A pinned point is a rule of that run, ``api/dialect/point``: the target makes that choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from streamproof.contracts.check import Mismatch
from streamproof.contracts.finding import Finding
from streamproof.contracts.observations import Observation, same
from streamproof.contracts.verdict import Ruling, rule_on_all
from streamproof.contracts.waivers import Waivers
from streamproof.specs.api import Api
from streamproof.specs.dialect import Point, Value
from streamproof.specs.rulebook import Level, Rule, Rulebook, Source
from streamproof.specs.wording import shown


@dataclass(frozen=True, slots=True)
class Pins:
    """The choices that are pinned, by silent point, and the file that pins them."""

    choices: Mapping[str, Value] = field(default_factory=dict)
    file: str = ""

    def rules(self, api: Api) -> dict[str, Rule]:
        """A rule for each, by silent point."""
        return {
            name: self._rule(api.name, point)
            for name, point in api.dialect.points.items()
            if name in self.choices
        }

    def _rule(self, api: str, point: Point) -> Rule:
        """It counts as documented: by the file."""
        value = self.choices[point.name]
        choice = next((c for c in point.choices if same(c.value, value)), None)
        en, zh = ("", "") if choice is None else (choice.en, choice.zh)
        return Rule(
            f"{api}/dialect/{point.name}",
            Level.DOCUMENTED,
            f"{point.en} {en}".strip() + f" ({shown(value)})",
            f"{point.zh}{zh}（{shown(value)}）",
            (Source(self.file, api, point.name),),
        )


NO_PINS = Pins()


def rule_on_pins(
    rules: Mapping[str, Rule], pins: Pins, seen: Iterable[Observation], waivers: Waivers
) -> tuple[Ruling, ...]:
    """A ruling for each of `rules`, which are by silent point."""
    observed = {each.point: each for each in seen}
    findings = {
        rule.id: _finding(observed.get(point), pins.choices[point]) for point, rule in rules.items()
    }
    book = Rulebook((), MappingProxyType({rule.id: rule for rule in rules.values()}), (), ())
    return rule_on_all(rules.values(), findings, book, waivers=waivers)


def _finding(seen: Observation | None, pinned: Value) -> Finding:
    if seen is None:
        return Finding((), unmet="the run ended before it looked")
    if seen.crash:
        return Finding((), crash=seen.crash)
    expected = f"the choice {shown(pinned)}"
    if not seen.consistent:
        actual = f"{shown(seen.choice)} at first, and another choice the second time"
        mismatch = Mismatch("inconsistent", expected, actual)
    elif seen.odd:
        mismatch = Mismatch("another-choice", expected, seen.why)
    elif not seen.seen:
        return Finding((), unmet=seen.why)
    elif not same(seen.choice, pinned):
        mismatch = Mismatch("another-choice", expected, shown(seen.choice))
    else:
        return Finding((), examples=1)
    return Finding((), examples=1, mismatch=mismatch, steps=seen.steps)
