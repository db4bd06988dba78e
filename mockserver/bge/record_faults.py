"""Records that aren't kept or shown as they were written: one function and one sentence each."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from streamproof.mockserver.bge.tampering import each_row
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault

_TIME, _DATA = "stream_generate_time", "stream_data"


@fault("bge/write/data-kept.empty-dropped")
def _empty_dropped(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops empty objects and arrays from the data."""
    return kept(proceed, call, _without_empty)


@fault("bge/write/text-kept.ascii-only")
def _ascii_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores a question mark for each character beyond ASCII."""
    return kept(proceed, call, _in_ascii)


@fault("bge/write/numbers-kept.single-precision")
def _single_precision(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores fractions in single precision."""
    return kept(proceed, call, _in_single_precision)


@fault("bge/write/year-normalised.utc", on="any")
def _year_in_utc(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows a year alone as its first instant in UTC."""

    def in_utc(row: dict[str, Any]) -> dict[str, Any]:
        year = row["stream_generate_time_mask"].startswith("1111-00")
        return {**row, _TIME: row[_TIME].replace("+0800", "+0000")} if year else row

    return each_row(proceed(call), context, in_utc)


@fault("bge/write/year-mask.full", on="any")
def _full_mask(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Masks every digit as stated."""
    full = "1111-11-11T11:11:11.111111±1111"
    return each_row(proceed(call), context, lambda row: {**row, "stream_generate_time_mask": full})


def kept(proceed: Proceed, call: Call, keep: Callable[[Any], Any]) -> Answer:
    """The write with every value inside its data as `keep` keeps it."""
    if _DATA not in call.arguments:
        return proceed(call)
    return proceed(call.changed(stream_data=_each(call.arguments[_DATA], keep)))


def _each(value: Any, keep: Callable[[Any], Any]) -> Any:
    match value:
        case dict():
            return keep({name: _each(inner, keep) for name, inner in value.items()})
        case list():
            return keep([_each(inner, keep) for inner in value])
        case _:
            return keep(value)


def _without_empty(value: Any) -> Any:
    match value:
        case dict():
            return {name: inner for name, inner in value.items() if inner not in ({}, [])}
        case list():
            return [inner for inner in value if inner not in ({}, [])]
        case _:
            return value


def _in_ascii(value: Any) -> Any:
    return value.encode("ascii", "replace").decode() if isinstance(value, str) else value


def _in_single_precision(value: Any) -> Any:
    if not isinstance(value, float) or abs(value) > 3e38:
        return value
    return struct.unpack("f", struct.pack("f", value))[0]


FAULTS: tuple[Fault, ...] = tuple(each for each in globals().values() if isinstance(each, Fault))
