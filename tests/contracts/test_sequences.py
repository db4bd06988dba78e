"""Sequences alone, without any check: good servers break nothing, a bad one the rule that it
breaks; and how the runner tells what they find."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import strategies as st

from streamproof.contracts.bind import sequences_of
from streamproof.contracts.check import Broken, Check, Mismatch, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.examination import Effort
from streamproof.contracts.finding import Finding
from streamproof.contracts.meter import Meter
from streamproof.contracts.names import Names
from streamproof.contracts.runner import Runner
from streamproof.contracts.sequences import Allowed, Model, Sequences
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Verdict, rule_on_all
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api

BASES = {"dotide": "http://localhost/v1/demo", "bge": "http://localhost"}
DOTIDE = api.load("dotide")


def client_of(name: str, config: MockConfig) -> Client:
    tested = api.load(name)
    transport = WsgiTransport(create_app(config), BASES[name])
    return Client(tested, transport, tested.fixtures["credentials"], Meter())


def judged(
    name: str,
    seed: int = 1,
    *,
    max_examples: int = 20,
    faults: Iterable[str] = (),
    dialect: dict[str, Any] | None = None,
) -> tuple[dict[str, Finding], Client]:
    """What the sequences of an API find broken, and the client that they used."""
    client = client_of(name, MockConfig((name,), {name: dialect or {}}, faults=tuple(faults)))
    sequences = sequences_of(client.api)
    assert sequences is not None
    runner = Runner(
        client, client.api.rulebook, Names(), client.api.fixtures, Effort(seed, max_examples)
    )
    checks = [Check(rule, lambda _trial: None) for rule in sorted(sequences.rules)]
    findings = runner.run(checks, sequences)
    assert [finding.crash for finding in findings.values() if finding.crash] == []
    return {rule: found for rule, found in findings.items() if found.mismatch}, client


@pytest.mark.parametrize("name", BASES)
def test_a_default_run_finds_nothing_in_the_good_mock_and_is_cheap(name: str) -> None:
    broken, client = judged(name)
    assert broken == {}
    assert 200 <= client.meter.requests <= 400


@pytest.mark.parametrize("seed", range(2, 7))
@pytest.mark.parametrize("name", BASES)
def test_no_seed_finds_anything_in_the_good_mock(name: str, seed: int) -> None:
    assert judged(name, seed, max_examples=5)[0] == {}


ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "strict": (
        "dotide",
        {
            "required_fields": "all",
            "put_body": "reject",
            "delete_unknown": "rejected",
            "recreate_deleted": "rejected",
            "property_values": "scalars",
            "duplicate_id_status": 400,
            "unknown_fields": "rejected",
        },
    ),
    "lenient": (
        "dotide",
        {
            "put_body": "replace",
            "put_properties": "merge",
            "delete_unknown": "accepted",
            "absent_fields": "omitted",
            "unknown_id_status": 400,
        },
    ),
    "terse": (
        "dotide",
        {
            "default_limit": 1,
            "largest_limit": 2,
            "put_properties": "deep_merge",
            "list_properties_name": "attributes",
            "tags_order": "sorted",
            "absent_fields": "null",
            "time_precision": "seconds",
        },
    ),
    "bare": (
        "bge",
        {"envelope": "bare", "rejection_status": "by_reason", "time_precision": "second"},
    ),
    "older id": (
        "bge",
        {
            "duplicate_answer": "older_id",
            "duplicate_item_answer": "older_id",
            "equal_items_in_batch": "last",
            "no_match": "rejected",
            "default_limit": 1,
            "tie_order": "reverse",
            "offset_shown": "as_written",
        },
    ),
    "none of two": (
        "bge",
        {
            "equal_items_in_batch": "none",
            "unknown_entity_in_range": "empty",
            "same_instant_other_spelling": "text",
            "asc_mirrors_desc": "ties_keep",
            "tie_order": "stream_id",
            "short_pages": "sometimes",
            "last_page": "empty_page",
            "boolean_spelling": "strict",
        },
    ),
}


@pytest.mark.parametrize("choice", ODD)
def test_no_choice_that_is_left_open_is_a_fault(choice: str) -> None:
    name, dialect = ODD[choice]
    for seed in (1, 2):
        assert judged(name, seed, dialect=dialect, max_examples=10)[0] == {}


def test_records_may_take_their_time_to_show() -> None:
    assert judged("bge", dialect={"visible_after_s": 0.1}, max_examples=3)[0] == {}


def test_without_times_finer_than_a_year_nothing_is_judged() -> None:
    assert judged("bge", dialect={"time_spellings": "year"}, max_examples=3)[0] == {}


@pytest.mark.parametrize(
    "fault",
    [
        "dotide/create/unique-id.accepted",
        "dotide/create/echo.one-tag",
        "dotide/create/rejected-stores-nothing.kept",
        "dotide/create/type-default.other",
        "dotide/read/as-created.last-tag-lost",
        "dotide/update/tags-replaced.appended",
        "dotide/update/type-stays.number-again",
        "dotide/update/unknown-id-creates-nothing.creates-in-secret",
        "dotide/delete/not-readable.still-read",
        "bge/write/duplicate-not-stored.kept",
        "bge/write/duplicate-default.other",
        "bge/write/duplicate-keeps-older.data-replaced",
        "bge/write/other-element-no-duplicate.rejected",
        "bge/batch_write/partial-success.ends-at-failure",
        "bge/batch_write/seen-by-single-writes.unseen",
    ],
)
def test_a_fault_is_told_as_the_rule_that_it_breaks(fault: str) -> None:
    for seed in range(1, 6):
        broken, _ = judged(fault.partition("/")[0], seed, faults=[fault])
        assert broken.keys() <= {fault.rpartition(".")[0]}
        if broken:
            assert all(finding.steps for finding in broken.values())
            return
    pytest.fail("not found in any of five seeds")


# -- the model and the runner --------------------------------------------------------------------

TRAFFIC_LIGHT: Model[str, str, str, str] = Model(
    lambda state, _call: [Allowed("red", "stop")] if state == "go" else [Allowed("green", "go")],
    lambda allowed, seen: allowed.answer == seen,
    lambda state, _call, seen: Mismatch("colour", "another", seen) if state == "go" else None,
)


def test_only_the_states_that_explain_what_was_seen_remain() -> None:
    assert TRAFFIC_LIGHT.follow(["go", "stop"], "wait", "red") == ["stop"]
    assert TRAFFIC_LIGHT.follow(["stop", "stop"], "wait", "green") == ["go"]
    assert TRAFFIC_LIGHT.follow(["go"], "wait", "green") == []


FIRST, SECOND = "dotide/create/unique-id", "dotide/read/as-created"
DEPENDENT = "dotide/create/taken-id-unharmed"


def breaking(*rules: str) -> Sequences:
    def run(trial: Trial) -> None:
        trial.client.call("list")
        if trial.draw(st.integers(0, 9)) > 3:
            raise Broken(Mismatch("colour", "red", "green", rules))

    return Sequences(frozenset({FIRST, SECOND, DEPENDENT}), run)


def told(sequences: Sequences, *broken: str, checked: Iterable[str]) -> dict[str, Verdict]:
    """The verdicts of a run in which the checks of some rules fail."""

    def check(rule: str) -> Check:
        def run(trial: Trial) -> None:
            trial.holds(rule not in broken, "of-its-own", expected="this", actual="that")

        return Check(rule, run)

    client = client_of("dotide", MockConfig(("dotide",)))
    runner = Runner(client, DOTIDE.rulebook, Names(), DOTIDE.fixtures, Effort(1))
    findings = runner.run([check(rule) for rule in checked], sequences)
    rulings = rule_on_all(
        [DOTIDE.rulebook[rule] for rule in checked], findings, DOTIDE.rulebook, DOTIDE.fixtures
    )
    return {ruling.rule.id: ruling.verdict for ruling in rulings}


def test_what_a_sequence_breaks_is_the_finding_of_its_rule() -> None:
    found = told(breaking(SECOND), checked=[FIRST, SECOND])
    assert found == {FIRST: Verdict.PASSED, SECOND: Verdict.FAILED}


def test_a_rule_is_not_blamed_for_what_another_explains() -> None:
    found = told(breaking(SECOND, FIRST), FIRST, checked=[FIRST, SECOND])
    assert found == {FIRST: Verdict.FAILED, SECOND: Verdict.PASSED}
    found = told(breaking(DEPENDENT), FIRST, checked=[FIRST, SECOND, DEPENDENT])
    assert found[DEPENDENT] is Verdict.NOT_TESTED


def test_of_several_rules_that_is_told_whose_own_check_finds_it_when_asked_again() -> None:
    asked: list[str] = []

    def second(trial: Trial) -> None:
        asked.append(SECOND)
        trial.holds(len(asked) < 2, "of-its-own", expected="this", actual="that")

    runner = Runner(
        client_of("dotide", MockConfig(("dotide",))),
        DOTIDE.rulebook,
        Names(),
        DOTIDE.fixtures,
        Effort(1),
    )
    findings = runner.run(
        [Check(FIRST, lambda _trial: None), Check(SECOND, second)], breaking(FIRST, SECOND)
    )

    assert findings[FIRST].mismatch is None
    assert findings[SECOND].mismatch == Mismatch("of-its-own", "this", "that")
    assert findings[SECOND].hint.endswith(f"calls; it may also be {FIRST}")


def test_what_a_sequence_breaks_once_and_not_again_is_told_of_nobody() -> None:
    seen: list[int] = []

    def once(trial: Trial) -> None:
        trial.client.call("list")
        drawn = trial.draw(st.integers(0, 9))
        if not seen:
            seen.append(drawn)
            raise Broken(Mismatch("colour", "red", "green", (SECOND,)))

    found = told(Sequences(frozenset({SECOND}), once), checked=[FIRST, SECOND])
    assert found == {FIRST: Verdict.PASSED, SECOND: Verdict.PASSED}


def test_a_rule_that_is_not_selected_is_not_judged() -> None:
    assert told(breaking(SECOND), checked=[FIRST]) == {FIRST: Verdict.PASSED}


def test_a_fault_of_the_suite_is_told() -> None:
    def crash(_trial: Trial) -> None:
        raise ZeroDivisionError

    found = told(Sequences(frozenset({FIRST}), crash), checked=[FIRST])
    assert found == {FIRST: Verdict.HARNESS_ERROR}
