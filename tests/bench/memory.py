"""Does the mock grow? `python -m tests.bench.memory [--minutes 10]`: mixed load, memory sampled.

The load leaves as much in the store as it found: what is created is deleted again, records are
repeated, so that growth of memory is growth without a reason.
"""

from __future__ import annotations

import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import quote

from tests.bench import calls, data
from tests.bench.load import put
from tests.bench.servers import ours
from tests.bench.table import table

_SAMPLE_S = 10.0
_STANDING = 256  # created datastreams that stand at any time
_STATUSES = {b"200", b"201", b"204", b"400", b"404", b"409"}
_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def mixed(base: str) -> Iterator[bytes]:
    """Calls of all kinds for ever, some of them rejected."""
    mine, asked = calls.basic(), calls.signed(data.RANGE | {"limit": "20"})
    for number in count(calls.SEEDED):
        streams, old = f"{base}/datastreams", data.stream_id(number - _STANDING)
        yield calls.CREATE.request(base, number - calls.SEEDED)
        yield calls.READ.request(base, number)
        yield calls.message("PUT", f"{streams}/{old}", mine | _JSON, b'{"tags": ["moved"]}')
        yield calls.message("GET", f"{streams}?limit=20&tags=building", mine)
        yield calls.message("DELETE", f"{streams}/{old}", mine)
        yield calls.message("GET", f"{streams}/{quote('nobody at all')}", mine)
        yield calls.message("POST", "/openbge/stream/range", _FORM, asked)
        yield calls.WRITE.request(base, number % _STANDING)


def main(arguments: list[str]) -> int:
    """Print the series and the growth."""
    parser = ArgumentParser(prog="python -m tests.bench.memory", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args(arguments).minutes
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as contestant:
        server, requests = contestant.server, mixed(contestant.base)
        begun, answers = time.monotonic(), 0
        samples = [(0.0, server.memory_mb)]
        print(f"start: {samples[0][1]:.1f} MB", flush=True)
        while (passed := time.monotonic() - begun) < minutes * 60:
            left = min(_SAMPLE_S, minutes * 60 - passed)
            answers += put(server.address, requests, _STATUSES, left).answers
            samples.append(((time.monotonic() - begun) / 60, server.memory_mb))
            print(f"{samples[-1][0]:6.2f} min: {samples[-1][1]:.1f} MB", flush=True)
    half = samples[len(samples) // 2]
    print(
        *table(
            ("memory of all processes, MB", "start", "half-time", "end", "growth in the 2nd half"),
            [
                (
                    f"{answers:,} answers in {minutes:g} min",
                    f"{samples[0][1]:.1f}",
                    f"{half[1]:.1f}",
                    f"{samples[-1][1]:.1f}",
                    f"{samples[-1][1] - half[1]:+.1f}",
                )
            ],
        ),
        sep="\n",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
