"""What a list may show: all that has to stand in it, once, as it is, and nothing else of ours."""

from __future__ import annotations

from typing import Any

import pytest

from streamproof.contracts.models.listing import Member, Row, Wanted, disorder, matches, wrong

A, B = Member("a", {"n": 1}), Member("b", {"n": 2})
ROW_A, ROW_B = {"key": "a", "n": 1}, {"key": "b", "n": 2}
FOREIGN = {"key": "z", "n": 9}


def alike(_name: str, one: Any, other: Any) -> bool:
    return bool(one == other)


def kind(rows: list[dict[str, Any]], wanted: Wanted) -> str | None:
    def key_of(row: Row) -> str | None:
        return row.get("key")

    found = wrong(rows, wanted, key_of, alike)
    return None if found is None else found.kind


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([ROW_A, ROW_B], None),
        ([FOREIGN, ROW_B, ROW_A], None),
        ([ROW_A], "lost-row"),
        ([ROW_A, {"key": "b", "n": 1}], "other-row"),
        ([ROW_A, ROW_B, ROW_A], "repeated-row"),
        ([ROW_A, ROW_B, {"key": "gone", "n": 1}], "stray-row"),
    ],
)
def test_only_things_of_its_own_are_judged(rows: list[dict[str, Any]], found: str | None) -> None:
    assert kind(rows, Wanted([A, B], strangers=["gone"])) == found


def test_where_nobody_else_writes_nothing_else_is_listed() -> None:
    assert kind([ROW_A, FOREIGN], Wanted([A], alone=True)) == "stray-row"
    assert kind([ROW_A, ROW_B], Wanted([A], may=[B], alone=True)) is None
    assert kind([ROW_A], Wanted([A], may=[B], alone=True)) is None


def test_what_has_no_key_is_known_by_its_fields_as_often_as_it_was_kept() -> None:
    twice = [Member(None, {"n": 1}), Member(None, {"n": 1})]
    assert kind([{"n": 1}, {"n": 1}], Wanted(twice, alone=True)) is None
    assert kind([{"n": 1}], Wanted(twice, alone=True)) == "lost-row"
    assert kind([{"n": 1}] * 3, Wanted(twice, alone=True)) == "stray-row"


def test_a_filter_lets_through_what_has_the_value_or_one_or_all_of_them() -> None:
    known = {"kind": "lamp", "tags": ["x", "y"], "tag": ["x"]}

    assert matches("kind", "equals", "lamp", known, alike) is True
    assert matches("kind", "one_of", ["lamp", "chair"], known, alike) is True
    assert matches("kind", "equals", "chair", known, alike) is False
    assert matches("tags", "all_of", ["x", "y"], known, alike) is True
    assert matches("tags", "all_of", ["x", "z"], known, alike) is False
    assert matches("tags", "one_of", ["x", "z"], known, alike) is True
    assert matches("tag", "equals", "x", known, alike) is True


def test_what_the_answers_leave_open_may_match() -> None:
    known = {"tags": ["x", "y"]}
    assert matches("kind", "equals", "lamp", known, alike) is None
    assert matches("tags", "equals", "x", known, alike) is None
    assert matches("tags", "equals", "z", known, alike) is False


def test_only_what_every_server_orders_alike_is_a_disorder() -> None:
    def settled(one: int, other: int) -> bool:
        return 0 not in (one, other)

    assert disorder([1, 1, 2], settled, descending=False) is None
    assert disorder([2, 1, 1], settled, descending=True) is None
    assert disorder([2, 1], settled, descending=False) == (2, 1)
    assert disorder([2, 0], settled, descending=False) is None


def test_a_row_that_is_not_described_to_show_a_field_may_lack_it() -> None:
    def key_of(row: Row) -> str | None:
        return row.get("key")

    rows = [{"key": "a"}]
    assert wrong(rows, Wanted([A]), key_of, alike, shows=frozenset({"key"})) is None
    assert wrong(rows, Wanted([A]), key_of, alike, shows=frozenset({"key", "n"})) is not None
