"""Values that aren't quite right, of the same kind as a good one: the answer stays valid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from streamproof.mockserver.engine.values import instant, shown

Change = Callable[[Any], Any]


def other(value: Any) -> Any:
    """Another value, far from this one."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1000
        case str():
            return f"{value}{value}x"
        case [_, *_]:
            return []
    return value


def near(value: Any) -> Any:
    """Another value, close to this one."""
    match value:
        case bool():
            return not value
        case float() if value != int(value):
            return float(int(value))
        case int() | float():
            return value + 1
        case "":
            return "x"
        case str():
            return value[:-1] or value * 2
        case [*_, _]:
            return value[:-1]
    return value


def later(value: Any, milliseconds: int) -> Any:
    """A time as it is written, so much later; what is no time stays."""
    try:
        moved = instant(value) + milliseconds
        return moved if isinstance(value, int | float) else shown(moved)
    except (ValueError, OverflowError):
        return value


def offset(value: Any) -> timedelta:
    """How far the zone of a written time is from UTC."""
    try:
        return datetime.fromisoformat(value.upper()).utcoffset() or timedelta()
    except (AttributeError, ValueError):
        return timedelta()


def as_text(value: Any) -> str:
    """What stands for a value where values are compared: of times the instant."""
    return str(later(value, 0)) if isinstance(value, str) else repr(value)
