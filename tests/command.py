"""`streamproof mock` as people start it, in a process group of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_LAST_LINE = "/_space/"


@dataclass(frozen=True, slots=True)
class Command:
    """A mock that answers at `url`; `banner` is all that it printed."""

    process: subprocess.Popen[str]
    url: str
    banner: tuple[str, ...]

    def signal(self, number: int) -> None:
        """Send a signal to the command and its workers, as a terminal does."""
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """End them all in the middle of what they do."""
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.process.wait(timeout=60)


def start(*arguments: str) -> Command:
    """Start a mock on a free port. Raises `AssertionError` if it ends before it answers."""
    command = [sys.executable, "-u", "-m", "streamproof", "mock", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    banner = [process.stdout.readline()]
    while _LAST_LINE not in banner[-1]:
        assert banner[-1], f"the mock ended: {banner}"
        banner.append(process.stdout.readline())
    url = next(word for word in banner[0].split() if word.startswith("http"))
    return Command(process, url, tuple(banner))


@contextmanager
def running(*arguments: str) -> Iterator[Command]:
    """A mock that is gone in the end."""
    command = start(*arguments)
    try:
        yield command
    finally:
        command.kill()
        if command.process.stdout:
            command.process.stdout.close()
