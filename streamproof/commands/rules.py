"""`streamproof rules`: read what is checked, where it comes from, and what is left open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streamproof.rulebooks import Proof
    from streamproof.specs.api import Api


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
def rules(api: str | None, rule_id: str | None, form: str) -> None:
    """Print rulebooks, or everything about one rule or silent point."""
    from streamproof.commands.options import api_name
    from streamproof.specs import api as apis

    if api and "/" in api and rule_id is None and api.partition("/")[0] in apis.names():
        api, rule_id = api.partition("/")[0], api  # the id says which API
    names = apis.names() if api is None else (api_name(api),)
    books = [apis.load(name) for name in names]
    if rule_id is not None:
        _one(books[0], rule_id, form)
    elif form == "table":
        _tables(books)
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


def _tables(books: list[Api]) -> None:
    """On a terminal tables that fit it; otherwise a line for each rule, to be searched."""
    from rich.console import Console
    from rich.table import Table

    from streamproof.rulebooks import rows

    console = Console(highlight=False)
    for api in books:
        head = f"{api.title_en}: {len(api.rulebook.rules)} rules"
        points = f"{len(api.dialect.points)} silent points"
        if console.is_terminal:
            table = Table("rule", "level", "statement", title=f"{head}, {points}")
            for row in rows(api):
                table.add_row(*row)
            console.print(table)
        else:
            width = max(len(name) for name, _, _ in rows(api))
            click.echo(f"{head}, {points}")
            for name, level, statement in rows(api):
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
