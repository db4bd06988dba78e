"""An odd request gets one answer, whoever serves the mock: a command with its state in memory, in a
file or in PostgreSQL, or the server in a thread of the pytest fixture.

Over sockets, byte by byte: most of these no client library would send.
"""

from __future__ import annotations

import gzip
import re
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest
import requests

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from tests.mockserver.dotide_http import BASIC
from tests.mockserver.test_serve import granian

ID, SECRET = BASIC.split(":")
AUTH = (ID, SECRET)
SERVERS = ("memory", "file", "PostgreSQL", "fixture")


@pytest.fixture(scope="module")
def urls(
    new_file: Callable[[], str], new_postgresql: Callable[[], str]
) -> Iterator[Mapping[str, str]]:
    """The mock as it is served in each way."""
    with ExitStack() as running:
        file, postgresql = (MockConfig(database_url=new()) for new in (new_file, new_postgresql))
        fixture = running.enter_context(serve_in_thread(MockConfig()))
        yield {
            "memory": running.enter_context(granian(MockConfig())),
            "file": running.enter_context(granian(file)),
            "PostgreSQL": running.enter_context(granian(postgresql)),
            "fixture": running.enter_context(fixture.door("same-answers")),
        }


def answers(urls: Mapping[str, str], sent: bytes, *, broken_off: bool = False) -> dict[str, str]:
    """What each server says to some bytes."""
    assert tuple(urls) == SERVERS
    return {name: answer(url, sent, broken_off) for name, url in urls.items()}


def answer(url: str, sent: bytes, broken_off: bool) -> str:
    """What is the same each time: status, rule and body, without ids and times."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 20) as connection:
        connection.sendall(sent)
        if broken_off:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while part := connection.recv(65536):
            received += part
    head, _, body = received.decode().partition("\r\n\r\n")
    rule = re.search(r"(?im)^streamproof-rule: (.+?)\r?$", head)
    alike = re.sub(r"[0-9a-f]{24,}|[0-9a-f-]{36}|\d{4}-\d\d-\d\dT[\d:.+]+", "…", body)
    return f"{head[9:12]} {rule[1] if rule else '-'} {alike}"


def request(line: str, *headers: str, body: bytes = b"", authorized: bool = True) -> bytes:
    lines = [f"{line} HTTP/1.1", "Connection: close", *headers]
    if not any(header.startswith("Host:") for header in headers):
        lines.append("Host: mock.example")
    if authorized:
        lines.append("Authorization: Basic " + b64encode(BASIC.encode()).decode())
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def create(*headers: str, body: bytes) -> bytes:
    return request("POST /v1/demo/datastreams", *headers, body=body)


JSON, CHUNKED = "Content-Type: application/json", "Transfer-Encoding: chunked"
HALF = {
    "a body shorter than it says": create(JSON, "Content-Length: 50", body=b'{"id":"half"}'),
    "no body where one is announced": create(JSON, "Content-Length: 50", body=b""),
    "no last chunk": create(JSON, CHUNKED, body=b'd\r\n{"id":"half"}\r\n'),
    "half a chunk": create(JSON, CHUNKED, body=b'50\r\n{"id":"half"}'),
    "a size of a chunk that is none": create(JSON, CHUNKED, body=b'zz\r\n{"id":"half"}\r\n0\r\n'),
    "rubbish behind a chunk": create(JSON, CHUNKED, body=b'd\r\n{"id":"half"}\r\nrubbish\r\n'),
    "a negative length": create(JSON, "Content-Length: -1", body=b'{"id":"half"}'),
    "a length with a sign": create(JSON, "Content-Length: +13", body=b'{"id":"half"}'),
    "two lengths": create(JSON, "Content-Length: 13", "Content-Length: 5", body=b'{"id":"half"}'),
}  # fmt: skip


@pytest.mark.parametrize("case", HALF)
def test_half_an_upload_is_refused_and_stores_nothing(urls: Mapping[str, str], case: str) -> None:
    seen = answers(urls, HALF[case], broken_off=True)

    assert {said[:5] for said in seen.values()} == {"400 -"}, seen
    assert len({*seen.values()}) == 1, seen
    for url in urls.values():
        assert requests.get(f"{url}/v1/demo/datastreams", auth=AUTH).json() == []


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


FORM, GZIP = "Content-Type: application/x-www-form-urlencoded", "Content-Encoding: gzip"
PARTS = "Content-Type: multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="app_key"\r\n\r\ndemo-key\r\n--x--\r\n'
PACKED = gzip.compress(b"{}")
NO_UTF8 = '{"message":"the path is no UTF-8; percent-encode the bytes of UTF-8 text"}'
ODD = {
    "an unknown zone beyond ASCII": (
        request("GET /v1/demo/datastreams", "Timezone: \xe9"),
        "422 dotide/dialect/unknown_tz",
    ),
    "a token beyond ASCII": (
        request("GET /v1/demo/datastreams", "Authorization: Bearer \xe9", authorized=False),
        "404 dotide/any/unknown-token",
    ),
    "a type that is sent twice": (
        create(JSON, JSON, length(b'{"type":"text"}'), body=b'{"type":"text"}'),
        "422 dotide/create/type-enum",
    ),
    "two types": (
        create(JSON, "Content-Type: text/plain", length(b"{}"), body=b"{}"),
        "415 dotide/dialect/other_content_type",
    ),
    "two hosts": (
        request("GET /v1/demo/datastreams", "Host: a", "Host: a"),
        "400 - {\"message\":\"Host stands more than once; send it once\"}",
    ),
    "a header with an underscore": (
        create(JSON, "Content_Length: 1", length(b"[]"), body=b"[]"),
        "422 dotide/dialect/non_object_body",
    ),
    "bytes in the path": (request("GET /v1/demo/datastreams/\xe9"), "400 - "),
    "bytes in the query": (request("GET /v1/demo/datastreams?ids=\xe9"), "400 - "),
    "a NUL in the path": (
        request("GET /v1/demo/datastreams/%00"),
        "404 dotide/read/unknown-id",
    ),
    "an escape that is none": (
        request("GET /v1/demo/datastreams/%zz"),
        "404 dotide/read/unknown-id",
    ),
    "no UTF-8 in the path": (request("DELETE /v1/demo/datastreams/%FE"), f"400 - {NO_UTF8}"),
    "no UTF-8 in the name of a data base": (
        request("GET /v1/%FE/datastreams"),
        f"400 - {NO_UTF8}",
    ),
    "no UTF-8 in the query": (
        request("GET /v1/demo/datastreams?ids=%FF"),
        "400 dotide/dialect/unreadable_query",
    ),
    "gzip": (
        create(JSON, GZIP, length(PACKED), body=PACKED),
        '415 dotide/dialect/content_encoding {"message":"Content-Encoding gzip isn\'t taken',
    ),
    "gzip for bge": (
        request("POST /openbge/stream/bind", FORM, GZIP, length(PACKED), body=PACKED),
        '200 bge/dialect/content_encoding {"code":415,"msg":"Content-Encoding gzip isn\'t taken',
    ),
    "parts for bge": (
        request("POST /openbge/stream/bind", PARTS, length(PART), body=PART),
        '200 bge/dialect/multipart_body {"code":415,"msg":"the body is multipart/form-data; '
        'send application/x-www-form-urlencoded"',
    ),
    "another method": (request("PATCH /v1/demo/datastreams"), "405 dotide/dialect/wrong_method"),
    "a path that leads nowhere": (request("GET //v1/%C3%A9"), "404 - "),
    "an encoding of transfer unheard of": (
        create(JSON, "Transfer-Encoding: zip", body=b"{}"),
        "400 - ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ODD)
def test_an_odd_request_gets_the_same_answer(urls: Mapping[str, str], case: str) -> None:
    sent, expected = ODD[case]

    seen = answers(urls, sent)

    assert len({*seen.values()}) == 1, seen
    assert seen["memory"].startswith(expected), seen


def test_bytes_that_are_no_utf_8_name_no_stream(urls: Mapping[str, str]) -> None:
    for url in urls.values():
        streams = f"{url}/v1/demo/datastreams"
        assert requests.post(streams, json={"id": "\ufffd"}, auth=AUTH).status_code == 201

        for path in (b"%FE", b"%FF"):
            for method in ("GET", "DELETE"):
                seen = answer(url, request(f"{method} /v1/demo/datastreams/{path.decode()}"), False)
                assert seen == f"400 - {NO_UTF8}"

        assert [row["id"] for row in requests.get(streams, auth=AUTH).json()] == ["\ufffd"]
        assert requests.delete(f"{streams}/%EF%BF%BD", auth=AUTH).status_code == 204
