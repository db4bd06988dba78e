"""`streamproof diff`: what changed between two reports, or two probes?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> int:
    """Compare two reports of one API, report.json files or their folders; or two probes of one
    API, the files that `streamproof probe -o` writes.

    Exit code 1: a rule fails in NEW that did not fail in OLD, and isn't waived; or the target
    chooses otherwise than in OLD. Otherwise 0.
    """
    from streamproof.records import is_probe

    if is_probe(old) != is_probe(new):
        from streamproof.specs.errors import SpecError

        kinds = {True: "what a probe wrote", False: "a report of a run"}
        fault = f"is {kinds[is_probe(new)]}, and {old} {kinds[is_probe(old)]}; give two of a kind"
        raise SpecError(str(new), "", fault)
    return _probes(old, new) if is_probe(old) else _reports(old, new)


def _reports(old: Path, new: Path) -> int:
    from streamproof.report_diff import compare, told
    from streamproof.reports import read_report

    before, after = read_report(old), read_report(new)
    difference = compare(before, after, (str(old), str(new)))
    for line in told(difference, before, after):
        click.echo(line)
    return int(difference.worse)


def _probes(old: Path, new: Path) -> int:
    from streamproof.probe_diff import compare, told
    from streamproof.records import read_probe

    before, after = read_probe(old), read_probe(new)
    drift = compare(before, after, (str(old), str(new)))
    for line in told(drift, before, after):
        click.echo(line)
    return int(bool(drift.changed))
