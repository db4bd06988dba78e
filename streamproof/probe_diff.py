"""What two probes of the same API differ in: what a target has come to choose otherwise. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamproof.specs.dialect import Value
from streamproof.specs.errors import SpecError
from streamproof.specs.wording import printable

_LONGEST = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking at a silent point: a choice, or why none was seen; with `odd`, that it
    was none of the choices, and what it was."""

    choice: Value = None
    always: bool = True
    why: str | None = None
    odd: bool = False

    @property
    def seen(self) -> bool:
        """Whether the target was seen to choose, be it what nobody thought of."""
        return self.why is None or self.odd

    def __str__(self) -> str:
        if self.why is not None:
            return self.why if self.odd else f"not seen: {self.why}"
        choice = json.dumps(self.choice, ensure_ascii=False)
        return choice if self.always else f"{choice}, not always"

    def settles_as(self, other: Looked) -> bool:
        """Whether both are one choice. What is none of them is told in words that vary."""
        if self.odd or other.odd:
            return self.odd == other.odd
        mine, others = (json.dumps(each.choice) for each in (self, other))
        return (mine, self.always) == (others, other.always)


@dataclass(frozen=True, slots=True)
class Record:
    """What one probe saw, by silent point; `about` is its table of specs/probe.schema.json."""

    about: Mapping[str, Any]
    points: Mapping[str, Looked]


@dataclass(frozen=True, slots=True)
class Drift:
    """The points, by what became of them; each with what was seen before and since."""

    changed: dict[str, str] = field(default_factory=dict)
    newly_seen: dict[str, str] = field(default_factory=dict)
    no_longer_seen: dict[str, str] = field(default_factory=dict)
    not_in_both: dict[str, str] = field(default_factory=dict)


def compare(old: Record, new: Record, names: tuple[str, str] = ("OLD", "NEW")) -> Drift:
    """Raises `SpecError` for probes of two APIs."""
    if old.about["api"] != new.about["api"]:
        whose = f"is of {new.about['api']}, and {names[0]} of {old.about['api']}"
        raise SpecError(names[1], "api", f"{whose}; give two of one API")
    drift = Drift()
    for point in dict.fromkeys((*new.points, *old.points)):
        was, now = old.points.get(point), new.points.get(point)
        if was is None or now is None:
            which, there = ("OLD", now) if was is None else ("NEW", was)
            drift.not_in_both[point] = f"not looked at in {which}; {there}"
        elif was.seen and now.seen:
            if not was.settles_as(now):
                drift.changed[point] = f"{was} -> {now}"
        elif was.seen or now.seen:
            (drift.newly_seen if now.seen else drift.no_longer_seen)[point] = f"{was} -> {now}"
    return drift


def told(drift: Drift, old: Record, new: Record) -> Iterator[str]:
    """The difference as text, a line each."""
    first, then = (printable(f"{r.about['target']} ({r.about['started']})") for r in (old, new))
    yield f"{new.about['api']}: {first} -> {then}"
    for name, what in (("suite_version", "suite"), ("spec", "rules")):
        if old.about[name] != new.about[name]:
            before, after = (_brief(record.about[name]) for record in (old, new))
            yield f"the {what} changed: {before} -> {after}"
    for title, points in (
        ("changed", drift.changed),
        ("newly seen", drift.newly_seen),
        ("no longer seen", drift.no_longer_seen),
        ("not in both", drift.not_in_both),
    ):
        if points:
            yield f"{title.upper()} {len(points)}"
        for point, how in points.items():
            line = printable(f"  {point}  {how}")
            yield line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    kept = sum(
        each.seen and point in old.points and old.points[point].seen and point not in drift.changed
        for point, each in new.points.items()
    )
    yield f"{'choices' if drift.changed else 'no choice'} changed; {kept} as before"


def _brief(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{value['version']}, sha256 {value['sha256'][:8]}…"
    return str(value)
