"""Servers that keep the rules, each in ways of its own: no check fails."""

from typing import Any

import pytest

from streamproof.contracts.bind import checks_of
from streamproof.specs.rulebook import Level
from tests.contracts.bge.servers import BGE, check, mock, verdicts


def test_the_mock_conforms_within_the_requests_that_a_run_may_take() -> None:
    found = check(mock(), max_examples=20)
    assert {"passed"} == set(verdicts(found).values())
    assert found.requests < 4000


def test_every_rule_has_one_check() -> None:
    checks, _ = checks_of(BGE)
    assert sorted(check.rule for check in checks) == sorted(rule.id for rule in BGE.rulebook)


def test_runs_tolerate_what_earlier_ones_left_even_under_one_run_id() -> None:
    app = mock()
    for run_id in ("leftovers", "leftovers", "otherwise"):
        assert set(verdicts(check(app, run_id=run_id, max_examples=5)).values()) == {"passed"}


@pytest.mark.parametrize(
    "dialect",
    [
        {"envelope": "bare", "rejection_status": "by_reason", "time_precision": "second"},
        {
            "time_precision": "millisecond",
            "no_match": "rejected",
            "default_limit": 1,
            "count_meaning": "total",
            "last_page": "empty_page",
            "cursor_type": "number",
            "offset_shown": "as_written",
            "duplicate_answer": "older_id",
            "duplicate_item_answer": "older_id",
        },
        {
            "short_pages": "sometimes",
            "tie_order": "stream_id",
            "asc_mirrors_desc": "ties_keep",
            "over_limit": "clamped",
            "over_batch": "rest_fails",
            "equal_items_in_batch": "none",
            "item_lacks_field": "call_rejected",
            "item_bad_time": "call_rejected",
            "bound_zone": "utc",
            "written_zone": "utc",
            "same_instant_other_spelling": "text",
        },
    ],
    ids=("bare", "milliseconds", "short-pages"),
)
def test_a_server_may_choose_otherwise_where_the_documents_are_silent(
    dialect: dict[str, Any],
) -> None:
    assert set(verdicts(check(mock(**dialect))).values()) == {"passed"}


def test_records_may_take_their_time_to_show() -> None:
    only = ("bge/write/found-by-range", "bge/write/duplicate-*", "bge/range/pages-*")
    found = check(mock(visible_after_s=0.1), *only, max_examples=3)
    assert set(verdicts(found).values()) == {"passed"}


@pytest.mark.parametrize("year_as_end", ["first_instant", "last_instant"])
def test_a_server_that_takes_years_alone_is_tested_by_every_documented_rule(
    year_as_end: str,
) -> None:
    found = verdicts(check(mock(time_spellings="year", year_as_end=year_as_end)))
    left = {rule for rule, verdict in found.items() if verdict != "passed"}
    assert {found[rule] for rule in left} <= {"not_tested"}
    assert not {BGE.rulebook[rule].level for rule in left} & {Level.DOCUMENTED}


def test_what_the_fixtures_lack_is_named() -> None:
    fixtures = {"namespace": BGE.fixtures["namespace"], "biosamples": BGE.fixtures["biosamples"]}
    found = check(mock(), fixtures=fixtures, max_examples=3)
    tested = {rule for rule, verdict in verdicts(found).items() if verdict == "passed"}
    bind = {rule.id for rule in BGE.rulebook if rule.operation == "bind"}
    assert tested == bind - {"bge/bind/agrees-with-range"}
    messages = {ruling.rule.id: ruling.message for ruling in found.rulings}
    assert "fixtures.entities" in messages["bge/any/envelope"]
    assert "fixtures.time_span" in messages["bge/write/key-kept"]
