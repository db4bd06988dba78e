"""Time zones: the same instants, shown with the offset that a zone has at each of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from streamproof.contracts.check import Trial

# Different offsets, one of them no whole hour; at any time of the year one keeps summer time.
ZONES: Final = ("UTC", "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "Australia/Sydney")
_ROUNDING: Final = timedelta(seconds=1)
IN_ANOTHER_ZONE = "times in another zone"


def shown_in(
    trial: Trial,
    zone: str,
    shown: Mapping[str, datetime],
    instants: Mapping[str, datetime],
) -> None:
    """Each of `shown`, by name, has the offset of `zone` and is the instant that it stands for.

    An answer may be rounded otherwise than the one that the instants are from.
    """
    trial.require(shown.keys() & instants.keys(), f"times to compare, asked for in {zone}")
    for name, at in shown.items():
        there = ZoneInfo(zone)
        wanted = at.astimezone(there)
        trial.holds(
            at.utcoffset() == wanted.utcoffset(),
            "offset",
            expected=f"{name} in {zone}: {wanted.isoformat()}",
            actual=at.isoformat(),
        )
        if name in instants:
            trial.holds(
                abs(at - instants[name]) <= _ROUNDING,
                "instant",
                expected=f"{name} in {zone}: {instants[name].astimezone(there).isoformat()}",
                actual=at.isoformat(),
            )
    trial.witness(IN_ANOTHER_ZONE)
