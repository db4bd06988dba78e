"""`streamproof plan`: what `check` would do to a target, without doing it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from streamproof.commands.options import (
    TargetCommand,
    api_name,
    judging_options,
    read_judging,
    read_target,
    target_options,
)


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@judging_options
def plan(api: str | None, **flags: Any) -> int:
    """Say which rules `check` would judge with the same flags, about how many requests that
    takes, what it creates, what stays, and how long it lasts.

    The run is rehearsed on the mock in this process; the target gets one read.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof plan")
    from streamproof.plan import latency_s, rehearse, told
    from streamproof.progress import progress

    target, options = read_target(api, flags), replace(read_judging(flags), observe=True)
    click.echo(f"{target.api.name} at {target.url}")
    with reached(target) as subject:
        latency = latency_s(subject)
    with progress(plain=False) as note:
        seen = rehearse(target, options, note)
    for line in told(seen, target, options, latency):
        click.echo(line)
    click.echo("next: `streamproof check` with these flags")
    return 0
