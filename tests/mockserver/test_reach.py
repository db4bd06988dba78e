"""Who may reach the mock: control by token, pages of other origins, HTTPS, and its documents."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.errors import UnusableConfig
from streamproof.mockserver.in_thread import serve_in_thread
from tests.command import running
from tests.sockets import PEM

AUTH = ("demo-client", "demo-secret")
STREAMS = "/v1/demo/datastreams"
TOKEN = "a-token-of-mine"
PAGE = "http://localhost:3000"
CONTROLS = (
    ("GET", "/_mock/rules"),
    ("GET", "/_mock/journal"),
    ("PUT", "/_mock/faults"),
    ("PUT", "/_mock/state"),
    ("PUT", "/_mock/clock"),
    ("PUT", "/_mock/snapshots/a"),
    ("POST", "/_mock/reset"),
    ("POST", "/_space/other/_mock/reset"),
    ("GET", "/_mock/openapi/dotide.json"),
)


def client(**options: Any) -> FlaskClient:
    return create_app(MockConfig(apis=("dotide",), **options)).test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("loopback", [True, False])
@pytest.mark.parametrize(("method", "path"), CONTROLS)
def test_where_there_is_a_token_only_its_bearer_controls(
    method: str, path: str, loopback: bool
) -> None:
    mock = client(control_token=TOKEN, loopback=loopback)
    refused: list[Any] = [{}, bearer(f"{TOKEN}x"), bearer(""), {"Authorization": f"Basic {TOKEN}"}]

    for headers in refused:
        answer = mock.open(path, method=method, headers=headers, data="{}")
        assert answer.status_code == 401
        assert "Authorization: Bearer TOKEN" in (answer.json or {})["message"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = mock.open(path, method=method, headers=bearer(TOKEN), data="{}")
    assert answer.status_code not in (401, 403)


def test_without_a_token_nothing_but_health_is_open_to_others() -> None:
    mock = client(loopback=False)

    assert mock.get("/_mock/health").status_code == 200
    for method, path in CONTROLS:
        answer = mock.open(path, method=method)
        assert answer.status_code == 403
        assert "--control-token" in (answer.json or {})["message"]


def test_the_apis_need_no_token() -> None:
    mock = client(control_token=TOKEN, loopback=False)
    assert mock.get(STREAMS, auth=AUTH).status_code == 200


@pytest.mark.parametrize("origin", [PAGE, "null", "http://localhost:81"])
def test_a_page_of_another_origin_controls_nothing(origin: str) -> None:
    mock = client(cors=(PAGE,))
    mock.post(STREAMS, json={"id": "a"}, auth=AUTH)

    answer = mock.post("/_mock/reset", headers={"Origin": origin})

    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert len(mock.get(STREAMS, auth=AUTH).json or []) == 1
    assert mock.post("/_mock/reset", headers={"Origin": "http://localhost"}).status_code == 204


def test_a_page_asks_first_and_then_calls() -> None:
    mock = client(cors=(PAGE, "https://app.example"))
    asks = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    allowed = mock.options(STREAMS, headers=asks)
    made = mock.post(STREAMS, json={"id": "a"}, auth=AUTH, headers={"Origin": PAGE})
    taken = mock.post(STREAMS, json={"id": "a"}, auth=AUTH, headers={"Origin": PAGE})

    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert allowed.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    for answer in (made, taken):
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Streamproof-Rule" in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers["Vary"] == "Origin"
    assert (made.status_code, taken.status_code) == (201, 409)


def test_pages_of_other_origins_are_told_nothing() -> None:
    mock = client(cors=(PAGE,))
    other = {"Origin": "http://localhost:3001", "Access-Control-Request-Method": "GET"}

    assert mock.options(STREAMS, headers=other).status_code == 403
    answer = mock.get(STREAMS, auth=AUTH, headers=other)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Vary"] == "Origin"


def test_a_star_is_every_page() -> None:
    mock = client(cors=("*",))
    answer = mock.get(f"/_space/a{STREAMS}", auth=AUTH, headers={"Origin": "http://x.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    reset = mock.post("/_space/a/_mock/reset", headers={"Origin": "http://x.example"})
    assert reset.status_code == 403


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"control_token": "two words"}, "--control-token: visible ASCII characters"),
        ({"control_token": "é"}, "--control-token: visible ASCII characters"),
        ({"cors": ("localhost:3000",)}, "'localhost:3000' is no origin; write scheme and host"),
        ({"cors": ("http://localhost:3000/",)}, "is no origin"),
    ],
)
def test_what_no_header_carries_is_told(options: Any, message: str) -> None:
    with pytest.raises(UnusableConfig, match=message):
        MockConfig(**options)


@pytest.mark.parametrize("api", ["dotide", "bge", "fieldpost"])
def test_documents_have_the_address_of_the_mock(api: str) -> None:
    config = MockConfig(
        apis=("dotide", "bge", "examples/fieldpost"), fixtures={"dotide": {"database": "mine"}}
    )
    with serve_in_thread(config) as server:
        base = f"{server.url}/_space/a"
        document = requests.get(f"{base}/_mock/openapi/{api}.json").json()
        text = requests.get(f"{base}/_mock/openapi/{api}.yaml").text

    assert yaml.safe_load(text) == document
    validate(document)
    assert all(each["url"].startswith(base) for each in document["servers"])
    if api == "dotide":
        assert document["servers"][0]["url"] == f"{base}/v1/{{database}}"
        assert document["servers"][0]["variables"]["database"]["default"] == "mine"


@pytest.mark.parametrize("name", ["nobody.json", "dotide.xml", "dotide"])
def test_a_document_that_is_not_there(name: str) -> None:
    answer = client().get(f"/_mock/openapi/{name}")
    assert answer.status_code == 404


def test_the_command_keeps_its_token_to_itself() -> None:
    os.environ["A_TOKEN_OF_MINE"] = TOKEN
    with running("dotide", "--host", "0.0.0.0", "--control-token", "env:A_TOKEN_OF_MINE") as mock:
        url = mock.url.replace("0.0.0.0", "127.0.0.1")
        assert requests.get(f"{url}/_mock/journal").status_code == 401
        assert requests.get(f"{url}/_mock/journal", headers=bearer(TOKEN)).json() == []
        assert TOKEN not in "".join(mock.banner)
    assert TOKEN not in repr(MockConfig(control_token=TOKEN))


def test_the_command_speaks_https() -> None:
    with running("dotide", "--tls-cert", PEM, "--fault", "lost:operation=create") as mock:
        assert mock.url.startswith("https://")
        listed = requests.get(f"{mock.url}{STREAMS}", auth=AUTH, verify=PEM)
        assert listed.json() == []
        with pytest.raises(requests.ConnectionError):
            requests.post(f"{mock.url}{STREAMS}", json={"id": "a"}, auth=AUTH, verify=PEM)
        requests.put(f"{mock.url}/_mock/faults", json=["cut"], verify=PEM)
        with pytest.raises(requests.RequestException):
            requests.get(f"{mock.url}{STREAMS}", auth=AUTH, verify=PEM)
        requests.delete(f"{mock.url}/_mock/faults", verify=PEM)
        made = requests.post(f"{mock.url}{STREAMS}", json={"id": "b"}, auth=AUTH, verify=PEM)
        assert made.headers["Location"] == f"{mock.url}{STREAMS}/b"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--tls-key", PEM), "--tls-key: give the certificate, too, by --tls-cert"),
        (("--tls-cert", __file__), "no certificate with its key, without a password, in PEM"),
        (("--cors", "localhost"), "--cors: 'localhost' is no origin"),
        (("--control-token", "env:NOT_SET_HERE"), "NOT_SET_HERE is not set"),
    ],
)
def test_flags_that_can_not_be_used(flags: tuple[str, ...], message: str) -> None:
    command = [sys.executable, "-m", "streamproof", "mock", "--port", "0", *flags]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_image_starts_what_the_command_knows() -> None:
    """The image can't be built here; at least its command and its health check are ours."""
    lines = (Path(__file__).parents[2] / "Dockerfile").read_text().splitlines()
    entry = next(yaml.safe_load(x.split(" ", 1)[1]) for x in lines if x.startswith("ENTRYPOINT"))
    assert entry[:2] == ["streamproof", "mock"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", *entry, "--port", str(port)],
        env={**os.environ, "STREAMPROOF_CONTROL_TOKEN": TOKEN},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "streamproof mock at" in process.stdout.readline()
        health = requests.get(f"http://127.0.0.1:{port}/_mock/health").json()
        assert set(health["apis"]) == {"bge", "dotide"}
        rules = requests.get(f"http://127.0.0.1:{port}/_mock/rules", headers=bearer(TOKEN))
        assert rules.status_code == 200
    finally:
        process.terminate()
        process.communicate(timeout=30)
