"""What the values of fields are in columns: texts by code points, numbers, instants."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import orjson

from streamproof.mockserver.tables import identity

Kind = Literal["text", "number", "instant", "set"]
Column = str | int | float

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_10000: Final = 253_402_300_800_000  # in milliseconds
_MILLISECOND: Final = timedelta(milliseconds=1)


def kind_of(declared: str | None, schema: Mapping[str, Any]) -> Kind:
    """The kind of a field, by what resources.yaml says of it, or else by its schema."""
    kinds = schema.get("type", ())
    kinds = {kinds} if isinstance(kinds, str) else {*kinds}
    if declared == "instant" or (declared is None and schema.get("format") == "date-time"):
        return "instant"
    if declared in ("number", "integer") or (declared is None and kinds & {"number", "integer"}):
        return "number"
    return "set" if declared == "set" or "array" in kinds else "text"


def column(kind: Kind, value: Any) -> Column:
    """A field's value as its column holds it; of one that isn't there, what sorts first.

    Raises ValueError for what is no instant.
    """
    match kind, value:
        case "instant", None:
            return 0
        case "instant", _:
            return instant(value)
        case "number", bool():
            return 0.0
        case "number", int() | float():
            return float(value)
        case "number", _:
            return 0.0
    return text(value)


def text(value: Any) -> str:
    """What stands for a value where texts are compared."""
    if value is None:
        return ""
    return identity(value if isinstance(value, str) else orjson.dumps(value).decode())


def instant(value: Any) -> int:
    """Milliseconds since 1970, of a time of RFC 3339 or such a number. Raises ValueError."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= _YEAR_10000:
            raise ValueError(f"{value} is beyond every calendar")
        return int(value)
    if not isinstance(value, str):
        raise ValueError("a time like 2025-03-01T09:00:00Z expected")
    told = value.upper()
    leap = told[17:19] == "60"  # the second after the last of its minute
    moment = datetime.fromisoformat(f"{told[:17]}59{told[19:]}" if leap else told)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no offset; add one, or Z")
    return (moment - _EPOCH) // _MILLISECOND + 1000 * leap


def shown(milliseconds: int) -> str:
    """An instant in UTC, with milliseconds."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
