"""Walks over pages: exact under ties, in every order, while others write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mockserver.bge.calls import SAMPLE, SAMPLE_ENTITY, Bge, ids

pytestmark = pytest.mark.usefixtures("database")

ORDERS = {
    "tie_order": ["written", "reverse", "stream_id"],
    "asc_mirrors_desc": ["mirrored", "ties_keep"],
    "cursor_type": ["text", "number"],
    "last_page": ["ends", "empty_page"],
    "short_pages": ["never", "sometimes"],
    "write_during_paging": ["shown", "hidden"],
}


def _write(bge: Bge, year: int) -> str:
    fields = {"fundamental_entity_id": SAMPLE_ENTITY, "duplicate_enabled": "true"}
    stream_id: str = bge.write(str(year), **fields).data["stream_id"]
    return stream_id


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries({point: st.sampled_from(ORDERS[point]) for point in ORDERS}),
    st.lists(st.integers(1900, 1904), min_size=1, max_size=12),
    st.lists(st.integers(1899, 1905), max_size=4),
    st.integers(1, 5),
    st.sampled_from(["asc", "desc"]),
    st.booleans(),
)
def test_a_walk_finds_each_record_once_whatever_is_written_meanwhile(
    points: dict[str, Any],
    years: list[int],
    meanwhile: list[int],
    limit: int,
    direction: str,
    by_sample: bool,
) -> None:
    bge = Bge(**points)
    year_of = {_write(bge, year): year for year in years}
    subject = {"biosample_id": SAMPLE} if by_sample else {"fundamental_entity_id": SAMPLE_ENTITY}
    window = {"start_time": "1900", "end_time": "1903"}
    walked: list[str] = []
    walk = bge.pages(**subject, **window, limit=limit, sort_direction=direction)
    for page in walk:
        assert len(page["result"]) <= limit
        walked += ids(iter([page]))
        if meanwhile:
            _write(bge, meanwhile.pop())
    before = [stream_id for stream_id in walked if stream_id in year_of]
    assert sorted(before) == sorted(i for i, year in year_of.items() if year <= 1903)
    assert len(set(walked)) == len(walked)
    if points["write_during_paging"] == "hidden" and points["cursor_type"] == "text":
        assert before == walked
    shown = [year_of[stream_id] for stream_id in before]
    assert shown == sorted(shown, reverse=direction == "desc")


@pytest.mark.parametrize("cursor_type", ORDERS["cursor_type"])
def test_a_cursor_goes_with_its_query_and_its_records(cursor_type: str) -> None:
    bge = Bge(cursor_type=cursor_type)
    for year in (1901, 1902, 1903):
        bge.write(str(year))
    cursor = bge.range(limit="1").data["next_page"]
    assert bge.range(limit="2", next_page=cursor).accepted  # pages may change their size
    other = bge.range(next_page=cursor, end_time="1902")
    assert other.rule == "bge/dialect/cursor_with_other_arguments"
    bge.app.test_client().post("/_mock/reset")
    assert bge.range(next_page=cursor).rule == "bge/dialect/invalid_cursor"
    for text in ("0", "-1", "9" * 30, "é", "\0", "A" * 32):
        assert bge.range(next_page=text).rule == "bge/dialect/invalid_cursor"


def test_a_page_never_has_more_than_a_hundred() -> None:
    bge = Bge(default_limit=100, over_limit="clamped", count_meaning="total")
    for _ in range(103):
        _write(bge, 1901)
    for limit in (None, "100", "999"):
        page = bge.range(fundamental_entity_id=SAMPLE_ENTITY, limit=limit).data
        assert (len(page["result"]), page["count"]) == (100, 103)
    walk = ids(bge.pages(fundamental_entity_id=SAMPLE_ENTITY))
    assert len(set(walk)) == len(walk) == 103
