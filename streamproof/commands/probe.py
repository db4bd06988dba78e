"""`streamproof probe`: how does a target settle what the documents leave open?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from streamproof.commands.options import (
    COUNT,
    FILE,
    TargetCommand,
    api_name,
    language,
    number,
    read_target,
    target_options,
)
from streamproof.signals import heeded

if TYPE_CHECKING:
    from streamproof.contracts.report.lang import Lang

_INCONCLUSIVE = 3  # as `check` would be


@click.command(cls=TargetCommand)
@click.argument("api", required=False, metavar="[API]", type=api_name)
@target_options
@click.option("-o", "--output", type=FILE, help="Write a dialect file (TOML) here.")
@click.option("--rate", type=number, metavar="REQUESTS/S", help="Send no faster than this.")
@click.option("--max-requests", type=COUNT, help="Stop after this many requests.")
@click.option("--run-id", metavar="ID", help="Names of what is created.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default=language,
    help="The language of the table.  [default: that of the environment]",
)
def probe(
    api: str | None,
    output: Path | None,
    rate: float | None,
    max_requests: int | None,
    run_id: str | None,
    lang: Lang,
    **flags: Any,
) -> int:
    """Look at every silent point of a target, twice, and say which choice it makes.

    What is created for that is removed again (in bge records stay). The file that -o writes is
    one for `streamproof mock --dialect` and for `streamproof check --dialect`; `streamproof diff`
    tells what has changed since an earlier one.

    Exit code: 0 points were seen, 2 usage, 3 the target can't be reached or shows none.
    """
    from streamproof.judge import reached, require_checks

    require_checks("streamproof probe")
    from streamproof import journals
    from streamproof.contracts.probe import observe_all
    from streamproof.contracts.report import observed
    from streamproof.contracts.report.record import record
    from streamproof.contracts.report.words import safe
    from streamproof.contracts.run import Options
    from streamproof.contracts.stop import Stop
    from streamproof.progress import progress
    from streamproof.specs.errors import SpecError

    target = read_target(api, flags)
    if output is not None and output.suffix != ".toml":
        raise click.BadParameter("a name that ends in .toml expected", param_hint="--output")
    journal = journals.new(target.api.name)
    kept = (journal,) if journal else ()
    options = Options(run_id=run_id, rate=rate, max_requests=max_requests, journals=kept)
    stop = Stop()
    with heeded(stop), reached(target) as subject, progress(plain=False) as note:
        seen = observe_all(subject, options, note, stop)
    if journal is not None and not seen.cleanup.remaining:
        journal.unlink(missing_ok=True)
    hidden = seen.secrets
    click.echo(f"{target.api.name} at {safe(target.url, hidden)}")
    if seen.unreachable:
        click.echo(f"nothing can be seen: {safe(seen.unreachable, hidden)}")
        click.echo("next: `streamproof doctor` with these flags")
        return _INCONCLUSIVE
    for line in observed.table(target.api, seen.observations, hidden, lang):
        click.echo(line)
    count = sum(each.seen for each in seen.observations)
    click.echo(f"{count} of {len(seen.observations)} silent points seen; {seen.requests} requests")
    made = seen.cleanup
    click.echo(f"clean-up: {made.created} created, {made.deleted} removed, {made.left} left")
    for left in made.remaining[:3]:
        click.echo(f"  left: {safe(left.key, hidden)}: {safe(left.why, hidden)}")
    if output is not None:
        try:
            output.write_text(record(target.api, target.url, seen), encoding="utf-8")
        except OSError as fault:
            raise SpecError(str(output), "", fault.strerror or "can't be written") from None
        click.echo(f"written: {output}")
    return 0 if count else _INCONCLUSIVE
