"""What each call does in the default dialect."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from streamproof.mockserver import bge as room
from streamproof.mockserver.app import create_app
from streamproof.mockserver.bge.tables import records
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from streamproof.specs.errors import SpecError
from tests.mockserver.bge.calls import (
    ELEMENT,
    ENTITY,
    FIXTURES,
    OTHER_ELEMENT,
    OTHER_ENTITY,
    SAMPLE,
    SAMPLE_ENTITY,
    UNKNOWN,
    Bge,
    ids,
    item,
)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def bge() -> Bge:
    return Bge()


def test_every_rule_and_point_that_the_source_names_exists() -> None:
    spec = api.load("bge")
    known = {*spec.rulebook.rules, *(f"bge/dialect/{name}" for name in spec.dialect.points)}
    files = Path(str(room.__path__[0])).glob("*.py")
    source = "".join(f.read_text("utf-8") for f in files if not f.stem.endswith("_faults"))
    assert set(re.findall(r'"(bge/[a-z]+(?:_[a-z]+)*/[a-z0-9_-]+)"', source)) <= known


def test_the_printed_record_is_there_from_the_start(bge: Bge) -> None:
    [printed] = FIXTURES["streams"]
    assert bge.retrieve(printed["stream_id"]).data == printed
    element = printed["data_element"]["data_element_id"]
    assert bge.range(data_element_id=element).data["result"] == [printed]


def test_a_record_reads_back_as_it_was_written(bge: Bge) -> None:
    text = '{"one":1.0,"big":' + "9" * 40 + ',"text":"\\u00e9~+ &%","nested":[[{}],null,true]}'
    stream_id = bge.write("1971", text).data["stream_id"]
    record = bge.retrieve(stream_id).data
    assert record["stream_data"] == json.loads(text)
    assert record["stream_generate_time"] == "1971-01-01T00:00:00.000000+0800"
    assert record["create_time"] == "2026-01-02T11:04:05.678901+0800"
    assert bge.range().data["result"] == [record]


@pytest.mark.parametrize(
    ("differing", "value"),
    [
        ("fundamental_entity_id", OTHER_ENTITY),
        ("data_element_id", OTHER_ELEMENT),
        ("time", "1971-01-01T00:00:00.000001"),
    ],
)
def test_what_differs_in_one_of_the_three_is_no_duplicate(
    bge: Bge, differing: str, value: str
) -> None:
    bge.write()
    assert bge.write(**{differing: value}).accepted


def test_a_duplicate_is_let_in_with_the_flag_only_and_harms_nothing(bge: Bge) -> None:
    first = bge.write(data='{"n": 1}').data["stream_id"]
    assert bge.write(data='{"n": 2}').rule == "bge/write/duplicate-not-stored"
    assert bge.write(duplicate_enabled="false").rule == "bge/write/duplicate-not-stored"
    second = bge.write(duplicate_enabled="true").data["stream_id"]
    assert bge.write().rule == "bge/write/duplicate-not-stored"
    assert set(ids(bge.pages())) == {first, second}
    assert bge.retrieve(first).data["stream_data"] == {"n": 1}


def test_the_flag_on_a_first_record_does_not_hide_it(bge: Bge) -> None:
    bge.write(duplicate_enabled="true")
    assert bge.write().rule == "bge/write/duplicate-not-stored"


def test_of_writes_at_once_one_is_stored() -> None:
    bge = Bge()
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: bge.write(), range(24)))
    assert sum(reply.accepted for reply in replies) == 1
    assert len(ids(bge.pages())) == 1


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"fundamental_entity_id": UNKNOWN}, "bge/write/unknown-entity-rejected"),
        ({"fundamental_entity_id": None}, "bge/write/requires-fundamental-entity-id"),
        ({"data_element_id": None}, "bge/write/requires-data-element-id"),
        ({"time": None}, "bge/write/requires-stream-generate-time"),
        ({"time": "1971-13"}, "bge/write/bad-time-rejected"),
        ({"time": "\0"}, "bge/write/bad-time-rejected"),
        ({"data": None}, "bge/write/requires-stream-data"),
        ({"data": "{"}, "bge/write/data-not-json-rejected"),
        ({"data": "NaN"}, "bge/write/data-not-json-rejected"),
        ({"data": '"\\ud800"'}, "bge/write/data-not-json-rejected"),
        ({"data": ""}, "bge/write/data-not-json-rejected"),
    ],
)
def test_a_bad_write_is_rejected_by_its_rule(bge: Bge, fields: dict[str, Any], rule: str) -> None:
    assert bge.write(**fields).rule == rule
    assert ids(bge.pages()) == []


def test_a_batch_stores_what_is_good_and_answers_in_order(bge: Bge) -> None:
    bge.write("1900")
    reply = bge.batch(
        item("1971", stream_data={"name": "leo"}),
        item("1971", fundamental_entity_id=UNKNOWN),
        item("1900"),
        item("1971"),
        item("1972", data_element_id="none"),
        item("1973"),
    )
    result = reply.data["result"]
    assert [each["is_succeed"] for each in result] == [True, False, False, False, False, True]
    assert result[1] == {
        "is_succeed": False,
        "message": "fundamental_entity_id 不存在",
        "stream": {
            "stream_meta": {"namespace": FIXTURES["namespace"], "fundamental_entity_id": UNKNOWN},
            "stream_generate_time": "1971-01-01T00:00:00.000000+0800",
            "stream_id": None,
            "data_element": {"data_element_id": ELEMENT},
        },
    }
    assert [bool(each["message"]) for each in result] == [not each["is_succeed"] for each in result]
    assert len(ids(bge.pages())) == 3
    assert bge.retrieve(result[0]["stream"]["stream_id"]).data["stream_data"] == {"name": "leo"}


def test_batches_and_writes_see_each_other(bge: Bge) -> None:
    bge.batch(item("1971"))
    assert bge.write("1971").rule == "bge/write/duplicate-not-stored"
    again = bge.batch(item("1971"), item("1971"), duplicate_enabled="true").data["result"]
    assert [each["is_succeed"] for each in again] == [True, True]
    assert len(ids(bge.pages())) == 3


@pytest.mark.parametrize("streams", ["{}", "1", '"[]"', "[", "null", ""])
def test_streams_that_are_no_array_are_rejected(bge: Bge, streams: str) -> None:
    slug = "null-streams" if streams == "null" else "not-an-array"
    assert bge.call("batch_write", streams=streams).rule == f"bge/batch_write/{slug}-rejected"


def test_the_window_is_closed_and_exact(bge: Bge) -> None:
    at = [f"1901-01-01T00:00:00.00000{n}" for n in range(5)]
    written = [bge.write(time).data["stream_id"] for time in at]
    window = {"start_time": at[1], "end_time": at[3], "sort_direction": "asc"}
    assert ids(bge.pages(**window)) == written[1:4]
    shifted = {"start_time": "1900-12-31T16:00:00.000001Z", "end_time": at[3] + "+08:00"}
    assert ids(bge.pages(**shifted)) == written[3:0:-1]
    assert ids(bge.pages(start_time=at[3])) == written[:2:-1]
    assert ids(bge.pages(end_time=at[1])) == written[1::-1]


def test_a_sample_stands_for_its_entity(bge: Bge) -> None:
    for year in (1971, 1972, 1973):
        bge.write(str(year), fundamental_entity_id=SAMPLE_ENTITY)
    by_entity = ids(bge.pages(fundamental_entity_id=SAMPLE_ENTITY))
    assert ids(bge.pages(biosample_id=SAMPLE, limit=2)) == by_entity != []
    assert bge.call("bind", biosample_id=SAMPLE).data == {"fundamental_entity_id": SAMPLE_ENTITY}


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"fundamental_entity_id": None}, "bge/range/neither-rejected"),
        ({"biosample_id": SAMPLE, "fundamental_entity_id": ENTITY}, "bge/range/both-rejected"),
        ({"namespace": None}, "bge/range/requires-namespace"),
        ({"data_element_id": None}, "bge/range/requires-data-element-id"),
    ],
)
def test_a_bad_range_is_rejected_by_its_rule(bge: Bge, fields: dict[str, Any], rule: str) -> None:
    assert bge.range(**fields).rule == rule


def test_what_is_unknown_is_rejected(bge: Bge) -> None:
    assert bge.retrieve("x").rule == "bge/retrieve/unknown-rejected"
    assert bge.call("bind", biosample_id="x").rule == "bge/bind/unknown-rejected"
    assert bge.call("retrieve").rule == "bge/retrieve/requires-stream-id"
    assert bge.call("bind").rule == "bge/bind/requires-biosample-id"


def test_only_a_right_signature_gets_in(bge: Bge) -> None:
    good = bge.form(biosample_id=SAMPLE, note="a b+c~d&e=%/é")
    assert bge.send("bind", good).accepted
    unsigned = {name: text for name, text in good.items() if name != "sign"}
    assert bge.send("bind", unsigned).rule == "bge/any/unsigned-rejected"
    assert bge.send("bind", good | {"sign": "é"}).rule == "bge/any/wrong-signature-rejected"
    assert bge.send("bind", good | {"added": "1"}).rule == "bge/any/wrong-signature-rejected"
    assert bge.send("bind", good | {"app_key": "é"}).rule == "bge/any/unknown-key-rejected"
    twice = "&".join(f"{n}={v}" for n, v in (*bge.form(biosample_id="x").items(), ("sign", "x")))
    assert bge.raw("bind", twice.encode()).rule == "bge/any/changed-field-rejected"
    assert bge.raw("bind", b"a=%ff").rule == "bge/any/wrong-signature-rejected"
    assert "demo-secret" not in bge.send("bind", unsigned | {"sign": "x"}).message


def test_an_unauthenticated_write_stores_nothing(bge: Bge) -> None:
    form = bge.form(**{**item(), "stream_data": "{}"})
    assert not bge.send("write", form | {"sign": "x"}).accepted
    assert ids(bge.pages()) == []


def test_seed_data_may_hold_duplicates() -> None:
    [printed] = FIXTURES["streams"]
    seed = [printed | {"stream_id": each} for each in ("c", "a", "b")]
    app = create_app(MockConfig(apis=("bge",), fixtures={"bge": {"streams": seed}}))
    with app.extensions["store"].reading("default") as connection:
        rows = connection.execute(select(records.c.stream_id).order_by(records.c.sequence))
        assert [row.stream_id for row in rows] == ["c", "a", "b"]


@pytest.mark.parametrize("fault", [{}, {"stream_id": "x", "create_time": "2021-99-10T00:00:00Z"}])
def test_seed_data_that_cannot_be_used_shows_at_the_start(fault: dict[str, str]) -> None:
    [printed] = FIXTURES["streams"]
    config = MockConfig(apis=("bge",), fixtures={"bge": {"streams": [printed, printed | fault]}})
    with pytest.raises(SpecError, match="streams/"):
        create_app(config)
