"""The part of an answer that decides: where it says what was expected, or what came instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from streamproof.contracts.check import Mismatch
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import described

_WORD = re.compile(r"[^\s\"'`\[\]{}(),;…]{6,200}")
_HEAD = 300  # characters of a long answer that are told in any case
_AROUND = 120  # and on each side of what decides
_MOST = 20  # places in an answer, the first of them

Span = tuple[int, int]


def words(mismatch: Mismatch) -> re.Pattern[str] | None:
    """What finds the names and values of a mismatch in an answer; None if it has none."""
    found = dict.fromkeys(_WORD.findall(f"{mismatch.expected} {mismatch.actual}"))
    names = sorted((word.rstrip(".:") for word in found), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names))) if names else None


def spans(text: str, pattern: re.Pattern[str] | None) -> list[Span]:
    """Where a text says them."""
    if pattern is None:
        return []
    return [match.span() for match, _ in zip(pattern.finditer(text), range(_MOST), strict=False)]


def answer(outcome: Outcome, pattern: re.Pattern[str] | None, clean: Callable[[str], str]) -> str:
    """An answer on a line: all of it, or its beginning and whatever decides. It is made `clean`
    as a whole, for half a secret is none that could be found."""
    if outcome.status is None:
        return str(outcome)
    text = described(clean(outcome.whole.decode("utf-8", "replace")))
    trouble = f" ({outcome.trouble})" if outcome.trouble else ""
    return f"{outcome.status} {_excerpt(text, pattern)}".rstrip() + trouble


def _excerpt(text: str, pattern: re.Pattern[str] | None) -> str:
    if len(text) <= _HEAD:
        return text
    parts = [text[start:end] for start, end in _windows(text, pattern)]
    told = " … ".join(parts)
    return told if len(told) >= len(text) else f"{told}… ({len(text):,} characters)"


def _windows(text: str, pattern: re.Pattern[str] | None) -> Iterator[Span]:
    """The beginning, then what is around each place, joined where they meet."""
    start, end = 0, _HEAD
    for first, last in spans(text, pattern):
        if first - _AROUND > end:
            yield start, end
            start = first - _AROUND
        end = max(end, last + _AROUND)
    yield start, min(end, len(text))
