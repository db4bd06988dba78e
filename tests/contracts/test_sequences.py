"""Sequences of calls on our own APIs: good servers contradict no model, whatever they choose where
the documents leave a choice; what a bad one shows is told as the rule that it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Ruling, Verdict
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import Served
from streamproof.specs import api
from tests.others import dotide_points as points
from tests.others.dotide_forms import Stream
from tests.others.trials import CASES, server_of

BASES = {"dotide": "http://localhost/v1/demo", "bge": "http://localhost"}


def judged(
    name: str,
    seed: int = 1,
    *only: str,
    max_examples: int = 20,
    faults: Iterable[str] = (),
    dialect: dict[str, Any] | None = None,
) -> Run:
    """A run over the rule on sequences of an API, and over the rules `only`."""
    spec = api.load(name)
    mock = create_app(MockConfig((name,), {name: dialect or {}}, faults=tuple(faults)))
    transport = WsgiTransport(mock, BASES[name])
    target = Target(spec, transport, spec.fixtures["credentials"], spec.fixtures)
    selection = Selection((f"{name}/any/model", *only))
    return run(target, Options(selection, seed, max_examples=max_examples, shrink_requests=30))


def ruling(run: Run, rule: str) -> Ruling:
    return next(each for each in run.rulings if each.rule.id == rule)


def verdict(name: str, seed: int = 1, **told: Any) -> Verdict:
    """What is said of sequences."""
    return ruling(judged(name, seed, **told), f"{name}/any/model").verdict


@pytest.mark.parametrize("name", BASES)
def test_a_default_run_finds_nothing_in_the_good_mock_and_is_cheap(name: str) -> None:
    run = judged(name)
    assert ruling(run, f"{name}/any/model").verdict is Verdict.PASSED
    assert 200 <= run.requests <= 800


@pytest.mark.parametrize("seed", range(2, 7))
@pytest.mark.parametrize("name", BASES)
def test_no_seed_finds_anything_in_the_good_mock(name: str, seed: int) -> None:
    assert verdict(name, seed, max_examples=5) is Verdict.PASSED


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
        assert verdict(name, seed, dialect=dialect, max_examples=10) is Verdict.PASSED


def test_records_may_take_their_time_to_show() -> None:
    assert verdict("bge", dialect={"visible_after_s": 0.1}, max_examples=3) is Verdict.PASSED


def test_without_times_finer_than_a_year_nothing_is_judged() -> None:
    told = verdict("bge", dialect={"time_spellings": "year"}, max_examples=3)
    assert told is Verdict.NOT_TESTED


@pytest.mark.parametrize(
    "fault",
    [
        "dotide/create/unique-id.accepted",
        "dotide/read/as-created.last-tag-lost",
        "dotide/update/tags-replaced.appended",
        "dotide/update/unknown-id-creates-nothing.creates-in-secret",
        "dotide/delete/not-readable.still-read",
        "bge/write/duplicate-not-stored.kept",
        "bge/write/duplicate-keeps-older.data-replaced",
        "bge/write/other-element-no-duplicate.rejected",
        "bge/batch_write/partial-success.ends-at-failure",
        "bge/batch_write/seen-by-single-writes.unseen",
    ],
)
def test_a_fault_is_seen_and_its_rule_is_among_those_that_it_may_be(fault: str) -> None:
    name, rule = fault.partition("/")[0], fault.rpartition(".")[0]
    for seed in range(1, 6):
        found = ruling(judged(name, seed, faults=[fault]), f"{name}/any/model")
        if found.verdict is Verdict.FAILED:
            assert found.finding.mismatch is not None
            assert rule in found.finding.mismatch.rules
            assert "found by a sequence of" in found.message
            return
    pytest.fail("not found in any of five seeds")


def test_a_fault_that_its_rule_finds_is_told_of_that_rule_alone() -> None:
    rule = "dotide/read/as-created"
    run = judged("dotide", 1, rule, faults=[f"{rule}.last-tag-lost"])
    assert ruling(run, rule).verdict is Verdict.FAILED
    assert ruling(run, "dotide/any/model").verdict is Verdict.NOT_TESTED
    assert rule in ruling(run, "dotide/any/model").blocked_by


def test_a_datastream_of_texts_may_make_a_text_of_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    strict = points._taken

    def lenient(row: Any, stream: Stream, *rest: Any) -> Any:
        if isinstance(row, dict) and stream.type == "string" and "v" in row:
            row = {**row, "v": str(row["v"])}
        return strict(row, stream, *rest)

    monkeypatch.setattr(points, "_taken", lenient)
    case = next(case for case in CASES if str(case) == "dotide-lenient")
    spec = api.load("dotide")
    at = Served.at("http://localhost", spec, spec.fixtures)
    for seed in range(1, 6):
        transport = WsgiTransport(server_of(case), at.url)
        target = Target(spec, transport, at.credentials, at.fixtures)
        selection = Selection(("dotide/any/model",))
        found = run(target, Options(selection, seed, max_examples=12))
        assert ruling(found, "dotide/any/model").verdict is Verdict.PASSED
