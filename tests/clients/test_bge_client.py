"""The published client `private_sdk` makes every documented call, with the printed values."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from private_sdk import PrivateAPI  # type: ignore[import-untyped]
from private_sdk.error import APIError  # type: ignore[import-untyped]

from tests.clients.bge_examples import (
    ELEMENT,
    ENTITY,
    LEO,
    NAMESPACE,
    QT,
    QT_RECORD,
    SAMPLE,
    SAMPLE_ENTITY,
    TOM,
    UNKNOWN_ENTITY,
    WRITE,
    records,
    written,
)


def test_retrieve_answers_the_printed_record(private: PrivateAPI) -> None:
    assert private.stream_retrieve("b4289d33-8147-11eb-a39e-00163e0eae20").json() == QT_RECORD


def test_range_answers_the_printed_page(private: PrivateAPI) -> None:
    page = private.stream_range(
        namespace=NAMESPACE, data_element_id=QT, fundamental_entity_id=ENTITY
    )

    assert page.json() == {"result": [QT_RECORD], "next_page": None, "count": 1}


def test_bind_answers_the_printed_entity(private: PrivateAPI) -> None:
    assert private.stream_bind(SAMPLE).json() == {"fundamental_entity_id": SAMPLE_ENTITY}


def test_batch_write_answers_item_by_item_as_printed(private: PrivateAPI) -> None:
    result = private.batch_write_stream([LEO, TOM], duplicate_enabled="true")

    leo, tom = (item.json() for item in result["result"])
    stream_id = leo["stream"]["stream_id"]
    assert leo == {
        "is_succeed": True,
        "message": "",
        "stream": {
            "stream_meta": {"namespace": NAMESPACE, "fundamental_entity_id": ENTITY},
            "stream_generate_time": "1971-01-01T00:00:00.000000+0800",
            "stream_id": stream_id,
            "data_element": {"data_element_id": ELEMENT},
        },
    }
    assert tom == {
        "is_succeed": False,
        "message": "fundamental_entity_id 不存在",
        "stream": {
            "stream_meta": {"namespace": NAMESPACE, "fundamental_entity_id": UNKNOWN_ENTITY},
            "stream_generate_time": "1971-01-01T00:00:00.000000+0800",
            "stream_id": None,
            "data_element": {"data_element_id": ELEMENT},
        },
    }
    assert private.stream_retrieve(stream_id).json()["stream_data"] == {"name": "leo"}


def test_a_written_record_is_retrieved_and_ranged_as_the_printed_one_is(
    private: PrivateAPI,
) -> None:
    result = private.write_stream(**WRITE, duplicate_enabled="true").json()

    assert list(result) == ["stream_id"]
    record = private.stream_retrieve(result["stream_id"]).json()
    assert written(private) == [record]
    assert record.keys() == QT_RECORD.keys()
    assert record["stream_id"] == result["stream_id"]
    assert record["stream_generate_time"] == "1986-01-01T00:00:00.000000+0800"
    assert record["stream_generate_time_mask"] == "1111-00-00T00:00:00.000000±1111"
    assert record["stream_data"] == {"name": "leo"}
    assert record["stream_meta"] == {
        "namespace": NAMESPACE,
        "fundamental_entity_id": WRITE["fundamental_entity_id"],
    }
    assert record["data_element"]["data_element_id"] == WRITE["data_element_id"]
    age = datetime.now().astimezone() - datetime.fromisoformat(record["create_time"])
    assert abs(age) < timedelta(minutes=1)


def test_data_come_back_as_they_went(private: PrivateAPI) -> None:
    data = {"text": '员工 ~*+%&=?\n"\\🙂', "numbers": [0, -1.5, 1e300, 2**53], "deep": {"": [{}]}}

    private.write_stream(**{**WRITE, "stream_data": json.dumps(data)})

    assert [record["stream_data"] for record in written(private)] == [data]


@pytest.mark.parametrize("forbidden", [None, "false", False])
def test_a_second_record_of_one_key_needs_the_flag(private: PrivateAPI, forbidden: Any) -> None:
    first = private.write_stream(**WRITE)
    again = {**WRITE, "stream_data": '{"name": "tom"}'}

    with pytest.raises(APIError):
        private.write_stream(**again, duplicate_enabled=forbidden)
    assert [record["stream_id"] for record in written(private)] == [first.stream_id]

    for permitted in ("true", True):
        private.write_stream(**again, duplicate_enabled=permitted)
    assert len({record["stream_id"] for record in written(private)}) == 3


def test_a_batch_needs_the_flag_for_a_second_record_too(private: PrivateAPI) -> None:
    def outcome(**flag: Any) -> list[bool]:
        answers = private.batch_write_stream([LEO, {**LEO, "stream_data": 1}], **flag)["result"]
        return [answer.is_succeed for answer in answers]

    assert outcome() == [True, False]
    assert outcome() == [False, False]
    assert outcome(duplicate_enabled="false") == [False, False]
    assert len(records(private, ENTITY, ELEMENT)) == 1
    assert outcome(duplicate_enabled="true") == [True, True]
    assert len(records(private, ENTITY, ELEMENT)) == 3


def test_a_batch_takes_a_hundred(private: PrivateAPI) -> None:
    streams = [{**LEO, "stream_generate_time": str(1900 + i)} for i in range(100)]

    answers = private.batch_write_stream(streams)["result"]

    assert [answer.stream.stream_generate_time[:4] for answer in answers] == [
        stream["stream_generate_time"] for stream in streams
    ]
    assert len({answer.stream.stream_id for answer in answers}) == 100
    assert len(records(private, ENTITY, ELEMENT, limit=100)) == 100


def test_range_keeps_window_and_order(private: PrivateAPI) -> None:
    private.batch_write_stream([{**LEO, "stream_generate_time": str(y)} for y in range(1971, 1976)])

    def years(**params: Any) -> list[int]:
        found = records(private, ENTITY, ELEMENT, **params)
        return [int(record["stream_generate_time"][:4]) for record in found]

    assert years() == years(sort_direction="desc") == [1975, 1974, 1973, 1972, 1971]
    assert years(sort_direction="asc") == [1971, 1972, 1973, 1974, 1975]
    assert years(start_time="1972", end_time="1974") == [1974, 1973, 1972]
    assert years(start_time="1974") == [1975, 1974]
    assert years(end_time="1972") == [1972, 1971]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_hold_each_record_once_despite_ties_and_later_writes(
    private: PrivateAPI, direction: str
) -> None:
    streams = [{**LEO, "stream_generate_time": str(1971 + i // 5)} for i in range(10)]
    private.batch_write_stream(streams, duplicate_enabled="true")
    here = {"namespace": NAMESPACE, "data_element_id": ELEMENT, "fundamental_entity_id": ENTITY}
    whole = [record["stream_id"] for record in records(private, ENTITY, ELEMENT)]
    if direction == "asc":
        whole.reverse()

    walked: list[str] = []
    page: dict[str, Any] = {"next_page": None}
    while not walked or page["next_page"] is not None:
        page = private.stream_range(
            **here, limit=3, sort_direction=direction, next_page=page["next_page"]
        ).json()
        walked += [record["stream_id"] for record in page["result"]]
        behind = "1970" if direction == "asc" else "1999"
        private.write_stream(
            **{**WRITE, **here_key(here), "stream_generate_time": behind}, duplicate_enabled="true"
        )

    assert walked == whole


def here_key(here: dict[str, str]) -> dict[str, str]:
    """The part of a range call that a write has too."""
    return {name: here[name] for name in ("data_element_id", "fundamental_entity_id")}


def test_a_sample_stands_for_its_entity(private: PrivateAPI) -> None:
    private.batch_write_stream([{**LEO, "fundamental_entity_id": SAMPLE_ENTITY}])

    page = private.stream_range(
        namespace=NAMESPACE, data_element_id=ELEMENT, biosample_id=SAMPLE
    ).json()

    assert page["result"] == records(private, SAMPLE_ENTITY, ELEMENT)
    assert page["count"] == 1


@pytest.mark.parametrize(
    ("sent", "shown", "mask"),
    [
        ("1970", "1970-01-01T00:00:00.000000+0800", "1111-00-00T00:00:00.000000±1111"),
        ("1970-03", "1970-03-01T00:00:00.000000+0800", "1111-11-00T00:00:00.000000±1111"),
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
    ],
)
def test_finer_times_are_normalised(private: PrivateAPI, sent: str, shown: str, mask: str) -> None:
    private.write_stream(**{**WRITE, "stream_generate_time": sent})

    (record,) = written(private)
    assert record["stream_generate_time"] == shown
    assert record["stream_generate_time_mask"] == mask
