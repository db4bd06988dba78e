"""What a run saw of one rule, and which rules that leaves without ground to stand on."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from streamproof.contracts.check import Mismatch
from streamproof.contracts.wire import Outcome
from streamproof.specs.rulebook import Rulebook


@dataclass(slots=True)
class Finding:
    """What a run saw of one rule.

    `examples` counts those that judged. At most one of `mismatch` (with the steps that led to
    it) and `crash` (a fault of the suite) is set; `unmet` says what was missing the last time an
    example couldn't judge, and `owed` which rules promise it. `hint` says how a failure came to
    light where that was by a sequence of calls, and what else it may be.
    """

    needed: tuple[str, ...]
    seen: set[str] = field(default_factory=set)
    examples: int = 0
    requests: int = 0
    took_s: float = 0.0
    mismatch: Mismatch | None = None
    steps: tuple[Outcome, ...] = ()
    unmet: str | None = None
    owed: tuple[str, ...] = ()
    crash: str | None = None
    hint: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.needed if name not in self.seen)

    @property
    def open(self) -> bool:
        """Whether nothing was shown: no failure, and no pass."""
        return self.mismatch is None and bool(self.missing or not self.examples)

    def excuse(self, why: str) -> None:
        """Take back a failure that has another reason than the target."""
        if self.mismatch is not None:
            self.mismatch, self.steps, self.examples = None, (), 0
            self.unmet = why

    def add(self, other: Finding) -> None:
        """What others saw of the rule, later than this."""
        self.seen |= other.seen
        self.crash = self.crash or other.crash
        if other.mismatch is not None and self.mismatch is None:
            self.keep(other.mismatch, other.steps)

    def keep(self, mismatch: Mismatch, steps: Sequence[Outcome]) -> bool:
        """Keep a failure if it is the first, or the same in no more steps; tells whether it is."""
        kept = self.mismatch is None or (
            self.mismatch.reason == mismatch.reason and len(steps) <= len(self.steps)
        )
        if kept:
            self.mismatch, self.steps = mismatch, tuple(steps)
        return kept


def fingerprint(rule_id: str, finding: Finding) -> str | None:
    """What names a failure in other runs too, whatever their ids and times."""
    if finding.mismatch is None:
        return None
    return hashlib.sha256(f"{rule_id}\n{finding.mismatch.reason}".encode()).hexdigest()[:12]


def blockers(
    rule_id: str,
    rulebook: Rulebook,
    findings: Mapping[str, Finding],
    waived: Collection[str] = (),
) -> tuple[str, ...]:
    """The rules that don't hold and that `rule_id` depends on, at any remove; and where it
    couldn't be judged, those that owe it what was missing, and what these wait for in turn.

    Behind those that are `waived` a rule is judged where it can be: they block only what they
    owe.
    """
    return tuple(_behind(rule_id, rulebook, findings, waived, set()))


def _behind(
    rule_id: str,
    rulebook: Rulebook,
    findings: Mapping[str, Finding],
    waived: Collection[str],
    asked: set[str],
) -> dict[str, None]:
    """As `blockers`, passing over rules that were `asked` before: two may owe each other."""
    asked.add(rule_id)
    own = findings.get(rule_id)
    owed = own.owed if own is not None and own.open else ()
    behind = dict.fromkeys(_beneath(rule_id, rulebook, findings, waived))
    for rule in owed:
        if rule in findings and findings[rule].mismatch is not None:
            behind[rule] = None
        elif rule in rulebook.rules and rule not in asked:
            behind |= _behind(rule, rulebook, findings, (), asked)
    return behind


def _beneath(
    rule_id: str, rulebook: Rulebook, findings: Mapping[str, Finding], waived: Collection[str]
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for needed in rulebook[rule_id].depends_on:
        broken = needed in findings and findings[needed].mismatch is not None
        if broken and needed not in waived:
            found[needed] = None
        else:
            found |= dict.fromkeys(_beneath(needed, rulebook, findings, waived))
    return tuple(found)
