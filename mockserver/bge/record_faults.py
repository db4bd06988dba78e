"""Records that aren't kept or shown as they were written: one function and one sentence each."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable
from typing import Any

from streamproof.mockserver.bge.tampering import each_row
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault

_TIME, _DATA = "stream_generate_time", "stream_data"


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


def _without_repeats(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [each for at, each in enumerate(value) if each not in value[:at]]


def _in_32_bits(value: Any) -> Any:
    most = 2**31 - 1
    whole = isinstance(value, int) and not isinstance(value, bool)
    return max(-most - 1, min(most, value)) if whole else value


def _composed(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _keeping(name: str, says: str, keep: Callable[[Any], Any]) -> Fault:
    """A write that keeps every value inside its data as `keep` does."""

    def write(proceed: Proceed, call: Call, _context: Context) -> Answer:
        if _DATA not in call.arguments:
            return proceed(call)
        return proceed(call.changed(stream_data=_each(call.arguments[_DATA], keep)))

    return Fault(f"bge/write/{name}", "write", write, says)


MADE: tuple[Fault, ...] = (
    _keeping(
        "data-kept.empty-dropped", "Drops empty objects and arrays from the data.", _without_empty
    ),
    _keeping(
        "data-kept.repeats-dropped",
        "Keeps one of several equal members of an array.",
        _without_repeats,
    ),
    _keeping(
        "text-kept.ascii-only", "Stores a question mark for each character beyond ASCII.", _in_ascii
    ),
    _keeping("text-kept.composed", "Stores text in composed form.", _composed),
    _keeping("text-kept.trimmed", "Stores text without the blanks around it.", _trimmed),
    _keeping(
        "numbers-kept.single-precision",
        "Stores fractions in single precision.",
        _in_single_precision,
    ),
    _keeping(
        "numbers-kept.32-bits",
        "Stores integers beyond 32 bits as the largest of 32 bits.",
        _in_32_bits,
    ),
)
