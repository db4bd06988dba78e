"""Several processes with one state: one winner of a race, one banner, one end."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import requests

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.errors import UnusableConfig
from streamproof.specs.bge.signature import signed
from tests.command import Command, running, start
from tests.mockserver.bge.calls import ELEMENT, ENTITY, FIXTURES
from tests.mockserver.dotide_http import BASIC

WORKERS = 2
AT_ONCE = 8
ROUNDS = 12
ID, SECRET = BASIC.split(":")


@pytest.fixture(scope="module", params=["file", "postgresql"])
def mock(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Command]:
    url: str = request.getfixturevalue(f"new_{request.param}")()
    dialect = tmp_path_factory.mktemp("dialect") / "dialect.toml"
    dialect.write_text('[dotide]\nput_properties = "merge"\n')
    shared = ("--workers", str(WORKERS), "--database-url", url)
    with running(*shared, "--dialect", str(dialect)) as command:
        yield command


def at_once(call: Callable[[requests.Session, int], requests.Response]) -> list[requests.Response]:
    """The answers to calls that start together, each on a connection of its own."""
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> requests.Response:
        with requests.Session() as session:
            barrier.wait(timeout=30)
            return call(session, number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def create(mock: Command, session: requests.Session, **body: str) -> requests.Response:
    url = f"{mock.url}/v1/demo/datastreams"
    return session.post(url, json=body, auth=(ID, SECRET), timeout=30)


def bge(
    mock: Command, session: requests.Session, operation: str, **fields: str
) -> requests.Response:
    own = FIXTURES["credentials"]
    nonce, stamp = "0" * 32, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    form = signed(fields, own["app_key"], own["app_secret"], nonce, stamp)
    return session.post(f"{mock.url}/openbge/stream/{operation}", data=form, timeout=30)


def record(when: str) -> dict[str, str]:
    return {
        "fundamental_entity_id": ENTITY,
        "data_element_id": ELEMENT,
        "stream_generate_time": when,
        "stream_data": "{}",
    }


def test_the_banner_is_printed_once_and_names_the_data_base(mock: Command) -> None:
    assert sum("streamproof mock at" in line for line in mock.banner) == 1
    assert any("state in" in line for line in mock.banner)


def test_one_of_the_creates_at_once_wins_and_is_stored(mock: Command) -> None:
    for number in range(ROUNDS):
        name = f"race-{number}"
        answers = at_once(lambda session, n, i=name: create(mock, session, id=i, name=str(n)))  # type: ignore[misc]
        statuses = [answer.status_code for answer in answers]
        assert Counter(statuses) == {201: 1, 409: AT_ONCE - 1}
        url = f"{mock.url}/v1/demo/datastreams/{name}"
        stored = requests.get(url, auth=(ID, SECRET), timeout=30).json()
        assert stored["name"] == str(statuses.index(201))


def test_one_of_the_duplicates_at_once_is_stored(mock: Command) -> None:
    for year in range(1900, 1900 + ROUNDS):
        when = str(year)
        answers = at_once(lambda session, _, w=when: bge(mock, session, "write", **record(w)))  # type: ignore[misc]
        assert Counter(answer.json()["code"] for answer in answers) == {0: 1, 409: AT_ONCE - 1}


def test_batches_at_once_store_each_record_once_whatever_their_order(mock: Command) -> None:
    for month in range(1, 5):
        items = [record(f"1950-{month:02}-{day:02}") for day in range(1, 21)]

        def batch(session: requests.Session, n: int, items: list[Any] = items) -> Any:
            streams = json.dumps(items if n % 2 else items[::-1])
            return bge(mock, session, "batch_write", streams=streams)

        stored: Counter[str] = Counter()
        for answer in at_once(batch):
            for item in answer.json()["data"]["result"]:
                stored[item["stream"]["stream_generate_time"]] += item["is_succeed"]
        assert sorted(stored.values()) == [1] * len(items)


def test_updates_at_once_all_last(mock: Command) -> None:
    session = requests.Session()
    for number in range(ROUNDS):
        name = f"update-{number}"
        assert create(mock, session, id=name).status_code == 201
        url = f"{mock.url}/v1/demo/datastreams/{name}"

        def update(session: requests.Session, n: int, url: str = url) -> requests.Response:
            body = {"properties": {f"p{n}": n}}
            return session.put(url, json=body, auth=(ID, SECRET), timeout=30)

        assert {answer.status_code for answer in at_once(update)} == {200}
        stored = session.get(url, auth=(ID, SECRET), timeout=30).json()["properties"]
        assert stored == {f"p{n}": n for n in range(AT_ONCE)}


def test_faults_cannot_be_switched_on(mock: Command) -> None:
    for call in (requests.put, requests.delete):
        answer = call(f"{mock.url}/_mock/faults", json=[], timeout=30)
        assert answer.status_code == 409
        assert "start it with --workers 1" in answer.json()["message"]


@pytest.mark.parametrize("how", ["ctrl-c", "killed"])
def test_all_workers_end_with_the_command(how: str, new_file: Callable[[], str]) -> None:
    mock = start("dotide", "--workers", str(WORKERS), "--database-url", new_file())
    if how == "ctrl-c":
        mock.signal(signal.SIGINT)
    else:
        mock.process.kill()
    mock.process.communicate(timeout=60)  # ends when no process has its output open any more
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{mock.url}/_mock/health", timeout=5)


def test_workers_need_something_to_share(tmp_path: Path) -> None:
    for url in (None, "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(UnusableConfig, match="2 workers need a data base that they share"):
            MockConfig(database_url=url, workers=2)
    file = f"sqlite:///{tmp_path / 'a.db'}"
    with pytest.raises(UnusableConfig, match="in one process, and this mock has 2; start one"):
        MockConfig(database_url=file, workers=2, faults=("dotide/create/status.other",))
    app = create_app(MockConfig(database_url=file, workers=2))
    assert app.test_client().put("/_mock/faults", json=[]).status_code == 409
    app.extensions["store"].close()
