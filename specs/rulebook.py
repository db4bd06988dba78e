"""Rules: what an API's document says that can be tested, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamproof.specs.facets import Facet


class Level(Enum):
    """How firmly a rule stands; the order is documented > implied > linked.

    What an API's files declare without a document to point to counts as documented.
    """

    DOCUMENTED = "documented"
    DECLARED = "declared"
    IMPLIED = "implied"
    LINKED = "linked"

    @property
    def is_documented(self) -> bool:
        return self in (Level.DOCUMENTED, Level.DECLARED)

    def includes(self, other: Level) -> bool:
        """Whether a selection down to this level takes in rules of level `other`."""
        order = list(Level)
        return other.is_documented or order.index(other) <= order.index(self)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands: a public document, a section of it, an item of that section."""

    document: str
    section: str
    item: str

    @classmethod
    def parse(cls, text: str) -> Source:
        """Read ``document › section › item``; section and item may be left out."""
        parts = [part.strip() for part in text.split("›", 2)]
        return cls(*parts, *[""] * (3 - len(parts)))

    def __str__(self) -> str:
        return " › ".join(part for part in (self.document, self.section, self.item) if part)


@dataclass(frozen=True, slots=True)
class Rule:
    """One testable sentence. `pointer` leads to the keyword of openapi.yaml that states it;
    `law` names the law that it is of a `facet`; `seen_as` are the differences from a model of what
    calls leave by which a sequence of calls may show that it is broken."""

    id: str
    level: Level
    en: str
    zh: str
    sources: tuple[Source, ...]
    pointer: str | None = None
    silent: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    law: str | None = None
    facet: Facet | None = None
    seen_as: tuple[str, ...] = ()

    @property
    def operation(self) -> str:
        """The middle segment of the id: an operationId, or ``any``."""
        return self.id.split("/")[1]


@dataclass(frozen=True, slots=True)
class Document:
    """A public text that rules are read off; `sections` are in its order, where they are told."""

    id: str
    title: str
    home: str
    level: Level
    sha256: str | None = None
    sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A sentence that is no rule, and why."""

    source: Source
    gist: str
    reason: str


@dataclass(frozen=True, slots=True)
class Erratum:
    """A slip of a document, and how it is read here."""

    source: Source
    says: str
    reading: str


@dataclass(frozen=True)
class Rulebook:
    """All rules of one API, in the document's order. `parts` are what rules may need beside
    fixtures: parts of the API, which a target has unless it says that it lacks them."""

    documents: tuple[Document, ...]
    rules: Mapping[str, Rule]
    excluded: tuple[Excluded, ...]
    errata: tuple[Erratum, ...]
    parts: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __getitem__(self, rule_id: str) -> Rule:
        return self.rules[rule_id]

    def by_pointer(self, pointer: str, operation: str) -> Rule | None:
        """The rule generated from this keyword of openapi.yaml, if any; where operations share
        the keyword, that of `operation`."""
        return self._by_pointer.get((operation, pointer)) or self._by_pointer.get(("", pointer))

    def by_law(self, operation: str, *laws: str, about: str = "") -> Rule | None:
        """The first rule of one of these laws under an operation; where `about` is told, that
        whose facet has this name."""
        return next(
            (
                rule
                for rule in self
                if rule.law in laws
                and rule.facet is not None
                and rule.operation == operation
                and about in ("", rule.facet.name, rule.facet.other)
            ),
            None,
        )

    @cached_property
    def _by_pointer(self) -> Mapping[tuple[str, str], Rule]:
        found = {("", r.pointer): r for r in self if r.pointer is not None}
        found |= {(r.operation, r.pointer): r for r in self if r.pointer is not None}
        return MappingProxyType(found)

    def in_dependency_order(self) -> tuple[Rule, ...]:
        """The rules so that each comes after those that it depends on.

        Raises ValueError naming a rule that depends on itself.
        """
        done: dict[str, Rule] = {}

        def visit(rule: Rule, path: tuple[str, ...]) -> None:
            if rule.id in done:
                return
            if rule.id in path:
                raise ValueError(f"{rule.id} depends on itself by way of {', '.join(path)}")
            for needed in rule.depends_on:
                visit(self.rules[needed], (*path, rule.id))
            done[rule.id] = rule

        for rule in self:
            visit(rule, ())
        return tuple(done.values())
