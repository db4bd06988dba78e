"""A draft of resources.yaml as a file in the folder of an API: every guess with its reason behind
it, every question with the lines that would answer it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from streamproof.specs import homes, openapi, resources
from streamproof.specs.api import _read_yaml as read_yaml
from streamproof.specs.drafts.drafting import Draft, draft
from streamproof.specs.drafts.guesses import Entry, Part, Question
from streamproof.specs.errors import SpecError

_HEAD: Final = """\
# What the operations of openapi.yaml are about, drafted from that file. Every line is a guess, its
# reason behind the #: read it, correct what is wrong, delete what you don't know. A line with ? is
# a question, with what would answer it. docs/your-own-api.md explains each entry.
resources:"""
_LONGEST: Final = 110  # characters of a reason
_SHOWN: Final = 40  # operations of no resource that are named


@dataclass(frozen=True, slots=True)
class Written:
    """What was made: `folder` as commands take it, the files `written`, and what is to be told."""

    folder: str
    written: tuple[Path, ...]
    told: tuple[str, ...]


def write(document: Path, output: Path | None) -> Written:
    """A folder with an OpenAPI file and the draft of its resources; without `output` a new one in
    the working directory, named after the API.

    Nothing that is there is overwritten. Raises `SpecError` for a file that can't be used, or
    that can't be written.
    """
    spec = read_yaml(document)
    described = openapi.read(spec, str(document))
    folder = output or Path(_slug(described.title) or document.resolve().parent.name or "api")
    drafted = draft(described)
    kept, own = folder / "openapi.yaml", folder / "resources.yaml"
    if own.exists():
        raise SpecError(str(own), "", "is there already, and may be yours; -o names another folder")
    try:
        held = document.read_bytes()
        if kept.exists() and kept.read_bytes() != held:
            raise SpecError(str(kept), "", "is there already, and another file; -o names a folder")
        folder.mkdir(parents=True, exist_ok=True)
        files = {} if kept.exists() else {kept: held}
        if drafted.resources:
            files[own] = text(drafted).encode()
            resources.read(drafted.plain, described.operations, str(own))  # or it is our fault
        for file, content in files.items():
            file.write_bytes(content)
    except OSError as fault:
        raise SpecError(str(fault.filename or folder), "", fault.strerror or str(fault)) from None
    return Written(_called(folder), tuple(files), tuple(_told(drafted)))


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _called(folder: Path) -> str:
    """A folder as commands take it: not mistaken for an API that is known by its name."""
    return os.path.join(".", folder) if str(folder) in homes.homes() else str(folder)


def _told(drafted: Draft) -> Iterator[str]:
    if not drafted.resources:
        yield "no resources.yaml: no path shows things that are kept, so nothing could be guessed"
        return
    parts = [part for parts in drafted.resources.values() for part in _all(parts)]
    questions = sum(isinstance(part, Question) for part in parts)
    yield (
        f"guessed: {', '.join(drafted.resources)}; {_count(len(parts) - questions, 'entry')}, "
        f"{_count(questions, 'question')} (lines with # ?), "
        f"{_count(len(drafted.left), 'operation')} in no resource"
    )
    yield "read it before you trust a verdict: a wrong guess makes a wrong rule"


def _count(number: int, word: str) -> str:
    return (
        f"{number} {word}"
        if number == 1
        else f"{number} {word.removesuffix('y') + 'ie' * word.endswith('y')}s"
    )


def _all(parts: Sequence[Part]) -> Iterator[Part]:
    for part in parts:
        if isinstance(part, Entry) and isinstance(part.value, tuple):
            yield from _all(part.value)
        else:
            yield part


def text(draft: Draft) -> str:
    """The file."""
    lines = [_HEAD]
    for name, parts in draft.resources.items():
        lines += [f"  {name}:", *_lines(parts, "    ")]
    if draft.left:
        lines.append("")
        lines.append("# In no resource; what openapi.yaml says of them is checked all the same:")
        lines += [f"# - {op.given}: {op.method} {op.path}" for op in draft.left[:_SHOWN]]
    if len(draft.left) > _SHOWN:
        lines.append(f"# and {len(draft.left) - _SHOWN} more")
    return "\n".join(lines) + "\n"


def _lines(parts: Iterable[Part], indent: str) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Question):
            yield f"{indent}# ? {part.asks}"
            yield from (f"{indent}# {line}" for line in part.lines)
        elif isinstance(part.value, tuple):
            yield f"{indent}{_plain(part.key)}:{_because(part.why)}"
            yield from _lines(part.value, indent + "  ")
        else:
            yield f"{indent}{_plain(part.key)}: {_plain(part.value)}{_because(part.why)}"


def _plain(value: Any) -> str:
    """A value on one line of YAML."""
    said = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    return str(said).removesuffix("\n").removesuffix("\n...")


def _because(why: str) -> str:
    said = "".join(c if c.isprintable() else " " for c in " ".join(why.split()))
    return f"  # {said[:_LONGEST]}" if said else ""
