"""Who answers nothing of the API is accused of nothing: the first answer is told, and how to see
it again. The same in every API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.client import Client
from streamproof.contracts.recognition import shows
from streamproof.contracts.report import console
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.specs import api

DOTIDE = api.load("dotide")
FIELDPOST = str(Path(__file__).parents[2] / "examples" / "fieldpost")
PLACES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "dotide": ("/v1/demo", api.load("dotide").fixtures["credentials"]),
    "bge": ("", api.load("bge").fixtures["credentials"]),
    FIELDPOST: ("/v1", {"key": "a-key-of-ours"}),
}
JSON, HTML = "application/json", "text/html"
Answer = tuple[int, str, bytes]
LOG_IN: Answer = (200, HTML, b"<html>Log in</html>")


def always(answer: Answer) -> WsgiApp:
    return in_turn(answer)


def in_turn(*answers: Answer) -> WsgiApp:
    """Answers one after the other, whatever is asked."""
    turn = cycle(answers)

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        status, media, body = next(turn)
        start(f"{status} So", [("Content-Type", media)])
        return [body]

    return serve


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 So", [("Content-Type", JSON)])
    return [environ["wsgi.input"].read()]


def alternating(first: int) -> WsgiApp:
    answers: list[Answer] = [
        (500, JSON, b'{"message": "oops"}'),
        LOG_IN,
        (200, JSON, b"[]"),
        (200, JSON, b'{"id": "a'),
        (200, JSON, b"{}"),
    ]
    return in_turn(*answers[first:], *answers[:first])


def judged(name: str, app: WsgiApp, only: tuple[str, ...] = ()) -> Run:
    spec = api.load(name)
    path, credentials = PLACES[name]
    fixtures = spec.fixtures if spec.home.ours else {}
    transport = WsgiTransport(app, f"http://localhost{path}")
    options = Options(Selection(only), seed=1, run_id="nobodyin", max_examples=2)
    return run(Target(spec, transport, credentials, fixtures), options)


def told(done: Run) -> tuple[str, str]:
    """The first and the last line of the first screen."""
    lines = console.summary(done).plain.splitlines()
    return lines[0], lines[-1]


NOBODY: Mapping[str, tuple[WsgiApp, str]] = {
    "a login page": (always(LOG_IN), "200 <html>Log in</html>"),
    "an echo": (echo, "200"),
    "nothing": (always((204, JSON, b"")), "204"),
    "bytes that are no text": (always((200, JSON, b'"\xff\xfe\xfa"')), "200"),
    "somebody who is logged out": (always((200, JSON, b'{"error": "log in"}')), '200 {"error"'),
    "an empty object": (always((200, JSON, b"{}")), "200 {}"),
}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("who", NOBODY)
def test_the_first_answer_is_told_and_that_very_call(name: str, who: str) -> None:
    app, answer = NOBODY[who]
    only = ("bge/any/*", "bge/retrieve/*") if name == "bge" else ()

    done = judged(name, app, only)

    assert done.headline is Headline.INCONCLUSIVE
    assert not [r for r in done.rulings if r.verdict in (Verdict.PASSED, Verdict.FAILED)]
    first, last = told(done)
    assert "; the first was " in first
    assert f"-> {answer}" in first
    assert "next: " in last
    assert "curl -sSi" in last
    assert done.refused is not None
    assert done.url in last


@pytest.mark.parametrize(
    ("name", "first"),
    [("dotide", 0), ("dotide", 1), ("dotide", 2), ("bge", 3), ("bge", 4), (FIELDPOST, 0)],
)
def test_who_answers_the_same_call_otherwise_each_time_is_accused_of_nothing(
    name: str, first: int
) -> None:
    only = ("bge/any/*", "bge/retrieve/*") if name == "bge" else ()

    done = judged(name, alternating(first), only)

    assert done.headline is Headline.INCONCLUSIVE
    assert not [r.rule.id for r in done.rulings if r.verdict is Verdict.FAILED]
    assert "; the first was " in told(done)[0]


def test_an_echo_of_any_depth_is_told_as_one() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    client = Client(
        DOTIDE, WsgiTransport(in_turn((201, JSON, deep + b" ")), "http://localhost"), {}
    )
    request = replace(client.request("create", name="deep"), body=deep)

    assert not shows(DOTIDE, client.send(request))
