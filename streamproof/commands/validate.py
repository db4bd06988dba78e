"""`streamproof validate`: are the files that people write sound? Nothing is asked of a target."""

from __future__ import annotations

from pathlib import Path

import click

from streamproof.commands.options import FILE


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
def validate(files: tuple[Path, ...]) -> int:
    """Look for mistakes in FILES: targets, waivers and dialects, told apart by what they hold.

    No target is asked and no environment variable read, so it suits a hook before a commit.

    Exit code: 0 all are sound, 2 one is not.
    """
    from streamproof.errors import error_line
    from streamproof.specs.errors import SpecError
    from streamproof.validation import validated

    faults = 0
    for file in files:
        try:
            click.echo(f"{file}: {validated(file)}")
        except SpecError as fault:
            faults += 1
            click.echo(error_line(str(fault)), err=True)
    return 2 if faults else 0
