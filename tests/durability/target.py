"""The calls of both APIs on one space of a mock, over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests

from streamproof.specs import api
from streamproof.specs.bge.signature import signed

Document = Mapping[str, Any] | None
"""The fields of a datastream that its owner sends; None where there is none."""

FIELDS = ("name", "type", "tags", "properties")
_BGE = api.load("bge").fixtures
_ENTITY = _BGE["entities"][1]  # nothing is seeded for it
_APP = _BGE["credentials"]
_ID, _SECRET = api.load("dotide").fixtures["credentials"]["basic"].split(":")
_TIMEOUT_S = 60


class Refused(Exception):
    """The mock answered a call otherwise than a mock in good health does."""


@dataclass(frozen=True, slots=True)
class Target:
    """A space of a mock at `url`. Any call may raise `requests.RequestException`, and `Refused`."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    # -- dotide --

    def create(self, stream_id: str, document: Mapping[str, Any]) -> None:
        self._dotide("POST", "", 201, {"id": stream_id, **document})

    def update(self, stream_id: str, document: Mapping[str, Any]) -> None:
        self._dotide("PUT", f"/{stream_id}", 200, document)

    def delete(self, stream_id: str) -> None:
        self._dotide("DELETE", f"/{stream_id}", 204)

    def read(self, stream_id: str) -> Document:
        answer = self._dotide("GET", f"/{stream_id}", (200, 404))
        return {name: answer.json()[name] for name in FIELDS} if answer.ok else None

    def tagged(self, tag: str) -> Sequence[str]:
        """The ids of the streams with this tag."""
        answer = self._dotide("GET", f"?tags={quote(tag, safe='')}", 200)
        return [row["id"] for row in answer.json()]

    # -- bge --

    def write(self, element: str, instant: str, data: object) -> str:
        sent = {
            "fundamental_entity_id": _ENTITY,
            "data_element_id": element,
            "stream_generate_time": instant,
            "stream_data": json.dumps(data),
        }
        stream_id: str = self._bge("write", **sent)["stream_id"]
        return stream_id

    def batch_write(self, element: str, items: Mapping[str, object]) -> Sequence[str]:
        """Write data by instant; the ids of the records."""
        streams = [
            {
                "fundamental_entity_id": _ENTITY,
                "data_element_id": element,
                "stream_generate_time": instant,
                "stream_data": data,
            }
            for instant, data in items.items()
        ]
        result = self._bge("batch_write", streams=json.dumps(streams))["result"]
        if not all(item["is_succeed"] for item in result):
            raise Refused(f"batch_write: {result}")
        return [item["stream"]["stream_id"] for item in result]

    def page(self, element: str, cursor: str | None = None, limit: int = 100) -> Any:
        """The `result` and `next_page` of a range."""
        sent = {
            "namespace": _BGE["namespace"],
            "fundamental_entity_id": _ENTITY,
            "data_element_id": element,
            "limit": str(limit),
        }
        return self._bge("range", **sent, **({"next_page": cursor} if cursor else {}))

    def walk(self, element: str, cursor: str | None = None, limit: int = 100) -> list[Any]:
        """All records, or those after a cursor."""
        found: list[Any] = []
        while True:
            page = self.page(element, cursor, limit)
            found += page["result"]
            cursor = page["next_page"]
            if cursor is None:
                return found

    # -- both --

    def _dotide(
        self, method: str, path: str, good: int | tuple[int, ...], body: Any = None
    ) -> requests.Response:
        url = f"{self.url}/v1/demo/datastreams{path}"
        answer = self.session.request(
            method, url, json=body, auth=(_ID, _SECRET), timeout=_TIMEOUT_S
        )
        if answer.status_code not in (good if isinstance(good, tuple) else (good,)):
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def _bge(self, operation: str, **fields: str) -> Any:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        form = signed(fields, _APP["app_key"], _APP["app_secret"], uuid4().hex, stamp)
        url = f"{self.url}/openbge/stream/{operation}"
        answer = self.session.post(url, data=form, timeout=_TIMEOUT_S)
        body = answer.json() if answer.ok else {}
        if body.get("code") != 0:
            raise Refused(f"{operation}: {answer.status_code} {answer.text[:200]}")
        return body["data"]
