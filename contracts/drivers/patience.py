"""Patience: what was accepted may take its time to show."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

SETTLE_S = 2.0  # the longest wait for something fresh to show
HURRIED_S = 0.05  # the same, once an example has failed


def until(look: Callable[[], T], enough: Callable[[T], bool], limit_s: float) -> T:
    """Look again, at once and then at growing intervals, until it is enough or the time is over."""
    deadline, pause = time.monotonic() + limit_s, 0.0
    while not enough(found := look()) and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause or 0.01, 0.25)
    return found
