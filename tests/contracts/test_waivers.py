"""A deviation that somebody accepts is no failure; a waiver that is of no use is one."""

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from streamproof.contracts.accounts import State, accounts
from streamproof.contracts.finding import Finding, fingerprint
from streamproof.contracts.report import console
from streamproof.contracts.report.document import document
from streamproof.contracts.report.files import SCHEMA
from streamproof.contracts.report.junit import junit
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict, rule_on_all
from streamproof.contracts.waivers import Waiver, Waivers
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from streamproof.specs.api import read_json
from streamproof.specs.schema import check_file
from tests.contracts.runs import ALL_HELD, RULES, SECRET, broken, make_run, outcome, shop

TODAY = date(2026, 11, 28)
ORDERED = "shop/list/ordered"
BROKEN = broken(outcome())


def waiver(rule: str = ORDERED, days: int = 30, **more: Any) -> Waiver:
    return Waiver(rule, "until the new store is there", TODAY + timedelta(days), **more)


def waived(*waivers: Waiver, **findings: Finding) -> Run:
    """A run in which all rules hold but that on order, and those in `findings`, by their slugs."""
    found = {**ALL_HELD, ORDERED: BROKEN}
    found |= {r.id: findings[slug] for r in RULES if (slug := r.id.split("/")[2]) in findings}
    given, book = Waivers(waivers, "waivers.toml", TODAY), shop(RULES).rulebook
    rulings = rule_on_all(RULES, found, book, {"tags"}, waivers=given)
    told = accounts(given, rulings, book.rules, "shop")
    return make_run({}, rulings=rulings, waivers=told, waivers_file=given.file)


def told(run: Run, rule_id: str) -> dict[str, Any]:
    report = document(run)
    check_file(report, read_json(SCHEMA), "report.json")
    entry: dict[str, Any] = next(r for r in report["rules"] if r["id"] == rule_id)
    return entry


# -- verdicts ----------------------------------------------------------------------------------


def test_a_failure_that_is_waived_conforms_with_waivers() -> None:
    run = waived(waiver(owner="store team", ticket="SHOP-7"))
    assert run.headline is Headline.CONFORMS_WITH_WAIVERS
    assert run.headline.exit_code == 0
    entry = told(run, ORDERED)
    assert entry["verdict"] == "waived"
    assert entry["failure"]["actual"] == "[b, a]"
    assert entry["waiver"] == {
        "fingerprint": None,
        "reason": "until the new store is there",
        "expires": "2026-12-28",
        "owner": "store team",
        "ticket": "SHOP-7",
    }


def test_a_waiver_counts_on_its_last_day() -> None:
    assert waived(waiver(days=0)).headline is Headline.CONFORMS_WITH_WAIVERS


def test_a_waiver_that_has_expired_covers_nothing() -> None:
    run = waived(waiver(days=-1))
    assert told(run, ORDERED)["verdict"] == "failed"
    assert [account.state for account in run.waivers] == [State.EXPIRED]
    assert "it expired on 2026-11-27" in run.waivers[0].mend


def test_a_waiver_of_a_rule_that_holds_has_to_go() -> None:
    run = waived(waiver(), waiver("shop/create/status"))
    assert run.headline is Headline.DOES_NOT_CONFORM
    assert [account.state for account in run.waivers] == [State.MATCHED, State.STALE]
    assert run.waivers[1].mend == "the rule holds now; take the entry out"


def test_a_waiver_of_no_rule_matches_nothing() -> None:
    run = waived(waiver(), waiver("shop/list/sorted"))
    assert run.headline is Headline.DOES_NOT_CONFORM
    assert [account.state for account in run.waivers] == [State.MATCHED, State.UNMATCHED]


def test_a_waiver_of_another_api_is_not_ours_to_judge() -> None:
    assert len(waived(waiver(), waiver("school/list/sorted")).waivers) == 1


def test_a_waiver_with_a_fingerprint_covers_that_failure_alone() -> None:
    mark, other = fingerprint(ORDERED, BROKEN), "0123456789ab"
    assert mark is not None
    assert waived(waiver(fingerprint=mark)).headline is Headline.CONFORMS_WITH_WAIVERS
    run = waived(waiver(fingerprint=other))
    assert told(run, ORDERED)["verdict"] == "failed"
    assert [account.state for account in run.waivers] == [State.UNMATCHED]
    assert f"fails in another way now: {mark}" in run.waivers[0].mend


def test_what_was_not_tested_says_nothing_about_its_waiver() -> None:
    run = waived(waiver("shop/list/filtered"), filtered=Finding((), unmet="no tags"))
    assert [account.state for account in run.waivers] == [State.NOT_JUDGED]


def test_what_was_not_selected_says_nothing_either() -> None:
    given = Waivers((waiver(),), "waivers.toml", TODAY)
    book = shop(RULES).rulebook
    assert accounts(given, rule_on_all(RULES[3:], ALL_HELD, book), book.rules, "shop") == ()


def test_a_rule_behind_a_waived_one_is_judged() -> None:
    assert told(waived(), "shop/list/paged")["verdict"] == "not_tested"
    assert told(waived(waiver()), "shop/list/paged")["verdict"] == "passed"
    entry = told(waived(waiver(), paged=broken(outcome())), "shop/list/paged")
    assert entry["verdict"] == "failed"
    assert entry["message"].endswith(f"it was judged although {ORDERED} is waived")


def test_a_rule_that_is_owed_something_by_a_waived_one_is_not_tested() -> None:
    owed = Finding((), unmet="nothing was listed", owed=(ORDERED,))
    run = waived(waiver(), unique=owed)
    assert told(run, "shop/create/unique")["blocked_by"] == [ORDERED]


# -- reports -----------------------------------------------------------------------------------


def test_the_console_tells_what_is_waived_and_what_has_to_be_mended() -> None:
    run = waived(waiver())
    screen = console.summary(run).plain
    assert "CONFORMS WITH WAIVERS: 5 of 6 rules hold, 1 is waived" in screen
    assert "WAIVED 1, the first until 2026-12-28: list/ordered" in screen
    run = waived(waiver(), waiver("shop/create/status"))
    screen = console.summary(run).plain
    assert "DOES NOT CONFORM: 1 waiver has to be mended" in screen
    assert "WAIVER STALE shop/create/status: the rule holds now; take the entry out" in screen
    assert screen.endswith("next: mend waivers.toml, then the same command again")


def test_junit_skips_what_is_waived_and_fails_a_waiver_of_no_use() -> None:
    suite = ElementTree.fromstring(junit(waived(waiver(), waiver("shop/create/status"))))
    counts = {name: suite.get(name) for name in ("tests", "failures", "skipped")}
    assert counts == {"tests": "7", "failures": "1", "skipped": "1"}
    skipped, failure = suite.find(".//skipped"), suite.find(".//failure")
    assert skipped is not None
    assert "waived until 2026-12-28" in skipped.get("message", "")
    assert failure is not None
    assert failure.get("message", "").startswith("this waiver is stale: the rule holds now")


def test_a_secret_in_a_waiver_stands_in_no_report() -> None:
    run = waived(Waiver(ORDERED, f"ask for {SECRET}", TODAY, owner=SECRET, ticket=SECRET))
    assert SECRET not in str(document(run)) + junit(run) + console.summary(run).plain


# -- a whole run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waivers", "headline", "untested"),
    [
        ((), Headline.DOES_NOT_CONFORM, 1),
        ((waiver("dotide/list/tz"),), Headline.CONFORMS_WITH_WAIVERS, 0),
    ],
)
def test_a_run_goes_on_behind_what_is_waived(
    waivers: tuple[Waiver, ...], headline: Headline, untested: int
) -> None:
    """A list shows one zone, whatever is asked for. Whether it is the default can be judged."""
    dotide = api.load("dotide")
    config = MockConfig(apis=("dotide",), faults=("dotide/list/tz.ignored",))
    target = Target(
        dotide,
        WsgiTransport(create_app(config), "http://localhost/v1/demo"),
        dotide.fixtures["credentials"],
        dotide.fixtures,
    )
    given = Waivers(waivers, "waivers.toml", TODAY)
    done = run(target, Options(Selection(("dotide/list/*",)), 1, waivers=given))
    assert done.headline is headline
    assert sum(r.verdict is Verdict.NOT_TESTED for r in done.rulings) == untested
