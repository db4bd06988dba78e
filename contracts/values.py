"""JSON values as they come in: read at any depth, compared as JSON compares, put into one spelling.

Nothing here recurses, so a value may be nested as deep as memory goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from streamproof.specs.wording import written

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_BOM: Final = b"\xef\xbb\xbf"
_LONGEST_INT: Final = 400  # digits; a double has 309 at most
_DEEPEST_TOLD: Final = 20  # levels at which a difference is still pointed to

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value; of names that stand twice in an object the last counts, `repeated` is one."""

    value: Any
    repeated: str | None = None


def parse(body: bytes) -> Parsed:
    """The JSON value in `body` (RFC 8259). Raises ValueError: what is wrong, and where."""
    if not body:
        raise ValueError("nothing")
    if body.startswith(_BOM):
        raise ValueError("it begins with a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise ValueError(f"no UTF-8 at byte {fault.start + 1}") from None
    repeated: list[str] = []

    def members(pairs: Pairs) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs) and not repeated:
            names = [name for name, _ in pairs]
            repeated.append(next(name for name in names if names.count(name) > 1))
        return found

    try:
        try:
            value = json.loads(text, object_pairs_hook=members, parse_constant=_no_number)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError):  # NaN and the like, thousands of digits, or deep
            repeated.clear()
            value = _unrolled(text, members)
    except json.JSONDecodeError as fault:
        said = fault.msg.replace("E", "e", 1)  # "Expecting …", "Extra data"
        raise ValueError(f"{said} at character {fault.pos + 1}") from None
    return Parsed(value, repeated[0] if repeated else None)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _LONGEST_INT else float(digits)


_SCALARS: Final = json.JSONDecoder(parse_int=_integer, parse_constant=_no_number)


def _unrolled(text: str, members: Callable[[Pairs], dict[str, Any]]) -> Any:
    """As ``json.loads``, with a list of what is open in place of recursion."""
    opened: list[list[Any]] = []  # members so far, of arrays and objects
    names: list[str | None] = []  # of each: the name of the member that comes next, None in arrays
    at = _past(text, 0)
    while True:
        match text[at : at + 1]:
            case "[" | "{" as bracket:
                closing, at = "]" if bracket == "[" else "}", _past(text, at + 1)
                if text[at : at + 1] != closing:
                    name, at = (None, at) if bracket == "[" else _name(text, at)
                    opened.append([])
                    names.append(name)
                    continue
                value: Any = [] if bracket == "[" else {}
                at += 1
            case _:
                value, at = _scalar(text, at)
        while True:  # a value is whole: put it where it belongs
            at = _past(text, at)
            if not opened:
                if at < len(text):
                    raise json.JSONDecodeError("Extra data", text, at)
                return value
            name = names[-1]
            opened[-1].append(value if name is None else (name, value))
            mark, at = text[at : at + 1], at + 1
            if mark == ",":
                at = _past(text, at)
                if name is not None:
                    names[-1], at = _name(text, at)
                break
            if mark != ("]" if name is None else "}"):
                raise json.JSONDecodeError("Expecting ',' delimiter", text, at - 1)
            inner, name = opened.pop(), names.pop()
            value = inner if name is None else members(inner)


def _past(text: str, at: int) -> int:
    """The place behind blanks."""
    blank = _SPACE.match(text, at)
    return blank.end() if blank else at


def _name(text: str, at: int) -> tuple[str, int]:
    """The name of a member, and where its value begins."""
    if text[at : at + 1] != '"':
        raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
    name, at = _scalar(text, at)
    at = _past(text, at)
    if text[at : at + 1] != ":":
        raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
    return name, _past(text, at + 1)


def _scalar(text: str, at: int) -> tuple[Any, int]:
    try:
        found: tuple[Any, int] = _SCALARS.raw_decode(text, at)
    except json.JSONDecodeError:
        raise
    except ValueError as fault:
        raise json.JSONDecodeError(str(fault), text, at) from None
    return found


def same(left: object, right: object) -> bool:
    """Equality as JSON: numbers are one where their doubles are (RFC 8259, 6); true is not 1."""
    pairs: list[tuple[Any, Any]] = [(left, right)]
    while pairs:
        a, b = pairs.pop()
        if isinstance(a, bool) or isinstance(b, bool):
            if a is not b:
                return False
        elif isinstance(a, int | float) and isinstance(b, int | float):
            if double(a) != double(b):
                return False
        elif isinstance(a, Mapping) and isinstance(b, Mapping):
            if a.keys() != b.keys():
                return False
            pairs.extend((a[name], b[name]) for name in a)
        elif isinstance(a, list | tuple) and isinstance(b, list | tuple):
            if len(a) != len(b):
                return False
            pairs.extend(zip(a, b, strict=True))
        elif type(a) is not type(b) or a != b:
            return False
    return True


def double(number: float) -> float:
    """The IEEE double of a number; beyond the largest one it is infinite."""
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")


def spelled(value: Any) -> str:
    """One text for all values that are `same`: JSON, members by name, each number as a double."""
    return written(value, by_name=True, number=lambda n: repr(double(n) + 0.0))  # -0.0 is 0.0


def difference(left: Any, right: Any) -> tuple[str, Any, Any]:
    """The one place at which two values differ, as a JSON pointer, and what stands there in each.

    Where they differ in several places it is the value around those; of objects only the members
    that differ.
    """
    at = ""
    for _ in range(_DEEPEST_TOLD):
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            names = [
                name
                for name in {**left, **right}
                if name not in left or name not in right or not same(left[name], right[name])
            ]
            left = {name: left[name] for name in names if name in left}
            right = {name: right[name] for name in names if name in right}
            if len(names) != 1 or left.keys() != right.keys():
                break
            [step] = names
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            places = [i for i, pair in enumerate(zip(left, right, strict=True)) if not same(*pair)]
            if len(places) != 1:
                break
            [step] = places
        else:
            break
        at += f"/{step}"
        left, right = left[step], right[step]
    return at, left, right
