"""`streamproof twin`: is a mock in a target's dialect to be told from the target?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import (
    COUNT,
    FILE,
    TargetCommand,
    api_name,
    number,
    read_target,
    target_options,
)

if TYPE_CHECKING:
    from streamproof.config import TargetConfig
    from streamproof.contracts.observations import Observation
    from streamproof.contracts.twin import Likeness
    from streamproof.specs.dialect import Value

_ALIKE, _DIFFERS, _UNKNOWN = 0, 1, 3
_LAST = 6  # steps of a difference that are shown


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@click.option("--dialect", type=FILE, help="What is known of the target's choices.")
@click.option("--max-examples", type=COUNT, default=50, show_default=True, help="Sequences.")
@click.option("--seed", type=int, help="Shapes and order; printed to be replayed.")
@click.option("--run-id", metavar="ID", help="Names of what is created; printed, too.")
@click.option("--max-requests", type=COUNT, help="Stop after this many requests.")
@click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this.")
def twin(api: str | None, dialect: Path | None, **flags: Any) -> int:
    """Tell a mock in this process whatever the target is told, and compare answer by answer.

    The mock has the dialect of --dialect; without one the target is probed first. What is told
    are the suite's sequences of calls, their reads with one argument changed, and the suite's
    checks. The first difference is made small, and told with the silent point that would explain
    it.

    Exit code: 0 not to be told apart, 1 they differ, 2 usage, 3 nothing could be compared.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof twin")
    from streamproof import journals as journals_of
    from streamproof.config import read_dialects
    from streamproof.contracts import twin as twins
    from streamproof.contracts.probe import observe_all
    from streamproof.contracts.run import Options
    from streamproof.contracts.stop import Stop
    from streamproof.progress import progress
    from streamproof.signals import heeded
    from streamproof.stand_in import stand_in

    keys = ("max_examples", "seed", "run_id", "rate", "max_requests")
    options = Options(**{key: flags.pop(key) for key in keys})
    target = read_target(api, flags)
    journal, stop = journals_of.new(target.api.name), Stop()
    options = replace(options, journals=() if journal is None else (journal,))
    with heeded(stop), reached(target) as subject, progress(plain=False) as note:
        if dialect is not None:
            known = read_dialects(dialect).get(target.api.name, {})
        else:
            probed = observe_all(subject, replace(options, max_requests=None), note, stop)
            known = _learnt(target, probed.observations)
        with stand_in(target, known) as other:
            same_keys = {key: other.credentials[key] for key in subject.credentials}
            other = replace(other, credentials=same_keys)
            found = twins.compare(subject, other, options, note, stop)
    if journal is not None and not found.cleanup.remaining:
        journal.unlink(missing_ok=True)
    return _tell(target, known, found)


def _learnt(target: TargetConfig, seen: Iterable[Observation]) -> dict[str, Value]:
    """The choices that a target was seen to make, and that a mock can make, too."""
    points = target.api.dialect.points
    return {
        each.point: each.choice
        for each in seen
        if each.seen and each.consistent and points[each.point].mock
    }


def _tell(target: TargetConfig, known: Mapping[str, Value], found: Likeness) -> int:
    from streamproof.contracts.report.headline import fitted
    from streamproof.contracts.report.words import safe
    from streamproof.contracts.transcript import step
    from streamproof.contracts.twin import explanations
    from streamproof.stand_in import stand_in

    def say(text: str) -> None:
        click.echo(safe(text, found.secrets))

    say(f"{target.api.name} at {target.url}: seed {found.seed}, run id {found.run_id}")
    made = found.cleanup
    if found.difference is None:
        if found.ended is not None or not found.compared:
            say(f"INCONCLUSIVE: {found.ended or 'nothing could be compared'}")
            return _UNKNOWN
        told = f"{found.sequences} sequences and {found.checks} checks"
        say(f"INDISTINGUISHABLE in {told}, {found.compared:,} calls compared")
    else:
        say(f"DIFFERENT: {found.difference}")
        if left_out := found.steps[:-_LAST]:
            say(f"  … {len(left_out)} calls before these")
        for outcome in found.steps[-_LAST:]:
            say(fitted(step(outcome), "  "))
        points = explanations(found, target.api, known, lambda choices: stand_in(target, choices))
        if points is None:
            say("the same mock, asked again, answers as the target did: this came of chance")
        for name, value in points or ():
            say(f"explained by {target.api.name}/dialect/{name} = {value!r}")
        if points == ():
            say("no point explains this")
    say(f"created {made.created}, removed {made.deleted}, left {made.left}")
    return _ALIKE if found.difference is None else _DIFFERS
