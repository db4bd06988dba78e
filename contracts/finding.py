"""What a run saw of one rule, and which rules that leaves without ground to stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streamproof.contracts.check import NOT_ACCEPTED, Mismatch
from streamproof.contracts.wire import Outcome
from streamproof.specs.rulebook import Rulebook


@dataclass(slots=True)
class Finding:
    """What a run saw of one rule.

    `examples` counts those that judged. At most one of `mismatch` (with the steps that led to
    it) and `crash` (a fault of the suite) is set; `unmet` says what was missing the last time an
    example couldn't judge.
    """

    needed: tuple[str, ...]
    seen: set[str] = field(default_factory=set)
    examples: int = 0
    requests: int = 0
    mismatch: Mismatch | None = None
    steps: tuple[Outcome, ...] = ()
    unmet: str | None = None
    crash: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in self.needed if name not in self.seen)

    def excuse_refusal(self) -> None:
        """Take back a failure that is only a call not accepted, where none ever was.

        Whoever calls with the wrong credentials is refused everything: no fault of the target.
        """
        if self.mismatch is not None and self.mismatch.reason == NOT_ACCEPTED:
            self.excuse("the target accepted no call at all; are the credentials right?")

    def excuse(self, why: str) -> None:
        """Take back a failure that has another reason than the target."""
        if self.mismatch is not None:
            self.mismatch, self.steps, self.examples = None, (), 0
            self.unmet = why

    def keep(self, mismatch: Mismatch, steps: Sequence[Outcome]) -> None:
        """Keep a failure if it is the first, or the same in no more steps."""
        if self.mismatch is None or (
            self.mismatch.reason == mismatch.reason and len(steps) <= len(self.steps)
        ):
            self.mismatch, self.steps = mismatch, tuple(steps)


def blockers(rule_id: str, rulebook: Rulebook, findings: Mapping[str, Finding]) -> tuple[str, ...]:
    """The rules that don't hold and that `rule_id` depends on, at any remove."""
    found: dict[str, None] = {}
    for needed in rulebook[rule_id].depends_on:
        if needed in findings and findings[needed].mismatch is not None:
            found[needed] = None
        else:
            found |= dict.fromkeys(blockers(needed, rulebook, findings))
    return tuple(found)
