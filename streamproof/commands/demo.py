"""`streamproof demo`: the mock and the suite at work together, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from streamproof.commands.options import FOLDER


@click.command()
@click.option(
    "--report-dir",
    type=FOLDER,
    default="streamproof-report",
    show_default=True,
    help="Gets a folder of reports for each API.",
)
def demo(report_dir: Path) -> int:
    """Start the mock on a free port and judge it over HTTP by all rules of all APIs.

    Exit code 0: no rule failed, and every rule that has a check was tested.
    """
    from streamproof.judge import require_checks

    require_checks("streamproof demo")
    from streamproof.demo import run

    return run(report_dir)
