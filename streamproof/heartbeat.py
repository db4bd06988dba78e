"""A line now and then from a run without a terminal: some CI systems end a job that is silent."""

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
def heartbeat() -> Iterator[Progress]:
    """Inside the block standard error gets a line every half minute: how far the run is."""
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
