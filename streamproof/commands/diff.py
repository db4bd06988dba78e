"""`streamproof diff`: what changed between two reports?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> int:
    """Compare two reports of one API: report.json files, or their folders.

    Exit code 1: a rule fails in NEW that did not fail in OLD, and isn't waived. Otherwise 0.
    """
    from streamproof.report_diff import compare, told
    from streamproof.reports import read_report

    before, after = read_report(old), read_report(new)
    difference = compare(before, after, (str(old), str(new)))
    for line in told(difference, before, after):
        click.echo(line)
    return int(difference.worse)
