"""Datapoints told in fewer words: the summary of a list, and one datapoint for each interval.

Where intervals begin, which time their datapoint has, and in which unit they are told, is open: so
six datapoints within minutes are asked for in spans that are long in any unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide.datapoints import VALUES, listed, points, shelf
from streamproof.specs.wording import shown

_INTERVAL: Final = 240_000  # four minutes of milliseconds, or days of seconds
_TOLD: Final = "a summary"
_FEWER: Final = "fewer datapoints than there are"
_MADE: Final = "a datapoint of several"
_WANTED: Final = {
    "count": len(VALUES),
    "max": max(VALUES),
    "min": min(VALUES),
    "sum": sum(VALUES),
    "avg": sum(VALUES) / len(VALUES),
}


@check("dotide/list_datapoints/summary", _TOLD)
def summary(trial: Trial) -> None:
    """With ``summary=1`` a list tells count, maximum, minimum, sum and mean, of all or of those
    that it shows."""
    stream = trial.once(shelf)
    outcome = trial.client.call("list_datapoints", id=stream, summary=1)
    rows = points(trial, outcome)
    found = outcome.payload.get("summary")
    values = [value for _, value in rows]
    trial.require(values, "a list with datapoints")
    of_page = {
        "count": len(values),
        "max": max(values),
        "min": min(values),
        "sum": sum(values),
        "avg": sum(values) / len(values),
    }
    trial.holds(
        isinstance(found, Mapping) and any(_alike(found, each) for each in (_WANTED, of_page)),
        "another-summary",
        expected=f"a summary {shown(_WANTED)}",
        actual=shown(found),
    )
    trial.witness(_TOLD)


def _alike(found: Mapping[str, Any], wanted: Mapping[str, float]) -> bool:
    return all(_near(found.get(name), value) for name, value in wanted.items())


def _near(found: Any, wanted: float) -> bool:
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return number and math.isclose(found, wanted, rel_tol=1e-6)


def _made(trial: Trial, **query: Any) -> dict[str, float]:
    """The datapoints of intervals that have any, by their times as they are shown."""
    asked = {"order": "asc", "interval": _INTERVAL, **query}
    rows = listed(trial, trial.once(shelf), len(VALUES), **asked)
    return {at.isoformat(): value for at, value in rows if isinstance(value, int | float) and value}


@check("dotide/list_datapoints/interval", _FEWER)
def interval(trial: Trial) -> None:
    """The datapoints of each interval become one; counted together they are all."""
    found = _made(trial, function="count")
    trial.holds(
        len(found) < len(VALUES) and _near(sum(found.values()), len(VALUES)),
        "not-one-each",
        expected=f"fewer than {len(VALUES)} datapoints, whose counts make {len(VALUES)}",
        actual=shown([*found.values()]),
    )
    trial.witness(_FEWER)


@check("dotide/list_datapoints/function", _MADE)
def function(trial: Trial) -> None:
    """`function` makes the one datapoint of an interval."""
    made = {name: _made(trial, function=name) for name in ("count", "sum", "max", "min", "avg")}
    counts, sums = made["count"], made["sum"]
    trial.require(any(count > 1 for count in counts.values()), "an interval with two datapoints")
    whole = {
        "sum": (sum(sums.values()), _WANTED["sum"]),
        "max": (max(made["max"].values(), default=None), _WANTED["max"]),
        "min": (min(made["min"].values(), default=None), _WANTED["min"]),
    }
    for name, (found, wanted) in whole.items():
        _expect(trial, _near(found, wanted), name, wanted, [*made[name].values()])
    for at, count in counts.items():
        if at in sums and at in made["avg"]:
            mean = sums[at] / count
            _expect(trial, _near(made["avg"][at], mean), "avg", mean, made["avg"][at])
            trial.witness(_MADE)


def _expect(trial: Trial, holds: bool, name: str, wanted: Any, found: Any) -> None:
    trial.holds(
        holds,
        "another-value",
        expected=f"function={name}: {shown(wanted)} over the intervals",
        actual=shown(found),
    )


def show_function(trial: Trial, extra: Mapping[str, Any]) -> Any:
    """What depends on `function`."""
    return _made(trial, **extra)


CHECKS: Final = (summary, interval, function)
