"""What checks take for granted is the sentence of some rule, and where it doesn't hold that fails.

A server for each, which breaks it; the rules that need it are not tested, and say why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from tests.contracts.dotide.targets import (
    DOTIDE,
    NOT_FOUND,
    REJECTED,
    Answer,
    Bend,
    Call,
    Proceed,
    bent,
    by_verdict,
    judged,
)

OOPS = Answer(500, {"message": "oops"})
GRANTED: dict[str, tuple[Bend, frozenset[str]]] = {}


def breaking(*rules: str) -> Callable[[Bend], Bend]:
    """Says which rules a server breaks; the first is the one that checks take for granted."""

    def note(bend: Bend) -> Bend:
        GRANTED[getattr(bend, "__name__", "")] = bend, frozenset(f"dotide/{rule}" for rule in rules)
        return bend

    return note


@breaking("create/echo")
def ignores_the_id(call: Call, proceed: Proceed) -> Answer:
    """Gives every stream an id of its own making."""
    fields = {name: value for name, value in call.fields.items() if name != "id"}
    if call.operation != "create" or not fields:
        return proceed(call)
    return proceed(replace(call, body=json.dumps(fields).encode()))


@breaking("any/no-server-error")
def breaks_on_a_taken_id(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    return OOPS if answer.status == 409 else answer


@breaking("create/example-accepted")
def creates_nothing(call: Call, proceed: Proceed) -> Answer:
    return REJECTED if call.operation == "create" else proceed(call)


@breaking("create/example-accepted")
def breaks_on_creates(call: Call, proceed: Proceed) -> Answer:
    return OOPS if call.operation == "create" else proceed(call)


@breaking("read/as-created")
def forgets(call: Call, proceed: Proceed) -> Answer:
    """Answers a create as it should, and keeps nothing."""
    answer = proceed(call)
    if call.operation == "create" and answer.accepted:
        proceed(replace(call, method="DELETE", path=f"/datastreams/{answer.body['id']}", body=b""))
    return answer


@breaking("read/as-created")
def reads_nothing(call: Call, proceed: Proceed) -> Answer:
    return NOT_FOUND if call.operation == "read" else proceed(call)


@breaking("list/shows-created")
def lists_nothing(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    return replace(answer, body=[]) if call.operation == "list" and answer.accepted else answer


@breaking("list/example-accepted")
def takes_no_list(call: Call, proceed: Proceed) -> Answer:
    return REJECTED if call.operation == "list" else proceed(call)


@breaking("list/example-accepted")
def wants_an_offset(call: Call, proceed: Proceed) -> Answer:
    missing = call.operation == "list" and "offset" not in call.query
    return REJECTED if missing else proceed(call)


@breaking("update/example-accepted")
def updates_nothing(call: Call, proceed: Proceed) -> Answer:
    return REJECTED if call.operation == "update" else proceed(call)


@breaking("any/basic")
def deletes_nothing(call: Call, proceed: Proceed) -> Answer:
    """Told by the first object made, so that no second one is."""
    return Answer(405, {"message": "no"}) if call.operation == "delete" else proceed(call)


@breaking("any/no-server-error")
def breaks_on_unknown_ids(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    unknown = answer.status == 404 and call.operation != "list"
    return (
        OOPS
        if unknown and proceed(replace(call, method="GET", path="/datastreams")).accepted
        else answer
    )


@breaking("any/no-server-error")
def breaks_on_bad_bodies(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    return OOPS if answer.status in (400, 422) else answer


@breaking("list/shape")
def rows_without_properties(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    if call.operation != "list" or not answer.accepted:
        return answer
    rows = [{n: v for n, v in row.items() if n != "properties"} for row in answer.body]
    return replace(answer, body=rows)


@breaking("list/pages")
def loses_the_last_page(call: Call, proceed: Proceed) -> Answer:
    """Answers a page that nothing follows with nothing, where a limit was sent."""
    answer = proceed(call)
    limit, offset = call.query.get("limit", ""), call.query.get("offset", "0")
    whole = limit.isdecimal() and offset.isdecimal()
    if call.operation != "list" or not whole or not answer.accepted:
        return answer
    more = proceed(call.asking(limit="1", offset=str(int(offset) + int(limit))))
    return answer if more.accepted and more.body else replace(answer, body=[])


@pytest.mark.parametrize("name", GRANTED)
def test_a_rule_answers_for_what_is_taken_for_granted(name: str) -> None:
    bend, rules = GRANTED[name]

    done = judged(bent(bend), max_examples=3)

    failed = by_verdict(done, Verdict.FAILED)
    assert failed.keys() == rules, failed
    assert done.headline is Headline.DOES_NOT_CONFORM


def test_a_list_that_refuses_the_token_breaks_the_rule_on_tokens_alone() -> None:
    def lists_for_basic_alone(call: Call, proceed: Proceed) -> Answer:
        token = not call.authorization.startswith("Basic ")
        return NOT_FOUND if call.operation == "list" and token else proceed(call)

    token = {"access_token": DOTIDE.fixtures["credentials"]["access_token"]}
    transport = WsgiTransport(bent(lists_for_basic_alone), "http://localhost/v1/demo")
    rules = ("dotide/list/example-accepted", "dotide/any/access-token")

    done = run(Target(DOTIDE, transport, token, DOTIDE.fixtures), Options(Selection(rules), 1))

    rulings = {ruling.rule.id: ruling for ruling in done.rulings}
    assert rulings["dotide/any/access-token"].verdict is Verdict.FAILED
    assert rulings["dotide/list/example-accepted"].verdict is Verdict.NOT_TESTED
    assert rulings["dotide/list/example-accepted"].blocked_by == ("dotide/any/access-token",)
