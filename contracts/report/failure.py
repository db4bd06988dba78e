"""A failure as every report tells it: what was done, expected and seen, and how to see it again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

from streamproof.contracts.report.telling import answer, words
from streamproof.contracts.report.words import clean, times
from streamproof.contracts.run import Run
from streamproof.contracts.story import commands
from streamproof.contracts.transcript import Step, step
from streamproof.contracts.verdict import Ruling
from streamproof.contracts.wire import Outcome


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a rule does not hold, and by which steps: all of them. `curl` are command lines that
    send them again, of a race's calls together."""

    did: str
    expected: str
    actual: str
    steps: tuple[Step, ...]
    curl: tuple[str, ...]


def failure_of(run: Run, ruling: Ruling) -> Failure | None:
    """The failure that a ruling is based on; None unless the rule failed."""
    finding, mismatch = ruling.finding, ruling.finding.mismatch
    if not ruling.broken or mismatch is None:
        return None
    steps = winners_first(finding.steps)
    return Failure(
        clean(run, "; ".join(filter(None, (_calls(steps), finding.hint)))),
        clean(run, mismatch.expected),
        clean(run, mismatch.actual),
        tuple(_told(run, steps, words(mismatch))),
        tuple(_commands(run, steps)),
    )


def winners_first(steps: Sequence[Outcome]) -> list[Outcome]:
    """The steps, of each race those first that were accepted: others come in any order."""
    found: list[Outcome] = []
    for race, group in groupby(steps, lambda outcome: outcome.race):
        ordered = (o for o in sorted(group, key=lambda o: not o.accepted)) if race else group
        found += ordered
    return found


def _told(run: Run, steps: Sequence[Outcome], telling: re.Pattern[str] | None) -> Iterator[Step]:
    """Each step; the same one several times in a row stands once."""
    tidy = partial(clean, run)
    lines = [step(outcome, answer(outcome, telling, tidy)) for outcome in steps]
    for line, same in groupby(
        replace(line, sent=clean(run, line.sent), answer=clean(run, line.answer)) for line in lines
    ):
        count = len(list(same))
        yield replace(line, times=times(count)) if count > 1 else line


def _commands(run: Run, steps: Sequence[Outcome]) -> Iterator[str]:
    """The command lines; the same one several times in a row repeats itself, for that a second
    call changes nothing may be the point."""
    told = commands(steps, run.api.name, run.url, run.known)
    for line, same in groupby(clean(run, command) for command in told):
        count = len(list(same))
        yield f"for i in $(seq {count}); do {line}; done" if count > 1 else line


def _calls(steps: Sequence[Outcome]) -> str:
    """``called create 3 times, list once``"""
    if not steps:
        return "sent nothing"
    counts = Counter(outcome.request.operation.id for outcome in steps)
    return "called " + ", ".join(f"{name} {times(count)}" for name, count in counts.items())
