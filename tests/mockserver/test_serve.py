"""Both servers, over HTTP: in a thread for tests, and the one that the command line starts."""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from streamproof.mockserver.addresses import is_loopback
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.gateway import Gateway
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.mockserver.serve import claim, run
from tests.mockserver.dotide_http import BASIC

ALL_WIN = "dotide/create/race-one-winner.all-win"
LAST_STORED = "dotide/create/race-stores-winner.last-one-stored"
AT_ONCE = 6
ID, SECRET = BASIC.split(":")
AUTH = (ID, SECRET)
Serve = Callable[[MockConfig], AbstractContextManager[str]]


def _serve(config: MockConfig, port: int) -> None:
    with claim("127.0.0.1", port) as held:
        run(config, held, "")


@contextmanager
def granian(config: MockConfig) -> Iterator[str]:
    """The URL of the command line's server, in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(config, port))
    process.start()
    try:
        url = f"http://127.0.0.1:{port}"
        while process.is_alive():
            try:
                requests.get(f"{url}/_mock/health", timeout=1)
                break
            except requests.RequestException:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.join(10)


@contextmanager
def thread(config: MockConfig) -> Iterator[str]:
    with serve_in_thread(config) as server:
        yield server.url


def race(url: str, stream_id: str) -> tuple[list[int], str]:
    """The statuses of several creates of one id at once, and the name that is stored."""
    barrier = Barrier(AT_ONCE)

    def create(number: int) -> int:
        with requests.Session() as session:
            session.get(f"{url}/_mock/health")  # connect first
            barrier.wait(timeout=30)
            body = {"id": stream_id, "name": str(number)}
            answer = session.post(f"{url}/v1/demo/datastreams", json=body, auth=AUTH)
            return int(answer.status_code)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = list(pool.map(create, range(AT_ONCE)))
    stored = requests.get(f"{url}/v1/demo/datastreams/{stream_id}", auth=AUTH).json()
    return statuses, stored["name"]


@pytest.mark.parametrize("serve", [thread, granian])
def test_one_create_wins_a_race_and_is_stored(serve: Serve) -> None:
    with serve(MockConfig(apis=("dotide",))) as url:
        for number in range(5):
            statuses, name = race(url, f"race-{number}")
            assert Counter(statuses) == {201: 1, 409: AT_ONCE - 1}
            assert name == str(statuses.index(201))


def all_win(statuses: list[int], _name: str) -> bool:
    return statuses.count(201) > 1


@pytest.mark.parametrize("serve", [thread, granian])
def test_race_faults_show(serve: Serve) -> None:
    def last_stored(statuses: list[int], name: str) -> bool:
        return name != str(statuses.index(201))

    for fault, shows in ((ALL_WIN, all_win), (LAST_STORED, last_stored)):
        with serve(MockConfig(apis=("dotide",), faults=(fault,))) as url:
            assert any(shows(*race(url, f"race-{number}")) for number in range(10))
            calm = [
                requests.post(
                    f"{url}/v1/demo/datastreams", json={"id": "calm"}, auth=AUTH
                ).status_code
                for _ in range(2)
            ]
            assert calm == [201, 409]


@pytest.mark.parametrize("serve", [thread, granian])
def test_race_faults_show_when_they_are_switched_on_later(serve: Serve) -> None:
    with serve(MockConfig(apis=("dotide",))) as url:
        requests.put(f"{url}/_mock/faults", json=[ALL_WIN])

        assert any(all_win(*race(url, f"race-{number}")) for number in range(10))


@pytest.mark.parametrize("serve", [thread, granian])
def test_slow_uploads_hold_nobody_up(serve: Serve) -> None:
    with serve(MockConfig(apis=("dotide",))) as url, ExitStack() as slow:
        for _ in range(40):
            slow.enter_context(begun(url, "Content-Length: 100", b"{"))

        assert requests.get(f"{url}/v1/demo/datastreams", auth=AUTH, timeout=5).status_code == 200


@pytest.mark.parametrize("serve", [thread, granian])
def test_slow_readers_hold_nobody_up(serve: Serve) -> None:
    with serve(MockConfig(apis=("dotide",))) as url, ExitStack() as slow:
        streams = f"{url}/v1/demo/datastreams"
        for number in range(3):
            body: Any = {"id": f"large-{number}", "properties": {"text": "x" * 1_000_000}}
            assert requests.post(streams, json=body, auth=AUTH).status_code == 201
        for _ in range(40):  # of three megabytes each, which nobody reads
            slow.enter_context(begun(url, "X-Nothing: more", b"", method="GET"))

        assert requests.get(f"{streams}?limit=1", auth=AUTH, timeout=20).status_code == 200


@pytest.mark.parametrize("serve", [thread, granian])
@pytest.mark.parametrize(
    ("length", "sent"),
    [
        ("Content-Length: 100", b'{"id": "half"}'),
        ("Transfer-Encoding: chunked", b'e\r\n{"id": "half"}\r\n'),
    ],
)
def test_half_an_upload_stores_nothing(serve: Serve, length: str, sent: bytes) -> None:
    with serve(MockConfig(apis=("dotide",))) as url:
        with begun(url, length, sent):
            pass

        time.sleep(0.2)  # for a server that would store it
        assert requests.get(f"{url}/v1/demo/datastreams/half", auth=AUTH).status_code == 404


@contextmanager
def begun(url: str, length: str, sent: bytes, method: str = "POST") -> Iterator[None]:
    """A create, or a list, that is under way until the connection closes."""
    basic = b64encode(BASIC.encode()).decode()
    lines = [f"{method} /v1/demo/datastreams HTTP/1.1", "Host: x", f"Authorization: Basic {basic}"]
    lines += ["Content-Type: application/json", length, "", ""]
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as connection:
        connection.sendall("\r\n".join(lines).encode() + sent)
        yield


@pytest.mark.parametrize("serve", [thread, granian])
@pytest.mark.parametrize("status", [409, 503])
def test_losers_of_a_race_get_the_status_of_the_dialect(serve: Serve, status: int) -> None:
    dialect = {"dotide": {"race_loser_status": status, "duplicate_id_status": 422}}
    with serve(MockConfig(apis=("dotide",), dialects=dialect)) as url:
        seen: Counter[int] = Counter()
        for number in range(5):
            seen.update(race(url, f"race-{number}")[0])
        assert seen[201] == 5
        assert seen[status] > 0
        assert seen.keys() <= {201, status, 422}


@pytest.mark.parametrize("serve", [thread, granian])
def test_bodies_larger_than_the_limit_are_refused(serve: Serve) -> None:
    with serve(MockConfig()) as root, requests.Session() as session:
        for path in ("/_mock/health", "/_space/x/_mock/health"):
            assert session.get(root + path).status_code == 200
        url = f"{root}/v1/demo/datastreams"
        for body in (b" " * 2_000_000, iter([b" " * 100_000] * 20), b" " * 2_000_000):
            assert session.post(url, data=body, auth=AUTH).status_code == 413


@pytest.mark.parametrize("serve", [thread, granian])
def test_every_kind_of_answer_leaves_the_connection_usable(serve: Serve) -> None:
    with serve(MockConfig(apis=("dotide",))) as url, requests.Session() as session:
        session.auth = AUTH
        streams = f"{url}/v1/demo/datastreams"
        for _ in range(2):
            made = session.post(streams, data=iter(['{"id": "数据/1", "na', 'me": "é"}']))
            assert made.status_code == 201
            assert made.headers["Location"] == f"{streams}/%E6%95%B0%E6%8D%AE%2F1"
            assert session.head(made.headers["Location"]).text == ""
            assert session.get(made.headers["Location"]).json()["name"] == "é"
            assert len(session.get(streams, params={"ids": "数据/1"}).json()) == 1
            gone = session.delete(made.headers["Location"])
            assert (gone.status_code, gone.content) == (204, b"")
            assert "Content-Length" not in gone.headers


def test_a_gateway_ends_the_body_of_an_answer() -> None:
    class Body(list[bytes]):
        closed = False

        def close(self) -> None:
            self.closed = True

    body = Body([b"a", b"b"])

    def app(_environ: object, start: Callable[..., object]) -> Body:
        start("200 OK", [("A", "b")])
        return body

    answer = Gateway(app, lambda: False, threads=1, largest=1)._call({})

    assert (answer, body.closed) == ((200, [("A", "b")], b"ab"), True)


@pytest.mark.parametrize("serve", [thread, granian])
def test_a_header_with_an_underscore_that_an_api_names_comes_in(
    serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "words"
    folder.mkdir()
    scheme = {"type": "apiKey", "in": "header", "name": "Api_Key"}
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Words", "version": "1"},
        "security": [{"key": []}],
        "paths": {
            "/word": {"get": {"operationId": "word", "responses": {"204": {"description": "It."}}}}
        },
        "components": {"securitySchemes": {"key": scheme}},
    }
    (folder / "openapi.yaml").write_text(json.dumps(described), "utf-8")
    with serve(MockConfig((str(folder),))) as url:
        known = requests.get(f"{url}/word", headers={"api_key": "demo-key", "content_length": "9"})
        unknown = requests.get(f"{url}/word", headers={"apikey": "demo-key"})

    assert known.status_code == 204
    assert unknown.headers["Streamproof-Rule"] == "words/any/no-credentials"


def test_a_taken_port_is_told_at_once() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        claim("127.0.0.1", taken.getsockname()[1])


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.0.1", "example.org")))
