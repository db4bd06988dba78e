"""The seam: requests go where the specification puts them, and every answer has an end."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import NoReturn

import pytest

from streamproof.contracts.check import Mismatch
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import deleting
from streamproof.contracts.transcript import curl, step
from streamproof.contracts.transport import HttpTransport, WsgiTransport
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome
from streamproof.specs import api

DOTIDE, BGE = api.load("dotide"), api.load("bge")
BASIC = {"basic": "me:s3cr3t-pass", "access_token": "t0k3n-value"}
SIGNED = {"app_key": "k", "app_secret": "s3cr3t-app"}


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that hands each connection to `serve` after reading a request's head."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def accept() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                with suppress(OSError):  # the client may have hung up
                    serve(connection)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/demo"
    finally:
        stopped.set()
        listener.close()


def list_from(url: str, **options: float) -> Outcome:
    transport = HttpTransport(url, timeout_s=options.get("timeout_s", 5.0), cap_bytes=1000)
    return Client(DOTIDE, transport, BASIC).call("list")


def answer(head: bytes, body: bytes = b"") -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(b"HTTP/1.1 " + head + b"\r\n\r\n" + body)


def test_a_server_that_says_nothing_is_given_up() -> None:
    def say_nothing(connection: socket.socket) -> None:
        connection.recv(1)

    with raw_server(say_nothing) as url:
        outcome = list_from(url, timeout_s=0.3)
    assert outcome.status is None
    assert outcome.trouble == "no whole answer within 0.3 s"
    assert not outcome.rejected


def test_a_server_that_drips_is_given_up() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)

    with raw_server(drip) as url:
        outcome = list_from(url, timeout_s=0.3)
    assert outcome.status is None


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\nX:", b"a"),
    ],
    ids=["header", "continue", "chunk", "trailer"],
)
def test_the_deadline_is_that_of_the_whole_answer(start: bytes, again: bytes) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:  # until the client hangs up
            connection.sendall(again)
            time.sleep(0.05)

    with raw_server(drip) as url:
        outcome = list_from(url, timeout_s=0.3)
    assert outcome.trouble == "no whole answer within 0.3 s"


def test_a_connection_that_the_server_gave_up_is_opened_anew() -> None:
    def once(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        connection.recv(65536)  # the next request, to which nothing is said

    with raw_server(once) as url:
        client = Client(DOTIDE, HttpTransport(url, timeout_s=5), BASIC)
        assert [client.call("list").status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("status", [102, 103, 104, 199])
def test_interim_answers_are_passed_over(status: int) -> None:
    interim = b"%d Soon\r\nX-Progress: 1\r\n\r\nHTTP/1.1 " % status
    with raw_server(answer(interim * 2 + b"200 OK\r\nContent-Length: 2", b"[]")) as url:
        outcome = list_from(url)
    assert (outcome.status, outcome.payload) == (200, [])


def test_switching_protocols_is_no_interim_answer() -> None:
    with raw_server(answer(b"101 Switching Protocols\r\nUpgrade: x")) as url:
        outcome = list_from(url)
    assert outcome.status == 101


@pytest.mark.parametrize("late_s", [0.0, 0.02, 0.2])
@pytest.mark.parametrize(
    "head", [b"Content-Length: 4\r\n", b"Transfer-Encoding: chunked\r\n", b""], ids=str
)
def test_a_body_behind_a_204_spoils_no_other_answer(head: bytes, late_s: float) -> None:
    def serve(connection: socket.socket) -> None:
        body = b"4\r\nnull\r\n0\r\n\r\n" if b"chunked" in head else b"null"
        connection.sendall(b"HTTP/1.1 204 Gone\r\n" + head + b"\r\n" + body * (not late_s))
        time.sleep(late_s)
        connection.sendall(body * bool(late_s))
        while connection.recv(65536):  # another request on the same connection
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    with raw_server(serve) as url:
        client = Client(DOTIDE, HttpTransport(url, timeout_s=5), BASIC)
        outcomes = [client.call("delete", id="a") for _ in range(3)]
    assert [outcome.status for outcome in outcomes] == [204] * 3
    judged = [deleting.empty_body(outcome) for outcome in outcomes]
    if head or not late_s:  # a body that nothing tells of, and that comes later, can't be seen
        assert all(isinstance(verdict, Mismatch) for verdict in judged)


@pytest.mark.parametrize(
    ("head", "behind"),
    [
        (b"", b""),
        (b"Content-Length: 0", b""),
        (b"", b"\r\n"),
        (b"Transfer-Encoding: chunked", b"0\r\n\r\n"),
    ],
)
def test_a_204_with_nothing_behind_it_has_no_body(head: bytes, behind: bytes) -> None:
    with raw_server(answer((b"204 Gone\r\n" + head).rstrip(), behind)) as url:
        client = Client(DOTIDE, HttpTransport(url, timeout_s=5), BASIC)
        outcomes = [client.call("delete", id="a") for _ in range(3)]
    assert [deleting.empty_body(outcome) for outcome in outcomes] == [True] * 3


UNREADABLE = [
    (b"", "the body is empty"),
    (b"\xef\xbb\xbf[]", "the body is no JSON: it begins with a byte order mark"),
    (b'[{"current_v": NaN}]', "the body is no JSON: NaN at character 16"),
    (b"[-Infinity]", "the body is no JSON: -Infinity at character 2"),
    (b"[" * 5000, "the body is no JSON: expecting value at character 5001"),
    (b"[\xff]", "the body is no JSON: no UTF-8 at byte 2"),
]


@pytest.mark.parametrize(("body", "trouble"), UNREADABLE, ids=str)
def test_what_is_wrong_with_a_body_is_told(body: bytes, trouble: str) -> None:
    head = b"200 OK\r\nContent-Length: %d" % len(body)
    with raw_server(answer(head, body)) as url:
        outcome = Client(DOTIDE, HttpTransport(url, timeout_s=5), BASIC).call("list")
    assert (outcome.accepted, outcome.rejected, outcome.unreadable) == (False, False, True)
    assert str(outcome).endswith(f"({trouble})")


@pytest.mark.parametrize("depth", [5000, 100_000])
def test_an_answer_of_any_depth_is_read(depth: int) -> None:
    body = b'[{"id": "a", "properties": {"p": ' + b"[" * depth + b"]" * depth + b"}}]"
    head = b"200 OK\r\nContent-Length: %d" % len(body)
    with raw_server(answer(head, body)) as url:
        outcome = Client(DOTIDE, HttpTransport(url, timeout_s=5), BASIC).call("list")
    assert outcome.accepted
    assert same(outcome.payload, outcome.payload)
    assert f"({depth:,} nested arrays)" in str(step(outcome))
    assert len(str(step(outcome))) < 400


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    asked: list[str] = []

    def app(environ: dict[str, str], start: Callable[..., None]) -> list[bytes]:
        asked.append(environ["RAW_URI"])
        start("200 OK", [])
        return [b'{"id": "a\\ud800"}']

    client = Client(DOTIDE, WsgiTransport(app), BASIC)
    named = client.call("read", id="a").payload["id"]
    outcomes = [
        client.call("read", id=named),
        client.call("list", ids=named),
        client.call("create", id=named, name=named),
        Client(BGE, WsgiTransport(app), SIGNED).call("bind", biosample_id=named),
    ]
    assert asked[1:3] == ["/datastreams/a%ED%A0%80", "/datastreams?ids=a%ED%A0%80"]
    assert outcomes[2].request.body == b'{"id": "a\\ud800", "name": "a\\ud800"}'
    for outcome in outcomes:
        curl(outcome, outcome.request.operation.id, "http://x")
        str(step(outcome)).encode("utf-8", "backslashreplace")


def test_an_endless_answer_is_cut() -> None:
    with raw_server(answer(b"200 OK\r\nContent-Length: 5000", b"x" * 5000)) as url:
        outcome = list_from(url)
    assert outcome.too_large
    assert str(outcome) == "an answer of more than 1,000 bytes"
    assert outcome.size is not None
    assert 1000 < outcome.size <= 5000


def test_a_closed_port_is_told_plainly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = list_from(f"http://127.0.0.1:{port}")
    assert outcome.status is None
    assert "refused" in str(outcome.trouble)
    assert "0x" not in str(outcome.trouble)


def test_a_redirect_is_not_followed() -> None:
    with raw_server(
        answer(b"302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0")
    ) as url:
        outcome = list_from(url)
    assert outcome.status == 302
    assert not outcome.accepted
    assert not outcome.rejected


def test_a_login_page_is_neither_accepted_nor_rejected() -> None:
    page = b"<html>log in</html>"
    with raw_server(answer(b"200 OK\r\nContent-Length: %d" % len(page), page)) as url:
        outcome = list_from(url)
    assert not outcome.accepted
    assert not outcome.rejected
    assert outcome.unreadable
    assert "the body is no JSON: expecting value at character 1" in str(outcome)


def outcome_of(client: Client, status: int, body: object) -> Outcome:
    def app(_environ: object, start: Callable[..., None]) -> list[bytes]:
        start(f"{status} X", [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    return Client(client.api, WsgiTransport(app), client.credentials).call("bind", biosample_id="x")


@pytest.mark.parametrize(
    ("status", "body", "accepted", "rejected"),
    [
        (200, {"code": 0, "msg": "", "data": {"fundamental_entity_id": "e"}}, True, False),
        (200, {"fundamental_entity_id": "e"}, True, False),
        (200, {"code": 1, "msg": "no", "data": {}}, False, True),
        (400, {"code": 1, "msg": "no"}, False, True),
        (404, "gone", False, True),
        (500, {"code": 0, "data": {}}, False, False),
        (302, {}, False, False),
    ],
)
def test_what_an_envelope_means(status: int, body: object, accepted: bool, rejected: bool) -> None:
    outcome = outcome_of(Client(BGE, WsgiTransport(lambda e, s: []), SIGNED), status, body)
    assert (outcome.accepted, outcome.rejected) == (accepted, rejected)
    if accepted:
        assert outcome.payload == {"fundamental_entity_id": "e"}


def test_arguments_go_where_the_specification_puts_them() -> None:
    client = Client(DOTIDE, WsgiTransport(lambda e, s: []), BASIC)
    listed = client.request("list", tags="a,b", limit=2, tz=None, Timezone="UTC")
    assert listed.target == "/datastreams?tags=a%2Cb&limit=2"
    assert listed.header("timezone") == "UTC"
    updated = client.request("update", id="a/ü?", name=None, tags=["x"])
    assert updated.path == "/datastreams/a%2F%C3%BC%3F"
    assert updated.content == b'{"name": null, "tags": ["x"]}'
    ranged = Client(BGE, WsgiTransport(lambda e, s: []), SIGNED).request(
        "range", namespace="n", limit=3, biosample_id=None
    )
    assert ranged.form == (("namespace", "n"), ("limit", "3"))


def test_no_secret_shows_in_what_people_read() -> None:
    for loaded, credentials, call in (
        (DOTIDE, BASIC, ("read", {"id": "a"})),
        (BGE, SIGNED, ("bind", {"biosample_id": "a"})),
    ):
        seen: list[dict[str, str]] = []

        def app(
            environ: dict[str, str], start: Callable[..., None], seen: list[dict[str, str]] = seen
        ) -> list[bytes]:
            seen.append(environ)
            start("200 OK", [])
            return [b"{}"]

        client = Client(loaded, WsgiTransport(app), credentials)
        for auth in client.auths.values():
            outcome = client.send(client.request(call[0], **call[1]), auth)
            shown = [repr(client.auths), repr(outcome), str(step(outcome))]
            shown.append(curl(outcome, loaded.name, "http://x"))
            for secret in ("s3cr3t-pass", "t0k3n-value", "s3cr3t-app"):
                assert not any(secret in text for text in shown)
        assert seen


def test_a_form_that_is_altered_after_building_goes_out_as_altered() -> None:
    bodies: list[bytes] = []

    def app(environ: dict[str, object], start: Callable[..., None]) -> list[bytes]:
        bodies.append(environ["wsgi.input"].read())  # type: ignore[attr-defined]
        start("200 OK", [])
        return [b"{}"]

    client = Client(BGE, WsgiTransport(app), SIGNED)
    request = client.request("bind", biosample_id="a")
    client.send(request)
    client.send(replace(request, form=None, body=b"\xff"))
    client.send(request, auth=None)
    assert b"sign=" in bodies[0]
    assert bodies[1:] == [b"\xff", b"biosample_id=a"]


def given_up(url: str, released: threading.Event) -> str:
    """What becomes of a call that could wait for a minute, when its run is over after a moment;
    then whoever held it up is `released`."""
    transport = HttpTransport(url, timeout_s=60)
    horizon = time.monotonic() + 60
    transport.bound(lambda: horizon)

    def end() -> None:
        nonlocal horizon
        horizon = time.monotonic()

    threading.Timer(0.2, end).start()
    told = str(Client(DOTIDE, transport, BASIC).call("list"))
    released.set()
    transport.close()
    return told


ENDED = "no answer: no whole answer before the run had to end"


def test_a_run_that_ends_waits_for_no_name_to_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    released, waited = threading.Event(), list[bool]()

    def never_found(*_: object, **__: object) -> NoReturn:
        waited.append(released.wait(30))
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", never_found)

    assert given_up("http://target.example/v1/demo", released) == ENDED
    assert waited == [] or waited == [True]


def test_a_run_that_ends_waits_for_no_connection_to_be_made() -> None:
    """Where as many wait to be accepted as may wait, Linux drops what comes then."""
    released = threading.Event()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        patience = threading.Timer(30, listener.close)
        patience.start()
        told = given_up(f"http://127.0.0.1:{listener.getsockname()[1]}/v1/demo", released)
        assert patience.is_alive()
        patience.cancel()
    assert told == ENDED


def test_a_run_that_ends_waits_for_no_handshake() -> None:
    released, waited = threading.Event(), list[bool]()
    with raw_server(lambda _: waited.append(released.wait(30))) as url:
        told = given_up(url.replace("http:", "https:"), released)
    assert told == ENDED
    assert waited == [] or waited == [True]
