"""Runs made by hand, for the tests of the reports: a little shop with six rules."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from streamproof.contracts.check import Mismatch
from streamproof.contracts.finding import Finding
from streamproof.contracts.live import CleanUp
from streamproof.contracts.run import Run, Selection
from streamproof.contracts.verdict import rule_on_all
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs.api import Api
from streamproof.specs.dialect import DialectSpec
from streamproof.specs.homes import Home
from streamproof.specs.operation import Operation, SecurityScheme
from streamproof.specs.rulebook import Level, Rule, Rulebook, Source

URL = "http://shop.example/v1"
SECRET = "s3cret-value"
LIST = Operation("list", "list", "GET", "/things", (), None, {}, ())
CREATE = Operation("create", "create", "POST", "/things", (), None, {}, ())
BASIC = SecurityScheme("basicAuth", "basic", "", {"basic": {}})


def rule(name: str, level: Level = Level.DOCUMENTED, **more: Any) -> Rule:
    source = Source("things.md", "List", "order")
    return Rule(f"shop/{name}", level, f"Rule {name} holds.", "…", (source,), **more)


RULES = [
    rule("list/ordered"),
    rule("list/paged", depends_on=("shop/list/ordered",)),
    rule("list/filtered", needs=("tags",)),
    rule("create/status"),
    rule("create/unique", Level.IMPLIED),
    rule("any/json", Level.LINKED),
]


def shop(rules: list[Rule]) -> Api:
    return Api(
        name="shop",
        title_en="Shop",
        title_zh="商店",
        version="2026-10",
        openapi={},
        servers=("/",),
        operations={"list": LIST, "create": CREATE},
        schemes={},
        envelope=None,
        rulebook=Rulebook((), MappingProxyType({r.id: r for r in rules}), (), ()),
        dialect=DialectSpec(MappingProxyType({})),
        fixtures={},
        fixtures_schema={},
        sha256="ab" * 32,
        home=Home("shop", Path("shop"), "shop", ours=True),
    )


def outcome(
    operation: Operation = LIST, body: bytes = b"[]", sent: bytes | None = None, status: int = 200
) -> Outcome:
    request = Request(operation, operation.method, operation.path, body=sent)
    return Outcome(request, status, 200 <= status < 300, body=body, auth=BASIC)


def held() -> Finding:
    return Finding(("two keys",), seen={"two keys"}, examples=20, requests=40)


def broken(
    *steps: Outcome, expected: str = "[a, b]", actual: str = "[b, a]", reason: str = "order"
) -> Finding:
    return Finding((), examples=3, mismatch=Mismatch(reason, expected, actual), steps=steps)


def make_run(findings: dict[str, Finding], rules: list[Rule] = RULES, **changed: Any) -> Run:
    run = Run(
        api=shop(rules),
        url=URL,
        selection=Selection(),
        seed=17,
        run_id="abcdefgh",
        started=datetime(2026, 11, 22, 10, 30, tzinfo=UTC),
        duration_s=12.34567,
        requests=321,
        cleanup=CleanUp(12, 11, 1),
        rulings=rule_on_all(rules, findings, shop(rules).rulebook, {"tags"}),
        ended=None,
        secrets=(SECRET,),
    )
    return replace(run, **changed)


ALL_HELD = {r.id: held() for r in RULES}
CONFORMING = make_run(ALL_HELD)
FAILING = make_run(
    {
        **ALL_HELD,
        "shop/list/ordered": broken(
            outcome(CREATE, b'{"id": "b"}', b'{"id": "b"}', 201), outcome(body=b'["b", "a"]')
        ),
    }
)
UNREACHABLE = make_run({}, ended="the target does not answer (connection refused)")
UNTESTED = make_run({r.id: held() for r in RULES[1:]})
UNCHECKED = make_run({}, rulings=rule_on_all(RULES, {}, shop(RULES).rulebook))
CRASHED = make_run({**ALL_HELD, "shop/any/json": Finding((), crash="Trace\nOh")})
HOPELESS = make_run({r.id: broken(outcome(), reason="empty") for r in RULES if not r.depends_on})
