"""`streamproof init --from OPENAPI`: a folder of an API of one's own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
import yaml

from streamproof.specs import api
from tests.test_cli import streamproof as run

FIELDPOST = Path(__file__).parents[1] / "examples" / "fieldpost"
OPENAPI = FIELDPOST / "openapi.yaml"


def test_it_makes_a_folder_named_after_the_api(tmp_path: Path) -> None:
    made = run("init", "--from", str(OPENAPI), cwd=tmp_path)

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.splitlines()[-3:] == [
        "next: streamproof rules device-readings",
        "next: streamproof mock device-readings",
        "next: streamproof check device-readings --url http://127.0.0.1:8080/v1"
        " --credential key=demo-key",
    ]
    folder = tmp_path / "device-readings"
    assert (folder / "openapi.yaml").read_bytes() == OPENAPI.read_bytes()
    assert api.load(str(folder)).resources == api.load(str(FIELDPOST)).resources
    listed = run(*shlex.split(made.stdout.splitlines()[-3])[2:], cwd=tmp_path)
    assert listed.returncode == 0
    assert "device-readings/list_devices/limit-maximum" in listed.stdout


def test_a_file_in_its_own_folder_gets_the_draft_beside_it(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_bytes(OPENAPI.read_bytes())
    made = run("init", "--from", "openapi.yaml", "-o", ".", cwd=tmp_path)
    assert made.returncode == 0
    assert made.stdout.startswith("wrote resources.yaml\nguessed: devices, readings; ")


def test_json_is_taken_too(tmp_path: Path) -> None:
    file = tmp_path / "api.json"
    file.write_text(json.dumps(yaml.safe_load(OPENAPI.read_text("utf-8")), indent=2), "utf-8")
    made = run("init", "--from", "api.json", "-o", "dotide", cwd=tmp_path)
    assert made.returncode == 0
    assert "next: streamproof rules ./dotide\n" in made.stdout  # not the API of that name


def test_where_nothing_can_be_guessed_it_says_so(tmp_path: Path) -> None:
    ping = {"get": {"operationId": "ping", "responses": {"200": {"description": "Pong."}}}}
    file = tmp_path / "ping.yaml"
    spec = {"openapi": "3.1.0", "info": {"title": "Ping", "version": "1"}, "paths": {"/ping": ping}}
    file.write_text(yaml.safe_dump(spec), "utf-8")
    made = run("init", "--from", "ping.yaml", cwd=tmp_path)
    assert made.returncode == 0
    assert "no resources.yaml: no path shows things that are kept" in made.stdout
    assert not (tmp_path / "ping" / "resources.yaml").exists()


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ({"resources.yaml": b"mine"}, "mine/resources.yaml: is there already, and may be yours"),
        ({"openapi.yaml": b"mine"}, "mine/openapi.yaml: is there already, and another file"),
    ],
)
def test_what_is_there_stays(there: dict[str, bytes], told: str, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name, content in there.items():
        (tmp_path / "mine" / name).write_bytes(content)

    refused = run("init", "--from", str(OPENAPI), "-o", "mine", cwd=tmp_path)

    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert told in refused.stderr
    assert {f.name: f.read_bytes() for f in (tmp_path / "mine").iterdir()} == there


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "nothing.yaml"), "nothing.yaml: No such file or directory"),
        (("--from", "old.yaml"), "OpenAPI 3.0 or 3.1 expected, got 2.0; convert it first"),
        (("--from", "text.yaml"), "text.yaml: a mapping expected"),
        (("dotide", "--from", "old.yaml"), "--from goes with --output alone"),
        (("--from", "good.yaml", "-o", "text.yaml"), "text.yaml"),
    ],
)
def test_a_file_that_cant_be_used_is_told(
    arguments: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    (tmp_path / "old.yaml").write_text('swagger: "2.0"\ninfo: {title: Old}\npaths: {}\n', "utf-8")
    (tmp_path / "text.yaml").write_text("text", "utf-8")
    (tmp_path / "good.yaml").write_bytes(OPENAPI.read_bytes())
    refused = run("init", *arguments, cwd=tmp_path)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
