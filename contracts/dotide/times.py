"""Times as Dotide shows them: ISO 8601 with an offset, as finely as the server likes."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:?\d\d)")
_FIELDS = ("created_at", "updated_at", "current_t")


def parse(text: object) -> datetime | None:
    """The instant, with the offset that it is shown with; None for anything but such a time."""
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the 31st of February
        return None


def of(row: Mapping[str, Any]) -> dict[str, datetime]:
    """The times of a datastream that can be read, by field."""
    parsed = {name: parse(row.get(name)) for name in _FIELDS}
    return {name: at for name, at in parsed.items() if at is not None}


def utc(text: object) -> str | None:
    """The instant alone, in one spelling whatever the offset; None where `text` is no time."""
    at = parse(text)
    return None if at is None else at.astimezone(UTC).isoformat()


def step(*texts: object) -> timedelta:
    """The smallest difference that the coarsest of some times can show: a second, or less.

    A fraction of nothing but zeros may be a whole second in disguise.
    """
    coarsest = timedelta(microseconds=1)
    for text in texts:
        found = _TIME.fullmatch(text) if isinstance(text, str) else None
        digits = (found[1] or "") if found else ""
        if digits.strip("0"):
            coarsest = max(coarsest, timedelta(seconds=10 ** -len(digits)))
        else:
            coarsest = timedelta(seconds=1)
    return coarsest


def let_pass(text: object) -> None:
    """Wait until a time of the precision of `text` must show that it is later."""
    time.sleep(step(text).total_seconds() * 1.1 + 0.02)
