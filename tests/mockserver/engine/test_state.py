"""The state of an API in a folder: told as JSON, put back, and given as seed data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs.errors import SpecError

FIELDPOST = str(Path(__file__).parents[3] / "examples" / "fieldpost")
DEVICE = {"serial": "S1", "model": "m", "label": "L"}
READING = {"serial": "S1", "time": "2025-03-01T09:00:00.000Z", "value": 1.5}
KEY = {"X-Api-Key": "demo-key"}


def client(**seed: Any) -> FlaskClient:
    return create_app(MockConfig((FIELDPOST,), fixtures={"fieldpost": seed})).test_client()


def state(of: FlaskClient) -> Any:
    return of.get("/_mock/state").json["fieldpost"]  # type: ignore[index]


def test_what_is_seeded_is_told_with_what_the_mock_made_up() -> None:
    found = state(client(devices=[DEVICE], readings=[READING]))

    assert found["devices"][0].items() >= DEVICE.items()
    assert "registered_at" in found["devices"][0]
    assert found["readings"][0].items() >= READING.items()
    assert found["readings"][0]["id"]


def test_a_told_state_put_into_another_space_is_the_same() -> None:
    mock = client(devices=[DEVICE], readings=[READING, {**READING, "value": 2}])
    told = mock.get("/_mock/state").json

    put = mock.put("/_space/other/_mock/state", json=told)

    assert put.status_code == 204, put.text
    assert mock.get("/_space/other/_mock/state").json == told


def test_calls_see_what_was_put() -> None:
    mock = client()
    mock.put("/_mock/state", json={"fieldpost": {"devices": [DEVICE], "readings": [READING]}})

    device = mock.get("/v1/devices/S1", headers=KEY)
    readings = mock.get(
        "/v1/devices/S1/readings", query_string={"since": READING["time"]}, headers=KEY
    )

    assert device.json is not None
    assert device.json["label"] == "L"
    assert readings.json is not None
    assert [each["value"] for each in readings.json["readings"]] == [1.5]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a key that stands twice": ({"devices": [DEVICE, DEVICE]}, "serial: 'S1' stands twice"),
    "a place that isn't there": (
        {"readings": [{**READING, "serial": "S9"}]},
        "serial: no 'S9' stands in devices",
    ),
    "a value of another type": ({"devices": [{**DEVICE, "label": 5}]}, "devices/0: label: "),
    "a time that is none": (
        {"devices": [DEVICE], "readings": [{**READING, "time": "noon"}]},
        "readings/0: time: ",
    ),
    "another name": ({"gadgets": []}, "gadgets"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_state_that_cant_be_is_told_and_changes_nothing(what: str) -> None:
    sent, told = BROKEN[what]
    mock = client(devices=[DEVICE])

    refused = mock.put("/_mock/state", json={"fieldpost": sent})

    assert refused.status_code == 400
    assert told in refused.text.replace("\\u0027", "'")
    assert [device["serial"] for device in state(mock)["devices"]] == ["S1"]
    with pytest.raises(SpecError):
        client(**sent)
