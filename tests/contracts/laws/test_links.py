"""Pages that a link leads to: whatever the link names is sent, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from streamproof.contracts.drivers.links import Link, in_header, in_place
from streamproof.contracts.verdict import Verdict
from streamproof.specs import api
from streamproof.specs.api import Api
from tests.fieldpost.server import Fieldpost
from tests.fieldpost.test_declared import FOLDER, judged


@pytest.mark.parametrize(
    "header",
    [
        '<http://h/v1/a?x=1>; rel="next"',
        "<http://h/v1/a?x=1>; rel=next",
        '<http://h/b?y=1,2>; rel="prev", <http://h/v1/a?x=1>; title="a"; rel="last next"',
        '<http://h/v1/a?x=1> ; REL = "Next"',
    ],
)
def test_the_next_of_several_links_is_found(header: str) -> None:
    assert in_header(header) == Link("http://h/v1/a?x=1")


@pytest.mark.parametrize("header", ["", '<http://h/a?x=1>; rel="prev"', "<http://h/a?rel=next>"])
def test_where_no_link_is_the_next_there_is_none(header: str) -> None:
    assert in_header(header) is None


@pytest.mark.parametrize("cursor", [None, "", "/a+b=", "abc", 7])
def test_a_cursor_is_no_link(cursor: object) -> None:
    assert in_place(cursor) == cursor


@pytest.fixture
def linked(tmp_path: Path) -> Api:
    """Fieldpost with pages to which the header Link leads."""
    folder = copytree(FOLDER, tmp_path / "fieldpost")
    for name, old, new in (
        ("openapi.yaml", '        - { $ref: "#/components/parameters/cursor" }\n', ""),
        ("resources.yaml", "cursor: cursor, next: /next_cursor", "link: true"),
        ("resources.yaml", "[until, limit, cursor]", "[until, limit]"),
    ):
        file = folder / name
        file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    return api.load(str(folder))


class Linking:
    """A server that names the next page in a header, by a parameter that no document names."""

    def __init__(self, lost: Callable[[int], bool] = lambda _page: False) -> None:
        self.server, self.lost, self.pages = Fieldpost(), lost, 0

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        query = {"cursor" if name == "goes-on" else name: v for name, v in query.items()}
        environ["QUERY_STRING"] = urlencode(query)
        told: list[Any] = []
        body = b"".join(self.server(environ, lambda *parts: told.extend(parts)))
        start(told[0], [*told[1], *self._link(environ, query, body)])
        return [body]

    def _link(
        self, environ: Mapping[str, Any], query: Mapping[str, str], body: bytes
    ) -> list[tuple[str, str]]:
        found = json.loads(body) if body else None
        cursor = found.get("next_cursor") if isinstance(found, dict) else None
        if cursor is None:
            return []
        self.pages += 1
        rest = {name: value for name, value in query.items() if name != "cursor"}
        at = f"p{int(cursor[1:]) + 1}" if self.lost(self.pages) else cursor
        named = urlencode({**rest, "goes-on": at})
        return [("Link", f'<http://inside{environ["PATH_INFO"]}?{named}>; rel="next"')]


def test_links_are_followed_to_the_end(linked: Api) -> None:
    run = judged(linked, Linking(), ("fieldpost/list_*/pages-*",))
    assert {r.verdict for r in run.rulings} == {Verdict.PASSED}
    assert len(run.rulings) == 9


def test_a_link_that_skips_a_row_fails(linked: Api) -> None:
    server = Linking(lost=lambda page: page > 0)
    [ruling] = judged(linked, server, ("fieldpost/list_readings/pages-complete",)).rulings
    assert ruling.finding.mismatch
    assert ruling.finding.mismatch.reason == "lost"
