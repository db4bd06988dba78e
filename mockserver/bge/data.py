"""Stream data: JSON that is kept as it was written, or as the dialect has it kept."""

from __future__ import annotations

import json
from typing import Any

import orjson

from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_EXACT = 2**53  # beyond it not every integer is a double
_INT64 = range(-(2**63), 2**64)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Any:
    """The value of a JSON text that is known to be one; integers of any size stay exact."""
    return json.loads(text)


def write(value: Any, dialect: Dialect) -> str:
    """The text that is stored for stream data. Raises `Rejected` where it isn't taken."""
    if not isinstance(value, dict) and dialect["stream_data_not_object"] == "rejected":
        raise Rejected("bge/dialect/stream_data_not_object", "stream_data: a JSON object expected")
    as_sent = dialect["big_integers"] == "exact" and dialect["number_kinds"] == "kept"
    return plain(value if as_sent else _kept(value, dialect))


def plain(value: Any) -> str:
    """A JSON value as compact text."""
    return _ENCODER.encode(value)


def show(text: str) -> Any:
    """Stored data as a value that the encoder of answers can write."""
    return json.loads(text, parse_int=_encodable)


def _kept(value: Any, dialect: Dialect) -> Any:
    """`value` with its numbers as the dialect keeps them."""
    match value:
        case dict():
            return {name: _kept(inner, dialect) for name, inner in value.items()}
        case list():
            return [_kept(inner, dialect) for inner in value]
        case bool():
            return value
        case int() if abs(value) > _EXACT:
            if dialect["big_integers"] == "rejected":
                detail = "stream_data: an integer lies beyond 2^53; send it as text"
                raise Rejected("bge/dialect/big_integers", detail)
            return float(value) if dialect["big_integers"] == "rounded" else value
        case float() if value.is_integer() and abs(value) <= _EXACT:
            return int(value) if dialect["number_kinds"] == "merged" else value
        case _:
            return value


def _encodable(digits: str) -> Any:
    """An integer; one beyond 64 bits as raw JSON, for the encoder refuses it as a number."""
    number = int(digits)
    return number if number in _INT64 else orjson.Fragment(digits)
