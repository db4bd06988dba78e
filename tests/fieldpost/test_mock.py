"""`streamproof mock FOLDER`: the API of the folder, kept by what its files say."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.request import urlopen

import pytest

from streamproof.contracts.run import Options, Target, run
from streamproof.contracts.transport import HttpTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from streamproof.pytest_plugin import Mocks
from streamproof.served import Served
from streamproof.specs import api
from streamproof.specs.errors import SpecError
from tests.fieldpost.server import KEY
from tests.fieldpost.test_declared import FOLDER, FULL
from tests.test_cli import mock
from tests.test_cli import streamproof as command


def test_it_is_served_beside_one_of_ours() -> None:
    with mock("dotide", str(FOLDER)) as (_, banner):
        root = banner[0].split()[3]
        told = "\n".join(banner)
        with urlopen(f"{root}/_mock/health") as answer:
            served = json.load(answer)["apis"]
    assert f"fieldpost: Device readings\n  base URL  {root}/v1\n  key       {KEY}" in told
    assert "no state yet" not in told
    assert served == {"dotide": "1", "fieldpost": "1"}


def test_without_resources_the_banner_says_what_has_no_state(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "openapi.yaml", tmp_path)
    with mock(str(tmp_path)) as (_, banner):
        [line] = [line for line in banner if "no state yet" in line]
    assert "listDevices, registerDevice" in line
    assert line.endswith(": answered by examples")


def test_it_keeps_all_of_its_rules() -> None:
    with serve_in_thread(MockConfig((str(FOLDER),))) as server:
        at = Served.at(server.url, FULL, FULL.fixtures)
        target = Target(FULL, HttpTransport(at.url), {"key": KEY}, {})
        judged = run(target, Options(seed=1, run_id="mocked", max_examples=5))
    assert judged.headline is Headline.CONFORMS
    assert judged.cleanup.left == 0


def test_it_answers_by_its_openapi_file_alone(tmp_path: Path) -> None:
    folder = tmp_path / "fieldpost"
    folder.mkdir()
    shutil.copy(FOLDER / "openapi.yaml", folder)
    spec = api.load(str(folder))
    with serve_in_thread(MockConfig((str(folder),))) as server:
        at = Served.at(server.url, spec, spec.fixtures)
        judged = run(
            Target(spec, HttpTransport(at.url), {"key": KEY}, {}),
            Options(seed=1, run_id="filealone", max_examples=3),
        )
    assert judged.headline is Headline.INCONCLUSIVE  # nobody named what may be changed
    assert not any(ruling.verdict is Verdict.FAILED for ruling in judged.rulings)


def test_a_run_is_planned_on_it(fieldpost: str) -> None:
    planned = command("plan", str(FOLDER), "--url", fieldpost, "--credential", "key=demo-key")
    assert planned.returncode == 0, planned.stderr
    count = len(FULL.rulebook.rules)
    assert f"rules: {count} of {count}, " in planned.stdout
    assert "and removes them all again" in planned.stdout


def test_seed_data_gives_it_another_key(tmp_path: Path) -> None:
    file = tmp_path / "seed.toml"
    file.write_text('[fieldpost.credentials]\nkey = "another"\n', "utf-8")
    with mock(str(FOLDER), "--seed-data", str(file)) as (_, banner):
        assert "  key       another" in banner


def test_a_fixture_serves_it(streamproof_mocks: Mocks) -> None:
    with streamproof_mocks(apis=[str(FOLDER)]) as served:
        assert served.fieldpost.url.endswith("/v1")
        assert served.fieldpost.key == KEY


def test_two_of_one_name_are_told(tmp_path: Path) -> None:
    other = tmp_path / "fieldpost"
    shutil.copytree(FOLDER, other)
    with pytest.raises(SpecError, match=f"has the name fieldpost, as {FOLDER} has"):
        MockConfig((str(FOLDER), str(other)))
    misused = command("mock", str(FOLDER), str(other))
    assert misused.returncode == 2
    assert "Traceback" not in misused.stderr
