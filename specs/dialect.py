"""Silent points: what the documents leave open, and the choice that one server makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from streamproof.specs.errors import SpecError, meant
from streamproof.specs.schema import JsonSchema, check_file
from streamproof.specs.wording import shown

Value = str | int | float | bool | None
PROBE = "_probe"  # the table of a dialect file that tells what else a probe found there


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to settle a silent point."""

    value: Value
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Point:
    """A question that the documents leave open.

    `visible_when` names other points and the values without which this one can't be seen;
    `cost` says what looking costs on a live server; `mock` is false where the mock server
    offers the default only.
    """

    name: str
    en: str
    zh: str
    choices: tuple[Choice, ...]
    default: Value
    shows_en: str
    shows_zh: str
    schema: JsonSchema | None = None
    visible_when: Mapping[str, Value] | None = None
    cost: str | None = None
    mock: bool = True

    def check(self, value: object, file: str) -> None:
        """Raise `SpecError` unless `value` is a choice or fits the open schema."""
        if any(type(value) is type(c.value) and value == c.value for c in self.choices):
            return
        listed = ", ".join(shown(c.value) for c in self.choices)
        if self.schema is None:
            raise SpecError(file, self.name, f"one of {listed} expected, got {shown(value)}")
        check_file(value, self.schema, f"{file}: {self.name}")


class Dialect(Mapping[str, Any]):
    """The choice made at every silent point; reading an unknown point is a KeyError."""

    def __init__(self, choices: Mapping[str, Value]) -> None:
        self._choices = MappingProxyType(dict(choices))
        self._hash = hash(frozenset((point, str(value)) for point, value in choices.items()))

    def __hash__(self) -> int:
        return self._hash

    def __getitem__(self, point: str) -> Any:
        return self._choices[point]

    def __iter__(self) -> Iterator[str]:
        return iter(self._choices)

    def __len__(self) -> int:
        return len(self._choices)

    def __repr__(self) -> str:
        return f"Dialect({dict(self._choices)!r})"


@dataclass(frozen=True, slots=True)
class DialectSpec:
    """All silent points of one API."""

    points: Mapping[str, Point]

    def default(self) -> Dialect:
        return Dialect({name: point.default for name, point in self.points.items()})

    def read(self, chosen: Mapping[str, Any], file: str) -> Dialect:
        """The default dialect with `chosen` in place of some points.

        Raises `SpecError` for a point that doesn't exist and for a value that is no choice.
        """
        for name, value in chosen.items():
            if name not in self.points:
                hint = meant(name, self.points, "`streamproof rules` lists them")
                raise SpecError(file, name, f"no such silent point; {hint}")
            self.points[name].check(value, file)
        return Dialect({**self.default(), **chosen})
