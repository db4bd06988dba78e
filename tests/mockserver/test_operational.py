"""Operational faults, seen by clients: one that tries again gets through each, one that doesn't
is broken by each."""

from __future__ import annotations

import json
import os
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import UnknownFaultError
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from streamproof.mockserver.operational import KINDS
from streamproof.specs.bge import signature
from tests.command import running
from tests.mockserver.dotide_http import BASIC

AUTH = ("demo-client", "demo-secret")
TIMEOUT_S = 0.5  # that a client waits for the next byte
LATE_MS = 30_000  # later than any test waits
FAULTS = (
    f"latency:first=1,ms={LATE_MS}",
    f"slow:first=1,bytes=10,ms={LATE_MS}",
    "429:first=2,retry_after=0",
    "503:first=2,retry_after=0,spelling=date",
    "reset:first=2",
    "reset:first=1,when=midst",
    "cut:first=1",
    "empty:first=1",
    "lost:first=1",
    "proxy:first=2,status=504",
    "expired:first=1",
)
Serve = Callable[[], Any]


@contextmanager
def thread() -> Iterator[str]:
    with serve_in_thread(MockConfig()) as server:
        yield server.url


@contextmanager
def command() -> Iterator[str]:
    with running() as mock:
        yield mock.url


@pytest.fixture(scope="module", params=[thread, command])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with request.param() as url:
        yield url


@pytest.fixture(scope="module")
def server() -> Iterator[RunningMock]:
    with serve_in_thread(MockConfig()) as server:
        yield server


def space(url: str, name: str, *faults: Any) -> str:
    """The URL of a space with these faults."""
    here = f"{url}/_space/{name}"
    answer = requests.put(f"{here}/_mock/faults", json=faults)
    assert answer.status_code == 200, answer.text
    return here


class Naive:
    """A client that takes every answer for the one that it hopes for."""

    def __init__(self, url: str) -> None:
        self.streams = f"{url}/v1/demo/datastreams"
        self.session = requests.Session()
        self.session.auth = AUTH

    def create(self, stream_id: str) -> str:
        answer = self.session.post(self.streams, json={"id": stream_id}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        return str(answer.json()["id"])


class Patient(Naive):
    """A client that tries again, and asks what became of what it tried."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        again = Retry(
            total=5, backoff_factor=0.01, status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=None,
        )  # fmt: skip
        self.session.mount("http://", HTTPAdapter(max_retries=again))

    def create(self, stream_id: str) -> str:
        for _ in range(5):
            try:
                return super().create(stream_id)
            except (requests.RequestException, ValueError):
                found = self.session.get(f"{self.streams}/{stream_id}", timeout=TIMEOUT_S)
                if found.ok:
                    return str(found.json()["id"])
        raise AssertionError("never got through")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_that_tries_again_gets_through(url: str, fault: str) -> None:
    here = space(url, f"patient-{FAULTS.index(fault)}", f"{fault},operation=create")

    assert Patient(here).create("a") == "a"

    stored = requests.get(f"{here}/v1/demo/datastreams", auth=AUTH).json()
    assert [each["id"] for each in stored] == ["a"]
    touched = [each["faults"] for each in requests.get(f"{here}/_mock/journal").json()]
    assert [f"{fault},operation=create"] in touched


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_that_does_not_is_broken_by_each(url: str, fault: str) -> None:
    here = space(url, f"naive-{FAULTS.index(fault)}", f"{fault},operation=create")

    with pytest.raises((requests.RequestException, ValueError)):
        Naive(here).create("a")


def test_every_kind_is_tried_by_the_two_clients() -> None:
    assert {fault.partition(":")[0] for fault in FAULTS} | {"half"} == {*KINDS}


def raw(
    url: str, path: str = "/v1/demo/datastreams", body: str = '{"id": "a"}'
) -> tuple[bytes, Any]:
    """All bytes that answer a create, and what ended the connection: None for an orderly end."""
    host, port = url.removeprefix("http://").partition("/")[0].split(":")
    head = [
        f"POST /{url.split('/', 3)[3]}{path} HTTP/1.1",
        "Host: x",
        f"Authorization: Basic {b64encode(BASIC.encode()).decode()}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall("\r\n".join([*head, "", body]).encode())
        try:
            while part := connection.recv(65536):
                received += part
        except ConnectionError as end:
            return received, type(end)
    return received, None


def parted(received: bytes) -> tuple[int, int, bytes]:
    """Status, announced length and body of an answer."""
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    return int(lines[0].split()[1]), length, body


def test_a_reset_before_an_answer_leaves_the_call_undone(url: str) -> None:
    here = space(url, "reset", "reset:operation=create")

    assert raw(here) == (b"", ConnectionResetError)
    assert requests.get(f"{here}/v1/demo/datastreams", auth=AUTH).json() == []
    (seen,) = requests.get(f"{here}/_mock/journal?operation=create").json()
    assert (seen["status"], seen["faults"]) == (None, ["reset:operation=create"])


def test_a_reset_in_the_midst_comes_after_half_of_the_body(url: str) -> None:
    received, end = raw(space(url, "midst", "reset:when=midst"))

    status, length, body = parted(received)
    assert (status, len(body), end) == (201, length // 2, ConnectionResetError)


def test_a_cut_body_is_shorter_than_its_head_says(url: str) -> None:
    received, end = raw(space(url, "cut", "cut"))

    status, length, body = parted(received)
    assert (status, len(body), end) == (201, length // 2, None)


def test_an_empty_answer_has_a_head_and_no_body(url: str) -> None:
    received, _ = raw(space(url, "empty", "empty"))

    assert parted(received) == (201, 0, b"")


def test_a_lost_answer_is_lost_after_the_commit(url: str) -> None:
    here = space(url, "lost", "lost:operation=create")

    assert raw(here) == (b"", None)
    (stored,) = requests.get(f"{here}/v1/demo/datastreams", auth=AUTH).json()
    assert stored["id"] == "a"
    (seen,) = requests.get(f"{here}/_mock/journal?operation=create").json()
    assert seen["status"] == 201


def test_slow_bytes_are_all_there_in_the_end(url: str) -> None:
    received, end = raw(space(url, "slow", "slow:bytes=50,ms=1", "latency:ms=1"))

    status, length, body = parted(received)
    assert (status, len(body), end) == (201, length, None)
    assert json.loads(body)["id"] == "a"


def test_the_connection_is_usable_after_what_does_not_break_it(url: str) -> None:
    here = space(url, "usable", "empty:every=2", "latency:ms=1", "slow:bytes=9,ms=0")
    with requests.Session() as session:
        session.auth = AUTH
        lengths = [len(session.get(f"{here}/v1/demo/datastreams").content) for _ in range(4)]
    assert lengths == [2, 0, 2, 0]


def test_a_broken_connection_leaves_the_others_alone(url: str) -> None:
    here = space(url, "others", "lost:operation=create", "reset:operation=update")
    with requests.Session() as session:
        session.auth = AUTH
        assert session.get(f"{here}/v1/demo/datastreams").json() == []
        raw(here)
        with pytest.raises(requests.ConnectionError):
            requests.put(f"{here}/v1/demo/datastreams/a", json={}, auth=AUTH)
        assert len(session.get(f"{here}/v1/demo/datastreams").json()) == 1


def test_connections_that_were_broken_leave_nothing_open(server: RunningMock) -> None:
    here = space(server.url, "open", "reset:every=2", "lost")
    raw(here)
    before = len(os.listdir("/dev/fd"))

    for _ in range(20):
        raw(here)

    assert len(os.listdir("/dev/fd")) < before + 10


@pytest.mark.parametrize("kind", ["429", "503"])
def test_retry_after_in_both_spellings_and_none(server: RunningMock, kind: str) -> None:
    def asked(spelling: str) -> requests.Response:
        here = space(server.url, kind, f"{kind}:retry_after=20,spelling={spelling}")
        return requests.get(f"{here}/v1/demo/datastreams", auth=AUTH)

    assert asked("seconds").status_code == int(kind)
    assert asked("seconds").headers["Retry-After"] == "20"
    wait = parsedate_to_datetime(asked("date").headers["Retry-After"]) - datetime.now(UTC)
    assert 0 < wait.total_seconds() <= 21
    assert "Retry-After" not in asked("none").headers


def test_an_error_page_of_a_proxy_is_html(server: RunningMock) -> None:
    here = space(server.url, "proxy", "proxy:status=504")
    answer = requests.get(f"{here}/v1/demo/datastreams", auth=AUTH)

    assert (answer.status_code, answer.headers["Content-Type"]) == (504, "text/html")
    assert "<h1>504 Gateway Timeout</h1>" in answer.text


def statuses(here: str, times: int) -> list[int]:
    streams = f"{here}/v1/demo/datastreams"
    return [requests.get(streams, auth=AUTH).status_code for _ in range(times)]


def test_which_calls_a_fault_meets(server: RunningMock) -> None:
    def seen(fault: str) -> list[int]:
        return statuses(space(server.url, "which", fault), 6)

    assert seen("503:first=2") == [503, 503, 200, 200, 200, 200]
    assert seen("503:every=3") == [200, 200, 503, 200, 200, 503]
    assert seen("503:every=2,first=4") == [200, 503, 200, 503, 200, 200]
    assert seen("503:operation=create") == [200] * 6
    assert seen("503:api=bge") == [200] * 6
    assert seen("503:share=0") == [200] * 6


def test_chance_depends_on_the_seed_alone(server: RunningMock) -> None:
    def seen(name: str, seed: int) -> list[int]:
        return statuses(space(server.url, name, f"503:share=0.5,seed={seed}"), 20)

    assert seen("one", 1) == seen("two", 1) == seen("one", 1)
    assert seen("one", 1) != seen("one", 2)
    assert {*seen("one", 1)} == {200, 503}


def test_they_stand_around_faults_of_meaning(server: RunningMock) -> None:
    faults = ("503:operation=create,first=1", "dotide/create/status.other", "empty:every=3")
    here = space(server.url, "around", *faults)
    made = [requests.post(f"{here}/v1/demo/datastreams", json={}, auth=AUTH) for _ in range(3)]

    assert [(each.status_code, bool(each.content)) for each in made] == [
        (503, True),
        (200, True),
        (200, True),
    ]
    touched = [each["faults"] for each in requests.get(f"{here}/_mock/journal").json()]
    assert touched == [[faults[0]], [faults[1]], [faults[1]]]


@pytest.mark.parametrize(
    "sent",
    [
        {"auth": AUTH},
        {"headers": {"Authorization": f"Bearer {'0f1e2d3c4b5a69788796a5b4c3d2e1f0' * 2}"}},
        {"params": {"access_token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2}},
    ],
)
def test_expired_credentials_of_every_kind(server: RunningMock, sent: Any) -> None:
    here = space(server.url, "expired", "expired:first=1")
    answers = [requests.get(f"{here}/v1/demo/datastreams", **sent) for _ in range(2)]

    assert [each.status_code for each in answers] == [404, 200]
    assert answers[0].headers["Streamproof-Rule"].startswith("dotide/any/")


def bge(here: str, call: str, **fields: Any) -> requests.Response:
    form = signature.signed(fields, "demo-key", "demo-secret", "0" * 32, "2021-03-10T02:24:14Z")
    return requests.post(f"{here}/openbge/stream/{call}", data=form)


def test_an_expired_signature(server: RunningMock) -> None:
    here = space(server.url, "signature", "expired:first=1,api=bge")
    answers = [bge(here, "bind", biosample_id="E-B19137107158") for _ in range(2)]

    assert [each.json()["code"] == 0 for each in answers] == [False, True]


def test_half_a_batch_is_stored(server: RunningMock) -> None:
    here = space(server.url, "half", "half:operation=batch_write")
    items = [
        {
            "fundamental_entity_id": "093f5e9a-7c96-11eb-a38f-00163e0eae20",
            "data_element_id": "45f69871-7d89-11eb-a38f-00163e0eae20",
            "stream_generate_time": f"19{year}",
            "stream_data": year,
        }
        for year in range(20, 24)
    ]
    answer = bge(here, "batch_write", streams=json.dumps(items))
    assert answer.status_code == 500

    requests.delete(f"{here}/_mock/faults")
    again = bge(here, "batch_write", streams=json.dumps(items)).json()["data"]["result"]
    assert [each["is_succeed"] for each in again] == [False, False, True, True]


def test_parameters_come_as_an_object_too(server: RunningMock) -> None:
    here = space(server.url, "object", {"fault": "503", "operation": "list", "every": 2})

    assert statuses(here, 2) == [200, 503]
    (on,) = requests.get(f"{here}/_mock/faults").json()
    assert on["name"] == "503:operation=list,every=2"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("latencies", "no fault 'latencies'; did you mean latency?"),
        ("latency:ms=x", "latency:ms=x: ms: a whole number from 0 to 3,600,000 expected"),
        ("latency:ms", "latency:ms: ms: a value expected"),
        ("latency:ms=-1", "ms: a whole number"),
        ("503:every=0", "every: a whole number from 1"),
        ("503:share=2", "share: a number from 0 to 1 expected"),
        ("429:spelling=words", "spelling: seconds or date or none expected"),
        ("reset:when=after", "when: before or midst expected"),
        ("cut:ms=3", "cut:ms=3: no parameter 'ms'; there are api, operation, first"),
        ("cut:operation=remove", "operation: no such one; there are"),
        ("cut:api=dot", "api: dot isn't served; there are bge, dotide"),
        ({"fault": "latency", "ms": True}, "ms: a number or text expected"),
        ({"fault": "latency", "ms": "1,every=2"}, "ms: a value without commas expected"),
        ({"name": "latency"}, "no JSON array of names"),
    ],
)
def test_what_can_not_be_used_is_told(server: RunningMock, sent: Any, message: str) -> None:
    answer = requests.put(f"{server.url}/_mock/faults", json=[sent])

    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_in_process_a_fault_that_breaks_connections_is_refused() -> None:
    client = create_app(MockConfig(apis=("dotide",))).test_client()

    for fault in ("reset", "cut", "lost"):
        answer = client.put("/_mock/faults", json=[fault])
        assert answer.status_code == 409
        assert "breaks a connection" in (answer.json or {})["message"]
    assert client.put("/_mock/faults", json=["latency:ms=1", "503:every=2"]).status_code == 200
    seen = [client.get("/v1/demo/datastreams", auth=AUTH).status_code for _ in range(2)]
    assert seen == [200, 503]


def test_in_process_one_of_the_start_is_told_in_the_answer() -> None:
    client = create_app(MockConfig(apis=("dotide",), faults=("cut:every=2",))).test_client()

    seen = [client.get("/v1/demo/datastreams", auth=AUTH) for _ in range(2)]
    assert [each.status_code for each in seen] == [200, 501]
    assert "breaks a connection" in (seen[1].json or {})["message"]


def test_a_wrong_one_is_known_at_the_start() -> None:
    with pytest.raises(UnknownFaultError, match="no parameter 'when'"):
        MockConfig(faults=("cut:when=before",))


def test_the_command_says_which_are_on(tmp_path: Path) -> None:
    with running("dotide", "--fault", "503:every=2") as mock:
        assert statuses(mock.url, 2) == [200, 503]
        assert any(line.startswith("fault 503:every=2: Answers 503") for line in mock.banner)
