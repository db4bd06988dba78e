"""`streamproof doctor`: is the configuration right, and what can the target do?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import TargetCommand, api_name, read_target, target_options
from streamproof.signals import interrupt

if TYPE_CHECKING:
    from streamproof.contracts.preflight import Step

_INCONCLUSIVE = 3  # as `check` would be


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@click.option("--read-only", is_flag=True, help="Leave out the one write.")
def doctor(api: str | None, read_only: bool, **flags: Any) -> int:
    """Look at a target step by step, and say how to mend what is wrong.

    The address, TLS, each credential, the fixtures, the clock, one write with its removal (in bge
    the record stays), how long calls take, and limits.

    Exit code: 0 all is well, 2 usage, 3 something is to be mended.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof doctor")
    interrupt()  # what it writes it removes, whatever comes between
    from streamproof.contracts.doctor import examine
    from streamproof.contracts.masking import secrets
    from streamproof.contracts.names import Names
    from streamproof.contracts.report.words import safe

    target = read_target(api, flags)
    hidden = secrets((*target.credentials.values(), *target.secrets))
    click.echo(f"{target.api.name} at {safe(target.url, hidden)}")
    faults = 0
    with reached(target) as subject:
        for step in examine(subject, Names(), write=not read_only):
            faults += bool(step.mend)
            _tell(step, lambda text: safe(text, hidden))
    if faults:
        click.echo(f"{faults} to mend")
    else:
        click.echo("all is well; next: `streamproof plan` and `streamproof check` with these flags")
    return _INCONCLUSIVE if faults else 0


def _tell(step: Step, safe: Any) -> None:
    mark = "MEND" if step.mend else "ok  "
    click.echo(f"{mark} {step.what}: {safe(step.seen)}")
    if step.mend:
        click.echo(f"     -> {safe(step.mend)}")
