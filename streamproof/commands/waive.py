"""`streamproof waive`: draft waivers for what fails in a report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
def waive(report: Path) -> None:
    """Print a file of waivers for what fails in REPORT, a report.json or its folder.

    Write down a reason for each, and give it to `check --waivers FILE`. What is waived already
    stays as it is; waivers that are of no use any more are left out.
    """
    from streamproof.reports import read_report
    from streamproof.waiver_draft import draft

    seen = read_report(report)
    if not any(rule["failure"] for rule in seen["rules"]):
        click.echo(f"nothing fails in {report}: there is nothing to waive", err=True)
    click.echo(draft(seen, datetime.now(UTC).date()), nl=False)
