"""Calls of a WSGI application, and the status, headers and JSON that come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client

from streamproof.mockserver.app import RULE_HEADER


@dataclass(frozen=True, slots=True)
class Got:
    """An answer; `body` is None where it is empty."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def rule(self) -> str | None:
        return self.headers.get(RULE_HEADER)


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls `app`, with these headers every time."""

    app: Any
    base: str = ""
    headers: Mapping[str, str] | None = None

    def __call__(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        **other: Any,
    ) -> Got:
        headers = {**(self.headers or {}), **other.pop("headers", {})}
        client = Client(self.app, use_cookies=False)
        if json is not None:
            other["json"] = json
        answer = client.open(
            self.base + path, method=method, query_string=query, headers=headers, **other
        )
        body = answer.get_json() if answer.is_json and answer.data else answer.text or None
        return Got(answer.status_code, body, dict(answer.headers))
