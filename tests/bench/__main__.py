"""`python -m tests.bench [--quick]`: how fast the mock and the suite are, in Markdown tables."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tests.bench import pages, prism, rounds, schemathesis, servers, startup, suite, versus
from tests.bench.calls import SEEDED


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    rounds: int
    seconds: float
    times: int
    sizes: tuple[int, ...]
    faults: int
    limit_s: int


FULL = Extent(7, 3.0, 5, (1_000, 10_000, 100_000, 1_000_000), 6, 60)
QUICK = Extent(3, 0.5, 2, FULL.sizes[:-1], 6, 15)
PARTS = ("versus", "startup", "suite", "pages", "schemathesis")


def main(arguments: list[str]) -> int:
    """Measure, and print each table as soon as it is known."""
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, at most 100,000 rows")
    parser.add_argument("--no-prism", action="store_true", help="leave Prism out: it needs npm")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    asked = parser.parse_args(arguments)
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    extent = QUICK if asked.quick else FULL
    print("\n".join(machine()), flush=True)
    with Console(stderr=True).status("") as status:
        for part in asked.parts or PARTS:
            print(f"\n### {part}\n")
            lines: Iterable[str]
            match part:
                case "versus":
                    lines = against_others(extent, not asked.no_prism, status.update)
                case "startup":
                    status.update("starts")
                    lines = startup.report(startup.measure(extent.times))
                case "suite":
                    lines = suite.report(suite.measure(extent.times, status.update))
                case "schemathesis":
                    lines = beside_schemathesis(extent, status.update)
                case _:
                    lines = pages.report(pages.measure(extent.sizes, status.update))
            for line in lines:
                print(line, flush=True)
    return 0


def against_others(extent: Extent, with_prism: bool, progress: rounds.Progress) -> Iterator[str]:
    """Our server, the bare one and Prism, all running, asked in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        progress(f"servers with {SEEDED:,} datastreams and records")
        all_ = [stack.enter_context(servers.ours(folder)), stack.enter_context(servers.bare())]
        log = 0
        if with_prism:
            try:
                progress("Prism")
                all_.append(stack.enter_context(prism.prism(folder)))
                log = prism.logged(folder)
            except prism.NotThere as reason:
                yield f"Without Prism: {reason}\n"
        results = rounds.measure(all_, extent.rounds, extent.seconds, progress)
        yield (
            f"{SEEDED:,} datastreams and records; {rounds.CONNECTIONS} connections; "
            f"{extent.rounds} rounds of {extent.seconds:g} s each. "
            f"Seeded and started in {all_[0].server.started_s:.1f} s."
        )
        yield ""
        yield from versus.report(results)
        if len(all_) > 2:
            yield f"Prism wrote {prism.logged(folder) - log} bytes of log meanwhile."


def beside_schemathesis(extent: Extent, progress: rounds.Progress) -> Iterator[str]:
    """Our suite and schemathesis, each at the good mock and at some with a fault."""
    with tempfile.TemporaryDirectory() as folder:
        compared = None
        faults = schemathesis.sample(extent.faults)
        try:
            for compared in schemathesis.measure(Path(folder), faults, extent.limit_s):
                progress(f"{len(compared.ours)} of {len(faults) + 1} mocks beside schemathesis")
        except schemathesis.NotThere as reason:
            yield f"Without schemathesis: {reason}"
        if compared is not None:
            yield from schemathesis.report(compared)


def machine() -> Iterator[str]:
    """What it was measured on, and how busy that was before."""
    info = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((x.partition(":")[2].strip() for x in info.splitlines() if "model name" in x), "?")
    yield (
        f"{time.strftime('%Y-%m-%d %H:%M')} · {os.cpu_count()} cores, {model} · "
        f"Python {platform.python_version()} · load average before: {os.getloadavg()[0]:.2f}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
