"""An API in a folder is named where one of ours is: by commands, and in a configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fieldpost.test_declared import FOLDER, FULL
from tests.test_cli import streamproof as run


def test_its_rules_are_listed() -> None:
    listed = run("rules", str(FOLDER))
    assert listed.returncode == 0
    assert "fieldpost/list_devices/limit-maximum" in listed.stdout


def test_one_of_its_rules_is_told() -> None:
    told = run("rules", str(FOLDER), "fieldpost/list_devices/limit-maximum")
    assert told.returncode == 0
    assert "`limit` above 100 is rejected." in told.stdout


def test_a_target_is_judged_by_it(fieldpost: str) -> None:
    judged = run(
        *("check", str(FOLDER), "--url", fieldpost, "--credential", "key=demo-key"),
        *("--only", "fieldpost/list_devices/*", "--ci"),
    )
    rules = FULL.rulebook.rules
    chosen = sum(rule.operation == "list_devices" for rule in rules.values())
    assert judged.returncode == 0, judged.stdout
    assert (
        f"CONFORMS: all {chosen} rules hold ({chosen} of {len(rules)} rules selected)"
        in judged.stdout
    )


def test_a_configuration_file_names_it_as_seen_from_there(fieldpost: str, tmp_path: Path) -> None:
    (tmp_path / "apis").symlink_to(FOLDER.parent)
    table = f'[targets.post]\napi = "apis/fieldpost"\nurl = "{fieldpost}"\nkey = "demo-key"\n'
    (tmp_path / "streamproof.toml").write_text(table, "utf-8")
    file = str(tmp_path / "streamproof.toml")

    judged = run(
        *("check", "--config", file, "--target", "post"),
        *("--only", "fieldpost/list_devices/limit*", "--ci"),
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_doctor_looks_at_a_target(fieldpost: str) -> None:
    looked = run("doctor", str(FOLDER), "--url", fieldpost, "--credential", "key=demo-key")
    assert looked.returncode == 0, looked.stdout
    assert "a wrong secret is refused" in looked.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Error: --credential key=VALUE: is missing; give key"),
        (("--credential", "ky=a"), "has no 'ky'; it has key"),
        (("--credential", "key"), "KEY=VALUE expected"),
    ],
)
def test_a_wrong_credential_is_told(arguments: tuple[str, ...], told: str) -> None:
    misused = run("check", str(FOLDER), "--url", "http://127.0.0.1:9/v1", *arguments)
    assert misused.returncode == 2
    assert told in misused.stderr


def test_a_folder_without_its_file_is_told(tmp_path: Path) -> None:
    misused = run("check", str(tmp_path), "--url", "http://127.0.0.1:9/v1")
    assert misused.returncode == 2
    assert f"{tmp_path}: has no openapi.yaml" in misused.stderr
