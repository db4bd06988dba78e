"""Filters: a list holds what passes, and nothing else. The two halves are judged apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from streamproof.contracts.check import Trial

MATCH = "a match"
NON_MATCH = "a non-match"


def nothing_else(
    trial: Trial,
    listed: Sequence[str],
    matches: Collection[str],
    others: Collection[str],
    what: str,
) -> None:
    """A filter keeps out whatever doesn't match; `others` are known not to, strangers neither."""
    trial.lacks(listed, [member for member in listed if member not in matches], what)
    if others:
        trial.witness(NON_MATCH)
    if listed:
        trial.witness(MATCH)


def every_match(trial: Trial, listed: Sequence[str], matches: Collection[str], what: str) -> None:
    """A filter lets in whatever matches."""
    trial.contains(listed, matches, what)
    if matches:
        trial.witness(MATCH)
