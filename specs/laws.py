"""Laws, as far as a specification speaks of them: which there are, and the rules that they become.

A law is a property of a facet, whatever the API. What judges it stands with the suite, what breaks
it with the mock; its name and its wording stand here (laws.yaml), for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import yaml

from streamproof.specs.facets import Facet, FacetKind, facets
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Level, Rule, Source
from streamproof.specs.wording import slug

DOCUMENT: Final = "resources.yaml"
_FILE: Final = Path(__file__).parent / "laws.yaml"
_LISTS: Final = ("depends_on", "seen_as")


@dataclass(frozen=True, slots=True)
class Law:
    """What a specification says of a law: texts have the facet's names in braces."""

    name: str
    facet: FacetKind
    slug: str
    en: str
    zh: str
    depends_on: tuple[str, ...] = ()
    seen_as: tuple[str, ...] = ()

    def rule(self, api: str, facet: Facet, operations: Mapping[str, Operation]) -> Rule:
        """The rule that this law becomes for a facet, as yet without what it depends on."""
        names = _names(facet, operations)
        words = slug(self.slug.format(**names))
        return Rule(
            id=f"{api}/{facet.operation}/{words}",
            level=Level.DECLARED,
            en=self.en.format(**names),
            zh=self.zh.format(**names),
            sources=(Source(DOCUMENT, facet.resource.name, facet.kind),),
            law=self.name,
            facet=facet,
            seen_as=self.seen_as,
        )


@cache
def laws() -> Mapping[str, Law]:
    """All laws, by name."""
    read = yaml.safe_load(_FILE.read_text("utf-8"))
    return MappingProxyType(
        {
            name: Law(name, **{**entry, **{n: tuple(entry.get(n, ())) for n in _LISTS}})
            for name, entry in read.items()
        }
    )


def rules(
    api: str, resources: Mapping[str, Resource], operations: Mapping[str, Operation]
) -> Iterator[Rule]:
    """The rules that the laws of all facets become."""
    yield from linked(
        [
            law.rule(api, facet, operations)
            for facet in facets(resources, operations)
            for law in laws().values()
            if law.facet == facet.kind
        ]
    )


def linked(made: Sequence[Rule]) -> Iterator[Rule]:
    """Rules; those of a law with the rules on which it depends, unless they have some: of the
    same resource, or else of one around."""
    by_law: dict[tuple[str, str | None], list[str]] = {}
    for rule in made:
        if rule.law is not None:
            by_law.setdefault((_resource(rule).name, rule.law), []).append(rule.id)
    for rule in made:
        if rule.law is None or rule.depends_on:
            yield rule
            continue
        around = (_resource(rule).name, *_resource(rule).within.values())
        needed: list[str] = []
        for law in laws()[str(rule.law)].depends_on:
            needed += next((by_law[name, law] for name in around if (name, law) in by_law), [])
        yield replace(rule, depends_on=tuple(n for n in dict.fromkeys(needed) if n != rule.id))


def _resource(rule: Rule) -> Resource:
    assert rule.facet is not None
    return rule.facet.resource


def _names(facet: Facet, operations: Mapping[str, Operation]) -> dict[str, str]:
    """What the braces in a law's texts stand for."""
    resource, listing = facet.resource, facet.resource.listing
    window = None if listing is None else listing.window
    closed = window is None or window.closed
    return {
        "resource": resource.name,
        "call": operations[facet.operation].given,
        "key": str(resource.key),
        "name": facet.name,
        "other": facet.other,
        "same": _listed(resource.duplicates.same if resource.duplicates else ()),
        "one_of": _listed(listing.exactly_one if listing else ()),
        "edge_en": "inside" if closed else "outside",
        "edge_zh": "在" if closed else "不在",
    }


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
