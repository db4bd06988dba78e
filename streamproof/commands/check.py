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
@click.option("--waivers", type=FILE, help="Deviations that are accepted, each until a day.")
@click.option(
    "--report-dir",
    type=FOLDER,
    help="Write report.json, report.html, junit.xml and evidence/ here.",
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
    target, options = read_target(api, flags), read_judging(flags)
    if waivers is not None:
        from streamproof.waivers import read_waivers

        options = replace(options, waivers=read_waivers(waivers))
    return judge(target, options, report_dir, plain=ci, lang=lang).headline.exit_code
