"""In one long run of ordinary calls every fault answers as the specification says.

That each breaks its own rule is for the kill matrix.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pytest

from streamproof.mockserver import domain
from streamproof.specs import api, schema
from streamproof.specs.operation import accepted
from tests.mockserver.bge.calls import (
    ELEMENT,
    ENTITY,
    FIXTURES,
    NAMESPACE,
    OTHER_ELEMENT,
    OTHER_ENTITY,
    SAMPLE,
    SAMPLE_ENTITY,
    UNKNOWN,
    Bge,
    Reply,
    item,
)

SPEC = api.load("bge")
FAULTS = {fault.name: fault for fault in domain.faults("bge")}
RACES = {"bge/write/concurrent-one-stored.look-first"}
# their rule is about the shape, the status or the content type of an answer
MISSHAPEN = {"bge/any/envelope", "bge/any/no-server-error", "bge/any/json-content-type"}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def run(bge: Bge) -> Iterator[tuple[str, Reply]]:
    """Calls of all kinds, each with the operation that it is of."""
    yield from _writes(bge)
    yield from _batches(bge)
    yield from _reads(bge)
    yield from _signatures(bge)


def _writes(bge: Bge) -> Iterator[tuple[str, Reply]]:
    rich = '{"a": [1.1, {"b": []}, {}], "t": "é~", "n": 9007199254740993}'
    for fields in (
        {"time": "1971", "data": rich},
        {"time": "1971", "data": rich},
        {"time": "1971", "data": '{"other": 1}'},
        {"time": "1971", "duplicate_enabled": "false"},
        {"time": "1971", "duplicate_enabled": "true"},
        {"time": "1971", "data_element_id": OTHER_ELEMENT},
        {"time": "1971", "fundamental_entity_id": OTHER_ENTITY},
        {"time": "1972"},
        {"time": "1990", "duplicate_enabled": "true"},
        {"time": "1990"},
        {"fundamental_entity_id": UNKNOWN},
        {"time": "never"},
        {"data": "{"},
        {"fundamental_entity_id": None},
        {"data_element_id": None, "time": "1801"},
        {"time": None},
        {"data": None, "time": "1802"},
        {"time": "1901-01-01T00:00:00.000001"},
        {"time": "1901-01-01T00:00:00.000003"},
    ):
        bge.clock.wait(1)
        written = bge.write(**fields)
        yield "write", written
        stream_id = _member(written, "stream_id")
        if stream_id is not None:
            yield "retrieve", bge.retrieve(stream_id)
    for year in ("1911", "1913", "1912"):
        bge.clock.wait(1)
        for _ in range(3):
            fields = {"fundamental_entity_id": SAMPLE_ENTITY, "duplicate_enabled": "true"}
            yield "write", bge.write(year, **fields)


def _batches(bge: Bge) -> Iterator[tuple[str, Reply]]:
    unknown = item("1951", fundamental_entity_id=UNKNOWN)
    for items, fields in (
        ([item("1951"), unknown, item("1952")], {}),
        ([item("1951"), item("1953"), item("1953")], {}),
        ([item("1971")], {"duplicate_enabled": "false"}),
        ([item("1951"), item("1954"), item("1954")], {"duplicate_enabled": "true"}),
        ([item(str(2000 + n)) for n in range(100)], {}),
        ([item(str(2100 + n)) for n in range(101)], {}),
    ):
        yield "batch_write", bge.batch(*items, **fields)
    yield "write", bge.write("1952")
    yield "batch_write", bge.call("batch_write", streams=json.dumps(item("1955")))
    yield "batch_write", bge.call("batch_write")


def _reads(bge: Bge) -> Iterator[tuple[str, Reply]]:
    second = "1901-01-01T00:00:00.000002"
    for fields in (
        {},
        {"limit": "100"},
        {"limit": "101"},
        {"limit": "x"},
        {"namespace": None},
        {"namespace": "other"},
        {"fundamental_entity_id": None},
        {"biosample_id": SAMPLE, "fundamental_entity_id": SAMPLE_ENTITY},
        {"biosample_id": SAMPLE, "fundamental_entity_id": ENTITY},
        {"start_time": "1901-01-01T00:00:00.000001", "end_time": "1901-01-01T00:00:00.000003"},
        {"start_time": second, "end_time": "1971"},
        {"end_time": second},
        {"start_time": "1971-01-01T00:00:00Z", "sort_direction": "asc"},
        {"sort_direction": "desc"},
        {"data_element_id": OTHER_ELEMENT},
    ):
        yield "range", bge.range(**fields)
    subjects = ({"fundamental_entity_id": SAMPLE_ENTITY}, {"biosample_id": SAMPLE})
    windows: tuple[dict[str, str], ...] = ({}, {"start_time": "1912", "end_time": "1912"})
    for subject in subjects:
        for limit in ("2", "3", "4"):
            for direction in ("asc", "desc"):
                for window in windows:
                    fields = {**subject, **window, "limit": limit, "sort_direction": direction}
                    yield from _walk(bge, fields)
    yield "retrieve", bge.retrieve("none")
    yield "retrieve", bge.call("retrieve")
    printed = FIXTURES["streams"][0]["stream_id"]
    yield from (("retrieve", bge.retrieve(printed)) for _ in range(2))
    for sample in (SAMPLE, SAMPLE, "none", None):
        yield "bind", bge.call("bind", biosample_id=sample)


def _walk(bge: Bge, fields: dict[str, Any]) -> Iterator[tuple[str, Reply]]:
    cursor = None
    for _ in range(12):
        page = bge.range(next_page=cursor, **fields)
        yield "range", page
        cursor = _member(page, "next_page")
        if cursor is None:
            return


def _member(reply: Reply, name: str) -> Any:
    """A member of the data, which a fault may have spoilt."""
    return reply.data.get(name) if reply.accepted and isinstance(reply.data, dict) else None


def _signatures(bge: Bge) -> Iterator[tuple[str, Reply]]:
    good = bge.form(**{**item("1981"), "stream_data": '{"~": 1}'})
    unsigned = {name: text for name, text in good.items() if name != "sign"}
    for form in (
        unsigned,
        good | {"sign": "x"},
        good | {"app_key": "x"},
        good | {"added": "x"},
        good,
    ):
        yield "write", bge.send("write", form)
    asked = {"namespace": NAMESPACE, "data_element_id": ELEMENT, "fundamental_entity_id": ENTITY}
    yield "range", bge.send("range", bge.form(**asked, start_time="1981", end_time="1981"))


def transcript(calls: Iterable[tuple[str, Reply]]) -> list[str]:
    """The run as text in which ids are numbered, so that equal runs read equal."""
    seen: dict[str, str] = {}
    return [
        _ID.sub(
            lambda found: seen.setdefault(found[0], f"id {len(seen)}"),
            f"{operation} {reply.status} {reply.rule} {reply.kind} {json.dumps(reply.body)}",
        )
        for operation, reply in calls
    ]


@cache
def shapes() -> dict[str, schema.Validator]:
    """By operation, what the data of an accepted answer looks like."""
    return {
        operation.id: schema.Validator(operation.success.payload or {}, SPEC.openapi)
        for operation in SPEC.operations.values()
    }


def test_a_good_server_runs_the_same_each_time() -> None:
    assert transcript(run(Bge())) == transcript(run(Bge()))


def test_every_fault_breaks_a_rule_of_its_api() -> None:
    assert {fault.rule for fault in FAULTS.values()} <= SPEC.rulebook.rules.keys()
    assert all(fault.says.endswith(".") for fault in FAULTS.values())


SHAPED = sorted(
    name
    for name, fault in FAULTS.items()
    if name not in RACES and fault.rule not in MISSHAPEN and not fault.rule.endswith("/shape")
)


@pytest.mark.parametrize("name", SHAPED)
def test_every_fault_answers_in_the_specified_shape(name: str) -> None:
    for operation, reply in run(Bge(faults=(name,))):
        assert reply.status == 200
        if accepted(SPEC.envelope, reply.status, reply.body):
            assert shapes()[operation].errors(reply.data) == (), operation


@pytest.mark.parametrize("name", sorted(RACES))
def test_a_race_needs_two(name: str) -> None:
    bge = Bge(faults=(name,))
    assert bge.write("1901").accepted
    assert not bge.write("1901").accepted
    stored = 0
    for year in range(1902, 1912):
        with ThreadPoolExecutor(8) as threads:
            replies = threads.map(lambda _, at=str(year): bge.write(at), range(8))
            stored = max(stored, sum(reply.accepted for reply in replies))
    assert stored > 1
