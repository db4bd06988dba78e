"""What two reports of runs against the same API differ in. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamproof.specs.errors import SpecError
from streamproof.specs.wording import printable

Report = Mapping[str, Any]
_BROKEN = ("failed", "waived")
_JUDGED = (*_BROKEN, "passed")
_LONGEST = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs: a rule or a silent point, and how."""

    name: str
    how: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What came of the rules and silent points of one report in another.

    Of `newly_failing` those that are waived are told, and count for nothing.
    """

    newly_failing: tuple[Change, ...]
    fixed: tuple[Change, ...]
    still_failing: tuple[Change, ...]
    newly_not_tested: tuple[Change, ...]
    observations: tuple[Change, ...]
    worse: bool


def compare(old: Report, new: Report, names: tuple[str, str] = ("OLD", "NEW")) -> Difference:
    """Raises `SpecError` for reports of two APIs."""
    if old["api"] != new["api"]:
        fault = f"is of {new['api']}, and {names[0]} of {old['api']}; give two of one API"
        raise SpecError(names[1], "api", fault)
    before, after = ({rule["id"]: rule for rule in report["rules"]} for report in (old, new))
    newly, fixed, still, untested = [], [], [], []
    worse = False
    for rule_id in dict.fromkeys((*after, *before)):
        was, now = before.get(rule_id), after.get(rule_id)
        first, then = _verdict(was), _verdict(now)
        if now is not None and then in _BROKEN:
            if first in _BROKEN:
                still.append(Change(rule_id, _still(was or {}, now)))
            else:
                worse = worse or then == "failed"
                newly.append(Change(rule_id, f"{_waived(now)}{now['statement']}"))
        elif first in _BROKEN and then == "passed":
            fixed.append(Change(rule_id, (now or {})["statement"]))
        elif first in _JUDGED and then not in _JUDGED:
            why = now["message"] if now else "wasn't selected"
            untested.append(Change(rule_id, f"{_told(then)}: {why}" if now else why))
    seen = tuple(_observed(old["observations"], new["observations"]))
    return Difference(tuple(newly), tuple(fixed), tuple(still), tuple(untested), seen, worse)


def told(difference: Difference, old: Report, new: Report) -> Iterator[str]:
    """The difference as text, a line each."""
    yield f"{new['api']}: {_run(old)} -> {_run(new)}"
    yield f"{old['headline']} -> {new['headline']}"
    for name, what in (("suite_version", "suite"), ("spec", "rules"), ("selection", "selection")):
        if old[name] != new[name]:
            first, then = _brief(old[name]), _brief(new[name])
            yield f"the {what} changed: {first} -> {then}"
    for title, changes in (
        ("newly failing", difference.newly_failing),
        ("fixed", difference.fixed),
        ("still failing", difference.still_failing),
        ("newly not tested", difference.newly_not_tested),
        ("observations changed", difference.observations),
    ):
        if changes:
            yield f"{title.upper()} {len(changes)}"
        for change in changes:
            line = printable(f"  {change.name}  {change.how}".rstrip())
            yield line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    yield "something newly fails" if difference.worse else "nothing newly fails"


def _verdict(rule: Mapping[str, Any] | None) -> str:
    return "" if rule is None else str(rule["verdict"])


def _still(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    marks = was["fingerprint"], now["fingerprint"]
    way = f"in another way ({marks[0]} -> {marks[1]}): " if marks[0] != marks[1] else ""
    return f"{_waived(now)}{way}{now['statement']}"


def _waived(rule: Mapping[str, Any]) -> str:
    return f"(waived until {rule['waiver']['expires']}) " if rule["waiver"] else ""


def _told(verdict: str) -> str:
    return verdict.replace("_", " ")


def _observed(old: Sequence[Any], new: Sequence[Any]) -> Iterator[Change]:
    before, after = ({each["point"]: each for each in some} for some in (old, new))
    for point in dict.fromkeys((*after, *before)):
        first, then = _seen(before.get(point)), _seen(after.get(point))
        if first != then:
            yield Change(point, f"{first} -> {then}")


def _seen(observation: Mapping[str, Any] | None) -> str:
    if observation is None:
        return "not observed"
    if observation["choice"] is None:
        return "not seen"
    choice = json.dumps(observation["choice"], ensure_ascii=False)
    return choice if observation["consistent"] else f"{choice}, not always"


def _run(report: Report) -> str:
    return printable(f"{report['target']} ({report['started']}, seed {report['seed']})")


def _brief(value: Any) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if "sha256" in value:
        return f"{value['version']}, sha256 {value['sha256'][:8]}…"
    only = f", --only {' '.join(value['only'])}" if value["only"] else ""
    reading = ", --read-only" if value["read_only"] else ""
    return f"{value['selected']} of {value['total']} rules, --level {value['level']}{only}{reading}"
