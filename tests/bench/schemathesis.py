"""The suite beside schemathesis, on the same served mock: time, requests, and faults found.

schemathesis is installed by pip into a folder that is thrown away, and run as its manual says, with
a worker for each processor. On the good mock it reports failures, too, for it knows nothing of
silent points; a fault counts as found where it reports what it doesn't report there.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from streamproof.mockserver import domain
from tests.bench import calls
from tests.bench.processes import free_port, running
from tests.bench.table import Spread, table

PACKAGE = "schemathesis==4.32.5"
_API, _BASIC, _SEED = "dotide", "demo-client:demo-secret", "1"
_INSTALL_S, _PATIENCE_S = 300, 600


class NotThere(Exception):
    """schemathesis can't be had here; says why."""


@dataclass(frozen=True, slots=True)
class Met:
    """A tool at one mock: `said` are its failures, `seconds` and `requests` what they took."""

    said: frozenset[str]
    seconds: float
    requests: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Both tools at each mock, by its fault; the good mock is that of no fault."""

    ours: Mapping[str, Met]
    theirs: Mapping[str, Met]
    limit_s: int


def sample(count: int) -> Sequence[str]:
    """As many faults, as far apart in the list of all as can be."""
    names = [fault.name for fault in domain.faults(_API)]
    return names[:: max(1, len(names) // count)][:count]


def measure(folder: Path, faults: Sequence[str], limit_s: int) -> Iterator[Compared]:
    """Both at the good mock and at each fault, one after the other; what is known so far.

    schemathesis ends after `limit_s` seconds where it isn't ready before. Raises `NotThere`.
    """
    program = _install(folder)
    ours: dict[str, Met] = {}
    theirs: dict[str, Met] = {}
    for fault in ("", *faults):
        command = [sys.executable, "-m", "streamproof", "mock", _API]
        if fault:
            command += ["--fault", fault]
        port = free_port()
        probe = calls.message("GET", "/_mock/health", {})
        with running("mock", [*command, "--port", str(port)], port, probe):
            root = f"http://127.0.0.1:{port}"
            theirs[fault] = _theirs(program, folder, root, limit_s)
        with running("mock", [*command, "--port", str(port)], port, probe):
            ours[fault] = _ours(folder, root)
        yield Compared(ours, theirs, limit_s)


def report(compared: Compared) -> Iterator[str]:
    """The table, and what each of them didn't find."""
    faults = [fault for fault in compared.ours if fault]
    head = ("", "good mock, s", "requests", "failures there", "a fault, s", "faults found")
    rows, missed = [], {}
    for who, met in (("streamproof", compared.ours), ("schemathesis", compared.theirs)):
        good = met[""]
        missed[who] = [fault for fault in faults if met[fault].said <= good.said]
        seconds = Spread.of(met[fault].seconds for fault in faults)
        found = f"{len(faults) - len(missed[who])} of {len(faults)}"
        first = (f"{good.seconds:.0f}", str(good.requests), str(len(good.said)))
        rows.append((who, *first, f"{seconds:.0f}", found))
    yield from table(head, rows)
    yield ""
    yield f"schemathesis was given {compared.limit_s} s for each mock."
    for who, names in missed.items():
        if names:
            yield f"Not found by {who}: {', '.join(names)}."


def _install(folder: Path) -> Path:
    """Install it by the pip that is configured here; the program."""
    where = folder / "schemathesis"
    venv.create(where, with_pip=True)
    done = subprocess.run(
        [where / "bin" / "pip", "install", "--quiet", PACKAGE],
        capture_output=True,
        text=True,
        timeout=_INSTALL_S,
        check=False,
    )
    program = where / "bin" / "st"
    if done.returncode or not program.exists():
        raise NotThere(f"pip can't install {PACKAGE}: {done.stderr.strip()[-300:]}")
    return program


def _theirs(program: Path, folder: Path, root: str, limit_s: int) -> Met:
    with urlopen(f"{root}/_mock/openapi/{_API}.json") as answer:
        (folder / "openapi.json").write_bytes(answer.read())
    reports = folder / f"theirs-{root.rpartition(':')[2]}"
    token = base64.b64encode(_BASIC.encode()).decode()
    command: list[str | Path] = [program, "run", "openapi.json", "--url", f"{root}/v1/demo"]
    command += ["--header", f"Authorization: Basic {token}", "--workers", "auto", "--seed", _SEED]
    command += ["--max-time", str(limit_s), "--report", "json", "--report-dir", reports]
    seconds = _timed(command, folder)
    [file] = reports.glob("*.json")
    told = json.loads(file.read_text("utf-8"))
    said = {
        f"{failure['code']} {operation}"
        for failure in told["failures"]
        for operation in failure["operations"]
    }
    return Met(frozenset(said), seconds, told["test_cases"]["generated"])


def _ours(folder: Path, root: str) -> Met:
    reports = folder / f"ours-{root.rpartition(':')[2]}"
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "streamproof",
        "check",
        _API,
        "--url",
        f"{root}/v1/demo",
    ]
    command += ["--basic", _BASIC, "--seed", _SEED, "--report-dir", reports]
    seconds = _timed(command, folder)
    told = json.loads((reports / "report.json").read_text("utf-8"))
    said = {rule["id"] for rule in told["rules"] if rule["verdict"] == "failed"}
    return Met(frozenset(said), seconds, told["requests"])


def _timed(command: Sequence[str | Path], folder: Path) -> float:
    """Run it to its end; seconds."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, timeout=_PATIENCE_S, check=False)
    return time.perf_counter() - begun
