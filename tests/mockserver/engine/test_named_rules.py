"""A rejection names the rule of the law that the call broke."""

from __future__ import annotations

from typing import Any

import pytest

from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.fieldpost.server import KEY
from tests.fieldpost.test_declared import FOLDER
from tests.mockserver.engine.calls import Caller

READING = {"time": "2025-03-01T09:00:00Z", "value": 1}
READINGS = "/devices/A-1/readings"


@pytest.fixture(scope="module")
def fieldpost() -> Caller:
    caller = Caller(create_app(MockConfig((str(FOLDER),))), "/v1", {"X-Api-Key": KEY})
    caller("POST", "/devices", json={"serial": "A-1", "model": "m"})
    caller("POST", READINGS, json=READING)
    return caller


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "rule"),
    [
        ("GET", "/devices/B-2", {}, None, "get_device/unknown-serial"),
        ("DELETE", "/devices/B-2", {}, None, "remove_device/unknown-serial"),
        ("GET", "/devices/B-2/readings", {"last": 1}, None, "list_readings/unknown-serial"),
        (
            "POST",
            "/devices",
            {},
            {"serial": "A-1", "model": "m"},
            "register_device/taken-rejected",
        ),
        ("POST", READINGS, {}, READING, "add_reading/repeated-not-kept"),
        ("GET", READINGS, {}, None, "list_readings/neither-rejected"),
        (
            "GET",
            READINGS,
            {"last": 1, "since": READING["time"]},
            None,
            "list_readings/both-rejected",
        ),
        ("GET", READINGS, {"last": 1, "limit": 1}, None, "list_readings/limit-only-with-since"),
        ("GET", READINGS, {"last": 1, "cursor": "x"}, None, "list_readings/cursor-only-with-since"),
    ],
)
def test_it_leads_to_a_rule_that_there_is(
    fieldpost: Caller, method: str, path: str, query: dict[str, Any], body: Any, rule: str
) -> None:
    answer = fieldpost(method, path, query, body)
    assert answer.rule == f"fieldpost/{rule}"
    assert answer.rule in api.load(str(FOLDER)).rulebook.rules
