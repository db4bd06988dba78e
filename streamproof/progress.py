"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Progress = Callable[[str, int, int], None]
"""Told of what is judged now, how much is done, and of how much."""

EVERY_S = 30.0


@contextmanager
def progress(plain: bool) -> Iterator[Progress]:
    """A bar on a terminal, which goes away with the run; a line now and then elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if plain or not console.is_terminal:
        with _heartbeat() as beat:
            yield beat
        return
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("")
        yield lambda rule, done, total: bar.update(
            task, description=rule, completed=done, total=total
        )


@contextmanager
def _heartbeat() -> Iterator[Progress]:
    """Inside the block standard error gets a line every half minute: some CI systems end a job
    that is silent."""
    begun, over = time.monotonic(), threading.Event()
    at = "starting"

    def note(rule: str, done: int, total: int) -> None:
        nonlocal at
        at = f"{done} of {total}, {rule}"

    def beat() -> None:
        while not over.wait(EVERY_S):
            click.echo(f"streamproof: {time.monotonic() - begun:.0f} s, {at}", err=True)

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield note
    finally:
        over.set()
