"""What several commands ask for: an API, a duration, a target."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from streamproof.config import TargetConfig
    from streamproof.contracts.run import Options

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(dir_okay=False, path_type=Path)
COUNT = click.IntRange(1, 10**9)
FOLDER = click.Path(file_okay=False, path_type=Path)


def api_name(value: str) -> str:
    """The type of an argument that names an API, or the folder of one; looked up when it is
    given and not before."""
    from streamproof.specs.errors import SpecError
    from streamproof.specs.homes import home

    try:
        home(value)
    except SpecError as fault:
        raise click.BadParameter(str(fault)) from None
    return value


def language() -> str:
    """The language of reports by the locale of whoever asks (POSIX, 8.2): zh or en."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(name):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def duration(value: str) -> float:
    """The type of a duration like ``90s`` or ``5m``, in seconds."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([sm])", value, re.ASCII)
    if found is None or not float(found[1]):
        raise click.BadParameter(f"{value!r} is no duration; write it like 90s or 5m")
    return number(float(found[1]) * {"s": 1, "m": 60}[found[2]])


def number(value: str | float) -> float:
    """The type of a positive number that a clock or a rate can be set to."""
    from streamproof.config import LONGEST_S

    try:
        found = float(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no number") from None
    if not 0 < found <= LONGEST_S:  # neither is what is no number
        raise click.BadParameter(f"more than 0 and at most {LONGEST_S:,.0f} expected")
    return found


class TargetCommand(click.Command):
    """A command with a flag for every credential that an API's security schemes need.

    They are read off the specifications when the command is parsed or explains itself.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        url = next(i for i, param in enumerate(own) if param.name == "url")
        return [*own[: url + 1], *_credential_flags(), *own[url + 1 :]]


def target_options(command: F) -> F:
    """The flags that describe a target, or the two that find it in a configuration file."""
    for option in (
        click.option(
            "--timeout", type=number, metavar="S", help="Seconds that an answer may take."
        ),
        click.option("--proxy", metavar="URL", help="Go through this proxy. Or env:NAME."),
        click.option("--insecure", is_flag=True, help="Trust whatever certificate is shown."),
        click.option("--client-key", type=FILE, help="The key of --client-cert, in PEM."),
        click.option("--client-cert", type=FILE, help="Our certificate, in PEM."),
        click.option("--ca-file", type=FILE, help="Certificates to trust, in PEM."),
        click.option("--header", "headers", multiple=True, metavar="N:V", help="A header to send."),
        click.option(
            "--credential",
            "others",
            multiple=True,
            metavar="KEY=VALUE",
            help="A credential of an API in a folder, by its security scheme. Or KEY=env:NAME.",
        ),
        click.option("--fixtures", type=FILE, help="What the target holds and we may use."),
        click.option("--url", metavar="URL", help="Where the API's paths begin."),
        click.option("--target", "name", metavar="NAME", help="One of them, instead of --url."),
        click.option("--config", type=FILE, help="Targets.  [default: streamproof.toml]"),
    ):
        command = option(command)
    return command


def judging_options(command: F) -> F:
    """The flags that say which rules are judged, and what that may cost."""
    for option in (
        click.option("--max-requests", type=COUNT, help="Stop after this many requests."),
        click.option(
            "--budget", "budget_s", metavar="90s|5m", type=duration, help="Stop after this time."
        ),
        click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this."),
        click.option("--run-id", metavar="ID", help="Names of what is created; printed, too."),
        click.option(
            "--seed", type=int, help="Shapes and order; printed by the run to be replayed."
        ),
        click.option(
            "--max-examples",
            type=COUNT,
            default=20,
            show_default=True,
            help="Generated examples for each rule.",
        ),
        click.option("--read-only", is_flag=True, help="Judge by reading alone."),
        click.option(
            "--level",
            type=click.Choice(["documented", "implied", "linked"]),
            default="linked",
            show_default=True,
            help="The lowest level of rules to judge; documented is the highest.",
        ),
        click.option("--only", metavar="GLOB", multiple=True, help="Only rules whose id matches."),
    ):
        command = option(command)
    return command


def read_judging(flags: dict[str, Any]) -> Options:
    """What the flags of `judging_options` say. Takes them out of `flags`."""
    from streamproof.contracts.run import Options, Selection
    from streamproof.specs.rulebook import Level

    only, level, read_only = (flags.pop(key) for key in ("only", "level", "read_only"))
    keys = ("max_examples", "seed", "run_id", "rate", "budget_s", "max_requests", "jobs")
    options = {key: flags.pop(key, None) for key in keys}
    return Options(Selection(only, Level(level), read_only), **options)


def read_target(api: str | None, flags: dict[str, Any]) -> TargetConfig:
    """The target that the options of `target_options` describe. Takes them out of `flags`.

    Raises `SpecError` and click's usage errors.
    """
    from dataclasses import replace

    from streamproof import config
    from streamproof.specs import api as apis
    from streamproof.way import KEYS as WAY

    path, name, timeout = (flags.pop(key) for key in ("config", "name", "timeout"))
    keys = ("url", "fixtures", "headers", *WAY, *(f.name for f in _credential_flags()))
    entry = {key: value for key in keys if (value := flags.pop(key)) not in (None, (), False)}
    entry |= {key: str(entry[key]) for key in WAY if isinstance(entry.get(key), Path)}
    others = _others(flags.pop("others"))
    if name is None and path is None:
        if api is None or "url" not in entry:
            raise click.UsageError("which target? Give an API and --url, or --target NAME")
        for option in _credential_flags():
            if option.name in entry and option.name not in apis.load(api).credentials:
                raise click.UsageError(f"{option.opts[0]} is no credential of {api}")
        for key in others:
            if key not in apis.load(api).credentials:
                known = ", ".join(apis.load(api).credentials) or "none"
                raise click.UsageError(f"--credential: {api} has no {key!r}; it has {known}")
        entry |= others
        if timeout is not None:
            entry["timeout"] = timeout
        return config.target({"api": api, **_read(entry)}, config.flags_of(api))
    if name is None:
        raise click.UsageError(f"which target of {path}? Give --target NAME")
    if entry or others:
        given = ", ".join(
            [*(config.flag(key)[0] for key in entry), *("--credential" for _ in others)]
        )
        raise click.UsageError(f"--target and {given} exclude each other: the file has it all")
    found = config.read_target(path or config.DEFAULT_FILE, name)
    if api is not None and apis.load(api) is not found.api:
        raise click.UsageError(f"the target {name} is of the API {found.api.name}, not {api}")
    return found if timeout is None else replace(found, timeout_s=timeout)


def _others(given: tuple[str, ...]) -> dict[str, str]:
    """Credentials given as KEY=VALUE."""
    pairs = [text.partition("=") for text in given]
    if not all(key and equals and value for key, equals, value in pairs):
        raise click.BadParameter("KEY=VALUE expected", param_hint="--credential")
    return {key: value for key, _, value in pairs}


def _read(entry: dict[str, Any]) -> dict[str, Any]:
    """The flags of a target as its table in a configuration file would have them."""
    from streamproof.files import read_file

    if "fixtures" in entry:
        entry["fixtures"] = read_file(entry["fixtures"])
    if "headers" in entry:
        pairs = [text.partition(":") for text in entry["headers"]]
        if not all(name.strip() and colon for name, colon, _ in pairs):
            raise click.BadParameter("Name:Value expected", param_hint="--header")
        names = [name.strip().lower() for name, _, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise click.BadParameter(f"{twice} stands twice", param_hint="--header")
        entry["headers"] = {name.strip(): value.strip(" \t") for name, _, value in pairs}
    return entry


def _credential_flags() -> list[click.Option]:
    from streamproof.specs import api as apis

    keys = {
        key: help_ for name in apis.names() for key, help_ in apis.load(name).credentials.items()
    }
    return [
        click.Option(
            [f"--{key.replace('_', '-')}", key],
            metavar=help_["placeholder"],
            help=f"{help_['en']} Or env:NAME.",
        )
        for key, help_ in keys.items()
    ]
