"""Whatever comes in is answered, never with a 5xx; and what others wrote is unharmed by it.

Thousands of bent requests pass in process; over HTTP some more, and bytes that are no HTTP at
all, against the server that the command line starts.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest

from streamproof.contracts.transport import HttpTransport, Transport, WsgiTransport
from streamproof.contracts.wire import Answer
from streamproof.mockserver.app import RULE_HEADER, create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api, schema
from streamproof.specs.bge.signature import signed
from streamproof.specs.operation import accepted, payload
from tests.mockserver.nasty import Attempt, attempts

SEED = 20_261_122
IN_PROCESS = 5_000  # for each API
OVER_HTTP = 100

NOW = "2026-11-22T00:00:00Z"
BGE, DOTIDE = api.load("bge").fixtures, api.load("dotide").fixtures


# -- what must hold of every answer ------------------------------------------------------------


def fault(attempt: Attempt, answer: Answer) -> str | None:
    """What is wrong with an answer; None if nothing is."""
    spec = api.load(attempt.api)
    if answer.status >= 500 or not (200 <= answer.status < 300 or answer.status >= 400):
        return f"status {answer.status}"
    if answer.status == 204:
        return "a body" if answer.body else None
    if answer.headers.get("content-type") != "application/json":
        return f"content type {answer.headers.get('content-type')}"
    try:
        body = json.loads(answer.body)
    except ValueError:
        return "no JSON"
    if not accepted(spec.envelope, answer.status, body):
        return _fault_of_rejection(attempt, answer, body)
    if attempt.operation is None:
        return None
    violations = _shape(attempt.api, attempt.operation).errors(payload(spec.envelope, body))
    return f"shape: {violations[0].message}" if violations else None


def _fault_of_rejection(attempt: Attempt, answer: Answer, body: Any) -> str | None:
    if not isinstance(body, Mapping):
        return "a rejection that is no object"
    rule = answer.headers.get(RULE_HEADER.lower())
    if rule is None:
        if attempt.operation is not None and answer.status != 414:
            return "a rejection without a rule"
        return None if body.get("message") else "a rejection without a message"
    if rule not in known_rules():
        return f"an unknown rule, {rule}"
    envelope = api.load(rule.partition("/")[0]).envelope
    explained = body.get(envelope.message if envelope else "message")
    return None if explained else "a rejection without a message in the API's own form"


@cache
def known_rules() -> frozenset[str]:
    """Every name that the header may bear: those of rules and of silent points."""
    specs = [api.load(name) for name in api.names()]
    points = (f"{spec.name}/dialect/{point}" for spec in specs for point in spec.dialect.points)
    return frozenset((*points, *(rule.id for spec in specs for rule in spec.rulebook)))


@cache
def _shape(name: str, operation: str) -> schema.Validator:
    spec = api.load(name)
    return schema.Validator(spec.operations[operation].success.payload or {}, spec.openapi)


# -- somebody else's objects -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bystander:
    """Writes some objects that nobody else names, and looks at them again."""

    transport: Transport

    def write(self) -> None:
        for number in range(3):
            stream = {"id": f"bystander-{number}", "tags": ["theirs"], "properties": {"n": number}}
            assert self._dotide("POST", "/datastreams", stream).status == 201
        for year in ("1901", "1902"):
            record = {"stream_generate_time": year, "stream_data": "{}"}
            assert json.loads(self._bge("write", record).body)["code"] == 0

    def look(self) -> list[bytes]:
        """The objects as they are shown, by each call that shows them."""
        shown = [
            *(self._dotide("GET", f"/datastreams/bystander-{number}") for number in range(3)),
            self._dotide("GET", "/datastreams?tags=theirs"),
            self._bge("range", {"namespace": BGE["namespace"]}),
        ]
        assert {answer.status for answer in shown} == {200}
        return [answer.body for answer in shown]

    def _dotide(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Answer:
        headers = {"authorization": f"Bearer {DOTIDE['credentials']['access_token']}"}
        body = None
        if fields is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(fields).encode()
        return self.transport.exchange(method, f"/v1/demo{path}", headers, body)

    def _bge(self, operation: str, fields: Mapping[str, str]) -> Answer:
        theirs = {
            "fundamental_entity_id": BGE["entities"][1],
            "data_element_id": BGE["data_elements"][1],
        }
        form = signed({**theirs, **fields}, **BGE["credentials"], nonce="0" * 32, timestamp=NOW)
        headers = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        return self.transport.exchange("POST", f"/openbge/stream/{operation}", headers, body)


def bombard(transport: Transport, sent: Iterable[Attempt]) -> None:
    """Send all attempts; look into each answer, and at the bystander's objects."""
    bystander = Bystander(transport)
    bystander.write()
    before = bystander.look()

    granted = refused = 0
    for number, attempt in enumerate(sent):
        answer = transport.exchange(attempt.method, attempt.target, attempt.headers, attempt.body)
        found = fault(attempt, answer)
        assert found is None, (
            f"{found}\nin the answer to attempt {number} of seed {SEED}: {attempt}\n"
            f"{answer.status} {answer.headers} {answer.body[:1000]!r}"
        )
        if RULE_HEADER.lower() in answer.headers:
            refused += 1
        elif answer.status < 300:
            granted += 1

    assert bystander.look() == before
    assert min(granted, refused) > (number + 1) / 10, f"{granted} granted, {refused} refused"


# -- in process ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", api.names())
def test_bent_requests_are_answered_and_harm_nobody(
    name: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = attempts(name, Random(SEED), IN_PROCESS)

    bombard(WsgiTransport(create_app(MockConfig())), sent)

    assert caplog.records == []
    assert capfd.readouterr().err == ""


# -- over HTTP -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a running `streamproof mock`, which has to end well and say nothing wrong."""
    command = [sys.executable, "-m", "streamproof", "mock", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            first_line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", first_line)
            assert found, first_line
            _wait_for(found[0])
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")
    assert "Traceback" not in out


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            connect(url).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens at {url}")


def connect(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=5)


@pytest.mark.parametrize("name", api.names())
def test_a_real_server_answers_bent_requests(name: str, url: str) -> None:
    sent = (attempt for attempt in attempts(name, Random(SEED), 2 * OVER_HTTP) if attempt.is_http)

    bombard(HttpTransport(f"{url}/_space/{name}"), islice(sent, OVER_HTTP))


LIST = b"GET /v1/demo/datastreams HTTP/1.1\r\nHost: x\r\n"
CREATE = b"POST /v1/demo/datastreams HTTP/1.1\r\nHost: x\r\n"
NO_HTTP = {
    "nothing": b"",
    "end of lines": b"\r\n\r\n\r\n",
    "zeros": bytes(100),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "HTTP/0.9": b"GET /v1/demo/datastreams\r\n\r\n",
    "HTTP/9.9": b"GET /v1/demo/datastreams HTTP/9.9\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a line": b"GET /v1/de",
    "half a head": LIST,
    "blank in the target": b"GET /v1/demo/data streams HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in the target": b"GET /v1/demo/\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
    "bad escapes in the target": b"GET /v1/%/%zz/%00%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "another host's target": b"GET http://y/v1/demo/datastreams HTTP/1.1\r\nHost: x\r\n\r\n",
    "target *": b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    "long target": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "method unheard of": b"\xe6\x95\xb0 / HTTP/1.1\r\nHost: x\r\n\r\n",
    "tunnel": b"CONNECT y:443 HTTP/1.1\r\nHost: y:443\r\n\r\n",
    "header without a colon": LIST + b"Authorization\r\n\r\n",
    "header with a line break": LIST + b"A: b\r\n c\r\n\r\n",
    "header of bytes": LIST + b"Authorization: Basic \xff\xfe\r\nTimezone: \xe6\x95\xb0\r\n\r\n",
    "large header": LIST + b"A: " + b"a" * 500_000 + b"\r\n\r\n",
    "many headers": LIST + b"A: b\r\n" * 1000 + b"\r\n",
    "two of a header": LIST + b"Authorization: Basic a\r\nAuthorization: Bearer b\r\n\r\n",
    "two lengths": CREATE + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "negative length": CREATE + b"Content-Length: -1\r\n\r\n{}",
    "length of letters": CREATE + b"Content-Length: two\r\n\r\n{}",
    "huge length": CREATE + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "length too long": CREATE + b"Content-Length: 50\r\n\r\n{}",
    "length too short": CREATE + b"Content-Length: 1\r\n\r\n{}",
    "chunks that are none": CREATE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "chunk cut off": CREATE + b"Transfer-Encoding: chunked\r\n\r\n50\r\n{}",
    "length and chunks": CREATE
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "encoding unheard of": CREATE + b"Transfer-Encoding: zip\r\n\r\n{}",
    "upgrade": LIST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "two requests": (LIST + b"\r\n") * 2,
    **{f"noise {n}": Random(SEED + n).randbytes(3**n) for n in range(10)},
}  # fmt: skip


def test_a_real_server_survives_what_is_no_http(url: str) -> None:
    bystander = Bystander(HttpTransport(f"{url}/_space/no-http"))
    bystander.write()
    before = bystander.look()

    for case, sent in NO_HTTP.items():
        answer = _exchanged(url, sent)
        assert not re.match(rb"HTTP/1\.[01] 5|.*Traceback", answer, re.S), (case, answer)

    assert bystander.look() == before


def _exchanged(url: str, sent: bytes) -> bytes:
    """What a server says to some bytes after which nothing more comes."""
    answer = bytearray()
    with connect(url) as connection, suppress(ConnectionError):
        connection.sendall(sent)
        with suppress(OSError):  # the server may have closed it already
            connection.shutdown(socket.SHUT_WR)
        while received := connection.recv(65536):
            answer += received
    return bytes(answer)
