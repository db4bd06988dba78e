"""The rulebook that a rules.yaml writes: each rule with its source, its wording or its law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from streamproof.specs import laws
from streamproof.specs.dialect import DialectSpec
from streamproof.specs.errors import SpecError
from streamproof.specs.facets import Facet, facets
from streamproof.specs.openapi import Described
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Document, Erratum, Excluded, Level, Rule, Rulebook, Source
from streamproof.specs.schema import resolve


def rulebook(
    spec: Mapping[str, Any],
    described: Described,
    resources: Mapping[str, Resource],
    dialect: DialectSpec,
    file: str,
) -> Rulebook:
    """The rules of a rules.yaml that has the form of its schema.

    Raises `SpecError` that names `file`, the rule and the fault, for what the schema can't see.
    """
    of_facets = list(facets(resources, described.operations))
    read = [_rule(entry, of_facets, described, file) for entry in spec["rules"]]
    made = list(laws.linked(read))
    _check_ids(spec, made, described, file)
    rules = Rulebook(
        documents=tuple(Document(**{**d, "level": Level(d["level"])}) for d in spec["documents"]),
        rules=MappingProxyType({rule.id: rule for rule in made}),
        excluded=tuple(
            Excluded(Source.parse(e["source"]), e["gist"], e["reason"])
            for e in spec.get("excluded", ())
        ),
        errata=tuple(
            Erratum(Source.parse(e["source"]), e["says"], e["reading"])
            for e in spec.get("errata", ())
        ),
        parts=tuple(spec.get("parts", ())),
    )
    _check_references(rules, described, dialect, file)
    return rules


def _rule(
    entry: Mapping[str, Any], of_facets: list[Facet], described: Described, file: str
) -> Rule:
    given = {
        "sources": tuple(map(Source.parse, entry["sources"])),
        **{name: entry[name] for name in ("en", "zh", "pointer") if name in entry},
        **{
            name: tuple(entry[name])
            for name in ("silent", "depends_on", "needs", "seen_as")
            if name in entry
        },
    }
    if "level" in entry:
        given["level"] = Level(entry["level"])
    if "law" not in entry:
        return Rule(id=entry["id"], **given)
    law = laws.laws().get(entry["law"])
    if law is None:
        names = ", ".join(laws.laws())
        raise SpecError(file, entry["id"], f"no law {entry['law']!r}; there are {names}")
    api, operation, _ = entry["id"].split("/")
    about = entry.get("about")
    found = [
        facet
        for facet in of_facets
        if facet.kind == law.facet
        and facet.operation == operation
        and about in (None, facet.name, facet.other)
    ]
    if len(found) != 1:
        raise SpecError(file, entry["id"], _not_one(law.name, law.facet, operation, found))
    return replace(law.rule(api, found[0], described.operations), id=entry["id"], **given)


def _not_one(law: str, kind: str, operation: str, found: list[Facet]) -> str:
    if not found:
        return (
            f"{law} is a law of {kind!r}, which resources.yaml doesn't give to {operation!r};"
            " name it there, or another law here"
        )
    return f"{law} is about one of several; add `about: {found[0].other or found[0].name}`, say"


def _check_ids(spec: Mapping[str, Any], made: list[Rule], described: Described, file: str) -> None:
    seen: set[str] = set()
    for rule in made:
        if rule.id in seen:
            raise SpecError(file, rule.id, "stands twice")
        seen.add(rule.id)
        api, middle, _ = rule.id.split("/")
        if api != spec["api"] or middle not in {*described.operations, "any"}:
            raise SpecError(file, rule.id, "must begin with the API and one of its operations")


def _check_references(
    rules: Rulebook, described: Described, dialect: DialectSpec, file: str
) -> None:
    documents = {document.id for document in rules.documents}
    for rule in rules:
        for source in rule.sources:
            if source.document not in documents:
                raise SpecError(file, rule.id, f"unknown document {source.document!r} in sources")
        for needed in rule.depends_on:
            if needed not in rules.rules:
                raise SpecError(file, rule.id, f"depends on unknown rule {needed!r}")
        for name in rule.silent:
            if name not in dialect.points:
                raise SpecError(file, rule.id, f"names unknown silent point {name!r}")
        if rule.pointer is not None:
            try:
                resolve(described.document, rule.pointer)
            except LookupError:
                raise SpecError(
                    file, rule.id, f"pointer {rule.pointer} leads nowhere in openapi.yaml"
                ) from None
    try:
        rules.in_dependency_order()
    except ValueError as fault:
        raise SpecError(file, "depends_on", str(fault)) from None
