"""Waivers: deviations that somebody accepts, for a reason and until a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from streamproof.contracts.finding import Finding, fingerprint

LONGEST_DAYS = 180  # from the day on which a file is read


@dataclass(frozen=True, slots=True)
class Waiver:
    """Accepts that a rule fails, or with a `fingerprint` that it fails in that one way, up to and
    including the day on which it `expires`."""

    rule: str
    reason: str
    expires: date
    fingerprint: str | None = None
    owner: str | None = None
    ticket: str | None = None


@dataclass(frozen=True, slots=True)
class Waivers:
    """Those of one file, as of `today`."""

    waivers: tuple[Waiver, ...] = ()
    file: str = ""
    today: date = date.min

    @classmethod
    def of_today(cls, waivers: Iterable[Waiver], file: str) -> Waivers:
        return cls(tuple(waivers), file, datetime.now(UTC).date())

    def covering(self, rule_id: str, finding: Finding) -> Waiver | None:
        """The waiver in force that covers what was found of a rule."""
        mark = fingerprint(rule_id, finding)
        if mark is None:
            return None
        fitting = (w for w in self.waivers if w.rule == rule_id and w.fingerprint in (None, mark))
        return next((waiver for waiver in fitting if not self.expired(waiver)), None)

    def expired(self, waiver: Waiver) -> bool:
        return waiver.expires < self.today


NONE = Waivers()
