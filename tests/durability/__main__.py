"""`python -m tests.durability [--rounds 50] [--database-url URL]…`: kill mocks, and look.

Without a URL: a new file, and a PostgreSQL server of our own. Exit code 1 if anything is lost.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from tests import postgresql
from tests.durability.rounds import Round, check_again, play_on


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=50, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--database-url", "urls", multiple=True, help="An empty data base.")
def main(rounds: int, seed: int, urls: tuple[str, ...]) -> None:
    """Kill mocks in mid-load, start them again, and look for what is lost."""
    with ExitStack() as stack:
        if not urls:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            server = stack.enter_context(postgresql.running())
            urls = (f"sqlite:///{Path(folder) / 'mock.db'}", server)
        lost = sum(_judge(url, rounds, seed) for url in urls)
    raise SystemExit(1 if lost else 0)


def _judge(url: str, rounds: int, seed: int) -> int:
    """Play all rounds on one data base; how many faults there are."""
    kind, began = url.partition(":")[0], time.monotonic()
    played: list[Round] = []
    faults: list[str] = []
    for number in range(rounds):
        played.append(done := play_on(url, number, seed))
        faults += (f"round {number}: {fault}" for fault in done.faults)
        click.echo(
            f"{kind} round {number}: killed after {done.after_s:.2f} s, "
            f"{done.acknowledged} acknowledged, {done.under_way} under way, "
            f"{len(done.faults)} faults"
        )
    faults += check_again(url, played)
    for fault in faults:
        click.echo(fault)
    click.echo(
        f"{kind}: {rounds} kills, {sum(each.acknowledged for each in played)} acknowledged and "
        f"{sum(each.under_way for each in played)} calls under way, {len(faults)} faults, "
        f"{time.monotonic() - began:.0f} s"
    )
    return len(faults)


if __name__ == "__main__":
    main()
