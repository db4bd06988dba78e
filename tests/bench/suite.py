"""What the suite itself costs for each request, without the server that it judges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from streamproof.contracts.run import Options, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import base_urls
from streamproof.specs import api
from tests.bench.table import Spread, table, verdict

PER_REQUEST_MS = 1.5
_SEED = 1


@dataclass(frozen=True, slots=True)
class Cost:
    """Runs of the suite of one API: requests each, milliseconds of a processor a request."""

    api: str
    requests: int
    suite_ms: Spread
    server_ms: Spread


@dataclass(slots=True)
class _Timed:
    """A WSGI application, and how long its threads were at work in it."""

    app: WsgiApp
    seconds: float = 0.0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        begun = time.thread_time()
        body = list(self.app(environ, start))
        self.seconds += time.thread_time() - begun
        return body


def measure(times: int, progress: Callable[[str], object]) -> list[Cost]:
    """Run each API's suite in this process, with one seed."""
    return [_cost(name, times, progress) for name in api.names()]


def report(costs: Sequence[Cost]) -> Iterator[str]:
    """The table."""
    head = ("suite, ms of CPU a request", "requests", "suite", "at most", "", "(the mock)")
    rows = [
        (
            cost.api,
            str(cost.requests),
            f"{cost.suite_ms:.2f}",
            f"{PER_REQUEST_MS}",
            verdict(cost.suite_ms.middle, PER_REQUEST_MS, at_most=True),
            f"{cost.server_ms:.2f}",
        )
        for cost in costs
    ]
    yield from table(head, rows)


def _cost(name: str, times: int, progress: Callable[[str], object]) -> Cost:
    spec = api.load(name)
    seen: list[tuple[int, float, float]] = []
    for number in range(times):
        progress(f"suite of {name}, run {number + 1} of {times}")
        app = _Timed(create_app(MockConfig(apis=(name,))).wsgi_app)
        transport = WsgiTransport(app, base_urls(spec, "http://localhost", spec.fixtures)[0])
        target = Target(spec, transport, spec.fixtures["credentials"], spec.fixtures)
        begun = time.process_time()
        done = run(target, Options(seed=_SEED))
        all_s = time.process_time() - begun
        each = 1e3 / done.requests
        seen.append((done.requests, (all_s - app.seconds) * each, app.seconds * each))
    return Cost(name, seen[0][0], Spread.of(s for _, s, _ in seen), Spread.of(m for *_, m in seen))
