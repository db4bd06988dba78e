"""Both READMEs say the same, and every command on a page is one that there is."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from streamproof.cli import cli

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")]


def headings(text: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(found[1]) for found in re.finditer(r"^(#+) ", _BLOCK.sub("", text), re.MULTILINE)]


def code(text: str) -> list[tuple[str, list[str]]]:
    """The fenced blocks, without their comments: those are in the language of the page."""
    return [
        (language, [re.sub(r"(^|\s+)# .*", "", line) for line in block.splitlines()])
        for language, block in _BLOCK.findall(text)
    ]


def commands(page: Path) -> Iterator[list[str]]:
    """The calls of `streamproof` in fenced code, as words."""
    text = page.read_text("utf-8")
    blocks = [block for _, block in _BLOCK.findall(text)]
    for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
        line = re.sub(r"^\s*(?:\$|- run:|-)\s+", "", line).replace("…", " ")
        if line.startswith("streamproof "):
            yield [w for w in shlex.split(line, comments=True)[1:] if w not in ("|", ">")]


def test_both_readmes_have_the_same_headings_and_the_same_code() -> None:
    english, chinese = (
        (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    assert headings(chinese) == headings(english)
    assert code(chinese) == code(english)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_has_the_options_that_it_is_given(page: Path) -> None:
    for name, *words in commands(page):
        command = cli.commands.get(name)
        if command is None:  # what the mock prints begins so, too
            assert name in ("mock", "at"), name
            continue
        parameters = command.get_params(click.Context(command))
        known = {option for each in parameters for option in (*each.opts, *each.secondary_opts)}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= known | {"--help"}, (name, words)


def test_every_page_that_a_page_leads_to_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
