"""What a run that only reads goes by: some of the datastreams that are there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Any, Final

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.dotide import calls

Views = Mapping[str, Mapping[str, Any]]  # by id, as `calls.view` shows them

_MOST: Final = 12
_LOOKED_THROUGH: Final = 300  # rows of a list that may be very long
# Signs that no server reads as anything else, in a path or in a list of ids.
_PLAIN: Final = re.compile(r"[\w~:@-][\w.~:@-]{0,99}")


def found(trial: Trial) -> Views:
    """Datastreams by id, as reads show them: given ones, then others of as many sets of tags as
    there are."""
    views = {}
    for stream in trial.learn(chosen):
        outcome = trial.client.call("read", id=stream)
        trial.judged(outcome, "a read")
        if isinstance(outcome.payload, Mapping) and outcome.payload.get("id") == stream:
            views[stream] = calls.view(outcome.payload)
    if not views:
        raise Unmet(NOTHING)
    return views


NOTHING: Final = (
    "a datastream to read: give ids that are there as fixtures.datastreams, "
    "or run without --read-only"
)


def several(trial: Trial, least: int) -> Views:
    """The same, if there are as many."""
    views = trial.once(found)
    trial.require(
        len(views) >= least, f"{least} datastreams to read: give some as fixtures.datastreams"
    )
    return views


def candidates(trial: Trial, rows: Iterable[calls.Row]) -> list[str]:
    """Ids that may be read: given ones, then some of `rows`."""
    given = [stream["id"] for stream in trial.fixtures.get("datastreams", ())]
    groups: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        groups.setdefault(tuple(calls.tags(row)), []).append(row.get("id"))  # type: ignore[arg-type]
    in_turn = (stream for turn in zip_longest(*groups.values()) for stream in turn)
    plain = (s for s in in_turn if isinstance(s, str) and _PLAIN.fullmatch(s))
    return list(dict.fromkeys((*given, *plain)))[:_MOST]


def chosen(trial: Trial) -> list[str]:
    """The ids to go by."""
    rows: list[calls.Row] = []
    new: list[calls.Row] = [{}]
    while new and len(rows) < _LOOKED_THROUGH:
        outcome = calls.page(trial, limit=calls.PAGE, offset=len(rows))
        trial.judged(outcome, "a list")
        if not isinstance(outcome.payload, list):
            break
        known = calls.ids(rows)
        listed = (row for row in outcome.payload if isinstance(row, Mapping))
        new = [row for row in listed if row.get("id") not in known]
        rows += new
    ids = candidates(trial, rows)
    trial.require(ids, NOTHING)
    return ids
