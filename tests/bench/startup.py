"""How long `streamproof mock` takes to its first answer, and what it then holds in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.bench.servers import ours
from tests.bench.table import Spread, table, verdict

FIRST_ANSWER_S = 1.0
MEMORY_MB = 120.0


@dataclass(frozen=True, slots=True)
class StartUp:
    """Several starts. `memory_mb` counts shared pages for each process, `distinct_mb` once."""

    seconds: Spread
    memory_mb: Spread
    distinct_mb: Spread


def measure(times: int) -> StartUp:
    """Start it again and again, with nothing in it but its fixtures."""
    seen = []
    for _ in range(times):
        with ours() as contestant:
            server = contestant.server
            seen.append((server.started_s, server.memory_mb, server.distinct_mb))
    return StartUp(*(Spread(values) for values in zip(*seen, strict=True)))


def report(found: StartUp) -> Iterator[str]:
    """The table."""
    rows = [
        (name, f"{value:{digits}}", f"{most:{digits}}", verdict(value.middle, most, at_most=True))
        for name, value, most, digits in (
            ("first answer, s", found.seconds, FIRST_ANSWER_S, ".2f"),
            ("resident memory, sum of its processes, MB", found.memory_mb, MEMORY_MB, ".0f"),
            ("the same, shared pages counted once, MB", found.distinct_mb, MEMORY_MB, ".0f"),
        )
    ]
    yield from table(("start", "measured", "at most", ""), rows)
