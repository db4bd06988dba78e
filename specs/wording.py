"""How a value stands in a message: as JSON, and not all of it where it is long or deep."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

_SHOWN: Final = 80  # characters of a value that a message shows
_LEVELS: Final = 32  # brackets in a row from which on they are only counted

# Runs of brackets; percent-encoded in a form.
_MANY: Final = f"{{{_LEVELS},}}"
_ARRAYS: Final = re.compile(r"(?:(?:\[|%5B)\s*)" + _MANY)
_OBJECTS: Final = re.compile(r'(?:\{\s*"[^"\\{}]{0,40}"\s*:\s*)' + _MANY)
_ENDS: Final = re.compile(rf"(?:(?:\]|%5D)\s*){_MANY}|(?:\}}\s*){_MANY}")


def shown(value: object) -> str:
    """A value as a message shows it: JSON where possible, shortened."""
    text = described(written(value))
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def described(text: str) -> str:
    """JSON text, perhaps cut off, with ``(5,000 nested arrays)`` for a tower of brackets."""
    if len(text) < 2 * _LEVELS:
        return text
    towers = 0

    def tower(what: str, sign: str) -> Callable[[re.Match[str]], str]:
        def say(found: re.Match[str]) -> str:
            nonlocal towers
            towers += 1
            run = found[0]
            inner = text[found.end() : found.end() + 1] not in ("]", "}", "%", "")
            return f"({run.count(sign) + run.count('%5B'):,} nested {what}){' ' * inner}"

        return say

    text = _ARRAYS.sub(tower("arrays", "["), text)
    text = _OBJECTS.sub(tower("objects", "{"), text)
    return _ENDS.sub("", text) if towers else text


def brief(text: str, longest: int) -> str:
    """Text in a message: `longest` characters of it, and how many there are."""
    text = described(text) if len(text) > _SHOWN else text
    return text if len(text) <= longest else f"{text[: longest - 1]}… ({len(text):,} characters)"


def printable(text: str) -> str:
    r"""`text` on one line, control characters as escapes (``\x1b``).

    XML can't hold them, and on a terminal a target could use them to rewrite what a report says.
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def written(value: Any, *, by_name: bool = False, number: Callable[[Any], str] = json.dumps) -> str:
    """JSON text of a value nested as deep as memory goes; what is no JSON stands as its repr.

    `by_name` sorts the members of objects, `number` writes numbers.
    """
    parts: list[str] = []
    todo: list[Any] = [value]
    while todo:
        match todo.pop():
            case _Ready() as text:
                parts.append(text)
            case Mapping() as node:
                members = sorted(node.items()) if by_name else [*node.items()]
                todo.append(_Ready("}"))
                for name, member in reversed(members):
                    todo += [_Ready(", "), member, _Ready(f"{_text(name)}: ")]
                if members:
                    del todo[-3 * len(members)]  # no comma behind the last
                todo.append(_Ready("{"))
            case list() | tuple() as node:
                todo.append(_Ready("]"))
                for member in reversed(node):
                    todo += [_Ready(", "), member]
                if node:
                    del todo[-2 * len(node)]
                todo.append(_Ready("["))
            case bool() as node:
                parts.append(_text(node))
            case int() | float() as node:
                parts.append(number(node))
            case node:
                parts.append(_text(node))
    return "".join(parts)


def slug(words: str) -> str:
    """``registeredAt format`` -> ``registered-at-format``"""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", words).lower()
    return re.sub(r"[^a-z0-9]+", "-", apart).strip("-") or "rule"


class _Ready(str):
    """Text that stands as it is."""

    __slots__ = ()


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)
