"""Runs of the suite for callers in Python: the same engine, options and verdicts as the command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamproof import config as files
from streamproof.judge import described_at, journalled, reached, require_checks, writing
from streamproof.served import base_urls
from streamproof.specs import api as apis
from streamproof.specs.errors import SpecError
from streamproof.specs.rulebook import Level
from streamproof.way import KEYS as WAY

if TYPE_CHECKING:
    from streamproof.contracts.run import Options, Run, Target
    from streamproof.contracts.transport import WsgiApp
    from streamproof.specs.api import Api

_ROOT = "http://localhost"  # what an application in this process is told to be


def _quiet(_rule: str, _done: int, _total: int) -> None:
    """Tell nobody how far a run is."""


def check(
    target: str | WsgiApp,
    *,
    api: str | None = None,
    config: str | Path = files.DEFAULT_FILE,
    only: str | Iterable[str] = (),
    level: str = "linked",
    read_only: bool = False,
    max_examples: int = 20,
    seed: int | None = None,
    run_id: str | None = None,
    rate: float | None = None,
    budget_s: float | None = None,
    max_requests: int | None = None,
    waivers: str | Path | None = None,
    dialect: str | Path | None = None,
    report_dir: str | Path | None = None,
    **described: Any,
) -> Run:
    """Judge `target`, as `streamproof check` does, and clean up; nothing is printed.

    `target` is the name of a target in the file `config`; or the URL of one, or a WSGI
    application in this process, which `api` (a name or a folder) and `described` tell more of:
    the entries of a target's table, such as ``basic="id:secret"``, ``fixtures={…}``. An
    application is asked at ``url``, by default where the API's paths begin on localhost.

    The others are the flags of the command; times are in seconds, `rate` in requests a second.
    With `report_dir` reports are written there. The `Run` has `headline`, and `rulings`, each
    with a `rule`, a `verdict` and a `message`. Raises `SpecError` for what has to be mended.
    """
    from streamproof.contracts.report import files as reports
    from streamproof.contracts.run import Options, Selection
    from streamproof.waivers import read_waivers

    require_checks("streamproof.check")
    patterns = (only,) if isinstance(only, str) else tuple(only)
    options = Options(
        Selection(patterns, _level(level), read_only),
        seed,
        run_id,
        max_examples,
        rate=rate,
        budget_s=budget_s,
        max_requests=max_requests,
        observe=True,
    )
    if waivers is not None:
        options = replace(options, waivers=read_waivers(Path(waivers)))
    folder = None if report_dir is None else Path(report_dir)
    place = None
    if callable(target):
        inside = _inside(target, api, described)
        seen = journalled(inside, _pinned(options, dialect, inside.api), folder, _quiet)
    else:
        told = _outside(target, api, Path(config), described)
        place = described_at(told)
        with reached(told) as subject:
            seen = journalled(subject, _pinned(options, dialect, told.api), folder, _quiet)
    if folder is not None:
        with writing(folder):
            reports.write(seen, folder, place=place)
    return seen


def _outside(
    target: str, api: str | None, config: Path, described: dict[str, Any]
) -> files.TargetConfig:
    """A target at a URL, or by its name in a configuration file."""
    if target.startswith(("http://", "https://")):
        return _told(api, {"url": target, **described})
    if api is not None or described:
        given = ", ".join([*(["api"] if api is not None else []), *described])
        raise SpecError("options", given, f"the file has it all of {target}; leave it out")
    return files.read_target(config, target)


def _inside(app: WsgiApp, api: str | None, described: dict[str, Any]) -> Target:
    """An application of this process."""
    from streamproof.contracts.run import Target
    from streamproof.contracts.transport import WsgiTransport

    if api is not None and "url" not in described:
        spec = apis.load(api)
        described = {"url": base_urls(spec, _ROOT, spec.fixtures)[0], **described}
    if names := [name for name in (*WAY, "headers", "timeout") if name in described]:
        raise SpecError("options", names[0], "says how to come to a URL; leave it out")
    told = _told(api, described)
    return Target(
        told.api,
        WsgiTransport(app, told.url),
        told.credentials,
        told.fixtures,
        told.lacks,
        told.secrets,
        told.told,
    )


def _pinned(options: Options, dialect: str | Path | None, api: Api) -> Options:
    """The options with the silent points that a dialect file settles."""
    from streamproof.contracts.pins import Pins

    if dialect is None:
        return options
    return replace(options, pins=Pins(files.read_pins(Path(dialect), api), str(dialect)))


def _told(api: str | None, entry: dict[str, Any]) -> files.TargetConfig:
    """A target as its table in a configuration file would describe it."""
    if api is None:
        raise SpecError(
            "options", "api", f"is missing; one of {', '.join(apis.names())}, or a folder"
        )
    files.check_entry({"api": api, **entry}, apis.load(api), "options", "")
    return files.target({"api": api, **entry}, lambda key: ("options", key))


def _level(name: str) -> Level:
    try:
        return Level(name)
    except ValueError:
        known = "documented, implied or linked"
        raise SpecError("options", "level", f"{name!r} is none; {known} expected") from None
