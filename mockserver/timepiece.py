"""The clock of a space: that of the machine, or one that is set, frozen or faster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

Clock = Callable[[], datetime]
FASTEST: Final = 100_000
FURTHEST_S: Final = 100 * 366 * 86_400  # seconds that it may be off: a hundred years
_FORM = "2026-01-31T12:00:00Z"


@dataclass(frozen=True, slots=True)
class Setting:
    """At `real` the clock showed `shown`, and since then it runs `speed` times as fast."""

    real: datetime
    shown: datetime
    speed: float

    def at(self, real: datetime) -> datetime:
        return self.shown + (real - self.real) * self.speed


@dataclass(slots=True)
class Timepiece:
    """A clock that can be set; without a setting it is that of the machine."""

    setting: Setting | None = None

    def over(self, clock: Clock) -> Clock:
        """What tells the time of the space, where `clock` tells the machine's."""
        setting = self.setting
        return clock if setting is None else lambda: setting.at(clock())

    def set(self, wanted: object, real: datetime) -> None:
        """Set it by what a client sent, at the time `real`. Raises ValueError with what is wrong.

        ``{"frozen": time}`` stops it at a time; ``{"offset_s": seconds, "speed": factor}`` lets it
        run, off by so much from now on; ``{}`` is the machine's own.
        """
        if not isinstance(wanted, dict):
            raise ValueError("the body is no JSON object; send {} for the real time")
        if unknown := wanted.keys() - {"frozen", "offset_s", "speed"}:
            raise ValueError(f"no setting {min(unknown)!r}; there are frozen, offset_s, speed")
        if "frozen" in wanted and len(wanted) > 1:
            raise ValueError("frozen: a clock that stands has neither offset_s nor speed")
        if not wanted:
            self.setting = None
        elif "frozen" in wanted:
            self.setting = Setting(real, _time(wanted["frozen"], real), 0)
        else:
            offset = _number("offset_s", wanted.get("offset_s", 0), -FURTHEST_S, FURTHEST_S)
            speed = _number("speed", wanted.get("speed", 1), 0, FASTEST)
            self.setting = Setting(real, real + timedelta(seconds=offset), speed)

    def told(self, real: datetime) -> dict[str, Any]:
        """What it shows, and how it runs, as JSON."""
        now, speed = (self.over(lambda: real)(), self.setting.speed if self.setting else 1)
        offset = (now - real).total_seconds()
        shown = now.isoformat().replace("+00:00", "Z")
        return {"now": shown, "frozen": speed == 0, "offset_s": offset, "speed": speed}


def _time(value: object, real: datetime) -> datetime:
    expected = f"frozen: a time with its offset expected, as {_FORM}, within 100 years of now"
    try:
        time = datetime.fromisoformat(str(value))
        far = abs((time - real).total_seconds()) > FURTHEST_S
    except (ValueError, TypeError, OverflowError):  # TypeError: without an offset
        raise ValueError(expected) from None
    if far:
        raise ValueError(expected)
    return time.astimezone(real.tzinfo)


def _number(name: str, value: object, least: float, most: float) -> float:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if not numeric or not least <= value <= most:  # type: ignore[operator]
        raise ValueError(f"{name}: a number from {least:,} to {most:,} expected")
    return value  # type: ignore[return-value]
