"""Prism, mocking our document: installed by npm into a folder that is thrown away."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from streamproof.specs import api
from tests.bench import calls, data
from tests.bench.calls import CREATE, LIST, READ
from tests.bench.processes import free_port, running
from tests.bench.servers import PRISM, Contestant

PACKAGE = "@stoplight/prism-cli@5"
_INSTALL_S = 300
_LOG = "prism.log"


class NotThere(Exception):
    """Prism can't be had here; says why."""


@contextmanager
def prism(folder: Path) -> Iterator[Contestant]:
    """Prism, told to be silent (`logged` tells whether it is). Raises `NotThere`.

    It has no state: its document is ours with answers as examples, so that a list of 100 and a
    datastream are what it sends too. It does validate requests and its answers.
    """
    command = install(folder)
    document = folder / "openapi.json"
    document.write_text(json.dumps(with_examples()), encoding="utf-8")
    port = free_port()
    command += ["mock", "--verboseLevel", "silent", "--port", str(port), str(document)]
    with (
        (folder / _LOG).open("wb") as output,
        running(PRISM, command, port, LIST.request("", 0), output=output) as server,
    ):
        yield Contestant(server, "", (LIST, READ, CREATE))


def logged(folder: Path) -> int:
    """How many bytes Prism has written to its log."""
    return (folder / _LOG).stat().st_size


def install(folder: Path) -> list[str]:
    """Install Prism by the npm that is configured here; the command that starts it."""
    npm = shutil.which("npm")
    if npm is None:
        raise NotThere("there is no npm here")
    done = subprocess.run(
        [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", PACKAGE],
        capture_output=True,
        text=True,
        timeout=_INSTALL_S,
        check=False,
    )
    program = folder / "node_modules" / ".bin" / "prism"
    if done.returncode or not program.exists():
        raise NotThere(f"npm can't install {PACKAGE}: {done.stderr.strip()[-300:]}")
    return [str(program)]


def with_examples() -> dict[str, Any]:
    """Our document with the answers that our server gives as examples."""
    folder = Path(api.__file__).parent / "dotide"
    document: dict[str, Any] = yaml.safe_load((folder / "openapi.yaml").read_text("utf-8"))
    streams = [data.shown(data.datastream(number)) for number in range(calls.PAGE)]
    paths = document["paths"]
    for operation, status, answer in (
        (paths["/datastreams"]["get"], "200", streams),
        (paths["/datastreams"]["post"], "201", streams[0]),
        (paths["/datastreams/{id}"]["get"], "200", streams[0]),
    ):
        operation["responses"][status]["content"]["application/json"]["example"] = answer
    return document
