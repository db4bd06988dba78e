"""Figures -> text: tables in Markdown that also read well on a terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """Several measurements of one thing."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        return cls(tuple(values))

    @property
    def middle(self) -> float:
        return median(self.values)

    def over(self, other: Spread) -> Spread:
        """Round by round, this by the other."""
        return Spread.of(a / b for a, b in zip(self.values, other.values, strict=True))

    def __format__(self, digits: str) -> str:
        """The median, and between which values it lies; `digits` as in ``.2f``."""
        low, high = min(self.values), max(self.values)
        return f"{self.middle:{digits}} ({low:{digits}}-{high:{digits}})"


def verdict(value: float, target: float, *, at_most: bool = False) -> str:
    """Whether a target is met."""
    met = value <= target if at_most else value >= target
    return "met" if met else "not met"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; the first column is flush left, the others flush right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    yield _line(head, widths)
    yield (
        "| " + " | ".join("-" * (w - (i > 0)) + ":" * (i > 0) for i, w in enumerate(widths)) + " |"
    )
    for row in rows:
        yield _line(row, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        " " * (width - len(cell)) + cell if i else cell + " " * (width - len(cell))
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"
