"""Sequences: calls in any order on a few keys, each compared with what a pure model allows.

A model tells, for a state and a call, every answer that the documents allow and the state that
it leaves; where they leave a choice there are several, and what is seen decides which of them
remain. What none of them allows breaks a rule, and the model says which.

An example draws a fixed number of calls, one after another, and stops at the first that breaks a
rule. That is all of hypothesis' state machines that is needed here. What can be drawn depends on
the model's state alone, never on what a server made up, so whatever hypothesis leaves out of a
failing example leaves one that can be run, and nothing stands behind the call that failed. A
`RuleBasedStateMachine` would add bundles, a runner and a report of its own beside those that all
other checks share, and it shrinks worse, because its steps refer to what earlier ones gave.

Whatever a sequence breaks is told as the rule that it breaks (`Mismatch.rules`). Nothing of the
target is reset: every example has keys of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from streamproof.contracts.check import Broken, Mismatch, Trial

State = TypeVar("State")
Call = TypeVar("Call")
Answer = TypeVar("Answer")
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Sequences:
    """How an API is judged by sequences of calls. `rules` are those that they may find broken,
    `witnesses` what must have been seen for a pass."""

    rules: frozenset[str]
    run: Callable[[Trial], None]
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed(Generic[Answer, State]):
    """An answer that the documents allow, and the state that it leaves."""

    answer: Answer
    state: State


@dataclass(frozen=True, slots=True)
class Model(Generic[State, Call, Answer, Seen]):
    """What the documents say of calls in sequence.

    `fits` compares what was seen with something allowed. `forbids` says why nothing allowed
    fits; None where no rule says so.
    """

    step: Callable[[State, Call], Iterable[Allowed[Answer, State]]]
    fits: Callable[[Allowed[Answer, State], Seen], bool]
    forbids: Callable[[State, Call, Seen], Mismatch | None]

    def follow(self, states: Iterable[State], call: Call, seen: Seen) -> list[State]:
        """The states that a target may be in, of which all `states` were possible before.

        None are left where the documents allow nothing like what was seen.
        """
        left: list[State] = []
        for state in states:
            for allowed in self.step(state, call):
                if self.fits(allowed, seen) and allowed.state not in left:
                    left.append(allowed.state)
        return left

    def judge(self, trial: Trial, states: list[State], call: Call, seen: Seen) -> list[State]:
        """As `follow`; it breaks a rule if no state is left."""
        left = self.follow(states, call, seen)
        if not left:
            found = [self.forbids(state, call, seen) for state in states]
            broken = next((mismatch for mismatch in found if mismatch is not None), None)
            trial.require(broken, f"a rule that forbids what {call} showed: {seen}")
            assert broken is not None
            raise Broken(broken)
        return left
