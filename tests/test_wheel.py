"""The wheel: complete, and at peace with folders of other people that bear our folders' names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("specs", "mockserver", "contracts")
NOT_OURS = (".*", "__pycache__", "build", "dist", "*.egg-info", "streamproof-report")


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run a module of this Python; return what it prints, once it has ended well."""
    arguments, env = [sys.executable, "-m", *map(str, command)], os.environ | environment
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built of a clean copy: what a build leaves behind, the next one packs."""
    source, out = tmp_path_factory.mktemp("source") / "copy", tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(*NOT_OURS))
    run("pip", "wheel", source, "--no-deps", "--no-build-isolation", "--quiet", "-w", out)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_every_module_and_specification(wheel: Path) -> None:
    folders = {"streamproof": "streamproof", **{f"streamproof/{room}": room for room in ROOMS}}
    ours = {
        f"{package}/{path.relative_to(ROOT / folder)}"
        for package, folder in folders.items()
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".yaml", ".json", ".typed", ".j2", ".css", ".js")
    }

    held = set(ZipFile(wheel).namelist())

    assert "streamproof/specs/bge/rules.yaml" in ours
    assert ours <= held, ours - held
    assert {path.partition("/")[0].partition("-")[0] for path in held} == {"streamproof"}


A_SUITE = {
    "specs/__init__.py": "MINE = 'specs'",
    "contracts/__init__.py": "MINE = 'contracts'",
    "mockserver/__init__.py": "MINE = 'mockserver'",
    "tests/__init__.py": "",
    "tests/test_mine.py": """
import json
from pathlib import Path
from urllib.request import urlopen

import contracts
import mockserver
import specs
import streamproof
from streamproof.specs import api

HERE = Path(__file__).parent.parent


def test_my_folders_are_mine():
    for room in (specs, contracts, mockserver):
        assert room.MINE == room.__name__
        assert Path(room.__file__).is_relative_to(HERE)


def test_the_mock_is_the_wheels(streamproof_mock):
    assert Path(streamproof.__file__).parent == Path(INSTALLED) / "streamproof"
    with urlopen(f"{streamproof_mock.url}/_mock/health") as answer:
        assert set(json.load(answer)["apis"]) == set(api.names())
    with urlopen(f"{streamproof_mock.dotide.url}/datastreams?access_token="
                 f"{streamproof_mock.dotide.access_token}") as answer:
        assert json.load(answer) == []
""",
}


def test_a_repository_with_folders_of_our_names_uses_the_fixture(
    wheel: Path, tmp_path: Path
) -> None:
    installed, repository = tmp_path / "installed", tmp_path / "repository"
    run("pip", "install", wheel, "--no-deps", "--no-index", "--quiet", "--target", installed)
    for name, text in A_SUITE.items():
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("INSTALLED", repr(str(installed))), "utf-8")

    printed = run("pytest", "-p", "no:cacheprovider", cwd=repository, PYTHONPATH=str(installed))

    assert "2 passed" in printed
