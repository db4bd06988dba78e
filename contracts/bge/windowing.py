"""stream.md > stream_range > start_time, end_time: a window that is closed on both sides."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from hypothesis import strategies as st

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held
from streamproof.contracts.bge.series import Series, plain, store
from streamproof.contracts.bge.times import SECOND
from streamproof.contracts.check import Check, Trial, Unmet, check
from streamproof.contracts.laws import windows
from streamproof.contracts.laws.windows import INSIDE, ON_THE_EDGE, OUTSIDE, Side

_FINER = "a spelling finer than a day that is understood as a bound"
_SHOWN = "a record between bounds at the time that it shows"
_FRACTION = 345_678  # microseconds that no coarser step shows as they are
_OTHER_OFFSET = "one instant in two offsets"


def _edge(side: Side) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A record generated exactly at the bound is answered."""
        here, series = ground(trial), trial.once(plain)
        bound = trial.draw(st.sampled_from(_whole_seconds(series)))
        windows.edge_is_inside(trial, _between(trial, here, series), series.places, bound, side)

    return run


def _beyond(side: Side) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A record generated on the wrong side of the bound is not answered."""
        here, series = ground(trial), trial.once(plain)
        bound = trial.draw(st.sampled_from(_whole_seconds(series)))
        fetch = _between(trial, here, series)
        windows.beyond_is_outside(trial, fetch, series.places, bound, side, _outer(here))

    return run


@check("bge/range/bounds-together", INSIDE, OUTSIDE, ON_THE_EDGE, reads=True)
def _bounds_together(trial: Trial) -> None:
    """Two bounds, which may be the same, or one with the other side open."""
    here, series = ground(trial), trial.once(plain)
    whole = st.sampled_from(_whole_seconds(series))
    start, end = sorted((trial.draw(whole), trial.draw(whole)))
    choices = ((start, end), (start, start), (start, None), (None, end))
    ends = trial.draw(st.sampled_from(choices))
    fetch = _between(trial, here, series)
    windows.exactly_between(trial, fetch, series.places, *ends, _outer(here))


@check("bge/range/bounds-as-instants", _OTHER_OFFSET, OUTSIDE, reads=True)
def _bounds_as_instants(trial: Trial) -> None:
    """Bounds in another offset select the same records as in the first."""
    here, series = ground(trial), trial.once(plain)
    trial.require(len(here.bounds) > 1, "two offsets that are understood in a bound")
    first, *others = here.bounds
    other = trial.draw(st.sampled_from(others))
    whole = st.sampled_from(_whole_seconds(series))
    start, end = sorted((trial.draw(whole), trial.draw(whole)))
    found = []
    for spelling in (first, other):
        window = {"start_time": spelling.write(start), "end_time": spelling.write(end)}
        found.append(set(calls.ids(calls.listed(trial, **_whose(series), **window))))
    expected, actual = ([i for i in series.ids if i in answered] for answered in found)
    trial.require(expected, "a record between bounds in the first offset")
    trial.equal(actual, expected, f"our records between bounds at {other.offset}", reason="offset")
    trial.witness(_OTHER_OFFSET)
    if len(expected) < len(series.ids):
        trial.witness(OUTSIDE)


@check(
    "bge/range/bounds-precise",
    OUTSIDE,
    "a record one step beyond a bound at the start",
    "a record one step beyond a bound at the end",
    reads=True,
)
def _bounds_precise(trial: Trial) -> None:
    """A record the least step beyond a bound is not answered."""
    here, series = ground(trial), trial.once(plain)
    trial.require(here.fine, _FINER)
    side: Side = trial.draw(st.sampled_from(("start", "end")))
    place = trial.draw(st.sampled_from(_places(series)[1:-1]))
    bound = place + here.step if side == "start" else place - here.step
    fetch = _between(trial, here, series)
    windows.beyond_is_outside(trial, fetch, series.places, bound, side)
    trial.witness(f"a record one step beyond a bound at the {side}")


@check("bge/range/shown-time-found", _SHOWN)
def _shown_time_found(trial: Trial) -> None:
    """What is shown as the generate time is the instant that bounds are compared with: not one
    that was cut off, or rounded, on its way to the answer."""
    here = ground(trial)
    [moment] = here.moments(1)
    step = here.spelling.step if here.fine and here.spelling else SECOND
    key = here.key_at(moment + _FRACTION // step * step if here.fine else moment)
    record = store(trial, key)
    rows = held(trial, here, [key], [record.id])
    shown = next((calls.instant(row) for row in rows if calls.identify(row) == record.id), None)
    if shown is None:
        raise Unmet("the record in range")
    trial.require(not here.fine or shown % here.bounds[0].step == 0, "a bound as fine as is shown")
    window = {"start_time": here.bound(shown), "end_time": here.bound(shown)}
    query = here.asked(key.entity, key.element)
    found = calls.ids(calls.listed(trial, stop_at=[record.id], **query, **window))
    trial.contains(found, [record.id], "the answer between bounds at the time that is shown")
    trial.witness(_SHOWN)


def _between(trial: Trial, here: Ground, series: Series) -> windows.Fetch:
    """Range with bounds, or with one alone.

    The open side may hold other people's records without end: it is walked only until ours were
    seen, which come first where sorting works.
    """

    def fetch(start: int | None, end: int | None) -> Collection[str]:
        query = {
            "sort_direction": "asc" if end is None else "desc",
            "start_time": None if start is None else here.bound(start),
            "end_time": None if end is None else here.bound(end),
        }
        low = here.span[0] if start is None else start
        high = here.span[1] if end is None else end
        inside = [i for i, place in series.places.items() if low <= place <= high]
        return calls.ids(calls.listed(trial, stop_at=inside, **_whose(series), **query))

    return fetch


def _whose(series: Series) -> dict[str, Any]:
    return {name: v for name, v in series.query.items() if not name.endswith("_time")}


def _places(series: Series) -> list[int]:
    return sorted(series.places.values())


def _whole_seconds(series: Series) -> list[int]:
    """The places that a bound names without a fraction: finer ones are `bounds-precise`."""
    places = [place for place in _places(series) if place % SECOND == 0]
    if not places:
        raise Unmet("a record at a whole second")
    return places


def _outer(here: Ground) -> int:
    return here.slack or SECOND // 2


CHECKS = (
    Check("bge/range/start-inclusive", _edge("start"), (ON_THE_EDGE,), reads=True),
    Check("bge/range/start-excludes-earlier", _beyond("start"), (INSIDE, OUTSIDE), reads=True),
    Check("bge/range/end-inclusive", _edge("end"), (ON_THE_EDGE,), reads=True),
    Check("bge/range/end-excludes-later", _beyond("end"), (INSIDE, OUTSIDE), reads=True),
    _bounds_together,
    _bounds_as_instants,
    _shown_time_found,
    _bounds_precise,
)
