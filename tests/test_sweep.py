"""What a run left is shown and removed, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.transport import HttpTransport, WsgiTransport
from streamproof.journals import kept
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.specs import api

DOTIDE = api.load("dotide")
CREDENTIALS = DOTIDE.fixtures["credentials"]
RUN_ID = "abcdefgh"


@pytest.fixture
def mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a data base, and a folder for journals."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with serve_in_thread(MockConfig(("dotide",))) as server, server.door("here") as url:
        yield f"{url}/v1/demo"


def create(url: str, pair: str = CREDENTIALS["basic"], **fields: Any) -> None:
    body = json.dumps({"type": "number", **fields}).encode()
    transport = HttpTransport(url)
    headers = {"Content-Type": "application/json", "Authorization": basic(pair)}
    answer = transport.exchange("POST", "/datastreams", headers, body)
    transport.close()
    assert answer.status == 201


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def ids(url: str, pair: str = CREDENTIALS["basic"]) -> set[str]:
    transport = HttpTransport(url)
    headers = {"Authorization": basic(pair)}
    answer = transport.exchange("GET", "/datastreams?limit=100", headers, None)
    transport.close()
    return {row["id"] for row in json.loads(answer.body)}


def sweep(url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    target = ("--url", url, "--basic", CREDENTIALS["basic"])
    command = [sys.executable, "-m", "streamproof", "sweep", "dotide", *target, *flags]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


LEFT = f"sproof{RUN_ID}aaaaa"


def test_without_a_terminal_it_is_shown_and_stays(mock: str) -> None:
    create(mock, id=LEFT)
    done = sweep(mock)
    assert done.returncode == 3
    assert f"run {RUN_ID}: 1 objects at {mock}: {LEFT}" in done.stdout
    assert "nothing is removed" in done.stdout
    assert LEFT in ids(mock)


def test_what_carries_the_name_of_a_run_is_removed_and_nothing_else(mock: str) -> None:
    theirs = ids(mock)
    create(mock, id=LEFT)
    create(mock, name=LEFT)  # under an id that the server made up
    create(mock, id="theirs", tags=["ownership", "sproof"], name="sproofing")
    done = sweep(mock, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 removed, 0 left" in done.stdout
    assert ids(mock) == {*theirs, "theirs"}


def test_of_one_run_alone(mock: str) -> None:
    create(mock, id=LEFT)
    create(mock, id="sproofijklmnopaaaaa")
    sweep(mock, "--yes", "--run-id", "ijklmnop")
    assert LEFT in ids(mock)
    assert "sproofijklmnopaaaaa" not in ids(mock)


def test_a_journal_leads_to_what_no_list_would_show(mock: str, tmp_path: Path) -> None:
    create(mock, id="9123456789", name="digits", tags=[f"own{RUN_ID}"])
    folder = tmp_path / "streamproof" / "journals"
    folder.mkdir(parents=True)
    file = folder / "20260101T000000-dotide-999999999.jsonl"
    head = {"run_id": RUN_ID, "api": "dotide", "target": mock, "started": "2026-01-01T00:00:00Z"}
    other = {"key": "theirs", "url": "http://elsewhere.example/v1/demo"}
    lines = [head, {"key": "9123456789", "url": mock}]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"key": "ha')
    assert [each.run_id for each in kept("dotide")] == [RUN_ID]
    assert "1 removed, 0 left" in sweep(mock, "--yes").stdout
    assert not file.exists()
    file.write_text("".join(json.dumps(line) + "\n" for line in [head, other]))
    assert "nothing is left" in sweep(mock, "--yes").stdout
    assert file.exists()  # of another target
    neighbour = {"key": "theirs", "url": mock.replace("demo", "another")}
    file.write_text("".join(json.dumps(line) + "\n" for line in [head, neighbour]))
    sweep(mock, "--yes")
    assert file.exists()  # of another data base of the same server


@pytest.mark.parametrize("name", ["other_database", "public_database"])
def test_what_a_run_left_in_another_data_base_of_the_fixtures_is_removed_too(
    mock: str, tmp_path: Path, name: str
) -> None:
    other = DOTIDE.fixtures[name]
    fixtures, there = tmp_path / "fixtures.json", mock.replace("demo", other["database"])
    fixtures.write_text(json.dumps({name: other}))
    create(there, other["credentials"]["basic"], id=LEFT)
    create(there, other["credentials"]["basic"], id="theirs")

    done = sweep(mock, "--yes", "--fixtures", str(fixtures))

    assert f"run {RUN_ID}: 1 objects at {there}: {LEFT}" in done.stdout
    assert "1 removed, 0 left" in done.stdout
    assert ids(there, other["credentials"]["basic"]) == {"theirs"}


def test_a_run_that_is_under_way_is_left_alone(mock: str, tmp_path: Path) -> None:
    create(mock, id=LEFT)
    folder = tmp_path / "streamproof" / "journals"
    folder.mkdir(parents=True)
    file = folder / f"20260101T000000-dotide-{os.getpid()}.jsonl"
    head = {"run_id": RUN_ID, "api": "dotide", "target": mock, "started": "2026-01-01T00:00:00Z"}
    file.write_text(json.dumps(head) + "\n" + json.dumps({"key": LEFT, "url": mock}) + "\n")

    done = sweep(mock, "--yes")

    assert f"run {RUN_ID} is under way: left alone" in done.stdout
    assert LEFT in ids(mock)
    assert file.exists()
    assert "1 removed, 0 left" in sweep(mock, "--yes", "--run-id", RUN_ID).stdout


def test_what_no_call_removes_is_told_to_stay(mock: str, tmp_path: Path) -> None:
    url = mock.removesuffix("/v1/demo")
    keys = api.load("bge").fixtures["credentials"]
    flags = ("--url", url, "--app-key", keys["app_key"], "--app-secret", keys["app_secret"])
    command = [sys.executable, "-m", "streamproof", "sweep", "bge", *flags]
    folder = tmp_path / "streamproof" / "journals"
    folder.mkdir(parents=True)
    none = subprocess.run(command, capture_output=True, text=True)
    lines = [
        {"run_id": RUN_ID, "api": "bge", "target": url, "started": "2026-01-01T00:00:00Z"},
        {"key": "a record", "url": url},
        {"key": "elsewhere", "url": "http://elsewhere.example"},
    ]
    file = folder / "20260101T000000-bge-999999999.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    one = subprocess.run(command, capture_output=True, text=True)
    assert (none.returncode, "nothing is left" in none.stdout) == (0, True)
    assert one.returncode == 3
    assert one.stdout.splitlines() == [
        f"bge at {url}",
        f"run {RUN_ID}, begun 2026-01-01T00:00:00Z: 1 objects at {url}: a record",
        "1 objects of 1 runs",
        "bge has no call that removes them: they stay",
    ]
    assert file.exists()


def test_a_target_that_nobody_can_search_is_no_clean_one(mock: str) -> None:
    done = sweep(mock.replace("demo", "nowhere"), "--yes")
    assert done.returncode == 3
    assert "can't be searched" in done.stderr
    assert sweep(mock, "--rate", "nan").returncode == 2


def test_what_was_made_in_a_second_data_base_is_removed_there() -> None:
    app = create_app(MockConfig(("dotide",)))
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    target = Target(DOTIDE, transport, CREDENTIALS, DOTIDE.fixtures)
    selection = Selection(("dotide/create/unique-per-database",))
    for most in range(10, 22):
        done = run(target, Options(selection, seed=3, max_requests=most))
        assert done.cleanup.left == 0
        other = DOTIDE.fixtures["other_database"]
        there = WsgiTransport(app, f"http://localhost/v1/{other['database']}")
        proof = base64.b64encode(other["credentials"]["basic"].encode()).decode()
        answer = there.exchange("GET", "/datastreams", {"Authorization": f"Basic {proof}"}, None)
        assert b"sproof" not in answer.body
