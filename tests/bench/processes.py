"""A server in processes of its own: started, timed, weighed, ended. Linux only: it reads /proc."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_MB = os.sysconf("SC_PAGESIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `started_s` is the time from its command to its first answer."""

    name: str
    address: tuple[str, int]
    process: int
    started_s: float

    @property
    def memory_mb(self) -> float:
        """What all its processes hold in memory, what they share counted for each of them."""
        return sum(_resident_mb(each) for each in _family(self.process))

    @property
    def distinct_mb(self) -> float:
        """What all its processes hold in memory, what they share counted once."""
        return sum(_proportional_mb(each) for each in _family(self.process))

    @property
    def cpu_s(self) -> float:
        """What all its processes took of the processors since they began."""
        return sum(_cpu_s(each) for each in _family(self.process))


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    port: int,
    probe: bytes,
    *,
    output: int | IO[bytes] = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    patience_s: float = 120.0,
) -> Iterator[Server]:
    """Start a server and wait until it answers `probe`; end it with all its processes."""
    address, begun = ("127.0.0.1", port), time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        while not _answers(address, probe):
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode} before it answered")
            if time.perf_counter() - begun > patience_s:
                raise RuntimeError(f"{name} didn't answer within {patience_s:g} s")
            time.sleep(0.005)
        yield Server(name, address, process.pid, time.perf_counter() - begun)
    finally:
        _end(process)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port


def busy_s() -> float:
    """What all processes of the machine, and other machines of its host, took of the processors."""
    fields = Path("/proc/stat").read_text().split(maxsplit=9)[1:9]
    user, nice, system, _idle, _waiting, irq, soft_irq, stolen = map(int, fields)
    return (user + nice + system + irq + soft_irq + stolen) * _TICK_S


def _answers(address: tuple[str, int], probe: bytes) -> bool:
    try:
        with socket.create_connection(address, 30) as connection:
            connection.sendall(probe)
            return connection.recv(12)[9:10] == b"2"
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _family(process: int) -> Iterator[int]:
    """A process and all that it started."""
    yield process
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
        children = [(each / "children").read_text().split() for each in threads]
    except OSError:  # it has just ended
        return
    for child in {int(number) for numbers in children for number in numbers}:
        yield from _family(child)


def _resident_mb(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE_MB
    except OSError:
        return 0.0


def _proportional_mb(process: int) -> float:
    """Its own pages, and its part of those that it shares with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("Pss:"))


def _cpu_s(process: int) -> float:
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_S
