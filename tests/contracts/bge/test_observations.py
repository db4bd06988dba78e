"""What the mock is told to choose where the documents are silent, the observers see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask

from streamproof.contracts.client import Client
from streamproof.contracts.names import Names
from streamproof.contracts.observations import Observation, Observing, observers_of
from streamproof.contracts.run import Options, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault, switch_on
from streamproof.mockserver.store import DEFAULT_SPACE
from streamproof.specs.dialect import Value
from tests.contracts.bge.servers import BGE

POINTS = BGE.dialect.points
OBSERVERS = observers_of(BGE)
FIXTURES = {**BGE.fixtures, "biosamples": {**BGE.fixtures["biosamples"], "of-nobody": None}}
NEVER_SEEN = ("cursor_lifetime_s",)  # it takes waiting
# Ids that rise with time come in the order of writing, too.
AROUND: dict[str, dict[str, Value]] = {"tie_order": {"stream_id_form": "uuid4"}}
ALSO: dict[str, tuple[Value, ...]] = {"default_limit": (7,), "signature_expiry_s": (60,)}
OUT_OF_REACH: dict[str, tuple[Value, ...]] = {
    "over_limit": ("clamped",),
    "visible_after_s": (1,),
}


def mock(**dialect: Any) -> Flask:
    return create_app(MockConfig(("bge",), dialects={"bge": dialect}, fixtures={"bge": FIXTURES}))


def seen(app: WsgiApp, *points: str) -> dict[str, Observation]:
    transport = WsgiTransport(app, "http://localhost")
    client = Client(BGE, transport, BGE.fixtures["credentials"])
    observing = Observing(client, Names("observing"), FIXTURES, dear=POINTS)
    return {each.point: each for each in observing.all(points or None)}


def choices(point: str) -> Iterable[Value]:
    if POINTS[point].mock:
        return [*(choice.value for choice in POINTS[point].choices), *ALSO.get(point, ())]
    return [POINTS[point].default]


@pytest.mark.parametrize(
    ("point", "choice"),
    [(name, choice) for name in OBSERVERS if name not in NEVER_SEEN for choice in choices(name)],
)
def test_every_choice_is_seen(point: str, choice: Value) -> None:
    around = {**(POINTS[point].visible_when or {}), **AROUND.get(point, {})}
    found = seen(mock(**{**around, point: choice}), point)[point]
    if choice in OUT_OF_REACH.get(point, ()):
        assert not found.seen
        assert found.why
    else:
        assert (found.seen, found.choice, found.why) == (True, choice, "")
        assert found.consistent


def test_every_point_has_its_observer() -> None:
    assert OBSERVERS.keys() == POINTS.keys()


def test_ids_that_rise_with_time_hide_what_ties_are_ordered_by() -> None:
    found = seen(mock(stream_id_form="uuid1"), "tie_order")["tie_order"]
    assert not found.seen
    assert "a stream_id that doesn't rise with time" in found.why


def test_no_evidence_shows_a_signature() -> None:
    found = seen(mock(), *(name for name in OBSERVERS if "nonce" in name or "body" in name))
    assert len(found) > 3
    assert not any(
        word in each.evidence for each in found.values() for word in ("sign=", "app_key=")
    )


def test_short_pages_hide_no_choice_of_arguments() -> None:
    points = ("limit_negative", "bad_limit", "limit_zero", "bad_sort_direction")
    found = seen(mock(default_limit=3, **dict.fromkeys(points, "default")), *points)
    assert {point: each.choice for point, each in found.items()} == dict.fromkeys(points, "default")


def told_otherwise(change: Callable[[bytes], bytes]) -> WsgiApp:
    """The mock, each of its answers changed on the way."""
    app: WsgiApp = mock()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        head: list[Any] = []
        body = change(b"".join(app(environ, lambda *told: head.extend(told))))
        start(head[0], [(n, v) for n, v in head[1] if n.lower() != "content-length"])
        return [body]

    return serve


def test_an_envelope_without_a_message_is_none_of_the_choices() -> None:
    found = seen(told_otherwise(lambda body: body.replace(b'"msg":', b'"info":')), "envelope")
    assert found["envelope"].odd
    assert "an object with code, data, info" in found["envelope"].why


def test_a_uuid_without_hyphens_is_another_form() -> None:
    """As `uuid.uuid4().hex` writes it: no client that expects a UUID's text takes it for one."""

    def bare(body: bytes) -> bytes:
        return re.sub(rb'"stream_id":( ?)"([0-9a-f-]{36})"', _without_hyphens, body)

    found = seen(told_otherwise(bare), "stream_id_form")["stream_id_form"]
    assert (found.choice, found.consistent, found.why) == ("other", True, "")


def _without_hyphens(found: re.Match[bytes]) -> bytes:
    return b'"stream_id":%b"%b"' % (found[1], found[2].replace(b"-", b""))


@pytest.mark.parametrize("most", [4, 9])
def test_pages_that_are_short_where_many_are_asked_for_are_seen(most: int) -> None:
    @fault("bge/range/never-over-100.few-at-a-time")
    def few(proceed: Proceed, call: Call, _context: Context) -> Answer:
        """Puts no more than a few records on a page."""
        limit = call.arguments.get("limit")
        return proceed(call.changed(limit=most) if limit and int(limit) > most else call)

    app = mock()
    switch_on(app.extensions["store"].space(DEFAULT_SPACE), (few,))
    found = seen(app, "short_pages")["short_pages"]
    assert (found.choice, found.why) == ("sometimes", "")


@pytest.mark.parametrize(("status", "body"), [(500, None), (404, {}), (200, {}), (200, [])])
def test_a_server_that_answers_all_alike_shows_no_choice(status: int, body: Any) -> None:
    def serve(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(f"{status} Null", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    found = seen(serve)
    assert found.keys() == POINTS.keys()
    assert not any(each.seen for each in found.values())


def test_a_run_writes_next_to_nothing_more_to_observe() -> None:
    def created(observe: bool) -> tuple[int, int]:
        transport = WsgiTransport(mock(), "http://localhost")
        target = Target(BGE, transport, BGE.fixtures["credentials"], FIXTURES)
        options = Options(seed=1, max_examples=1, shrink_requests=0, observe=observe)
        done = run(target, options)
        return done.cleanup.created, sum(each.seen for each in done.observations)

    without, _ = created(False)
    with_them, points = created(True)
    assert points > 20
    assert with_them - without <= 2
