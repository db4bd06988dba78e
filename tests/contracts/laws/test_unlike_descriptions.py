"""Larders that are described otherwise: keys are told elsewhere or are numbers, rows aren't told.

Laws pass there, and harm nobody's things.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from streamproof.contracts.verdict import Verdict
from streamproof.specs import api
from tests.contracts.laws import tiny as larder
from tests.contracts.laws.tiny import Answer, Call, Tiny, judged

Edit = Callable[[dict[str, Any], dict[str, Any]], None]  # openapi.yaml, resources


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Edit], None]:
    """Describe the larder in other words."""

    def describe(edit: Edit) -> None:
        folder = copytree(Path(__file__).parent / "tiny", tmp_path / "tiny")
        files = [folder / "openapi.yaml", folder / "resources.yaml"]
        openapi, resources = (yaml.safe_load(file.read_text("utf-8")) for file in files)
        edit(openapi, resources["resources"])
        for file, spec in zip(files, (openapi, resources), strict=True):
            file.write_text(yaml.safe_dump(spec), "utf-8")
        monkeypatch.setattr(larder, "API", api.load(str(folder)))

    return describe


class Locating(Tiny):
    """Answers a new ticket with where it is, and nothing else."""

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        body = b"".join(super().__call__(environ, lambda *head: told.extend(head)))
        if told[0].startswith("201") and environ["PATH_INFO"].endswith("/tickets"):
            place = f"tickets/{json.loads(body)['ticket']['number']}"
            told, body = ["201 Created", [("Location", place), ("Content-Length", "0")]], b""
        start(*told)
        return [body]


def _without_body(openapi: dict[str, Any], _: dict[str, Any]) -> None:
    openapi["paths"]["/tickets"]["post"]["responses"]["201"].pop("content")


def test_a_key_may_be_told_by_a_relative_location(described: Callable[[Edit], None]) -> None:
    described(_without_body)

    run = judged(Locating(), "*_ticket/*", "list_tickets/*", max_examples=3)

    told = {r.rule.id: r.message for r in run.rulings if r.verdict is not Verdict.PASSED}
    assert told == {}


def test_things_that_nothing_tells_apart_may_be_listed_alike(
    described: Callable[[Edit], None],
) -> None:
    class Silent(Locating):
        """Doesn't even tell where."""

        def __call__(self, environ: Any, start: Callable[..., Any]) -> Iterable[bytes]:
            def without(status: str, headers: list[tuple[str, str]]) -> None:
                start(status, [h for h in headers if h[0] != "Location"])

            return super().__call__(environ, without)

    described(_without_body)

    run = judged(Silent(), "open_ticket/minimal-call", "list_tickets/shows-made", max_examples=3)

    assert not [r.message for r in run.rulings if r.verdict is Verdict.FAILED]


class Sparse(Tiny):
    """Lists of tickets nothing but their numbers and times."""

    def answer(self, call: Call) -> Answer:
        status, body = super().answer(call)
        if call.does == "listTickets":
            body = [{"number": row["number"], "opened": row["opened"]} for row in body]
        return status, body


def test_rows_that_are_not_described_may_show_fewer_fields(
    described: Callable[[Edit], None],
) -> None:
    def edit(openapi: dict[str, Any], _: dict[str, Any]) -> None:
        listed = openapi["paths"]["/tickets"]["get"]["responses"]["200"]["content"]
        listed["application/json"]["schema"] = {"type": "array", "items": {"type": "object"}}

    described(edit)

    run = judged(Sparse(), "*_ticket/*", "list_tickets/*", "any/model", max_examples=3)

    assert not [r.message for r in run.rulings if r.verdict is Verdict.FAILED]


class Renaming(Tiny):
    """Lists of tickets show their titles as subjects."""

    def answer(self, call: Call) -> Answer:
        status, body = super().answer(call)
        if call.does == "listTickets":
            body = [{"subject" if n == "title" else n: v for n, v in r.items()} for r in body]
        return status, body


class Tabling(Tiny):
    """Lists of tickets are tables."""

    def answer(self, call: Call) -> Answer:
        status, body = super().answer(call)
        if call.does == "listTickets":
            body = [[row["number"], row["title"]] for row in body]
        return status, body


@pytest.mark.parametrize(
    ("server", "told"),
    [
        (Renaming, {"aliases": {"subject": "title"}}),
        (Tabling, {"columns": ["number", "title"]}),
    ],
)
def test_rows_are_read_by_other_names_and_by_their_columns_where_those_are_told(
    server: type[Tiny], told: dict[str, Any], described: Callable[[Edit], None]
) -> None:
    def edit(openapi: dict[str, Any], resources: dict[str, Any]) -> None:
        listed = openapi["paths"]["/tickets"]["get"]["responses"]["200"]["content"]
        row: dict[str, Any] = {"properties": {"number": {}, "title": {}}}
        listed["application/json"]["schema"] = {"type": "array", "items": row}
        resources["tickets"]["list"].update(told)

    described(edit)

    run = judged(server(), "open_ticket/*", "list_tickets/shows-made", "any/model", max_examples=3)

    shows = next(r for r in run.rulings if r.rule.id == "tiny/list_tickets/shows-made")
    assert shows.verdict is Verdict.PASSED
    assert not [r.message for r in run.rulings if r.verdict is Verdict.FAILED]


class Putting(Tiny):
    """Puts a jar in its place, whether there is one or not."""

    def answer(self, call: Call) -> Answer:
        if call.does == "addJar":
            call.body = {**call.body, "name": call.key}
            self.jars.pop(call.key, None)
        return super().answer(call)


def test_a_key_may_stand_in_the_path_of_a_put(described: Callable[[Edit], None]) -> None:
    def edit(openapi: dict[str, Any], _: dict[str, Any]) -> None:
        openapi["paths"]["/jars/{name}"]["put"] = openapi["paths"]["/jars"].pop("post")
        sent = openapi["components"]["schemas"]["NewJar"]
        sent["properties"].pop("name")
        sent["required"].remove("name")

    described(edit)

    run = judged(Putting(), "*_jar/*", "list_jars/*", max_examples=3)

    told = {r.rule.id: r.message for r in run.rulings if r.verdict is not Verdict.PASSED}
    assert told == {}
    assert run.cleanup.left == 0


class Numbered(Tiny):
    """Names jars by numbers."""

    def answer(self, call: Call) -> Answer:
        if call.key.isdigit() and "Ticket" not in call.does:
            call.key = int(call.key)  # type: ignore[assignment]
        return super().answer(call)


def test_keys_that_are_numbers_are_the_runs_own(described: Callable[[Edit], None]) -> None:
    def edit(openapi: dict[str, Any], resources: dict[str, Any]) -> None:
        number = {"type": "integer", "format": "int64"}
        written = json.loads(json.dumps(openapi), object_hook=lambda at: _numbered(at, number))
        openapi |= written
        resources["jars"]["fields"]["name"] = "integer"

    tiny: Any = Numbered()
    for n in range(20):
        tiny.jars[n] = {"name": n, "kind": "theirs", "made": "2026-01-01T00:00:00.000Z"}
        tiny.drops[n] = []
    before = deepcopy(tiny.jars)
    described(edit)

    run = judged(tiny, "*_jar/*", max_examples=3)

    told = {r.rule.id: r.message for r in run.rulings if r.verdict is not Verdict.PASSED}
    assert told == {}
    assert tiny.jars == before


def _numbered(at: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """An object of openapi.yaml with `schema` for the name of a jar."""
    if at.get("name") == "name" and at.get("in") == "path":
        return {**at, "schema": schema}
    if isinstance(at.get("properties"), dict) and "name" in at["properties"]:
        return {**at, "properties": {**at["properties"], "name": schema}}
    return at
