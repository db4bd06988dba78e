"""`streamproof sweep`: remove what earlier runs left on a target."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import (
    TargetCommand,
    api_name,
    number,
    read_target,
    target_options,
)
from streamproof.signals import heeded

if TYPE_CHECKING:
    from streamproof.contracts.sweep import Found
    from streamproof.journals import Kept

_LEFT = 3  # something stays
_SHOWN = 5  # ids of a run
_NOTHING = "nothing is left by any run"


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@click.option("--run-id", metavar="ID", help="Only what this run left.")
@click.option("--yes", is_flag=True, help="Remove without asking, also without a terminal.")
@click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this.")
def sweep(api: str | None, run_id: str | None, yes: bool, rate: float | None, **flags: Any) -> int:
    """Show what earlier runs left on a target, and remove it; nothing else.

    It is found by the journals that runs on this machine have left, and on a target that can list
    by the names that all runs give. A run that is under way on this machine is left alone; one on
    another can't be told. Without a terminal nothing is removed unless --yes is given.

    Exit code: 0 nothing is left, 2 usage, 3 something is, or nobody could tell.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof sweep")
    from streamproof import journals
    from streamproof.contracts.check import Unmet
    from streamproof.contracts.masking import secrets
    from streamproof.contracts.meter import RunEnded
    from streamproof.contracts.report import words
    from streamproof.contracts.stop import Stop
    from streamproof.contracts.sweep import Found, Sweep

    target = read_target(api, flags)
    hidden = secrets((*target.credentials.values(), *target.secrets))

    def safe(text: str) -> str:
        return words.safe(text, hidden)

    kept = [j for j in journals.kept(target.api.name) if run_id in (None, j.run_id)]
    noted = [Found(j.run_id, key, url) for j in kept for key, url in j.objects]
    under_way = journals.under_way(target.api.name) if run_id is None else set()
    click.echo(f"{target.api.name} at {safe(target.url)}")
    stop = Stop(notice="ending: what is not removed yet stays on the target")
    with heeded(stop), reached(target) as subject:
        search = Sweep(subject, rate, stop)
        if not search.removes:
            stay = [each for each in noted if each.url == target.url]
            if not stay:
                click.echo(_NOTHING)
                return 0
            _tell(stay, kept, safe)
            click.echo(f"{target.api.name} has no call that removes them: they stay")
            return _LEFT
        try:
            found = search.here(noted)
            known = {(each.key, each.url) for each in found}
            listed = list(search.marked(run_id))
            old = (each for each in listed if each.run_id not in under_way)
            found += [each for each in old if (each.key, each.url) not in known]
        except (Unmet, RunEnded) as fault:
            click.echo(safe(f"the target can't be searched: {fault}"), err=True)
            return _LEFT
        for busy in sorted({each.run_id for each in listed} & under_way):
            click.echo(f"run {busy} is under way: left alone, unless --run-id {busy} names it")
        if not found:
            click.echo(_NOTHING if run_id is None else f"nothing is left by {run_id}")
            _forget(kept, search.urls, ())
            return 0
        _tell(found, kept, safe)
        if not yes and not (sys.stdin.isatty() and click.confirm("Remove them?")):
            click.echo("nothing is removed; --yes removes them, --run-id ID those of one run")
            return _LEFT
        done = search.remove(found, lambda _step, _done, _total: None)
    click.echo(f"{done.deleted} removed, {done.left + done.unsure} left")
    for left in done.remaining[:_SHOWN]:
        click.echo(safe(f"  {left.key} at {left.url}: {left.why}"))
    _forget(kept, search.urls, [(left.key, left.url) for left in done.remaining])
    return _LEFT if done.remaining else 0


def _tell(found: Iterable[Found], kept: Iterable[Kept], safe: Callable[[str], str]) -> None:
    """What was found, a line for each run and place."""
    started = {journal.run_id: journal.started for journal in kept}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in found:
        groups[each.run_id, each.url].append(each.key)
    for (run, url), keys in groups.items():
        when = f", begun {started[run]}" if run in started else ""
        more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
        shown = ", ".join(map(safe, keys[:_SHOWN]))
        click.echo(f"run {run}{when}: {len(keys)} objects at {safe(url)}: {shown}{more}")
    runs = {run for run, _ in groups}
    click.echo(f"{sum(map(len, groups.values()))} objects of {len(runs)} runs")


def _forget(kept: Iterable[Kept], urls: Collection[str], left: Collection[tuple[str, str]]) -> None:
    """Drop the journals of which nothing is left, here or where this target doesn't lead to."""
    for journal in kept:
        if not any(place in left or place[1] not in urls for place in journal.objects):
            journal.file.unlink(missing_ok=True)
