"""`streamproof check`: judge a live target by an API's rulebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from streamproof.commands.options import (
    COUNT,
    FOLDER,
    TargetCommand,
    api_name,
    duration,
    number,
    read_target,
    target_options,
)


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@click.option("--only", metavar="GLOB", multiple=True, help="Only rules whose id matches.")
@click.option(
    "--level",
    type=click.Choice(["documented", "implied", "linked"]),
    default="linked",
    show_default=True,
    help="The lowest level of rules to judge; documented is the highest.",
)
@click.option("--read-only", is_flag=True, help="Only rules that are judged without writing.")
@click.option(
    "--max-examples",
    type=COUNT,
    default=20,
    show_default=True,
    help="Generated examples for each rule.",
)
@click.option("--seed", type=int, help="Shapes and order; printed by the run to be replayed.")
@click.option("--run-id", metavar="ID", help="Names of what is created; printed, too.")
@click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this.")
@click.option("--budget", "budget_s", metavar="90s|5m", type=duration, help="Stop after this time.")
@click.option("--max-requests", type=COUNT, help="Stop after this many requests.")
@click.option("--report-dir", type=FOLDER, help="Write report.json and junit.xml here.")
@click.option("--ci", is_flag=True, help="Plain text, and a line every half minute.")
def check(
    api: str | None,
    only: tuple[str, ...],
    level: str,
    read_only: bool,
    report_dir: Path | None,
    ci: bool,
    **flags: Any,
) -> int:
    """Judge a live target: which rules of the API hold there?

    Exit code: 0 conforms, 1 does not conform, 2 usage, 3 inconclusive, 4 harness error.
    """
    from streamproof.judge import judge, require_checks

    require_checks("streamproof check")
    from streamproof.contracts.run import Options, Selection
    from streamproof.specs.rulebook import Level

    target = read_target(api, flags)
    options = Options(Selection(only, Level(level), read_only), **flags)
    return judge(target, options, report_dir, plain=ci).headline.exit_code
