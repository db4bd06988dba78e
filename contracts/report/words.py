"""Small care for text that is not ours: what a target sends must not leak, nor break a report."""

from __future__ import annotations

from collections.abc import Iterable

from streamproof.contracts.masking import redacted
from streamproof.contracts.run import Run
from streamproof.specs.wording import printable


def clean(run: Run, text: str) -> str:
    """`text` with the run's secrets masked, in characters that every encoding takes.

    JSON may carry half of a surrogate pair, which UTF-8 can't.
    """
    return masked(text, run.secrets)


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` as `clean` gives it, where there is no run."""
    return redacted(text.encode("utf-8", "backslashreplace").decode("utf-8"), secrets)


def safe(text: str, secrets: Iterable[str]) -> str:
    """`text` for a terminal: on one line, no secret in it."""
    return printable(masked(text, secrets))


def cut(text: str, longest: int) -> str:
    """`text`, or its beginning and an ellipsis: `longest` characters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def some(names: list[str], most: int) -> str:
    """``a, b, c and 4 more``"""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")


def times(count: int) -> str:
    """``once``, ``3 times``"""
    return "once" if count == 1 else f"{count} times"
