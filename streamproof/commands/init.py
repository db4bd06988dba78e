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
@click.option(
    "--from",
    "openapi",
    type=FILE,
    metavar="OPENAPI",
    help="Make a folder of this OpenAPI file, with a draft of its resources.yaml.",
)
@click.option("--url", metavar="URL", help="Where the API's paths begin.")
@click.option("--target", "name", metavar="NAME", help="What to call it.  [default: the API]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The file to write, with --from the folder.  "
    "[default: streamproof.toml; a new folder named after the API]",
)
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(
    api: str | None,
    openapi: Path | None,
    url: str | None,
    name: str | None,
    output: Path | None,
    force: bool,
    **flags: Any,
) -> None:
    """Write a commented streamproof.toml, for one API or for all, and check it by loading it.

    On a terminal it asks for the address if none is given; nowhere else does it ask. Credentials
    are given as env:NAME here, so that the file holds no secret.

    With --from OPENAPI it makes a folder of an API's own OpenAPI file: openapi.yaml, and a draft
    of resources.yaml, which says what the operations are about, each guess with its reason.
    """
    if openapi is not None:
        if api is not None or url or name or force or any(v is not None for v in flags.values()):
            raise click.UsageError("--from goes with --output alone")
        _draft(openapi, output)
    else:
        _targets(api, url, name, output or Path("streamproof.toml"), force, flags)


def _draft(openapi: Path, output: Path | None) -> None:
    from streamproof import draft, served
    from streamproof.specs import api as apis

    drafted = draft.write(openapi, output)
    folder = drafted.folder
    for file in drafted.written:
        click.echo(f"wrote {file}")
    for told in drafted.told:
        click.echo(told)
    api = apis.load(folder)
    url = served.base_urls(api, "http://127.0.0.1:8080", api.fixtures)[0]
    held = api.fixtures["credentials"].items()
    ways = [f"{key}={value}" for key, value in held]
    credentials = [word for way in ways for word in ("--credential", way)]
    for command in (
        ["rules", folder],
        ["mock", folder],
        ["check", folder, "--url", url, *credentials],
    ):
        click.echo(f"next: {shlex.join(['streamproof', *command])}")


def _targets(
    api: str | None,
    url: str | None,
    name: str | None,
    output: Path,
    force: bool,
    flags: dict[str, Any],
) -> None:
    """Write a streamproof.toml."""
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
