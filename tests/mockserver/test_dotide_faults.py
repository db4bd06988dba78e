"""Every fault of dotide is about a rule, shows on the wire, and breaks nothing down."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import pytest

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.dotide.faults import FAULTS
from streamproof.mockserver.faults import UnknownFaultError
from streamproof.specs import api
from tests.mockserver.dotide_http import FIXTURES, TOKEN, Dotide, basic, dotide
from tests.mockserver.nasty import attempts

RACES = {
    "dotide/create/race-one-winner.all-win",
    "dotide/create/race-stores-winner.last-one-stored",
}  # need several calls at once: test_serve.py
BREAKS_DOWN = "dotide/any/no-server-error.breaks-down"
SIX = {"dotide/list/pages.off-by-one", "dotide/create/status.ok", *RACES}


def test_names_are_those_of_rules_and_every_fault_says_what_it_does() -> None:
    names = [each.name for each in FAULTS]
    assert len(set(names)) == len(names)
    assert set(names) >= SIX
    spec = api.load("dotide")
    for each in FAULTS:
        assert each.rule in spec.rulebook.rules, each.name
        assert each.operation in {"any", *spec.operations}
        assert re.fullmatch(r"[A-Z].*\.", each.says), each.name


def test_an_unknown_fault_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(UnknownFaultError, match=r"did you mean dotide/create/status\.ok\?"):
        MockConfig(apis=("dotide",), faults=("dotide/create/status.okay",))


def test_a_fault_shows_and_only_where_it_is(good: list[str]) -> None:
    assert scenario(dotide()) == good


@pytest.mark.parametrize("name", sorted({each.name for each in FAULTS} - RACES))
def test_every_fault_shows(name: str, good: list[str]) -> None:
    assert scenario(dotide(name)) != good


@pytest.mark.parametrize("name", sorted({each.name for each in FAULTS} - {BREAKS_DOWN}))
def test_no_fault_is_the_cause_of_a_server_error(name: str) -> None:
    client = dotide(name).app.test_client()
    for attempt in attempts("dotide", Random(7), 25):
        if attempt.is_http:
            answer = client.open(
                attempt.target, method=attempt.method, headers=attempt.headers, data=attempt.body
            )
            assert answer.status_code < 500, str(attempt)


@pytest.fixture(scope="module")
def good() -> list[str]:
    """What the good server answers in the scenario."""
    return scenario(dotide())


def scenario(demo: Dotide) -> list[str]:
    """The answers to a long series of calls, each on a line; generated ids come out as one."""
    lines: list[str] = []
    generated: list[str] = []

    def note(answer: object) -> None:
        text = getattr(answer, "text", "")
        headers = getattr(answer, "headers", {})
        for each in re.findall(r"\b[0-9a-f]{24}\b", text):
            if each not in generated:
                generated.append(each)
        line = f"{getattr(answer, 'status_code', '')} {headers.get('Content-Type')} "
        line += f"{headers.get('Location')} {text}"
        for number, each in enumerate(generated):
            line = line.replace(each, f"<generated {number}>")
        lines.append(line)

    for stream_id, tags in (
        ("aa", ["t"]),
        ("ab", ["t", "u"]),
        ("b", ["tt"]),
        ("ba", ["t", "u", "v"]),
        ("c", []),
    ):
        note(demo.create(stream_id, name=f"n-{stream_id}", tags=tags, type="string"))
    note(
        demo.create(
            "d",
            name="n-aa",
            type="geojson",
            tz="UTC",
            properties={"p": 1.5, "q": [1, 2], "r": {"s": 3}},
        )
    )
    for _ in range(3):
        note(demo.create())
    note(demo.read("d"))
    note(demo.create("aa", name="taken", type="number"))
    note(demo.create("ab", name="taken", type="string"))
    note(demo.read("aa"))
    bad: list[dict[str, Any]] = [
        {"type": "text"},
        {"type": "String"},
        {"properties": {"a.b": 1}},
        {"properties": {"$": 1}},
    ]
    for number, fields in enumerate(bad):
        note(demo.create(f"e{number}", **fields))
        note(demo.read(f"e{number}"))
    for body in (b"{", b"[]"):
        note(demo.send("POST", data=body, content_type="application/json"))
    for query in (
        "",
        "tz=UTC",
        "limit=2",
        "limit=2&offset=2",
        "tags=t&limit=2&offset=1",
        "limit=3&offset=99",
        "tags=t",
        "tags=t,u",
        "tags=t,u,w",
        "ids=aa",
        "ids=a,aa,aa",
        "ids=aa,ab,b",
        "ids=aa,nobody",
        "ids=aa,ab&tags=u",
        "tags=u&limit=1",
        "tags=t&limit=1&offset=2",
    ):
        note(demo.list(query))
    for query in ("", "tz=America/New_York"):
        note(demo.read("aa", query))
    note(demo.send("GET", "/datastreams/aa", {**basic(), "Timezone": "UTC"}))
    note(demo.read("nobody"))
    note(demo.update("a", name="x"))
    note(demo.read("a"))
    note(demo.update("b", name="new", tags=["w"], properties={"p": 1}, tz="UTC"))
    note(demo.update("b", properties={"p": 2}))
    note(demo.update("b", name="bad", properties={"a.b": 1}))
    for stream_id in ("b", "ba"):
        note(demo.read(stream_id))
    note(demo.list())
    note(demo.delete("b"))
    for after in (demo.read("b"), demo.update("b", name="x"), demo.read("b"), demo.list("ids=b")):
        note(after)
    note(demo.read("ba"))
    note(demo.create("b"))
    other = FIXTURES["other_database"]["credentials"]["basic"]
    for proof in (
        {},
        basic("demo-client:x"),
        basic(other),
        {"Authorization": "Bearer 0"},
        {"Authorization": f"Bearer {TOKEN}"},
    ):
        note(demo.send("DELETE", "/datastreams/c", proof))
        note(demo.read("c"))
    return lines
