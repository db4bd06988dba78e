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
    """Several starts."""

    seconds: Spread
    memory_mb: Spread


def measure(times: int) -> StartUp:
    """Start it again and again, with nothing in it but its fixtures."""
    seen = []
    for _ in range(times):
        with ours() as contestant:
            seen.append((contestant.server.started_s, contestant.server.memory_mb))
    return StartUp(Spread(tuple(s for s, _ in seen)), Spread(tuple(m for _, m in seen)))


def report(found: StartUp) -> Iterator[str]:
    """The table."""
    seconds, memory = found.seconds, found.memory_mb
    rows = [
        (
            "first answer, s",
            f"{seconds:.2f}",
            f"{FIRST_ANSWER_S:.1f}",
            verdict(seconds.middle, FIRST_ANSWER_S, at_most=True),
        ),
        (
            "resident memory of all processes, MB",
            f"{memory:.0f}",
            f"{MEMORY_MB:.0f}",
            verdict(memory.middle, MEMORY_MB, at_most=True),
        ),
    ]
    yield from table(("start", "measured", "at most", ""), rows)
