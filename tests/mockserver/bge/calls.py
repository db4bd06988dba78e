"""Signed calls to a mock of bge in this process."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from streamproof.mockserver.app import RULE_HEADER
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from streamproof.specs.bge.signature import signed
from tests.mockserver.databases import create_app

FIXTURES = api.load("bge").fixtures
NAMESPACE = FIXTURES["namespace"]
ELEMENT, OTHER_ELEMENT = "5c60448e-a0bb-11ea-b57c-48a47299ee4a", FIXTURES["data_elements"][1]
ENTITY, OTHER_ENTITY, SAMPLE_ENTITY = FIXTURES["entities"]
SAMPLE, UNBOUND = "E-B19137107158", "E-0"
UNKNOWN = "d268f9e6-7c8e-11eb-8440-48a47299ee4a"
FORM = "application/x-www-form-urlencoded"


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    """An answer: `data` of an accepted one, `rule` and `message` of a rejection."""

    status: int
    rule: str | None
    kind: str
    body: Any

    @property
    def accepted(self) -> bool:
        return self.rule is None

    @property
    def data(self) -> Any:
        assert self.accepted, self
        return self.body["data"] if "code" in self.body else self.body

    @property
    def message(self) -> str:
        return str(self.body["msg"])


class Bge:
    """A mock in the default dialect but for `points`, and its one caller."""

    def __init__(self, *, faults: tuple[str, ...] = (), **points: Any) -> None:
        self.clock = Clock()
        self._nonces = itertools.count()
        samples = {SAMPLE: SAMPLE_ENTITY, UNBOUND: None}
        config = MockConfig(
            apis=("bge",),
            dialects={"bge": points},
            fixtures={"bge": {"biosamples": samples}},
            faults=faults,
        )
        self.app: Flask = create_app(config, self.clock)

    def form(self, **fields: Any) -> dict[str, str]:
        """The fields and their signature; None leaves one out."""
        own = FIXTURES["credentials"]
        stamp = self.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        nonce = f"{next(self._nonces):032x}"
        return signed(fields, own["app_key"], own["app_secret"], nonce, stamp)

    def call(self, operation: str, **fields: Any) -> Reply:
        return self.send(operation, self.form(**fields))

    def send(self, operation: str, form: Mapping[str, str]) -> Reply:
        return self.raw(operation, urlencode(form).encode())

    def raw(
        self,
        operation: str,
        body: bytes,
        query: str = "",
        method: str = "POST",
        kind: str = FORM,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        path = f"/openbge/stream/{operation}"
        answer = self.app.test_client().open(
            path,
            method=method,
            data=body,
            query_string=query,
            content_type=kind,
            headers=dict(headers or {}),
        )
        rule = answer.headers.get(RULE_HEADER)
        return Reply(answer.status_code, rule, answer.content_type, json.loads(answer.data))

    def write(self, time: str = "1971", data: str = "{}", **fields: Any) -> Reply:
        fields = {"fundamental_entity_id": ENTITY, "data_element_id": ELEMENT} | fields
        return self.call("write", stream_generate_time=time, stream_data=data, **fields)

    def batch(self, *items: Any, **fields: Any) -> Reply:
        return self.call("batch_write", streams=json.dumps(items), **fields)

    def range(self, **fields: Any) -> Reply:
        subject = {} if "biosample_id" in fields else {"fundamental_entity_id": ENTITY}
        asked = {"namespace": NAMESPACE, "data_element_id": ELEMENT} | subject | fields
        return self.call("range", **asked)

    def retrieve(self, stream_id: str) -> Reply:
        return self.call("retrieve", stream_id=stream_id)

    def shown(self, time: str, data: str = "{}") -> dict[str, Any]:
        """What a record written at `time` looks like."""
        record: dict[str, Any] = self.retrieve(self.write(time, data).data["stream_id"]).data
        return record

    def pages(self, **fields: Any) -> Iterator[dict[str, Any]]:
        """A walk to its end."""
        cursor = None
        for _ in range(100):
            page = self.range(next_page=cursor, **fields).data
            yield page
            cursor = page["next_page"]
            if cursor is None:
                return
        raise AssertionError("the walk doesn't end")


def item(time: str = "1971", **members: Any) -> dict[str, Any]:
    """A good item of a batch, but for `members`."""
    good = {
        "fundamental_entity_id": ENTITY,
        "data_element_id": ELEMENT,
        "stream_generate_time": time,
        "stream_data": {},
    }
    return good | members


def ids(pages: Iterator[dict[str, Any]]) -> list[str]:
    """The ids of all records of a walk, in order."""
    return [record["stream_id"] for page in pages for record in page["result"]]
