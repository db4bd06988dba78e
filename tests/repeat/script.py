"""Failures told by a report, and their command lines sent again by bash to a fresh server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamproof.contracts.report.document import document
from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.transport import HttpTransport
from streamproof.mockserver.faults import Fault, switch_on
from streamproof.mockserver.in_thread import RunningMock
from streamproof.mockserver.store import DEFAULT_SPACE
from streamproof.served import Served
from streamproof.specs import api

_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
_TIME = re.compile(r"20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_CURSOR = re.compile(r'("next_page": ?)"[^"]+"')
_GENERATED = re.compile(r"\b[0-9a-f]{16,40}\b")
_SIGNED = re.compile(r"the text to sign, .*")  # holds a nonce
_OURS = re.compile(r"sproofrepeated\w+")
_HEADS = re.compile(r"(?im)^(date|content-length|server): .*\n")


@dataclass(frozen=True, slots=True)
class Told:
    """The commands of a failure, and the environment that they ask for."""

    commands: Sequence[str]
    environment: Mapping[str, str]


def failure(mock: RunningMock, fault: Fault) -> Told:
    """What the report tells of the rule that `fault` breaks."""
    spec = api.load(fault.rule.partition("/")[0])
    served = Served.at(mock.url, spec, spec.fixtures)
    begin(mock, fault)
    transport = HttpTransport(served.url)
    options = Options(Selection((fault.rule,)), 3, "repeated", 8, shrink_requests=40)
    judged = run(Target(spec, transport, served.credentials, spec.fixtures), options)
    transport.close()
    [rule] = document(judged)["rules"]
    assert rule["verdict"] == "failed", rule["message"]
    variables = {f"STREAMPROOF_{n.upper()}": v for n, v in served.credentials.items()}
    other = spec.fixtures.get("other_database", {"credentials": {}})["credentials"]
    variables |= {f"STREAMPROOF_OTHER_{n.upper()}": v for n, v in other.items()}
    return Told(rule["failure"]["curl"], variables)


def begin(mock: RunningMock, *faults: Fault) -> None:
    """A mock as it is when it starts, with these faults."""
    mock.store.reset(DEFAULT_SPACE)
    switch_on(mock.store.space(DEFAULT_SPACE), faults)
    mock.app.extensions["may_wait"] = True


def seen(told: Told) -> list[str]:
    """The lines that the commands show, in any order, without what differs from time to time."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash"],
        input="\n".join(told.commands).encode(),
        env={"PATH": path, "PYTHONPATH": os.pathsep.join(sys.path), **told.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    assert "syntax error" not in text, text
    assert "curl: (" not in text, text
    assert "Traceback" not in text, text
    text = _SIGNED.sub("", _HEADS.sub("", text))
    if any("& wait" in command for command in told.commands):
        text = _OURS.sub("ours", text)  # who wins is another one each time
    text = _TIME.sub(r"a time \2", _GENERATED.sub("…", _UUID.sub("…", text)))
    text = _CURSOR.sub(r'\1"…"', text).replace("HTTP/1", "\nHTTP/1")
    return sorted(filter(None, text.split("\n")))
