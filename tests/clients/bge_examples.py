"""What the document of bge prints, and how to look at what is stored."""

from __future__ import annotations

from typing import Any

from private_sdk import PrivateAPI  # type: ignore[import-untyped]

from streamproof.specs import api

FIXTURES = api.load("bge").fixtures
KEY, SECRET = FIXTURES["credentials"]["app_key"], FIXTURES["credentials"]["app_secret"]

NAMESPACE = "BGE_DEVELOPER_PLATFORM"
QT = "45f69871-7d89-11eb-a38f-00163e0eae20"
ELEMENT = "5c60448e-a0bb-11ea-b57c-48a47299ee4a"
ENTITY = "093f5e9a-7c96-11eb-a38f-00163e0eae20"
UNKNOWN_ENTITY = "d268f9e6-7c8e-11eb-8440-48a47299ee4a"
SAMPLE, SAMPLE_ENTITY = "E-B19137107158", "594e5bc0-a1bc-11eb-b664-c8b29b0eab1e"
NOWHERE = "00000000-0000-11eb-a38f-00163e0eae20"

# stream.md › stream_retrieve › Output
QT_RECORD = {
    "stream_generate_time_mask": "1111-00-00T00:00:00.000000±1111",
    "stream_generate_time": "2017-01-01T00:00:00.000000+0800",
    "data_element": {
        "data_element_name": "Q-T间期",
        "data_element_source_id": "4.3.11.0",
        "data_element_description": "",
        "data_element_source_domain": "BGI_DATA_ELEMENT",
        "data_element_id": QT,
    },
    "stream_data": {
        "status": "final",
        "value_quantity": {"unit": "ms", "value": 356},
        "note": [],
        "performer": [{"reference": "bgi_healthfamily", "display": "员工健康计划"}],
        "resource_type": "Observation",
        "interpretation": [],
    },
    "stream_meta": {"namespace": NAMESPACE, "fundamental_entity_id": ENTITY},
    "create_time": "2021-03-10T10:24:14.650000+0800",
    "stream_id": "b4289d33-8147-11eb-a39e-00163e0eae20",
    "data_type": 2,
}
# stream.md › write_stream › Python
WRITE = {
    "fundamental_entity_id": "76079655-7b07-11eb-a38f-00163e0eae20",
    "data_element_id": "02393f70-c7e4-11e9-bfed-00163e104c79",
    "stream_generate_time": "1986",
    "stream_data": '{"name": "leo"}',
}
# stream.md › batch_write_stream › Python
LEO = {
    "fundamental_entity_id": ENTITY,
    "data_element_id": ELEMENT,
    "stream_generate_time": "1971",
    "stream_data": {"name": "leo"},
}
TOM = {**LEO, "fundamental_entity_id": UNKNOWN_ENTITY, "stream_data": {"name": "tom"}}


def records(private: PrivateAPI, entity: str, element: str, **params: Any) -> list[dict[str, Any]]:
    """All records of an entity and an element, in the order of the answer."""
    page = private.stream_range(
        namespace=NAMESPACE, data_element_id=element, fundamental_entity_id=entity, **params
    ).json()
    assert page["next_page"] is None
    assert page["count"] == len(page["result"])
    found: list[dict[str, Any]] = page["result"]
    return found


def written(private: PrivateAPI) -> list[dict[str, Any]]:
    """The records with the key of the example of write_stream."""
    return records(private, WRITE["fundamental_entity_id"], WRITE["data_element_id"])
