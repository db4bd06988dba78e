"""What a run would do, found out by doing it: the same run against the mock, in this process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from streamproof.config import TargetConfig
from streamproof.contracts.bind import probes_of
from streamproof.contracts.client import Client
from streamproof.contracts.run import Options, Run, Target, run
from streamproof.contracts.verdict import Verdict
from streamproof.progress import Progress
from streamproof.specs.rulebook import Level
from streamproof.stand_in import stand_in

_SUITE_S = 0.002  # of a request that the suite itself takes, about


def rehearse(target: TargetConfig, options: Options, progress: Progress) -> Run:
    """The run against a mock that holds the target's fixtures. The limits of the real one are
    left out: they are told beside."""
    free = replace(options, rate=None, budget_s=None, max_requests=None)
    with stand_in(target) as subject:
        return run(subject, free, progress)


def latency_s(subject: Target) -> float | None:
    """How long one read takes; None where it isn't answered."""
    client = Client(subject.api, subject.transport, subject.credentials)
    reads = probes_of(subject.api).reads(client, subject.fixtures)
    if not reads:
        return None
    begun = time.perf_counter()
    outcome = client.send(reads[0])
    return time.perf_counter() - begun if outcome.answered else None


def told(seen: Run, target: TargetConfig, options: Options, latency: float | None) -> Iterator[str]:
    """The plan, a line each. `seen` is the rehearsal, `latency` in seconds."""
    rules = [ruling.rule for ruling in seen.rulings]
    levels = Counter(rule.level for rule in rules)
    yield (
        f"rules: {len(rules)} of {len(target.api.rulebook.rules)}, "
        + ", ".join(f"{levels[level]} {level.value}" for level in Level if levels[level])
    )
    operations = Counter(rule.operation for rule in rules)
    yield "  " + ", ".join(f"{count} of {name}" for name, count in operations.items())
    untested = Counter(r.message for r in seen.rulings if r.verdict is Verdict.NOT_TESTED)
    for message, count in untested.most_common(3):
        yield f"  {count} will not be tested: {message}"
    yield f"requests: about {_about(seen.requests)}"
    yield f"creates: {_creates(seen, target)}"
    if latency is None:
        yield "time: unknown, the target did not answer one read; `streamproof doctor` tells why"
    else:
        each_s = max(latency + _SUITE_S, 1 / options.rate if options.rate else 0.0)
        at = f"{1000 * each_s:.0f} ms a request"
        yield f"time: about {_duration(seen.requests * each_s)} at {at}, by one read"
    yield from _ends(seen, options, latency)


def _creates(seen: Run, target: TargetConfig) -> str:
    made = seen.cleanup
    if not made.created:
        return "nothing"
    if not made.left:
        return f"about {_about(made.created)} objects, and removes them all again"
    where = ""
    if "time_span" in target.fixtures:
        where = f" at {' to '.join(target.fixtures['time_span'])} (fixtures.time_span)"
    return f"about {_about(made.created)} records{where}, and {_about(made.left)} of them stay"


def _ends(seen: Run, options: Options, latency: float | None) -> Iterator[str]:
    """Limits that such a run will meet."""
    if options.max_requests is not None and options.max_requests < seen.requests:
        yield f"--max-requests {options.max_requests:,} will end it early: inconclusive"
    if options.budget_s is not None and latency is not None:
        needed = seen.requests * (latency + _SUITE_S)
        if options.budget_s < needed:
            yield f"--budget of {options.budget_s:g} s will end it early: inconclusive"


def _about(count: int) -> str:
    """A number of which the first two digits mean something."""
    size = max(len(str(count)) - 2, 0)
    return f"{round(count, -size):,}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
