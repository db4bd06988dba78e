"""`streamproof rules`: read what is checked, where it comes from, and what is left open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from streamproof.commands.options import language

if TYPE_CHECKING:
    from streamproof.contracts.report.lang import Lang
    from streamproof.rulebooks import Proof
    from streamproof.specs.api import Api
    from streamproof.specs.dialect import Point
    from streamproof.specs.rulebook import Rule


@click.command()
@click.argument("api", required=False)
@click.argument("rule_id", metavar="[RULE-ID]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "json"]),
    default="table",
    show_default=True,
    help="Markdown and JSON have the sentences that are no rule, and the errata, too.",
)
@click.option(
    "--level",
    type=click.Choice(["documented", "implied", "linked"]),
    help="Only rules down to this level, without the silent points.",
)
@click.option(
    "--grep", metavar="TEXT", help="Only what has this text in a statement, id or source."
)
@click.option("--by-source", is_flag=True, help="By the documents' sections, with what is no rule.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default=language,
    help="The language of statements.  [default: that of the environment]",
)
def rules(
    api: str | None,
    rule_id: str | None,
    form: str,
    level: str | None,
    grep: str | None,
    by_source: bool,
    lang: Lang,
) -> None:
    """Print rulebooks, or everything about one rule or silent point."""
    from streamproof.commands.options import api_name
    from streamproof.rulebooks import narrowed
    from streamproof.specs import api as apis
    from streamproof.specs.rulebook import Level

    if api and "/" in api and rule_id is None and api.partition("/")[0] in apis.names():
        api, rule_id = api.partition("/")[0], api  # the id says which API
    names = apis.names() if api is None else (api_name(api),)
    books = [apis.load(name) for name in names]
    if (level or grep or by_source) and (rule_id is not None or form != "table"):
        what = f"one rule, {rule_id}" if rule_id is not None else f"--format {form}"
        raise click.UsageError(f"--level, --grep and --by-source are of the table, not of {what}")
    if rule_id is not None:
        _one(books[0], rule_id, form)
    elif form == "table":
        kept = [narrowed(book, Level(level) if level else None, grep) for book in books]
        if grep and not any(any(each) for each in kept):
            raise click.UsageError(f"nothing has {grep!r} in it")
        for book, (rules, points, sentences) in zip(books, kept, strict=True):
            if by_source:
                from streamproof.rulebooks import by_source as told

                click.echo("\n".join(told(book, rules, sentences, lang)))
            elif rules or points:
                _table(book, rules, points, lang)
    elif form == "markdown":
        from streamproof.rulebooks import markdown

        click.echo("\n\n".join(markdown(book, _proof(book)) for book in books))
    else:
        from streamproof.rulebooks import book_data

        data = [book_data(book, _proof(book)) for book in books]
        click.echo(_json(data if api is None else data[0]))


def _one(api: Api, rule_id: str, form: str) -> None:
    """Print one rule, or one silent point by its id ``api/dialect/point``."""
    from streamproof.rulebooks import point_data, point_text, rule_data, rule_text
    from streamproof.specs.errors import SpecError, meant

    rule = api.rulebook.rules.get(rule_id)
    point = api.dialect.points.get(rule_id.removeprefix(f"{api.name}/dialect/"))
    if rule is not None:
        proof = _proof(api)
        as_json = form == "json"
        click.echo(_json(rule_data(api, rule, proof)) if as_json else rule_text(api, rule, proof))
    elif point is not None:
        click.echo(_json(point_data(api, point)) if form == "json" else point_text(api, point))
    else:
        known = [
            *api.rulebook.rules,
            *(f"{api.name}/dialect/{name}" for name in api.dialect.points),
        ]
        hint = meant(rule_id, known, f"`streamproof rules {api.name}` has all")
        raise SpecError(api.name, rule_id, f"no such rule; {hint}")


def _table(api: Api, rules: Sequence[Rule], points: Sequence[Point], lang: Lang) -> None:
    """On a terminal a table that fits it; otherwise a line for each rule, to be searched."""
    from rich.console import Console
    from rich.table import Table

    from streamproof.rulebooks import rows, title

    console = Console(highlight=False)
    head, told = title(api, rules, points, lang), [*rows(api, rules, points, lang)]
    if console.is_terminal:
        columns = ("规则", "级别", "内容") if lang == "zh" else ("rule", "level", "statement")
        table = Table(*columns, title=head)
        for row in told:
            table.add_row(*row)
        console.print(table)
    else:
        width = max(len(name) for name, _, _ in told)
        click.echo(head)
        for name, level, statement in told:
            click.echo(f"{name:<{width}}  {level:<10}  {statement}")


def _proof(api: Api) -> Proof:
    """The checks and faults of an API; the checks need the extra `check`."""
    from importlib.util import find_spec

    from streamproof.mockserver.domain import faults
    from streamproof.rulebooks import Proof

    witnesses = None
    if find_spec("hypothesis"):
        from streamproof.contracts.bind import checks_of

        witnesses = {check.rule: check.witnesses for check in checks_of(api)[0]}
    breaking: dict[str, dict[str, str]] = {}
    for fault in faults(api.home.key):
        breaking.setdefault(fault.rule, {})[fault.name] = fault.says
    return Proof(witnesses, breaking)


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
