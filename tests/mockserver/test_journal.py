"""`/_mock/journal`: what arrived, over HTTP, without secrets and within bounds."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from streamproof.mockserver import journal
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from streamproof.specs.bge import signature

AUTH = ("demo-client", "demo-secret")
TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
OK_FOR_CREATED = "dotide/create/status.other"


@pytest.fixture
def server() -> Iterator[RunningMock]:
    with serve_in_thread(MockConfig()) as server:
        yield server


def create(url: str, stream_id: str, **options: Any) -> requests.Response:
    options = {"auth": AUTH, **options}
    return requests.post(f"{url}/v1/demo/datastreams", json={"id": stream_id}, **options)


def told(url: str, query: str = "") -> Any:
    return requests.get(f"{url}/_mock/journal{query}").json()


def test_a_call_is_told_with_what_was_sent_and_what_became_of_it(server: RunningMock) -> None:
    create(server.url, "a", params={"note": "undocumented"})
    create(server.url, "a")

    first, second = told(server.url)

    assert first["number"] == 1
    assert (first["api"], first["operation"], first["method"]) == ("dotide", "create", "POST")
    assert first["path"] == "/v1/demo/datastreams"
    assert first["arguments"] == {"id": "a", "note": "undocumented"}
    assert first["headers"]["content-type"] == "application/json"
    assert (first["status"], first["rule"], first["faults"]) == (201, None, [])
    assert (second["status"], second["rule"]) == (409, "dotide/create/unique-id")


def test_a_fault_is_named_where_it_changed_something(server: RunningMock) -> None:
    requests.put(f"{server.url}/_mock/faults", json=[OK_FOR_CREATED])
    create(server.url, "a")
    create(server.url, "a")  # is refused, and the fault leaves it alone

    assert [each["faults"] for each in told(server.url)] == [[OK_FOR_CREATED], []]


def test_calls_that_no_operation_takes_are_told_too(server: RunningMock) -> None:
    requests.get(f"{server.url}/v3/demo")
    requests.put(f"{server.url}/v1/demo/datastreams")
    requests.get(f"{server.url}/v1/demo/datastreams?q={'x' * 40_000}", auth=AUTH)
    requests.post(f"{server.url}/v1/demo/datastreams", data=b'{"id": ', auth=AUTH)

    seen = told(server.url)

    assert [each["status"] for each in seen] == [404, 405, 414, 400]
    assert [each["operation"] for each in seen] == [None, None, "list", "create"]
    assert "body" in seen[3]["arguments"]


def test_calls_of_its_own_are_not_told(server: RunningMock) -> None:
    told(server.url)
    requests.get(f"{server.url}/_mock/nothing")

    assert told(server.url) == []


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?operation=create", [1, 2]),
        ("?operation=createDatastream", []),
        ("?status=409", [2]),
        ("?status=4xx", [2, 4]),
        ("?operation=create&status=201", [1]),
        ("?rule=dotide/create/unique-id", [2]),
        ("?rule=dotide/*", [2, 4]),
        ("?api=bge", []),
        ("?after=2", [3, 4]),
    ],
)
def test_filters(server: RunningMock, query: str, numbers: list[int]) -> None:
    create(server.url, "a")
    create(server.url, "a")
    requests.get(f"{server.url}/v1/demo/datastreams", auth=AUTH)
    requests.get(f"{server.url}/v1/demo/datastreams/b", auth=AUTH)

    assert [each["number"] for each in told(server.url, query)] == numbers
    assert told(server.url, f"{query}&count") == {"count": len(numbers)}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?operations=create", "no filter 'operations'; there are api, operation, status"),
        ("?status=abc", "status: a status or a class of them (201, 4xx) expected"),
        ("?after=-1", "after: the number of a call expected"),
    ],
)
def test_filters_that_can_not_be_used_are_told(
    server: RunningMock, query: str, message: str
) -> None:
    answer = requests.get(f"{server.url}/_mock/journal{query}")

    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_each_space_has_a_journal_and_a_reset_empties_it(server: RunningMock) -> None:
    create(server.space("one"), "a")

    assert told(server.url) == []
    assert len(told(server.space("one"))) == 1
    requests.post(f"{server.space('one')}/_mock/reset")
    assert told(server.space("one")) == []


def test_it_can_be_emptied_and_goes_on_counting(server: RunningMock) -> None:
    create(server.url, "a")
    assert requests.delete(f"{server.url}/_mock/journal").status_code == 204
    assert told(server.url) == []
    create(server.url, "b")

    assert [each["number"] for each in told(server.url)] == [2]


def test_no_secret_is_told(server: RunningMock) -> None:
    create(server.url, "basic")
    create(server.url, "bearer", auth=None, headers={"Authorization": f"Bearer {TOKEN}"})
    create(server.url, "query", auth=None, params={"access_token": TOKEN})
    create(server.url, "unknown", auth=("somebody", "their-secret"))
    create(server.url, "unknown", auth=None, params={"access_token": "their token"})
    create(server.url, "demo-secret in the wrong place", params={"q": TOKEN})
    requests.get(f"{server.url}/v1/demo/datastreams/demo-secret", auth=AUTH)
    create(server.url, "cookie", headers={"Cookie": "session=their-session"})
    form = signature.signed(
        {"biosample_id": "E-B19137107158"},
        "demo-key",
        "demo-secret",
        "0" * 32,
        "2021-03-10T02:24:14Z",
    )
    requests.post(f"{server.url}/openbge/stream/bind", data=form | {"app_secret": "demo-secret"})

    text = json.dumps(told(server.url), ensure_ascii=False)

    basic = b64encode(b"demo-client:demo-secret").decode()
    theirs = b64encode(b"somebody:their-secret").decode()
    for secret in (TOKEN, basic, theirs, "demo-secret", "their", form["sign"], "demo-key"):
        assert secret not in text
    assert "Basic ***" in text
    assert "E-B19137107158" in text


def test_a_token_that_was_made_is_told_nowhere(
    server: RunningMock, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = f"{server.url}/v1/demo/access_tokens"
    made = requests.post(tokens, json={"scopes": []}, auth=AUTH).json()["access_token"]

    requests.get(f"{tokens}/{made}", auth=AUTH)
    requests.get(f"{server.url}/v1/demo/datastreams", headers={"Authorization": f"Bearer {made}"})
    requests.get(f"{server.url}/v1/demo/datastreams", params={"access_token": made})

    calls = told(server.url)
    assert calls[1]["path"] == "/v1/demo/access_tokens/***"
    assert made not in json.dumps(calls) + capsys.readouterr().out


def test_it_keeps_so_many_calls_and_bytes_and_no_more(
    server: RunningMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "MOST", 3)
    for number in range(5):
        create(server.url, f"s{number}")
    assert [each["number"] for each in told(server.url)] == [3, 4, 5]

    monkeypatch.setattr(journal, "MOST_BYTES", 20_000)
    body = json.dumps({"id": "large", "name": "x" * 100_000})
    for _ in range(2):
        requests.post(f"{server.url}/v1/demo/datastreams", data=body, auth=AUTH)
    (last,) = told(server.url)
    assert last["bytes"] == len(body)
    assert last["cut"] == "of the body 16384 bytes are kept"


def test_several_workers_have_none(new_file: Callable[[], str]) -> None:
    app = create_app(MockConfig(apis=("dotide",), workers=2, database_url=new_file()))
    with closing(app.extensions["store"]):
        for method in ("GET", "DELETE"):
            answer = app.test_client().open("/_mock/journal", method=method)
            assert answer.status_code == 409
            assert "start it with --workers 1" in (answer.json or {})["message"]


def test_a_line_for_each_call(capsys: pytest.CaptureFixture[str]) -> None:
    client = create_app(
        MockConfig(apis=("dotide",), log=True, faults=(OK_FOR_CREATED,))
    ).test_client()
    client.post("/v1/demo/datastreams?access_token=x", json={"id": "a"}, auth=AUTH)
    client.get("/v1/demo/datastreams/a%0Ademo-secret", auth=AUTH)

    lines = [line.split(" ", 1) for line in capsys.readouterr().out.splitlines()]

    assert [rest for _, rest in lines] == [
        f"POST /v1/demo/datastreams 200 - [{OK_FOR_CREATED}]",
        "GET /v1/demo/datastreams/a%0A*** 404 dotide/read/unknown-id",
    ]
