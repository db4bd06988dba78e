"""The published client `private_sdk` is told what was wrong with a call, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from private_sdk import PrivateAPI  # type: ignore[import-untyped]
from private_sdk.error import APIError  # type: ignore[import-untyped]

from streamproof.mockserver.in_thread import RunningMock
from tests.clients.bge_examples import (
    ELEMENT,
    ENTITY,
    KEY,
    LEO,
    NAMESPACE,
    NOWHERE,
    QT,
    QT_RECORD,
    SAMPLE,
    SAMPLE_ENTITY,
    SECRET,
    UNKNOWN_ENTITY,
    WRITE,
    records,
    written,
)

Call = Callable[[PrivateAPI], Any]


def ranges(**params: Any) -> Call:
    """A range call like the printed one, with other or more arguments."""
    named = {"namespace": NAMESPACE, "data_element_id": QT} | params
    return lambda private: private.stream_range(**named)


def write(**changes: Any) -> Call:
    return lambda private: private.write_stream(**{**WRITE, **changes})


def batch(streams: Any, **flag: Any) -> Call:
    return lambda private: private.batch_write_stream(streams, **flag)


REJECTED: dict[str, tuple[Call, str]] = {
    "both entity and sample": (
        ranges(fundamental_entity_id=ENTITY, biosample_id=SAMPLE),
        "biosample_id",
    ),
    "both, though bound to each other": (
        ranges(fundamental_entity_id=SAMPLE_ENTITY, biosample_id=SAMPLE),
        "biosample_id",
    ),
    "neither entity nor sample": (ranges(), "biosample_id"),
    "no namespace": (ranges(namespace=None, fundamental_entity_id=ENTITY), "namespace"),
    "no element": (ranges(data_element_id=None, biosample_id=SAMPLE), "data_element_id"),
    "limit over 100": (ranges(fundamental_entity_id=ENTITY, limit=101), "limit"),
    "limit 0": (ranges(fundamental_entity_id=ENTITY, limit=0), "limit"),
    "limit that is no number": (ranges(fundamental_entity_id=ENTITY, limit="many"), "limit"),
    "third direction": (
        ranges(fundamental_entity_id=ENTITY, sort_direction="up"),
        "sort_direction",
    ),
    "start that is no time": (ranges(fundamental_entity_id=ENTITY, start_time="x"), "start_time"),
    "end that is no time": (ranges(fundamental_entity_id=ENTITY, end_time="x"), "end_time"),
    "cursor of our own": (ranges(fundamental_entity_id=ENTITY, next_page="2"), "next_page"),
    "range of an unknown entity": (
        ranges(fundamental_entity_id=UNKNOWN_ENTITY),
        "fundamental_entity_id",
    ),
    "range of an unknown sample": (ranges(biosample_id="E-0"), "biosample_id"),
    "write for an unknown entity": (
        write(fundamental_entity_id=UNKNOWN_ENTITY),
        "fundamental_entity_id",
    ),
    "write of an unknown element": (write(data_element_id=NOWHERE), "data_element_id"),
    "write without data": (write(stream_data=None), "stream_data"),
    "write without a time": (write(stream_generate_time=None), "stream_generate_time"),
    "data that is no JSON": (write(stream_data="{name: leo}"), "stream_data"),
    "time that is none": (write(stream_generate_time="last year"), "stream_generate_time"),
    "month that is none": (write(stream_generate_time="1986-13"), "stream_generate_time"),
    "flag that is none": (write(duplicate_enabled="perhaps"), "duplicate_enabled"),
    "batch that is no array": (batch({"stream": LEO}), "streams"),
    "batch of 101": (batch([LEO] * 101, duplicate_enabled="true"), "100"),
    "record that is not there": (lambda private: private.stream_retrieve(NOWHERE), NOWHERE),
    "sample that is not there": (lambda private: private.stream_bind("E-0"), "biosample_id"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_rejection_says_what_was_wrong_and_stores_nothing(private: PrivateAPI, case: str) -> None:
    call, told = REJECTED[case]

    with pytest.raises(APIError) as error:
        call(private)

    assert error.value.code != 0
    assert told in error.value.msg
    assert written(private) == []
    assert records(private, ENTITY, QT) == [QT_RECORD]
    assert records(private, ENTITY, ELEMENT) == []


BAD_ITEMS: dict[str, tuple[dict[str, Any], str]] = {
    "unknown entity": ({"fundamental_entity_id": UNKNOWN_ENTITY}, "fundamental_entity_id"),
    "unknown element": ({"data_element_id": NOWHERE}, "data_element_id"),
    "no entity": ({"fundamental_entity_id": None}, "fundamental_entity_id"),
    "time that is none": ({"stream_generate_time": "last year"}, "stream_generate_time"),
    "time of a wrong type": ({"stream_generate_time": [1971]}, "stream_generate_time"),
}


@pytest.mark.parametrize("case", BAD_ITEMS)
def test_a_bad_item_fails_alone(private: PrivateAPI, case: str) -> None:
    change, told = BAD_ITEMS[case]
    bad = {name: value for name, value in (LEO | change).items() if value is not None}
    good = [LEO, {**LEO, "stream_generate_time": "1972"}]

    first, failed, last = private.batch_write_stream([good[0], bad, good[1]])["result"]

    assert (first.is_succeed, failed.is_succeed, last.is_succeed) == (True, False, True)
    assert told in failed.message
    assert failed.stream.stream_id is None
    assert [record["stream_id"] for record in records(private, ENTITY, ELEMENT)] == [
        last.stream.stream_id,
        first.stream.stream_id,
    ]


@pytest.mark.parametrize(("key", "secret"), [(KEY, "guessed"), ("nobody", SECRET)])
def test_a_stranger_is_rejected_by_every_call_and_stores_nothing(
    server: RunningMock, private: PrivateAPI, key: str, secret: str
) -> None:
    stranger = PrivateAPI(key, secret, endpoint=server.url)
    calls: list[Call] = [
        ranges(fundamental_entity_id=ENTITY),
        write(),
        batch([LEO]),
        lambda api: api.stream_retrieve(QT_RECORD["stream_id"]),
        lambda api: api.stream_bind(SAMPLE),
    ]

    for call in calls:
        with pytest.raises(APIError) as error:
            call(stranger)
        assert ("sign" if key == KEY else "app_key") in error.value.msg
        assert SECRET not in error.value.msg

    assert written(private) == []
    assert records(private, ENTITY, ELEMENT) == []


def test_a_wrong_signature_is_told_what_the_server_signed(server: RunningMock) -> None:
    with pytest.raises(APIError, match="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ&"):
        PrivateAPI(KEY, "guessed", endpoint=server.url).stream_bind(SAMPLE)
