"""A caller of the mock's dotide API, in process: what tests ask, and what they are answered."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.test import TestResponse

from streamproof.mockserver.app import RULE_HEADER
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.mockserver.databases import create_app

FIXTURES = api.load("dotide").fixtures
BASIC: str = FIXTURES["credentials"]["basic"]
TOKEN: str = FIXTURES["credentials"]["access_token"]
START = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)
_STREAMS = "/datastreams"


def basic(credentials: str = BASIC) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(credentials.encode()).decode()}"}


@dataclass(frozen=True, slots=True)
class Dotide:
    """Calls with good credentials; `send` with whatever it is given."""

    app: Flask
    base: str = "/v1/demo"

    def send(
        self,
        method: str,
        path: str = _STREAMS,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> TestResponse:
        headers = basic() if headers is None else headers
        return self.app.test_client().open(
            f"{self.base}{path}", method=method, headers=dict(headers), **rest
        )

    def list(self, query: str = "") -> TestResponse:
        return self.send("GET", f"{_STREAMS}?{query}")

    def ids(self, query: str = "") -> Sequence[str]:
        answer = self.list(query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json or ()]

    def create(self, stream_id: str | None = None, **fields: Any) -> TestResponse:
        body = fields if stream_id is None else {"id": stream_id, **fields}
        return self.send("POST", json=body)

    def read(self, stream_id: str, query: str = "") -> TestResponse:
        return self.send("GET", f"{_STREAMS}/{quote(stream_id, safe='')}?{query}")

    def update(self, stream_id: str, **fields: Any) -> TestResponse:
        return self.send("PUT", f"{_STREAMS}/{quote(stream_id, safe='')}", json=fields)

    def delete(self, stream_id: str) -> TestResponse:
        return self.send("DELETE", f"{_STREAMS}/{quote(stream_id, safe='')}")


def dotide(*faults: str, **dialect: Any) -> Dotide:
    """A mock of its own, with these faults, in this dialect; its clock moves a second a look.

    Its state is in the data base whose turn it is.
    """
    config = MockConfig(apis=("dotide",), faults=faults, dialects={"dotide": dialect})
    seconds = count()
    return Dotide(create_app(config, lambda: START + timedelta(seconds=next(seconds))))


def rule(answer: TestResponse) -> str | None:
    """The rule that a rejection names."""
    return answer.headers.get(RULE_HEADER)
