"""A server with closed windows, which may keep what it rejects."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from tests.fieldpost.server import Fieldpost
from tests.fieldpost.test_declared import FULL, Bent, judged

Bending = Callable[[dict[str, Any]], None]


def moved(argument: str, second: str) -> Bending:
    """Opens a window: a bound moves by a moment into it."""

    def bend(environ: dict[str, Any]) -> None:
        query = parse_qs(environ["QUERY_STRING"])
        if argument in query:
            query[argument] = [query[argument][0].replace(":00Z", second)]
        environ["QUERY_STRING"] = urlencode(query, doseq=True)

    return bend


def test_a_start_that_is_left_out_fails() -> None:
    assert _why("list_readings/since-edge", request=moved("since", ":00.001Z")) == "lost"


def test_an_end_that_is_left_out_fails() -> None:
    def before(environ: dict[str, Any]) -> None:
        """Takes the whole minute away from the end."""
        query = parse_qs(environ["QUERY_STRING"])
        if "until" in query:
            hour, minute = query["until"][0][11:16].split(":")
            earlier = f"T{hour}:{int(minute) - 1:02}:59.999Z"
            query["until"] = [query["until"][0][:10] + earlier]
        environ["QUERY_STRING"] = urlencode(query, doseq=True)

    assert _why("list_readings/until-edge", request=before) == "lost"


@pytest.mark.parametrize("broken", ["time", "value"])
def test_a_rejected_record_that_is_kept_fails(broken: str) -> None:
    server = Fieldpost()

    def keep(environ: dict[str, Any]) -> None:
        """Keeps a record before it looks whether it is one, if this member is bad or missing."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith("/readings"):
            return
        sent = json.loads(body)
        good = {"time": str(sent.get("time"))[:1] == "2", "value": type(sent.get("value")) is float}
        if isinstance(sent, dict) and not good[broken]:
            kept = {"id": "kept", "time": "2021-01-01T00:00:00.000Z", "value": 1}
            server.readings[environ["PATH_INFO"].split("/")[-2]].append(kept)

    why = _why("add_reading/rejected-keeps-nothing", server, request=keep)
    assert why == "kept"


def _why(rule: str, server: Fieldpost | None = None, **bent: Any) -> str | None:
    run = judged(FULL, Bent(server or Fieldpost(), **bent), (f"fieldpost/{rule}",))
    [ruling] = run.rulings
    return ruling.finding.mismatch.reason if ruling.finding.mismatch else ruling.message
