"""JSON as other languages write it: one number has many spellings. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

Writer = Callable[[float], str]


def written(value: Any, number: Writer) -> str:
    """JSON text whose numbers `number` writes."""
    if isinstance(value, Mapping):
        members = (
            f"{json.dumps(name)}:{written(member, number)}" for name, member in value.items()
        )
        return f"{{{','.join(members)}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(written(member, number) for member in value)}]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return json.dumps(value)


def python(number: float) -> str:
    return json.dumps(number)


def ecmascript(number: float) -> str:
    """Number::toString (ECMA-262, 6.1.6.1.20): no exponent from 1e-6 up to 1e21, and no ``.0``."""
    sign, digits, point = _shortest(number)
    if 0 < point <= 21:
        whole, rest = digits[:point].ljust(point, "0"), digits[point:]
        return f"{sign}{whole}{'.' * bool(rest)}{rest}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else "0"
    exponent = f"e{point - 1:+}"
    return f"{sign}{digits[0]}{'.' * (len(digits) > 1)}{digits[1:]}{exponent}"


def go(number: float) -> str:
    """Go's strconv with 'g' and -1: an exponent of two digits from 1e6 on, and below 1e-4."""
    sign, digits, point = _shortest(number)
    if digits != "0" and not -4 <= point - 1 < 6:
        fraction = "." * (len(digits) > 1) + digits[1:]
        return f"{sign}{digits[0]}{fraction}e{'-' if point < 1 else '+'}{abs(point - 1):02}"
    return sign + format(Decimal(digits).scaleb(point - len(digits)), "f")


def jsonb(number: float) -> str:
    """PostgreSQL's numeric: all digits, no exponent, and no negative zero."""
    text = format(Decimal(repr(number)), "f")
    return text.removeprefix("-") if not number else text


def _shortest(number: float) -> tuple[str, str, int]:
    """Sign, digits and where the point stands behind the first of them, of the shortest decimal
    that reads as this double."""
    sign, digits, exponent = Decimal(repr(float(number))).normalize().as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    return "-" if sign and number else "", text, len(text) + exponent
