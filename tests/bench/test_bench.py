"""The load generator against a small server, and the pure parts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import repeat
from threading import Thread

import pytest

from tests.bench import pages
from tests.bench.load import BadAnswer, put, size
from tests.bench.table import Spread, table, verdict

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
_REQUEST = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.fixture
def server() -> Iterator[tuple[str, int]]:
    """Answers in two parts, the first of which ends within the headers."""

    def serve(connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while connection.recv(1000):
                connection.sendall(_OK[:20])
                connection.sendall(_OK[20:])

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=accept, daemon=True).start()
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)


def test_every_request_is_answered(server: tuple[str, int]) -> None:
    load = put(server, iter([_REQUEST] * 100), {b"200"}, 10, connections=4)
    assert load.answers == 100


def test_a_round_ends_in_time(server: tuple[str, int]) -> None:
    load = put(server, repeat(_REQUEST), {b"200"}, 0.1, connections=4)
    assert load.answers > 4
    assert 0.1 <= load.seconds < 1


def test_another_status_is_no_answer_to_count(server: tuple[str, int]) -> None:
    with pytest.raises(BadAnswer, match="200 OK"):
        put(server, repeat(_REQUEST), {b"201"}, 1)


def test_the_size_of_an_answer() -> None:
    assert size(_OK, {b"200"}) == len(_OK)
    assert size(_OK[:30], {b"200"}) is None
    assert size(b"HTTP/1.1 204 No Content\r\n\r\n", {b"204"}) == 27
    with pytest.raises(BadAnswer, match="no length"):
        size(b"HTTP/1.1 200 OK\r\n\r\n", {b"200"})


def test_a_ratio_is_taken_round_by_round() -> None:
    ours, theirs = Spread((10.0, 30.0, 20.0)), Spread((100.0, 100.0, 50.0))
    assert f"{ours:.0f}" == "20 (10-30)"
    assert f"{ours.over(theirs):.1f}" == "0.3 (0.1-0.4)"


def test_verdicts() -> None:
    assert verdict(0.4, 0.4) == "met"
    assert verdict(0.39, 0.4) == "not met"
    assert verdict(1.1, 1.0, at_most=True) == "not met"


def test_a_table_is_aligned() -> None:
    assert list(table(("call", "s"), [("list", "10"), ("a", "2")])) == [
        "| call |  s |",
        "| ---- | -: |",
        "| list | 10 |",
        "| a    |  2 |",
    ]


def test_a_filled_mock_has_every_page() -> None:
    (size,) = pages.measure([1_000], lambda _: None)
    assert len(size.pages_ms) == 7
    assert "1,000" in next(iter(pages.report([size])))
