"""Batches: each item has an answer of its own, at its own place, and a fate of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.values import same
from streamproof.specs.wording import shown

SEVERAL = "a batch of several different items"


def one_answer_each(trial: Trial, items: Sequence[Any], answers: Sequence[Any]) -> None:
    """There are as many answers as items."""
    trial.holds(
        len(answers) == len(items),
        "answer-count",
        expected=f"{len(items)} answers",
        actual=f"{len(answers)} answers",
    )
    if len(items) > 1:
        trial.witness(SEVERAL)


def answers_in_order(
    trial: Trial,
    items: Sequence[Any],
    answers: Sequence[Any],
    *,
    asked: Callable[[Any], Any],
    told: Callable[[Any], Any],
    what: str,
) -> None:
    """The answer at a place repeats what the item at that place asked.

    `asked(item)` and `told(answer)` give what is to be compared, of a form that can be.
    """
    wanted = [asked(item) for item in items]
    for place, (want, answer) in enumerate(zip(wanted, answers, strict=True)):
        got = told(answer)
        if not same(got, want):
            other = next(
                (i for i, asked_there in enumerate(wanted) if same(asked_there, got)), None
            )
            whose = "that of no item" if other is None else f"that of item {other}"
            trial.fail(
                "other-item",
                expected=f"answer {place} is that of item {place}, {what} {shown(want)}",
                actual=f"answer {place} is {whose}, {what} {shown(got)}",
            )
    if len({str(asked(item)) for item in items}) > 1:
        trial.witness(SEVERAL)


def failures_stop_nothing(
    trial: Trial, good: Sequence[bool], stored: Sequence[bool], what: str
) -> None:
    """Every good item is stored, whatever stands before and after it.

    `good` and `stored` tell by place which items are good, and which were stored.
    """
    lost = [
        i
        for i, (is_good, is_stored) in enumerate(zip(good, stored, strict=True))
        if is_good and not is_stored
    ]
    trial.holds(
        not lost,
        "good-item-lost",
        expected=f"{what} stored at every place that is good: {_places(good)}",
        actual=f"none at {', '.join(map(str, lost))}",
    )


def _places(flags: Collection[bool]) -> str:
    return ", ".join(str(i) for i, flag in enumerate(flags) if flag)
