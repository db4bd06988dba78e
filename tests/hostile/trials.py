"""What the real command makes of a hostile server: exit code, time, memory and first line."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

from streamproof.served import Served
from streamproof.specs import api as apis
from tests.hostile.servers import HOSTILE, Call, Hostile, serving

BUDGET_S = 60
TIMEOUT_S = 2
_GRACE_S = 30  # to begin, and to print
_FIRST = 110  # characters of the first line that are told


@dataclass(frozen=True, slots=True)
class Trial:
    """One run. `exit` is None where it had to be killed; `memory_mb` is the most it took."""

    hostile: Hostile
    api: str
    exit: int | None
    seconds: float
    memory_mb: int
    output: str
    errors: str
    heard: tuple[Call, ...]
    journals: tuple[str, ...]

    @property
    def first(self) -> str:
        line = self.output.partition("\n")[0]
        told = line.partition(f"{self.api} at ")[2].partition(": ")[2] or line
        return told if len(told) <= _FIRST else told[: _FIRST - 1] + "…"


def trial(
    hostile: Hostile,
    api: str,
    *flags: str,
    budget_s: int = BUDGET_S,
    told: Callable[[subprocess.Popen[str], list[Call]], None] = lambda _process, _heard: None,
) -> Trial:
    """Run the command against a hostile server, within `budget_s`; `told` may send it signals."""
    with serving(hostile, api) as (root, heard), tempfile.TemporaryDirectory() as folder:
        loaded = apis.load(api)
        served = Served.at(root, loaded, loaded.fixtures)
        keys = [
            part
            for key, value in served.credentials.items()
            for part in (f"--{key.replace('_', '-')}", value)
        ]
        command = [
            *(sys.executable, "-m", "streamproof", "check", api, "--url", served.url, *keys),
            *("--ci", "--seed", "1", "--timeout", str(TIMEOUT_S), "--budget", f"{budget_s}s"),
            *flags,
        ]
        begun = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": folder},
        )
        told(process, heard)
        try:
            output, errors = process.communicate(timeout=budget_s + _GRACE_S)
            code: int | None = process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
            code = None
        seconds = time.monotonic() - begun
        kept = tuple(f.read_text() for f in Path(folder).rglob("*.jsonl"))
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return Trial(hostile, api, code, seconds, used, output, errors, tuple(heard), kept)


def row(done: Trial) -> str:
    code = "killed" if done.exit is None else str(done.exit)
    first = done.first.replace("|", "\\|")
    return (
        f"| {done.hostile.name} | {done.hostile.does} | {done.api} | {code} |"
        f" {done.seconds:.0f} s | {done.memory_mb} MB | {first} |"
    )


def main(patterns: list[str]) -> int:
    """Print the table; each row by a process of its own, so that its memory is its own."""
    if len(patterns) == 2 and patterns[0] == "--one":
        name, _, api = patterns[1].rpartition("/")
        print(row(trial(next(h for h in HOSTILE if h.name == name), api)))
        return 0
    print("| server | what it does | API | exit | time | memory | first line |")
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for hostile, api in product(HOSTILE, apis.names()):
        if not patterns or any(fnmatchcase(hostile.name, pattern) for pattern in patterns):
            one = [sys.executable, "-m", "tests.hostile", "--one", f"{hostile.name}/{api}"]
            subprocess.run(one, check=True)
    return 0
