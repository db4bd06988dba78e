"""The suite against one of the other services: in process, or over HTTP on a thread each call."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from socketserver import ThreadingMixIn
from string import ascii_lowercase
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import HttpTransport, Transport, WsgiApp, WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.served import Served
from streamproof.specs import api
from tests.others import bge_characters, dotide_characters
from tests.others.bge_server import Bge
from tests.others.dotide_server import Dotide

OF_EARLIER_RUNS = 150  # records that company has left in the suite's own stretch of time


@dataclass(frozen=True, slots=True)
class Case:
    """A service to get on with: an API and one of its characters, by their names."""

    api: str
    character: str

    def __str__(self) -> str:
        return f"{self.api}-{self.character}"


_CHARACTERS: Mapping[str, Mapping[str, Any]] = {
    "dotide": {character.name: character for character in dotide_characters.CHARACTERS},
    "bge": {character.name: character for character in bge_characters.CHARACTERS},
}
CASES = tuple(Case(name, who) for name, characters in _CHARACTERS.items() for who in characters)


def server_of(case: Case, *, hurry: bool = False) -> Dotide | Bge:
    """A new server of that character. `hurry` makes slow characters ten times as fast."""
    character = _CHARACTERS[case.api][case.character]
    if hurry:
        waits = [name for name in ("latency_s", "lag_s") if hasattr(character, name)]
        character = replace(character, **{name: getattr(character, name) / 10 for name in waits})
    fixtures = api.load(case.api).fixtures
    if case.api == "bge":
        return Bge(character, fixtures)
    public = fixtures["public_database"]
    bases = (fixtures, fixtures["other_database"], public)
    keys = {base["database"]: base["credentials"]["basic"] for base in bases}
    token = fixtures["credentials"]["access_token"]
    return Dotide(character, keys, token, [public["database"]])


def judged(
    case: Case, server: Dotide | Bge, seed: int, *, max_examples: int = 20, http: bool = False
) -> Run:
    """One run against a server of that case, in company if its character has some.

    The seed settles the names and times of the run too.
    """
    spec, dice = api.load(case.api), random.Random(seed)
    run_id = "".join(dice.choices(ascii_lowercase, k=8))
    with ExitStack() as stack:
        if server.character.company:
            if isinstance(server, Bge):
                for _ in range(OF_EARLIER_RUNS):
                    server.neighbour(dice, years=(1900, 1950))
            stack.enter_context(_company(lambda: server.neighbour(dice)))
        root = stack.enter_context(served(server)) if http else "http://localhost"
        at = Served.at(root, spec, spec.fixtures)
        transport: Transport = HttpTransport(at.url) if http else WsgiTransport(server, at.url)
        stack.callback(transport.close)
        target = Target(spec, transport, at.credentials, at.fixtures)
        return run(target, Options(seed=seed, run_id=run_id, max_examples=max_examples))


def judged_by_reading(case: Case, seed: int, *, max_examples: int = 20) -> tuple[Run, set[str]]:
    """A run that only reads, of a server that others have filled and go on writing to; and which
    calls came: the method and the path's last part."""
    spec, dice, server = api.load(case.api), random.Random(seed), server_of(case)
    for _ in range(OF_EARLIER_RUNS):
        server.neighbour(dice)
    came: set[str] = set()

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        came.add(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO'].rpartition('/')[2]}")
        return server(environ, start)

    at = Served.at("http://localhost", spec, spec.fixtures)
    fixtures = {name: value for name, value in at.fixtures.items() if name != "time_span"}
    target = Target(spec, WsgiTransport(noting, at.url), at.credentials, fixtures)
    options = Options(Selection(read_only=True), seed, max_examples=max_examples)
    with _company(lambda: server.neighbour(dice)):
        return run(target, options), came


def glanced(case: Case) -> tuple[list[str], float]:
    """A hurried run with few examples: its alarms, and the share of rules that passed."""
    run = judged(case, server_of(case, hurry=True), seed=1, max_examples=4)
    passed = sum(ruling.verdict is Verdict.PASSED for ruling in run.rulings)
    return alarms(run), passed / len(run.rulings)


def alarms(run: Run) -> list[str]:
    """What the run says against a service that keeps the document: nothing, if all is well."""
    wrong = (Verdict.FAILED, Verdict.HARNESS_ERROR)
    found = [f"{r.rule.id}: {r.message}" for r in run.rulings if r.verdict in wrong]
    return [*found, *([run.ended] if run.ended else [])]


@contextmanager
def _company(act: Callable[[], None]) -> Iterator[None]:
    """Somebody else who acts meanwhile, up to a hundred times a second."""
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.01):
            act()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64  # races knock all at once


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base class's name)
        """Say nothing."""


@contextmanager
def served(app: WsgiApp) -> Iterator[str]:
    """The root URL of `app`, served on a free port."""
    with make_server("127.0.0.1", 0, app, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
