"""What the measured servers hold, and what is sent to them: the same for all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from streamproof.specs import api

ELEMENT = "45f69871-7d89-11eb-a38f-00163e0eae20"
ENTITY = "093f5e9a-7c96-11eb-a38f-00163e0eae20"
NAMESPACE = "BGE_DEVELOPER_PLATFORM"
RANGE = {
    "namespace": NAMESPACE,
    "fundamental_entity_id": ENTITY,
    "data_element_id": ELEMENT,
}
APART = 60_000_000  # microseconds between the records that are seeded
_FIRST = datetime(1950, 1, 1)  # of them
_WRITTEN = datetime(2000, 1, 1)  # of those that are written while we measure
_CREATED = "2021-03-10T10:24:14.650000+0800"


def credentials(name: str) -> Mapping[str, str]:
    """The credentials that a mock of the API `name` is started with."""
    found: Mapping[str, str] = api.load(name).fixtures["credentials"]
    return found


def stream_id(number: int) -> str:
    return f"sensor-{number:07}"


def datastream(number: int) -> dict[str, Any]:
    """What is sent to create a datastream: three tags, two properties."""
    return {
        "id": stream_id(number),
        "name": f"Sensor {number}",
        "type": "number",
        "tags": ["building", f"floor-{number % 20}", f"room-{number % 500}"],
        "properties": {"unit": "Celsius", "place": f"rack {number % 40}"},
    }


def shown(stream: Mapping[str, Any]) -> dict[str, Any]:
    """A datastream as it is answered."""
    now = "2021-03-10T10:24:14+08:00"
    return {
        **stream,
        "current_t": None,
        "current_v": None,
        "created_at": now,
        "updated_at": now,
    }


def record_id(number: int) -> str:
    return f"00000000-8147-11eb-a39e-{number:012}"


def record(number: int) -> dict[str, Any]:
    """A record as it is answered, and as seed data has it."""
    moment = _FIRST + timedelta(microseconds=number * APART)
    return {
        "stream_id": record_id(number),
        "stream_generate_time": f"{moment.isoformat(timespec='microseconds')}+0800",
        "data_element": {
            "data_element_id": ELEMENT,
            "data_element_name": "Q-T间期",
            "data_element_description": "",
            "data_element_source_domain": "BGI_DATA_ELEMENT",
            "data_element_source_id": "4.3.11.0",
        },
        "stream_data": _measurement(number),
        "stream_meta": {"namespace": NAMESPACE, "fundamental_entity_id": ENTITY},
        "create_time": _CREATED,
        "data_type": 2,
    }


def written(number: int) -> dict[str, str]:
    """The fields of the write of a record, yet to be signed."""
    moment = _WRITTEN + timedelta(milliseconds=number)
    return {
        "fundamental_entity_id": ENTITY,
        "data_element_id": ELEMENT,
        "stream_generate_time": f"{moment.isoformat(timespec='microseconds')}+0800",
        "stream_data": json.dumps(_measurement(number), separators=(",", ":")),
    }


def write_seed(path: Path, datastreams: int, records: int) -> None:
    """A file for `streamproof mock --seed-data`."""
    seed = {
        "dotide": {"datastreams": [datastream(n) for n in range(datastreams)]},
        "bge": {"streams": [record(n) for n in range(records)]},
    }
    path.write_text(json.dumps(seed), encoding="utf-8")


def texts(count: int) -> Iterator[tuple[str, list[str], str]]:
    """The datastreams of the bare server: id, tags, and the text that is answered."""
    for number in range(count):
        stream = datastream(number)
        text = json.dumps(shown(stream), separators=(",", ":"), ensure_ascii=False)
        yield stream["id"], stream["tags"], text


def _measurement(number: int) -> dict[str, Any]:
    return {
        "resource_type": "Observation",
        "status": "final",
        "value_quantity": {"value": 300 + number % 100, "unit": "ms"},
        "performer": [{"reference": "bgi_healthfamily", "display": "Sensor"}],
        "note": [],
    }
