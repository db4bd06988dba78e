"""A target that is away for one call in twenty costs requests, and no verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from streamproof.contracts.run import Run
from streamproof.contracts.transport import WsgiApp
from streamproof.contracts.verdict import Headline, Verdict
from tests.contracts.bge import servers as bge
from tests.contracts.dotide import targets as dotide

EVERY = 20


def away_now_and_then(app: WsgiApp, *, carried_out: bool = False) -> WsgiApp:
    """Answers each twentieth call 503: unseen, or `carried_out` nevertheless."""
    calls = 0

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        nonlocal calls
        calls += 1
        if calls % EVERY:
            return app(environ, start)
        if carried_out:
            b"".join(app(environ, lambda *_: None))
        start("503 Service Unavailable", [("Content-Type", "text/plain")])
        return [b"away"]

    return serve


JUDGED: dict[str, tuple[Callable[[], WsgiApp], Callable[..., Run]]] = {
    "dotide": (dotide.good, dotide.judged),
    "bge": (bge.mock, bge.check),
}


@pytest.mark.parametrize("api", JUDGED)
def test_one_503_in_twenty_costs_requests_and_no_rule(api: str) -> None:
    server, judge = JUDGED[api]
    steady = judge(server(), max_examples=10)

    run = judge(away_now_and_then(server()), max_examples=10)

    assert run.headline is Headline.CONFORMS
    assert run.requests < 1.3 * steady.requests


@pytest.mark.parametrize("api", JUDGED)
def test_a_503_that_did_its_work_nevertheless_is_blamed_on_no_rule(api: str) -> None:
    server, judge = JUDGED[api]

    run = judge(away_now_and_then(server(), carried_out=True), max_examples=3)

    assert [r.rule.id for r in run.rulings if r.verdict is Verdict.FAILED] == []


def test_what_is_broken_is_found_nevertheless() -> None:
    @dotide.bent
    def longer(call: dotide.Call, proceed: dotide.Proceed) -> dotide.Answer:
        """Lists one more than asked for."""
        limit = call.query.get("limit", "")
        return proceed(call.asking(limit=str(int(limit) + 1)) if limit else call)

    run = dotide.judged(away_now_and_then(longer), "dotide/list/limit")

    assert run.headline is Headline.DOES_NOT_CONFORM
