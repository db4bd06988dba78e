"""Odd names, times and bounds that are taken in a way of their own: one function and one sentence
each."""

from __future__ import annotations

from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault


@fault("bge/write/odd-names-kept.prototype-lost")
def _prototype_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops members of the data that are named `__proto__`."""
    return proceed(_without(call, "__proto__"))


@fault("bge/write/odd-names-kept.empty-lost")
def _empty_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops members with an empty name."""
    return proceed(_without(call, ""))


@fault("bge/write/odd-times-kept.no-leap-day")
def _no_leap_day(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes the 29th of February for the 1st of March."""
    return proceed(_at(call, "-02-29", "-03-01"))


@fault("bge/write/odd-times-kept.summer-time")
def _summer_time(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Moves what lies in the hour that clocks left out to the hour after it."""
    return proceed(_at(call, "1940-06-01T00", "1940-06-01T01"))


@fault("bge/range/far-bounds.years-of-two-digits")
def _two_digits(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a bound before the year 100 for one of this century."""
    start = str(call.arguments.get("start_time", ""))
    return proceed(call.changed(start_time="2101") if start.startswith("00") else call)


@fault("bge/range/far-bounds.overflow")
def _overflow(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes an end in the year 9999 for one in a distant past."""
    end = str(call.arguments.get("end_time", ""))
    return proceed(call.changed(end_time="1001") if end.startswith("9999") else call)


def _at(call: Call, old: str, new: str) -> Call:
    sent = call.arguments.get("stream_generate_time")
    return (
        call.changed(stream_generate_time=sent.replace(old, new)) if isinstance(sent, str) else call
    )


def _without(call: Call, name: str) -> Call:
    """The call without the members `name` of its data."""
    sent = call.arguments.get("stream_data")
    return call.changed(stream_data=_cut(sent, name)) if isinstance(sent, dict) else call


def _cut(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {n: _cut(v, name) for n, v in value.items() if n != name}
    return [_cut(v, name) for v in value] if isinstance(value, list) else value
