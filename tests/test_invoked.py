"""What is printed as the next command is found by the shell that it is printed in."""

import os
import sys
from pathlib import Path

import pytest

from streamproof.invoked import command

HERE = Path(sys.executable).parent


@pytest.mark.parametrize(
    ("path", "called", "told"),
    [
        (str(HERE), ".venv/bin/streamproof", "streamproof"),
        (os.defpath, ".venv/bin/streamproof", ".venv/bin/streamproof"),
        (os.defpath, "/my tools/streamproof", "'/my tools/streamproof'"),
        (os.defpath, "/lib/streamproof/__main__.py", f"{sys.executable} -m streamproof"),
    ],
)
def test_the_command_is_told_as_this_shell_finds_it(
    path: str, called: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path)
    monkeypatch.setattr(sys, "argv", [called, "demo"])
    assert command() == told
