"""`--read-only`: nothing is written, and what reading can tell is judged from what is there."""

from __future__ import annotations

import itertools

import pytest

from streamproof.contracts.client import Client
from streamproof.contracts.run import Run
from streamproof.contracts.verdict import Headline, Verdict
from tests.contracts.reading import READS, another_writer, datastreams, read_only, streams

_DATA = {"dotide": datastreams, "bge": streams}

# A fault of reading, found by the rule that it is named for.
FAULTS = (
    "dotide/list/ascending-by-id.last-character-backwards",
    "dotide/list/pages.full-last-page-lost",
    "dotide/list/limit.one-too-many",
    "dotide/list/ids-only.begins-so",
    "dotide/list/tags-all.first-tag-only",
    "dotide/list/tags-whole.ends-alike",
    "dotide/list/tz.offset-only",
    "dotide/list/shape.retyped",
    "dotide/list/changes-nothing.touches",
    "dotide/read/changes-nothing.touches",
    "dotide/read/unknown-id.accepted",
    "dotide/any/wrong-secret.let-in",
    "dotide/any/unknown-token.forbidden",
    "dotide/any/no-server-error.breaks-down",
    "bge/range/shape.retyped",
    "bge/range/pages-distinct.descending-only",
    "bge/range/pages-ordered.second-first",
    "bge/range/pages-by-sample.one-skipped",
    "bge/range/never-over-100.one-more",
    "bge/range/neither-rejected.accepted",
    "bge/any/data-element-described.without-source-id",
)


def _by_verdict(done: Run, verdict: Verdict) -> dict[str, str]:
    return {r.rule.id: r.message for r in done.rulings if r.verdict is verdict}


@pytest.mark.parametrize(("name", "rules"), [("dotide", 44), ("bge", 48)])
def test_a_good_server_conforms_and_nothing_is_written(name: str, rules: int) -> None:
    done, came = read_only(name, _DATA[name]())

    assert len(done.rulings) >= rules
    assert done.headline is Headline.CONFORMS, _by_verdict(done, Verdict.FAILED)
    assert came <= READS
    assert done.cleanup.created == 0


@pytest.mark.parametrize(("name", "share"), [("dotide", 0.3), ("dotide", 1.0), ("bge", 0.3)])
def test_what_others_write_meanwhile_breaks_no_rule(name: str, share: float) -> None:
    done, _ = read_only(name, _DATA[name](), meanwhile=another_writer(name, 1, share))

    assert not _by_verdict(done, Verdict.FAILED)
    assert not _by_verdict(done, Verdict.HARNESS_ERROR)
    assert len(_by_verdict(done, Verdict.PASSED)) > 0.5 * len(done.rulings)


def test_where_all_but_one_change_all_the_time_the_run_says_so() -> None:
    count = itertools.count()

    def retag(others: Client) -> None:
        for each in datastreams()["datastreams"][1:]:
            fields = {"name": "n", "tags": [f"t{next(count)}"], "properties": {"prop1": 1}}
            others.call("update", id=each["id"], **fields)

    done, _ = read_only("dotide", datastreams(), "dotide/list/ids-only", meanwhile=retag)

    untested = _by_verdict(done, Verdict.NOT_TESTED)
    assert len(untested) == len(done.rulings)
    assert "others write here" in untested["dotide/list/ids-only"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_reading_is_found_by_its_own_rule(fault: str) -> None:
    name, rule = fault.partition("/")[0], fault.rpartition(".")[0]

    done, came = read_only(name, _DATA[name](), rule, fault=fault)

    assert rule in _by_verdict(done, Verdict.FAILED), _by_verdict(done, Verdict.NOT_TESTED)
    assert came <= READS


@pytest.mark.parametrize(
    ("name", "empty", "missing"),
    [
        ("dotide", {"datastreams": []}, "a datastream to read: give ids that are there as"),
        ("bge", {"streams": []}, "a record to read: give fixtures.entities"),
    ],
)
def test_where_nothing_is_there_the_run_says_what_was_missing(
    name: str, empty: dict[str, list[object]], missing: str
) -> None:
    done, came = read_only(name, empty)

    untested = _by_verdict(done, Verdict.NOT_TESTED)
    assert done.headline is Headline.INCONCLUSIVE
    assert done.headline.exit_code == 3
    assert len(untested) == len(done.rulings)
    assert all(missing in message for message in untested.values())
    assert came <= READS
