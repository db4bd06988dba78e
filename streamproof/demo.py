"""The demonstration: the mock in a process of its own, the suite in this one, HTTP between."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import click

from streamproof.config import TargetConfig
from streamproof.contracts.run import Options, Run
from streamproof.contracts.verdict import NO_CHECK, Headline, Verdict
from streamproof.judge import judge
from streamproof.served import Served
from streamproof.signals import interrupt
from streamproof.specs import api as apis

_PATIENCE_S = 10  # for the mock to come up, and to end when it is asked to


def run(report_dir: Path) -> int:
    """Judge a fresh mock by every rulebook; gives the exit code."""
    interrupt()
    runs: list[Run] = []
    with running_mock() as url:
        for name in apis.names():
            runs.append(
                judge(_target(name, url), Options(observe=True), report_dir / name, plain=False)
            )
            if runs[-1].ended:  # by Ctrl-C, or since the mock is gone
                break
            click.echo()
    return exit_code(runs)


def exit_code(runs: Collection[Run]) -> int:
    """As `check` would say of all runs together, but a rule without a check is no matter."""
    rulings = [ruling for run in runs for ruling in run.rulings]
    if any(ruling.verdict is Verdict.HARNESS_ERROR for ruling in rulings):
        return Headline.HARNESS_ERROR.exit_code
    if any(ruling.verdict is Verdict.FAILED for ruling in rulings):
        return Headline.DOES_NOT_CONFORM.exit_code
    untested = [r for r in rulings if r.verdict is Verdict.NOT_TESTED and r.message != NO_CHECK]
    ended = any(run.ended for run in runs)
    return (Headline.INCONCLUSIVE if untested or ended else Headline.CONFORMS).exit_code


def _target(name: str, root: str) -> TargetConfig:
    """An API of the mock at `root`, as it starts without seed data of the user's."""
    api = apis.load(name)
    served = Served.at(root, api, api.fixtures)
    return TargetConfig(api, served.url, served.credentials, served.fixtures)


@contextmanager
def running_mock() -> Iterator[str]:
    """A mock on a free port; gives its URL.

    It has a session of its own, so that Ctrl-C reaches the suite alone, which then cleans up.
    """
    command = [sys.executable, "-m", "streamproof", "mock", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            url = next((word for word in words if word.startswith("http://")), None)
            if url is None or not _answers(url):
                raise click.ClickException("the mock did not start")
            yield url
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str) -> bool:
    """Whether the mock at `url` is up, given the time to come up."""
    give_up = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up:
        try:
            with urlopen(f"{url}/_mock/health", timeout=_PATIENCE_S):
                return True
        except OSError:  # not yet
            time.sleep(0.02)
    return False
