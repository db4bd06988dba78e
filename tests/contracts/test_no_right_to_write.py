"""Credentials that may only read are a matter of configuration: no rule is blamed for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.report import console
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.specs import api
from tests.contracts.bge import servers as bge
from tests.contracts.dotide import targets as dotide
from tests.fieldpost.server import KEY, Fieldpost

FIELDPOST = str(Path(__file__).parents[2] / "examples" / "fieldpost")
SERVERS: Mapping[str, tuple[Callable[[], WsgiApp], str, Mapping[str, str]]] = {
    "dotide": (dotide.good, "/v1/demo", api.load("dotide").fixtures["credentials"]),
    "bge": (bge.mock, "", api.load("bge").fixtures["credentials"]),
    FIELDPOST: (Fieldpost, "/v1", {"key": KEY}),
}


def only_reads(app: WsgiApp, status: int = 403) -> WsgiApp:
    """Refuses whatever writes."""

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        writes = path.endswith("write") if "openbge" in path else method != "GET"
        if not writes:
            return app(environ, start)
        start(f"{status} No", [("Content-Type", "application/json")])
        return [b'{"message": "no right to write"}']

    return serve


def judged(name: str, app: WsgiApp, only: tuple[str, ...] = ()) -> Run:
    spec, (_, path, credentials) = api.load(name), SERVERS[name]
    transport = WsgiTransport(app, f"http://localhost{path}")
    fixtures = spec.fixtures if spec.home.ours else {}
    options = Options(Selection(only), seed=1, run_id="mayread", max_examples=3)
    return run(Target(spec, transport, credentials, fixtures), options)


def failed(done: Run) -> list[str]:
    return [r.rule.id for r in done.rulings if r.verdict is Verdict.FAILED]


@pytest.mark.parametrize(
    ("name", "status"), [*((name, 403) for name in SERVERS), ("bge", 401), ("dotide", 404)]
)
def test_a_lack_of_rights_is_told_in_a_sentence_and_breaks_no_rule(name: str, status: int) -> None:
    done = judged(name, only_reads(SERVERS[name][0](), status))

    assert failed(done) == []
    assert done.headline is Headline.INCONCLUSIVE
    first = console.summary(done).plain.splitlines()[0]
    assert " may read, but not write: POST /" in first
    assert f"is answered {status} " in first
    assert "--read-only" in first
    writes = [r for r in done.rulings if "write/minimal" in r.rule.id or "create/" in r.rule.id]
    assert {r.verdict for r in writes} <= {Verdict.NOT_TESTED}


@pytest.mark.parametrize(
    ("name", "rule"),
    [("dotide", "dotide/create/example-accepted"), ("bge", "bge/write/minimal-call")],
)
def test_of_one_rule_alone_too(name: str, rule: str) -> None:
    done = judged(name, only_reads(SERVERS[name][0]()), (rule,))

    [ruling] = done.rulings
    assert ruling.verdict is Verdict.NOT_TESTED
    assert "may read, but not write" in ruling.message


def test_what_reads_show_is_judged_nevertheless() -> None:
    def odd_status(call: dotide.Call, proceed: dotide.Proceed) -> dotide.Answer:
        answer = proceed(call)
        listed = call.operation == "list" and answer.accepted
        return replace(answer, status=203) if listed else answer

    done = judged("dotide", only_reads(dotide.bent(odd_status)))

    assert failed(done) == ["dotide/list/status"]


def test_who_may_create_but_not_update_may_write() -> None:
    def no_updates(call: dotide.Call, proceed: dotide.Proceed) -> dotide.Answer:
        return dotide.Answer(403, {}) if call.operation == "update" else proceed(call)

    done = judged("dotide", dotide.bent(no_updates), ("dotide/update/*",))

    assert failed(done) == ["dotide/update/example-accepted"]
