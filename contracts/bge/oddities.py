"""Names, times and bounds that languages treat in their own way. Whether they are taken is open;
what was taken is kept. None may break whoever reads it later, for nothing can be deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import shown
from streamproof.contracts.bge.series import placed, plain
from streamproof.contracts.check import Trial, check

_KEPT = "an odd record, accepted and read back"
_FOUND = "records within far bounds"

_NAMES = (
    *("__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "length"),
    *("", " ", " a ", "0", "-1", "1.0", "null", "true", "id", "a b", "a/b", "a\\b", "$a", "a.b"),
    *('"', "'", "<a>", "\u2028", "a\ufeff", "😀", "e\u0301", "\u00e9", "A", "a", "x" * 300),
)
_FAR = (("start_time", "1000"), ("start_time", "0001"), ("end_time", "9999"))
_STRETCH = 16 * times.DAY  # what a run may use up


@check("bge/write/odd-names-kept", _KEPT)
def _odd_names_kept(trial: Trial) -> None:
    """Members of any name, if accepted, read back equal as JSON."""
    everything: dict[str, Any] = {name: at for at, name in enumerate(_NAMES)}
    if _kept(trial, {**everything, "inside": everything}):
        return
    for name in _NAMES[:12]:  # one of the others wasn't taken; each costs a record for good
        trial.afresh()
        _kept(trial, {name: 1, "a": 2})


def _kept(trial: Trial, data: Any) -> bool:
    """Whether the data were accepted; then they read back equal."""
    [key] = ground(trial).keys(1)
    outcome = placed(trial, key, data)
    trial.judged(outcome, "a write")
    if not calls.tells(outcome):
        return False
    row = shown(trial, calls.stream_id(outcome.payload))
    trial.equal(row.get("stream_data"), data, "the data", reason="data")
    trial.witness(_KEPT)
    return True


@check("bge/write/odd-times-kept", _KEPT)
def _odd_times_kept(trial: Trial) -> None:
    """A record at an odd time, spelled with its offset, reads back at its instant."""
    here = ground(trial)
    stated = here.fine and here.spelling is not None and here.spelling.offset
    trial.require(stated, "a spelling of time that is finer than a year and states its offset")
    for moment in _odd_moments(trial, here):
        trial.afresh()
        key = here.key_at(moment)
        outcome = placed(trial, key, {"name": trial.names.letters()})
        trial.judged(outcome, "a write")
        if not calls.tells(outcome):
            continue
        row = shown(trial, calls.stream_id(outcome.payload))
        told = times.instant(row.get("stream_generate_time"))
        trial.holds(
            told == moment,
            "instant",
            expected=f"the record of {key.time} shows that instant",
            actual=f"{row.get('stream_generate_time')}",
        )
        trial.witness(_KEPT)


def _odd_moments(trial: Trial, here: Ground) -> Iterator[int]:
    """Leap days, the hour that Shanghai's clocks left out, and a year's last moment, within the
    span and apart from where the run writes else; to the second, by the run."""
    turn = trial.names.number(59 * 60) * times.SECOND
    places = [
        *((datetime(year, 2, 29, tzinfo=times.CHINA), turn) for year in (1904, 1972, 2000, 2016)),
        (datetime(1940, 6, 1, tzinfo=times.CHINA), turn),
        (datetime(1986, 5, 4, 2, tzinfo=times.CHINA), turn),
        *((datetime(year, 1, 1, tzinfo=times.CHINA), -here.step) for year in (1910, 1970, 2001)),
    ]
    for place, beyond in places:
        moment = times.of(place) + beyond
        inside = here.span[0] <= moment <= here.span[1]
        if inside and abs(moment - here.at) > _STRETCH:
            yield moment


@check("bge/range/far-bounds", _FOUND)
def _far_bounds(trial: Trial) -> None:
    """A bound far beyond all records, if accepted, shuts none of them out."""
    here, series = ground(trial), trial.once(plain)
    for name, text in _FAR:
        trial.afresh()
        # from the near side, so that nobody else's records have to be read
        order = "desc" if name == "start_time" else "asc"
        query = {**series.query, name: text, "sort_direction": order}
        outcome = trial.client.call("range", **query)
        trial.judged(outcome, "range with a far bound")
        if not calls.tells(outcome):
            continue
        found = calls.ids(calls.listed(trial, stop_at=series.ids, **query))
        trial.contains(found, series.ids, f"range with {name}={text}")
        trial.witness(_FOUND)
    trial.require(here.namespace, "fixtures.namespace")


CHECKS = (
    _odd_names_kept,
    _odd_times_kept,
    _far_bounds,
)
