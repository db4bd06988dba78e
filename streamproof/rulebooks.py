"""Rulebooks for readers: a table, Markdown, JSON, and everything about one rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from streamproof.specs.api import Api
from streamproof.specs.dialect import Point
from streamproof.specs.rulebook import Rule
from streamproof.specs.wording import shown


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that a rule is judged, by rule id.

    `witnesses` of the rules that have a check, None where checks aren't installed; `faults` of
    the mock that break the rule, each with a sentence.
    """

    witnesses: Mapping[str, tuple[str, ...]] | None
    faults: Mapping[str, Mapping[str, str]]


# -- as data -----------------------------------------------------------------------------------


def book_data(api: Api, proof: Proof) -> dict[str, Any]:
    """A whole rulebook as JSON has it."""
    book = api.rulebook
    return {
        "api": api.name,
        "title": {"en": api.title_en, "zh": api.title_zh},
        "version": api.version,
        "sha256": api.sha256,
        "documents": [{**asdict(d), "level": d.level.value} for d in book.documents],
        "rules": [rule_data(api, rule, proof) for rule in book],
        "silent_points": [point_data(api, point) for point in api.dialect.points.values()],
        "excluded": [
            {"source": str(e.source), "gist": e.gist, "reason": e.reason} for e in book.excluded
        ],
        "errata": [
            {"source": str(e.source), "says": e.says, "reading": e.reading} for e in book.errata
        ],
    }


def rule_data(api: Api, rule: Rule, proof: Proof) -> dict[str, Any]:
    """Everything about a rule. ``checked`` is null where checks aren't installed."""
    witnesses = proof.witnesses
    return {
        "id": rule.id,
        "level": rule.level.value,
        "en": rule.en,
        "zh": rule.zh,
        "sources": [str(source) for source in rule.sources],
        "pointer": rule.pointer,
        "silent": list(rule.silent),
        "depends_on": list(rule.depends_on),
        "needed_by": [other.id for other in api.rulebook if rule.id in other.depends_on],
        "needs": list(rule.needs),
        "checked": None if witnesses is None else rule.id in witnesses,
        "witnesses": list((witnesses or {}).get(rule.id, ())),
        "faults": dict(proof.faults.get(rule.id, {})),
    }


def point_data(api: Api, point: Point) -> dict[str, Any]:
    """Everything about a silent point."""
    return {
        "id": f"{api.name}/dialect/{point.name}",
        "en": point.en,
        "zh": point.zh,
        "choices": [asdict(choice) for choice in point.choices],
        "schema": point.schema,
        "default": point.default,
        "shows": {"en": point.shows_en, "zh": point.shows_zh},
        "visible_when": point.visible_when,
        "cost": point.cost,
        "mock": point.mock,
        "rules": [rule.id for rule in api.rulebook if point.name in rule.silent],
    }


# -- as text -----------------------------------------------------------------------------------


def rule_text(api: Api, rule: Rule, proof: Proof) -> str:
    """Everything about a rule, for a terminal."""
    data = rule_data(api, rule, proof)
    points = api.dialect.points
    checked = {None: "unknown without the extra `check`", False: "no check yet"}
    seen = "; ".join(data["witnesses"])
    facts = {
        "level": [rule.level.value],
        "sources": data["sources"],
        "openapi.yaml": [rule.pointer] if rule.pointer else [],
        "silent": [f"{name}: {points[name].en}" for name in rule.silent],
        "depends on": data["depends_on"],
        "needed by": data["needed_by"],
        "needs": [f"fixtures.{key}" for key in rule.needs],
        "checked": [checked.get(data["checked"], f"by seeing {seen}" if seen else "yes")],
        "broken by": [f"{name}: {says}" for name, says in data["faults"].items()],
    }
    return "\n".join((rule.id, rule.en, rule.zh, "", *_facts(facts)))


def point_text(api: Api, point: Point) -> str:
    """Everything about a silent point, for a terminal."""
    data = point_data(api, point)
    facts = {
        "choices": [f"{_choice(c.value, point)}: {c.en} {c.zh}" for c in point.choices],
        "also": [shown(point.schema)] if point.schema else [],
        "shows": [point.shows_en, point.shows_zh],
        "visible when": [f"{k} = {shown(v)}" for k, v in (point.visible_when or {}).items()],
        "cost": [point.cost] if point.cost else [],
        "mock": [] if point.mock else ["offers the default only"],
        "rules": data["rules"],
    }
    return "\n".join((data["id"], point.en, point.zh, "", *_facts(facts)))


def rows(api: Api) -> Iterator[tuple[str, str, str]]:
    """Id, level and statement of every rule; then the silent points, with their choices."""
    for rule in api.rulebook:
        yield rule.id, rule.level.value, rule.en
    for point in api.dialect.points.values():
        choices = ", ".join(_choice(choice.value, point) for choice in point.choices)
        yield f"{api.name}/dialect/{point.name}", "silent", f"{point.en} {choices}"


def _facts(facts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    width = max(map(len, facts))
    for name, lines in facts.items():
        for label, line in zip([name, *[""] * len(lines)], lines, strict=False):
            yield f"{label:<{width}}  {line}"


def _choice(value: object, point: Point) -> str:
    return f"{shown(value)} (default)" if value == point.default else shown(value)


# -- as Markdown -------------------------------------------------------------------------------


def markdown(api: Api, proof: Proof) -> str:
    """A whole rulebook, with what is no rule and why."""
    book = api.rulebook
    lines = [f"# {api.title_en} · {api.title_zh}", ""]
    lines += _table(
        ("document", "title", "level", "SHA-256"),
        ((d.home, d.title, d.level.value, d.sha256 or "") for d in book.documents),
    )
    for operation, rules in groupby(book, key=lambda rule: rule.operation):
        lines += ["", f"## {operation}", ""]
        lines += _table(
            ("rule", "level", "statement", "规则", "sources", "silent", "checked", "broken by"),
            (_rule_cells(rule_data(api, rule, proof)) for rule in rules),
        )
    lines += ["", "## Silent points", ""]
    lines += _table(
        ("point", "question", "问题", "choices", "shows"),
        (_point_cells(point) for point in api.dialect.points.values()),
    )
    lines += ["", "## No rules", ""]
    lines += _table(
        ("source", "gist", "reason"), ((str(e.source), e.gist, e.reason) for e in book.excluded)
    )
    lines += ["", "## Errata", ""]
    lines += _table(
        ("source", "says", "reading"), ((str(e.source), e.says, e.reading) for e in book.errata)
    )
    return "\n".join(lines)


def _rule_cells(data: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        f"`{data['id']}`",
        data["level"],
        data["en"],
        data["zh"],
        "<br>".join(data["sources"]),
        ", ".join(f"`{name}`" for name in data["silent"]),
        {True: "yes", False: "not yet", None: ""}[data["checked"]],
        "<br>".join(f"`{name}`" for name in data["faults"]),
    )


def _point_cells(point: Point) -> tuple[str, ...]:
    choices = (f"`{shown(c.value)}` {c.en} {c.zh}" for c in point.choices)
    default = f"default `{shown(point.default)}`"
    return (
        f"`{point.name}`",
        point.en,
        point.zh,
        "<br>".join((*choices, default)),
        f"{point.shows_en} {point.shows_zh}",
    )


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    for cells in body:
        yield _row(cells)


def _row(cells: Iterable[str]) -> str:
    escaped = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
