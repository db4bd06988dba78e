"""Access tokens, datapoints and public data bases, where a target has them and where it doesn't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamproof.contracts.report import files
from streamproof.contracts.run import Options, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.mockserver.store import DEFAULT_SPACE
from tests.contracts.dotide.targets import (
    DOTIDE,
    NOT_FOUND,
    Answer,
    Call,
    Proceed,
    bent,
    by_verdict,
    good,
    judged,
)

PARTS = {rule.id for rule in DOTIDE.rulebook if {*rule.needs} & {*DOTIDE.rulebook.parts}}


def without_them(call: Call, proceed: Proceed) -> Answer:
    """A service of datastreams alone."""
    return proceed(call) if call.operation else NOT_FOUND


def test_a_target_without_them_breaks_no_rule_and_is_told_what_to_declare() -> None:
    done = judged(bent(without_them), max_examples=2)

    assert not by_verdict(done, Verdict.FAILED)
    untested = by_verdict(done, Verdict.NOT_TESTED)
    assert untested.keys() >= PARTS
    assert 'lacks = ["access_tokens"]' in untested["dotide/create_token/status"]
    assert 'lacks = ["datapoints"]' in untested["dotide/list_datapoints/order"]
    assert done.cleanup.left == 0


def test_what_a_target_lacks_does_not_apply_and_is_not_called() -> None:
    heard: set[str] = set()

    def noting(call: Call, proceed: Proceed) -> Answer:
        heard.add(call.path.partition("?")[0])
        return without_them(call, proceed)

    transport = WsgiTransport(bent(noting), "http://localhost/v1/demo")
    fixtures = DOTIDE.fixtures
    target = Target(
        DOTIDE, transport, fixtures["credentials"], fixtures, lacks=DOTIDE.rulebook.parts
    )
    options = Options(Selection(only=("dotide/*token*/*", "dotide/*datapoint*/*")), seed=1)
    done = run(target, options)

    assert {*by_verdict(done, Verdict.NOT_APPLICABLE)} == {r.rule.id for r in done.rulings}
    assert not any("datapoints" in path for path in heard)


def shown(app: Any) -> list[str]:
    """The access tokens that stand in the data base."""
    with app.extensions["store"].reading(DEFAULT_SPACE) as connection:
        rows = connection.exec_driver_sql("SELECT token FROM dotide_tokens").all()
    return [token for (token,) in rows]


def test_tokens_are_removed_and_stand_in_no_report_and_no_journal(tmp_path: Path) -> None:
    """A server that shows too much fails, and what is told of it holds no token."""
    made: list[str] = []

    def leaking(call: Call, proceed: Proceed) -> Answer:
        answer = proceed(call)
        if call.method == "POST" and call.path == "/access_tokens":
            made.append(answer.body["access_token"])
            return Answer(200, answer.body)
        return answer

    transport = WsgiTransport(bent(leaking), "http://localhost/v1/demo")
    journal, reports = tmp_path / "journal", tmp_path / "reports"
    target = Target(DOTIDE, transport, DOTIDE.fixtures["credentials"], DOTIDE.fixtures)
    only = ("dotide/create_token/*", "dotide/delete_token/*")
    done = run(target, Options(Selection(only=only), seed=1, journals=(journal,)))
    files.write(done, reports)

    assert "dotide/create_token/status" in by_verdict(done, Verdict.FAILED)
    assert made
    assert done.cleanup.left == 0
    assert "access_token:" in journal.read_text()
    told = journal.read_text() + "".join(
        file.read_text() for file in reports.rglob("*") if file.is_file()
    )
    assert "create_token" in told
    assert not [token for token in made if token in told]


def test_nothing_is_left_of_a_whole_run() -> None:
    app = good()
    done = judged(app, max_examples=2)

    assert done.cleanup.left == 0
    assert shown(app) == []
