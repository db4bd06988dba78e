"""`streamproof send`: the requests of a failure once more, beside what they were answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from streamproof.commands.options import (
    FILE,
    TargetCommand,
    api_name,
    number,
    read_target,
    target_options,
)

_INCONCLUSIVE = 3


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@click.option("--from", "evidence", type=FILE, required=True, help="A file of evidence/.")
@target_options
@click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this.")
def send(api: str | None, evidence: Path, rate: float | None, **flags: Any) -> int:
    """Send the recorded requests of a failure again, in their order, and print each answer beside
    the recorded one.

    Names of the run that recorded them are replaced by new ones, dates of records by others of
    that year, and ids that the server made by those of its new answers. Forms are signed anew.
    What is created is removed in the end, where the API can.

    Exit code: 0 all was sent, 2 usage, 3 it ended early.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof send")
    from streamproof import resend
    from streamproof.contracts import evidence as recorded

    target = read_target(api, flags)
    steps = recorded.read(evidence, target.api)
    with reached(target) as subject:
        return 0 if resend.resend(steps, subject, rate) else _INCONCLUSIVE
