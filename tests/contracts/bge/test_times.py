"""Times: every spelling and its reading, and years that begin at +08:00."""

import pytest

from streamproof.contracts.bge import times
from streamproof.contracts.bge.times import DAY, FOR_WRITING, OTHER_OFFSETS, SECOND, Spelling


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00.000000+0800", 0),
        ("1970-01-01T00:00:00.000001+00:00", 1),
        ("1969-12-31T20:30:00.5-03:30", SECOND // 2),
        ("1970-01-01T00:00:00.1234567Z", 123_456),
        ("1970-01-01T00:00:00", None),
        ("1970-02-30T00:00:00Z", None),
        ("1970", None),
        (1970, None),
        (None, None),
    ],
)
def test_an_answers_time_is_read(text: object, instant: int | None) -> None:
    assert times.instant(text) == instant


@pytest.mark.parametrize("spelling", [s for s in (*FOR_WRITING, *OTHER_OFFSETS) if s.offset])
def test_what_is_spelled_with_an_offset_reads_back(spelling: times.Spelling) -> None:
    moment = times.first_of(1923) + 12_345 * SECOND + (678_901 if spelling.step == 1 else 0)
    assert times.instant(spelling.write(moment)) == moment


def test_without_an_offset_the_time_of_china_is_written() -> None:
    [spelling] = [s for s in FOR_WRITING if s.pattern == "%Y-%m-%d %H:%M:%S"]
    assert spelling.write(times.first_of(1923)) == "1923-01-01 00:00:00"


def test_without_an_offset_the_time_of_the_zone_that_was_learnt_is_written() -> None:
    spelling = Spelling("%Y-%m-%d %H:%M:%S", "", east=-210)
    assert spelling.write(times.first_of(1923)) == "1922-12-31 12:30:00"


@pytest.mark.parametrize(
    ("start", "end", "is_steady"),
    [("1923-03-01", "1923-03-08", True), ("1940-05-28", "1940-06-04", False)],
)
def test_a_stretch_in_which_the_clocks_of_shanghai_were_moved_is_not_steady(
    start: str, end: str, is_steady: bool
) -> None:
    assert times.steady(*times.span((start, end))) is is_steady


def test_a_span_counts_days_of_china() -> None:
    first, last = times.span(("1970-01-01", "1970-01-03"))
    assert (first, last - first) == (-8 * 60 * times.MINUTE, 2 * DAY)


def test_years_begin_within_the_span_and_at_the_offset_of_the_document() -> None:
    years = times.years(times.span(("1900-01-01", "1950-01-01")))
    # Shanghai kept local mean time until 1901, and summer time from 1942 to 1945.
    assert years == [y for y in range(1901, 1950) if y not in (1943, 1944, 1945)]
    assert times.years(times.span(("1920-01-02", "1921-01-01"))) == []


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("1971-01-01T00:00:00.000000+0800", True),
        ("1971-01-01T00:00:00+08:00", True),
        ("1970-12-31T16:00:00.000000+0000", False),
        ("1971-01-01T00:00:00.000001+0800", False),
        (None, False),
    ],
)
def test_a_year_shows_as_its_first_instant(text: object, shows: bool) -> None:
    assert times.shows_year(text, "1971") is shows
