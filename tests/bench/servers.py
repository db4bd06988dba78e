"""The servers that are measured, each as its own users start it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import calls, data
from tests.bench.calls import CALLS, Call
from tests.bench.processes import Server, free_port, running

OURS, BARE, PRISM = "ours", "bare", "Prism"


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server, what comes before its dotide paths, and the calls that it can answer."""

    server: Server
    base: str
    calls: tuple[Call, ...] = CALLS

    @property
    def name(self) -> str:
        return self.server.name


@contextmanager
def ours(folder: Path | None = None) -> Iterator[Contestant]:
    """`streamproof mock`, with nothing in it or, from a file in `folder`, with what we measure."""
    command: list[str | Path] = [sys.executable, "-m", "streamproof", "mock"]
    port = free_port()
    command += ["--port", str(port)]
    if folder is not None:
        seed = folder / "seed.json"
        data.write_seed(seed, calls.SEEDED, calls.SEEDED)
        command += ["--seed-data", seed]
    probe = calls.message("GET", "/_mock/health", {})
    with running(OURS, command, port, probe) as server:
        yield Contestant(server, "/v1/demo")


@contextmanager
def bare() -> Iterator[Contestant]:
    """The upper bound."""
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.bare", str(port)]
    with running(BARE, command, port, calls.LIST.request("/v1/demo", 0)) as server:
        yield Contestant(server, "/v1/demo")
