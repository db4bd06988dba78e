"""What counts against a target while others may write to it: only what is seen twice.

A run that only reads goes by what it found there, and others may change that at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis.strategies import SearchStrategy

from streamproof.contracts.check import Broken, Mismatch, Trial, Unavailable, Unmet
from streamproof.contracts.kept import Kept

_STAYS = "what is read stays the same meanwhile: others write here"


def seen_twice(check: Callable[[Trial], None]) -> Callable[[Trial], None]:
    """`check`, which fails only if the same data make it fail again for the same reason, and all
    that it found there is unchanged after each of the two."""

    def run(trial: Trial) -> None:
        drawn: list[Any] = []

        def note(strategy: SearchStrategy[Any]) -> Any:
            drawn.append(trial.draw_from(strategy))
            return drawn[-1]

        try:
            check(replace(trial, draw_from=note))
            return
        except Unavailable:
            raise
        except (Broken, Unmet) as fault:
            first = _broken(fault)
            _unchanged(trial)
            if first is None:
                raise
        trial.afresh()
        again = iter(drawn)

        def repeat(_strategy: SearchStrategy[Any]) -> Any:
            for value in again:
                return value
            raise Unavailable(_STAYS)  # it goes another way than before

        try:
            check(replace(trial, draw_from=repeat))
        except (Broken, Unmet) as fault:
            _unchanged(trial)
            second = _broken(fault)
            if second is not None and second.reason == first.reason:
                raise
        raise Unavailable(f"seen once and not again: {first.actual}, in place of {first.expected}")

    return run


def _broken(fault: Broken | Unmet) -> Mismatch | None:
    """What a check says against the target."""
    return fault.mismatch if isinstance(fault, Broken) else fault.broken


def _unchanged(trial: Trial) -> None:
    """Raise `Unavailable` unless what the check goes by is found again as it was; the next example
    then finds its own."""
    steps = len(trial.transcript)
    fresh = replace(trial, shared=Kept(), transcript=[], used=set())
    for build, before in trial.shared.among(trial.used).items():
        try:
            same = build(fresh) == before
        except Unmet:
            same = isinstance(before, Unmet)
        if not same:
            trial.shared.forget()
            raise Unavailable(_STAYS)
    del trial.transcript[steps:]
