"""`streamproof init`: a first streamproof.toml."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from streamproof.commands.options import FILE, TargetCommand, api_name

_FROM_ENVIRONMENT = "env:"


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@click.option("--url", metavar="URL", help="Where the API's paths begin.")
@click.option("--target", "name", metavar="NAME", help="What to call it.  [default: the API]")
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="streamproof.toml",
    show_default=True,
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(
    api: str | None, url: str | None, name: str | None, output: Path, force: bool, **flags: Any
) -> None:
    """Write a commented streamproof.toml, for one API or for all, and check it by loading it.

    On a terminal it asks for the address if none is given; nowhere else does it ask. Credentials
    are given as env:NAME here, so that the file holds no secret.
    """
    from streamproof import config, initial
    from streamproof.specs import api as apis

    if output.exists() and not force:
        raise click.ClickException(f"{output}: is there already; --force overwrites it")
    given = {key: value for key, value in flags.items() if value is not None}
    if api is None and (url or given or name):
        raise click.UsageError(f"which API? Give one of {', '.join(apis.names())}")
    chosen = apis.names() if api is None else (api,)
    for key, value in given.items():
        place, _ = config.flag(key)
        if key not in apis.load(chosen[0]).credentials:
            raise click.UsageError(f"{place} is no credential of {chosen[0]}")
        if not value.startswith(_FROM_ENVIRONMENT):
            raise click.ClickException(f"{place}: env:NAME expected, for the file may be shared")
    if api is not None and url is None and sys.stdin.isatty():
        url = click.prompt(f"Where do the paths of {api} begin? URL")
    if url is not None:
        url = config.checked_url(apis.load(chosen[0]), url, config.flag)
    targets = {name or each: (apis.load(each), url, given) for each in chosen}
    try:
        output.write_text(initial.text(targets), "utf-8")
    except OSError as fault:
        raise click.ClickException(f"{output}: {fault.strerror}") from None
    read = config.read_targets(output)
    unset = [
        value.removeprefix(_FROM_ENVIRONMENT)
        for entry in read.values()
        for value in entry.values()
        if isinstance(value, str) and value.startswith(_FROM_ENVIRONMENT)
    ]
    unset = [variable for variable in dict.fromkeys(unset) if variable not in os.environ]
    click.echo(f"wrote {output}: {', '.join(targets)}")
    if unset:
        click.echo(f"set {', '.join(unset)}, which it reads from the environment")
    else:
        for target in targets:
            config.read_target(output, target)
    where = [] if output == config.DEFAULT_FILE else ["--config", str(output)]
    again = shlex.join(["streamproof", "doctor", *where, "--target", next(iter(targets))])
    click.echo(f"next: {again}")
