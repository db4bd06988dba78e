"""Rulebooks for readers: a table, Markdown, JSON, and everything about one rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from streamproof.specs.api import Api
from streamproof.specs.dialect import Point
from streamproof.specs.rulebook import Document, Excluded, Level, Rule
from streamproof.specs.wording import shown

if TYPE_CHECKING:
    from streamproof.contracts.report.lang import Lang


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


Kept = tuple[tuple[Rule, ...], tuple[Point, ...], tuple[Excluded, ...]]
"""Rules, silent points, and sentences that are no rule."""


def narrowed(api: Api, level: Level | None, text: str | None) -> Kept:
    """What a rulebook has down to `level`, and has `text` in it, in any case of letters."""

    def has(*parts: object) -> bool:
        return text is None or any(text.casefold() in str(part).casefold() for part in parts)

    def of(point: Point) -> bool:
        choices = [part for c in point.choices for part in (shown(c.value), c.en, c.zh)]
        return has(f"{api.name}/dialect/{point.name}", point.en, point.zh, *choices)

    rules = (r for r in api.rulebook if level is None or level.includes(r.level))
    points = () if level else api.dialect.points.values()
    sentences = api.rulebook.excluded
    return (
        tuple(rule for rule in rules if has(rule.id, rule.en, rule.zh, *rule.sources)),
        tuple(point for point in points if of(point)),
        tuple(each for each in sentences if has(each.source, each.gist, each.reason)),
    )


def title(api: Api, rules: Sequence[Rule], points: Sequence[Point], lang: Lang) -> str:
    """The heading of a table."""
    if lang == "zh":
        of_points = f"，{len(points)} 个未定点" if points else ""
        return f"{api.title_zh}：{len(rules)} 条规则{of_points}"
    of_points = f", {len(points)} silent points" if points else ""
    return f"{api.title_en}: {len(rules)} rules{of_points}"


def rows(
    api: Api, rules: Iterable[Rule], points: Iterable[Point], lang: Lang
) -> Iterator[tuple[str, str, str]]:
    """Id, level and statement of rules; then silent points, with their choices."""
    for rule in rules:
        yield rule.id, rule.level.value, rule.zh if lang == "zh" else rule.en
    for point in points:
        choices = ", ".join(_choice(choice.value, point) for choice in point.choices)
        question = point.zh if lang == "zh" else point.en
        yield f"{api.name}/dialect/{point.name}", "silent", f"{question} {choices}"


def by_source(
    api: Api, rules: Sequence[Rule], sentences: Sequence[Excluded], lang: Lang
) -> Iterator[str]:
    """The sections of the documents, each with its rules and with its sentences that are none.

    A rule stands in each section that it is read off.
    """
    none = "不是规则" if lang == "zh" else "no rule"
    for document in api.rulebook.documents:
        for section in _sections(api, document):
            place = document.id, section
            here = [r for r in rules if any((s.document, s.section) == place for s in r.sources)]
            not_here = [e for e in sentences if (e.source.document, e.source.section) == place]
            if not here and not not_here:
                continue
            yield " › ".join(filter(None, place))
            for rule in here:
                items = [s.item for s in rule.sources if (s.document, s.section) == place]
                where = f" ({'; '.join(filter(None, items))})" if any(items) else ""
                yield f"  {rule.id}  {rule.level.value}{where}"
                yield f"    {rule.zh if lang == 'zh' else rule.en}"
            for entry in not_here:
                where = f" ({entry.source.item})" if entry.source.item else ""
                yield f"  {none}: {entry.gist}{where}"
                yield f"    {entry.reason}"
            yield ""


def _sections(api: Api, document: Document) -> list[str]:
    """The sections that something is read off; those in front whose order the document tells."""
    book = api.rulebook
    sources = [*(s for rule in book for s in rule.sources), *(e.source for e in book.excluded)]
    found = dict.fromkeys(s.section for s in sources if s.document == document.id)
    return [
        *(s for s in document.sections if s in found),
        *sorted(found.keys() - {*document.sections}, key=_natural),
    ]


def _natural(section: str) -> list[tuple[int, str]]:
    """Sections by their numbers, 9 before 15."""
    return [(int(part or 0), rest) for part, rest in re.findall(r"(\d*)(\D*)", section)]


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
