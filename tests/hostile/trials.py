"""What the real command makes of a hostile server: exit code, time, memory and first line."""

from __future__ import annotations

import os
import signal
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
    with serving(hostile, api) as (root, heard), tempfile.TemporaryDirectory() as made:
        folder, state = Path(made), Path(made, "state")
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
        with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
            process = subprocess.Popen(
                command,
                stdout=out,
                stderr=err,
                text=True,
                env={**os.environ, "XDG_STATE_HOME": str(state)},
                preexec_fn=_listening,
            )
            told(process, heard)
            code, memory_mb = _ended(process, budget_s + _GRACE_S)
        seconds = time.monotonic() - begun
        output, errors = ((folder / name).read_text("utf-8") for name in ("out", "err"))
        kept = tuple(f.read_text() for f in state.rglob("*.jsonl"))
    return Trial(hostile, api, code, seconds, memory_mb, output, errors, tuple(heard), kept)


def _listening() -> None:
    """Hear signals, also where whoever runs this doesn't, as in the background of a shell."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def alive(process: subprocess.Popen[str]) -> bool:
    """Whether a process goes on; it is still there to be waited for if not."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _ended(process: subprocess.Popen[str], within_s: float) -> tuple[int | None, int]:
    """The exit code, None if it had to be killed; and the most memory that it took, in MB."""
    until, code, most_kb = time.monotonic() + within_s, None, 0
    while True:
        most_kb = max(most_kb, _peak_kb(process.pid))
        pid, status = os.waitpid(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode if code is None else None, most_kb // 1024
        if code is None and time.monotonic() > until:
            code = signal.SIGKILL
            process.kill()
        time.sleep(0.02)


def _peak_kb(pid: int) -> int:
    """The most memory of a process so far. (What `wait4` tells counts that of whoever began it.)"""
    try:
        status = Path(f"/proc/{pid}/status").read_text("utf-8")
    except OSError:
        return 0
    told = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(told[0]) if told else 0


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
