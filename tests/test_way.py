"""The way to a target: an Accept header, a proxy, our own certificate, no certificate at all."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from streamproof import cli
from streamproof.contracts.transport import HttpTransport, NoAnswer
from streamproof.specs.errors import SpecError
from streamproof.way import Way, way

PEM = str(Path(__file__).with_name("localhost.pem"))


@contextmanager
def server(*, tls: bool = False, asks: bool = False) -> Iterator[tuple[str, list[Any]]]:
    """A server that answers 200 to all, and the requests that it had: line and headers."""
    heard: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append((self.path, dict(self.headers)))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    serving = HTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(PEM)
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(PEM)
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
    Thread(target=serving.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http{'s' * tls}://localhost:{serving.server_port}", heard
    finally:
        serving.shutdown()
        serving.server_close()


def asked(url: str, **settings: Any) -> int:
    transport = HttpTransport(url, timeout_s=5, **settings)
    try:
        return transport.exchange("GET", "/a?b=c", {}, None).status
    finally:
        transport.close()


def test_json_is_asked_for_unless_the_user_asks_for_something_else() -> None:
    with server() as (url, heard):
        asked(url)
        asked(url, headers={"accept": "text/plain"})
    assert [sent.get("Accept", sent.get("accept")) for _, sent in heard] == [
        "application/json, */*;q=0.1",
        "text/plain",
    ]


def test_a_proxy_is_told_the_whole_url_and_who_we_are() -> None:
    with server() as (proxy, heard):
        place = proxy.removeprefix("http://")
        assert asked("http://target.invalid/v1", proxy=f"http://me:se%3Acret@{place}") == 200
    [(path, sent)] = heard
    assert path == "http://target.invalid/v1/a?b=c"
    proof = base64.b64encode(b"me:se:cret").decode()
    assert sent["proxy-authorization"] == f"Basic {proof}"


def test_the_proxies_of_others_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with server() as (url, _):
        assert asked(url) == 200


def test_an_unknown_certificate_is_trusted_only_where_told() -> None:
    with server(tls=True) as (url, _):
        with pytest.raises(NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
            asked(url)
        assert asked(url, ca_file=PEM) == 200
        assert asked(url, insecure=True) == 200


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("command", ["check --ci --max-requests 1", "doctor", "sweep"])
def test_who_trusts_anybody_is_warned(
    command: str,
    trusted: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    name, *flags = command.split()
    argv = [name, "dotide", "--url", "https://127.0.0.1:9/v1/demo", "--basic", "me:secret", *flags]
    monkeypatch.setattr("sys.argv", ["streamproof", *argv, *["--insecure"][:trusted]])

    with pytest.raises(SystemExit):
        cli.main()

    line = "WARNING: --insecure: whoever answers is trusted, and gets the credentials"
    assert (line in capsys.readouterr().err.splitlines()) == trusted


def test_a_server_that_asks_for_a_certificate_gets_ours() -> None:
    with server(tls=True, asks=True) as (url, _):
        with pytest.raises(NoAnswer):
            asked(url, ca_file=PEM)
        assert asked(url, ca_file=PEM, client_cert=PEM, client_key=PEM) == 200


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"client_key": PEM}, "client_cert: is missing; client_key needs it"),
        ({"client_cert": "nope.pem"}, "client_cert: no such file: nope.pem"),
        ({"client_cert": __file__}, "no certificate in PEM with the key"),
        ({"insecure": True, "ca_file": PEM}, "insecure: leave it out, or ca_file"),
        ({"proxy": "proxy.example"}, "proxy: a URL like http://proxy.example:3128"),
        ({"proxy": "env:NOT_SET"}, "variable NOT_SET is not set"),
    ],
)
def test_what_can_not_be_is_told(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        way(entry, "https://target.example", lambda key: (key, ""))


def test_what_concerns_tls_is_of_no_use_without_it() -> None:
    with pytest.raises(SpecError, match="of no use without https://"):
        way({"insecure": True}, "http://target.example", lambda key: (key, ""))


def test_a_proxys_password_is_a_secret() -> None:
    assert Way(proxy="http://me:se%3Acret@proxy.example").secrets == ("se:cret",)
    assert "cret" not in repr(Way(proxy="http://me:se%3Acret@proxy.example"))
