"""Times of stream data: what is read, how it is normalised and masked."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproof.mockserver.bge import times


@pytest.mark.parametrize(
    ("text", "normalised", "mask"),
    [
        ("1971", "1971-01-01T00:00:00.000000+0800", "1111-00-00T00:00:00.000000±1111"),
        ("1970-02", "1970-02-01T00:00:00.000000+0800", "1111-11-00T00:00:00.000000±1111"),
        ("2020-02-29", "2020-02-29T00:00:00.000000+0800", "1111-11-11T00:00:00.000000±1111"),
        ("2021-04-01 10:11", "2021-04-01T10:11:00.000000+0800", "1111-11-11T11:11:00.000000±1111"),
        (
            "2021-04-01 10:11:00.123456",
            "2021-04-01T10:11:00.123456+0800",
            "1111-11-11T11:11:11.111111±1111",
        ),
        (
            "2021-03-02T10:00:00Z",
            "2021-03-02T18:00:00.000000+0800",
            "1111-11-11T11:11:11.000000±1111",
        ),
        (
            "2021-03-02T10:00:00.5-03:30",
            "2021-03-02T21:30:00.500000+0800",
            "1111-11-11T11:11:11.100000±1111",
        ),
        (
            "1971-01-01T00:00:00.000000+0800",
            "1971-01-01T00:00:00.000000+0800",
            "1111-11-11T11:11:11.111111±1111",
        ),
        ("0001", "0001-01-01T00:00:00.000000+0800", "1111-00-00T00:00:00.000000±1111"),
        ("9999", "9999-01-01T00:00:00.000000+0800", "1111-00-00T00:00:00.000000±1111"),
    ],
)
def test_every_spelling_is_normalised_and_masked(text: str, normalised: str, mask: str) -> None:
    moment = times.parse(text)
    assert times.render(moment.instant) == normalised
    assert moment.mask == mask


@pytest.mark.parametrize(
    "text",
    [
        "",
        "71",
        "19710",
        "1971-1",
        "1971-13",
        "1971-00",
        "1971-02-29",
        "0000",
        "1971Z",
        "1971-01-01Z",
        "1971-01-01T",
        "1971-01-01T10",
        "1971-01-01T24:00:00",
        "1971-01-01T10:60:00",
        "1971-01-01T10:00:60",
        "1971-01-01T10:00:00.",
        "1971-01-01T10:00:00.1234567",
        "1971-01-01T10:00:00+24:00",
        "1971-01-01T10:00:00+08:60",
        "1971-01-01T10:00:00+08",
        "1971-01-01  10:00:00",
        " 1971",
        "1971\n",
        "１９７１",
        "yesterday",
        "0001-01-01T00:00:00+0900",
        "9999-12-31T23:59:59Z",
    ],
)
def test_what_states_no_instant_is_refused(text: str) -> None:
    with pytest.raises(times.NotATime):
        times.parse(text)


def test_digits_that_are_not_kept_are_cut_off_and_not_marked() -> None:
    moment = times.parse("1969-12-31T23:59:59.999999Z", digits=3)
    assert times.render(moment.instant, 0) == "1969-12-31T23:59:59.999000+0000"
    assert moment.mask == "1111-11-11T11:11:11.111000±1111"
    assert times.parse("1969-12-31T23:59:59.9", digits=0).mask == "1111-11-11T11:11:11.000000±1111"


def test_the_zone_stands_in_for_an_unstated_offset_only() -> None:
    assert (
        times.parse("2021-03-02T10:00:00", zone=0).instant
        == times.parse("2021-03-02T18:00").instant
    )
    stated = "2021-03-02T10:00:00+0800"
    assert times.parse(stated, zone=0) == times.parse(stated)


def test_an_instant_can_be_shown_in_the_offset_as_stated() -> None:
    moment = times.parse("2021-03-02T10:00:00-03:30")
    assert times.render(moment.instant, moment.offset) == "2021-03-02T10:00:00.000000-0330"


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-23 * 60, 23 * 60))
def test_an_instant_survives_its_own_spelling(local: datetime, minutes: int) -> None:
    aware = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    moment = times.parse(aware.isoformat(timespec="microseconds"))
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    assert moment.instant == since // timedelta(microseconds=1)
    assert times.parse(times.render(moment.instant)).instant == moment.instant


@given(st.text())
def test_no_text_does_worse_than_not_a_time(text: str) -> None:
    with contextlib.suppress(times.NotATime):
        times.parse(text)


def test_an_instant_whose_local_year_can_not_be_written_is_shown_in_utc() -> None:
    last_hour = (datetime(9999, 12, 31, 23) - datetime(1970, 1, 1)) // timedelta(microseconds=1)

    assert times.render(last_hour) == "9999-12-31T23:00:00.000000+0000"
