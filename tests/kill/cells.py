"""The cells of the matrix: what the suite says of a server, rule by rule."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.specs import api
from tests.kill.servers import Kind, Server, fault_of

EXAMPLES = 6  # of a run of the whole suite: the reduced budget
SHRINK_REQUESTS = 20  # a reason is wanted here, not a small example


class Scope(Enum):
    """How much of the suite a server meets."""

    SUITE = "the whole suite"
    OWN_RULE = "the checks of its own rule"


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule's verdict; `reason` is that of a failure, `message` in words."""

    verdict: Verdict
    message: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Job:
    """A server, and what of the suite it meets, once for each seed."""

    server: Server
    scope: Scope
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Met:
    """What came of a job: the cells of each of its seeds, and what they cost."""

    job: Job
    cells: tuple[Mapping[str, Cell], ...]
    requests: int
    seconds: float

    def by(self, verdict: Verdict) -> dict[str, Cell]:
        """The rules with this verdict in any seed, each with the first such cell."""
        found: dict[str, Cell] = {}
        for cells in self.cells:
            for rule, cell in cells.items():
                if cell.verdict is verdict:
                    found.setdefault(rule, cell)
        return found


def meet(job: Job) -> Met:
    """Run the suite against the server of `job`, anew for each seed."""
    server, spec = job.server, api.load(job.server.api)
    selection, examples = Selection(), EXAMPLES
    if job.scope is Scope.OWN_RULE:
        selection, examples = Selection((fault_of(server).rule,)), Options().max_examples
    begun, cells, requests = time.perf_counter(), [], 0
    with server.started() as (transport, restart):
        target = Target(spec, transport, spec.fixtures["credentials"], spec.fixtures)
        for seed in job.seeds:
            restart()
            options = Options(
                selection, seed, max_examples=examples, shrink_requests=SHRINK_REQUESTS
            )
            seen = run(target, options)
            cells.append({ruling.rule.id: _cell(ruling) for ruling in seen.rulings})
            requests += seen.requests
    return Met(job, tuple(cells), requests, time.perf_counter() - begun)


def _cell(ruling: Ruling) -> Cell:
    mismatch = ruling.finding.mismatch
    failed = ruling.verdict is Verdict.FAILED
    return Cell(ruling.verdict, ruling.message, mismatch.reason if mismatch and failed else None)


__all__ = ["EXAMPLES", "Cell", "Job", "Kind", "Met", "Scope", "meet"]
