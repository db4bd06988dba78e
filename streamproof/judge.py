"""Run the suite against a target, with progress on a terminal, and tell what it saw."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streamproof import journals as journals_of
from streamproof.config import TargetConfig
from streamproof.invoked import command
from streamproof.progress import progress
from streamproof.signals import heeded
from streamproof.specs.errors import SpecError

if TYPE_CHECKING:
    from rich.console import Console

    from streamproof.contracts.cleanup import Progress
    from streamproof.contracts.report.lang import Lang
    from streamproof.contracts.run import Options, Run, Target
    from streamproof.contracts.stop import Stop

_STEP_SUMMARY = "GITHUB_STEP_SUMMARY"  # a file of Markdown that GitHub shows with a job


def require_checks(command: str) -> None:
    """Raise a usage error unless the extra `check` is installed."""
    if not all(map(find_spec, ("hypothesis", "urllib3"))):
        raise click.ClickException(
            f"{command} needs the extra `check`: pip install '.[check]' in a checkout"
        )


def judge(
    target: TargetConfig,
    options: Options,
    report_dir: Path | None,
    plain: bool,
    lang: Lang = "en",
    observations: bool = False,
) -> Run:
    """One run against `target`, printed, and written to `report_dir` if there is one, in `lang`.

    `plain` leaves out colour and progress; `observations` are printed where asked for. Signals
    end it early, and its report is told nevertheless. Raises `SpecError` for a selection or a run
    id that can't be, and for a folder that can't be written.
    """
    from streamproof.contracts.stop import Stop

    stop = Stop()
    with heeded(stop):
        return _judge(target, options, report_dir, plain, lang, stop, observations)


def _judge(
    target: TargetConfig,
    options: Options,
    report_dir: Path | None,
    plain: bool,
    lang: Lang,
    stop: Stop,
    observations: bool,
) -> Run:
    from streamproof.contracts.report import console, details, files, observed
    from streamproof.contracts.report.annotations import errors
    from streamproof.contracts.report.markdown import markdown

    with reached(target) as subject, progress(plain) as note:
        seen = journalled(subject, options, report_dir, note, stop)
    screen = _screen(plain)
    kept_in = None if report_dir is None else str(report_dir)
    try:
        console.show(screen, console.summary(seen, kept_in, lang, _again(seen), command()))
        if told := details.details(seen, lang):
            screen.print()
            console.show(screen, told)
        if observations:
            screen.print()
            console.show(screen, observed.told(seen, lang))
    except OSError:
        pass  # nobody can read it, and the exit code tells the verdict
    finally:  # the files matter even when nobody reads the screen any more
        if report_dir is not None:
            with writing(report_dir):
                files.write(seen, report_dir, lang, described_at(target))
    if plain and os.environ.get("GITHUB_ACTIONS") == "true":
        for line in errors(seen, described_at(target), lang):
            click.echo(line)
    if plain and (page := os.environ.get(_STEP_SUMMARY)):
        with writing(Path(page)), Path(page).open("a", encoding="utf-8") as pages:
            pages.write(markdown(seen, lang))
    return seen


def journalled(
    subject: Target,
    options: Options,
    report_dir: Path | None,
    note: Progress,
    stop: Stop | None = None,
) -> Run:
    """A run whose journal stands with those of other runs, while anything of it is left, and in
    `report_dir`, if there is one. Raises `SpecError` for a folder that can't be written."""
    from streamproof.contracts.run import run

    journals = [journal] if (journal := journals_of.new(subject.api.name)) else []
    if report_dir is not None:
        created = report_dir / "created.jsonl"
        with writing(report_dir):  # before the run, whose outcome must not be lost
            report_dir.mkdir(parents=True, exist_ok=True)
            created.unlink(missing_ok=True)
        journals.append(created)
    seen = run(subject, replace(options, journals=tuple(journals)), note, stop)
    if journal is not None and not seen.cleanup.remaining:
        journal.unlink(missing_ok=True)
    return seen


def described_at(target: TargetConfig) -> tuple[str, int] | None:
    """The file and the line at which a target's table begins; None if flags describe it."""
    file, entry = target.place("url")
    table = entry.rpartition(".")[0]
    if not table:
        return None
    text = Path(file).read_text("utf-8-sig")
    names = (name.strip() for name in text.splitlines())
    return file, next((n for n, name in enumerate(names, 1) if name == f"[{table}]"), 1)


def _again(seen: Run) -> str | None:
    """The command that began a run, if it was `check`, and shows no secret."""
    from streamproof.contracts.masking import redacted

    line = f"{command()} {shlex.join(sys.argv[1:])}"
    plain = redacted(line, seen.secrets) == line and line.isprintable()
    return line if plain and sys.argv[1:2] == ["check"] else None


@contextmanager
def reached(target: TargetConfig) -> Iterator[Target]:
    """A target with a way to it, for the time of the block."""
    from streamproof.contracts.run import Target
    from streamproof.contracts.transport import HttpTransport

    way = target.way
    if way.insecure:
        click.echo(
            "WARNING: --insecure: whoever answers is trusted, and gets the credentials", err=True
        )
    transport = HttpTransport(
        target.url,
        timeout_s=target.timeout_s,
        headers=target.headers,
        ca_file=way.ca_file,
        client_cert=way.client_cert,
        client_key=way.client_key,
        insecure=way.insecure,
        proxy=way.proxy,
    )
    try:
        yield Target(
            target.api,
            transport,
            target.credentials,
            target.fixtures,
            target.lacks,
            target.secrets,
            target.told,
        )
    finally:
        transport.close()


def _screen(plain: bool) -> Console:
    """Where the report is printed; the exit code tells the verdict even when nobody reads on."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return Screen(no_color=plain, force_terminal=False if plain else None, highlight=False)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns what a file system refuses into one line about `folder`."""
    try:
        yield
    except OSError as fault:
        raise SpecError(str(folder), "", fault.strerror or "can't be written") from None
