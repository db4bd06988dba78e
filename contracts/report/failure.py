"""A failure as every report tells it: what was done, expected and seen, and how to see it again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from streamproof.contracts.report.words import clean, times
from streamproof.contracts.run import Run
from streamproof.contracts.transcript import curl, step
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.contracts.wire import Outcome

MOST_STEPS = 30  # the last ones: they are what the target was judged by


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a rule does not hold. `curl` has one command line for each of `steps`."""

    did: str
    expected: str
    actual: str
    steps: tuple[str, ...]
    curl: tuple[str, ...]


def failure_of(run: Run, ruling: Ruling) -> Failure | None:
    """The failure that a ruling is based on; None unless the rule failed."""
    finding, mismatch = ruling.finding, ruling.finding.mismatch
    if ruling.verdict is not Verdict.FAILED or mismatch is None:
        return None
    told = _told(run, finding.steps)
    did = _calls(finding.steps)
    if len(told) > MOST_STEPS:
        did += f" ({len(finding.steps)} requests, of which the last are told)"
        told = told[-MOST_STEPS:]
    return Failure(
        clean(run, did),
        clean(run, mismatch.expected),
        clean(run, mismatch.actual),
        tuple(line for line, _ in told),
        tuple(command for _, command in told),
    )


def fingerprint(ruling: Ruling) -> str | None:
    """What names this failure in other runs too, whatever their ids and times."""
    mismatch = ruling.finding.mismatch
    if ruling.verdict is not Verdict.FAILED or mismatch is None:
        return None
    return hashlib.sha256(f"{ruling.rule.id}\n{mismatch.reason}".encode()).hexdigest()[:12]


def _told(run: Run, steps: Sequence[Outcome]) -> list[tuple[str, str]]:
    """Each step with its command line; the same one several times in a row stands once.

    The command then repeats itself too: that a second call changes nothing may be the point.
    """
    lines = [
        (clean(run, step(outcome)), clean(run, curl(outcome, run.api.name, run.url)))
        for outcome in steps
    ]
    told = []
    for (line, command), same in groupby(lines):
        count = len(list(same))
        if count > 1:
            line = f"{line} ({times(count)})"
            command = f"for i in $(seq {count}); do {command}; done"
        told.append((line, command))
    return told


def _calls(steps: Sequence[Outcome]) -> str:
    """``called create 3 times, list once``"""
    if not steps:
        return "sent nothing"
    counts = Counter(outcome.request.operation.id for outcome in steps)
    return "called " + ", ".join(f"{name} {times(count)}" for name, count in counts.items())
