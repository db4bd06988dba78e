"""`streamproof check`: judge a live target by an API's rulebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import (
    FILE,
    FOLDER,
    TargetCommand,
    api_name,
    judging_options,
    language,
    read_judging,
    read_target,
    target_options,
)

if TYPE_CHECKING:
    from streamproof.contracts.report.lang import Lang


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@judging_options
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="Checks that go side by side.  [default: by how slow the target is, 8 at most]",
)
@click.option("--waivers", type=FILE, help="Deviations that are accepted, each until a day.")
@click.option(
    "--dialect",
    type=FILE,
    help="Silent points that are settled: a table for each API. Each becomes a rule of the run.",
)
@click.option("--observations", is_flag=True, help="Print how the target settles silent points.")
@click.option(
    "--report-dir",
    type=FOLDER,
    help="Write report.json, report.html, junit.xml, evidence/ and files for CI here.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default=language,
    help="The language of all reports.  [default: that of the environment]",
)
@click.option(
    "--ci",
    is_flag=True,
    help="Plain text, a line every half minute, GitHub's annotations and summary.",
)
def check(
    api: str | None,
    waivers: Path | None,
    dialect: Path | None,
    observations: bool,
    report_dir: Path | None,
    ci: bool,
    lang: Lang,
    **flags: Any,
) -> int:
    """Judge a live target: which rules of the API hold there?

    Exit code: 0 conforms, 1 does not conform, 2 usage, 3 inconclusive, 4 harness error.
    """
    from streamproof.judge import judge, require_checks

    require_checks("streamproof check")
    target, options = read_target(api, flags), replace(read_judging(flags), observe=True)
    if waivers is not None:
        from streamproof.waivers import read_waivers

        options = replace(options, waivers=read_waivers(waivers))
    if dialect is not None:
        from streamproof.config import read_pins
        from streamproof.contracts.pins import Pins

        pins = Pins(read_pins(dialect, target.api), str(dialect))
        options = replace(options, pins=pins)
    seen = judge(target, options, report_dir, plain=ci, lang=lang, observations=observations)
    return seen.headline.exit_code
