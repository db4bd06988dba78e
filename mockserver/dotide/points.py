"""Rejections that a silent point of dotide decided."""

from __future__ import annotations

from streamproof.mockserver.problems import Rejected


def rejected(point: str, detail: str, status: int | None = None) -> Rejected:
    """The rejection of what the dialect doesn't take at a silent point."""
    return Rejected(f"dotide/dialect/{point}", detail, status)
