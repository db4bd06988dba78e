"""A server of examples/fieldpost, written from its document alone; WSGI, its state in memory."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

KEY = "demo-key"
_STATUS = {200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized"}
_SERIAL = re.compile(r"[A-Za-z0-9-]{1,64}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
Answer = tuple[int, Any, dict[str, str]]


class Refused(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(slots=True)
class Fieldpost:
    """The devices by serial, and the readings of each in the order in which they were added."""

    devices: dict[str, dict[str, Any]] = field(default_factory=dict)
    readings: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _added: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            with self._lock:
                status, body, headers = self._answer(environ)
        except Refused as fault:
            status, headers = fault.status, {}
            body = {"error": {"code": fault.code, "message": fault.code.replace("_", " ")}}
        content = b"" if body is None else json.dumps(body).encode()
        told = {"Content-Length": str(len(content)), **headers}
        if body is not None:
            told["Content-Type"] = "application/json"
        start(f"{status} {_STATUS.get(status, 'Error')}", list(told.items()))
        return [content]

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        if environ.get("HTTP_X_API_KEY") != KEY:
            raise Refused(401, "unauthorized")
        path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        read = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        method = environ["REQUEST_METHOD"]
        match [unquote(part) for part in path.removeprefix("/v1").split("/")[1:]]:
            case ["devices"] if method == "GET":
                return 200, self._list(query), {}
            case ["devices"] if method == "POST":
                return self._register(_body(read))
            case ["devices", serial] if method == "GET":
                return 200, self._device(serial), {}
            case ["devices", serial] if method == "DELETE":
                self._device(serial)
                del self.devices[serial], self.readings[serial]
                return 204, None, {}
            case ["devices", serial, "readings"] if method == "GET":
                self._device(serial)
                return 200, self._read(serial, query), {}
            case ["devices", serial, "readings"] if method == "POST":
                self._device(serial)
                return 201, self._add(serial, query, _body(read)), {}
        raise Refused(404, "not_found")

    def _device(self, serial: str) -> dict[str, Any]:
        if serial not in self.devices:
            raise Refused(404, "unknown_serial")
        return self.devices[serial]

    def _register(self, body: Mapping[str, Any]) -> Answer:
        serial, model, label = body.get("serial"), body.get("model"), body.get("label", "")
        if not isinstance(serial, str) or not _SERIAL.fullmatch(serial):
            raise Refused(400, "invalid_serial")
        if not isinstance(model, str) or not model or not isinstance(label, str):
            raise Refused(400, "invalid_body")
        if serial in self.devices:
            raise Refused(409, "duplicate_serial")
        made = {"serial": serial, "model": model, "label": label}
        made["registered_at"] = _shown(datetime.now(UTC))
        self.devices[serial], self.readings[serial] = made, []
        return 201, made, {"Location": f"/v1/devices/{serial}"}

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        model = query.get("model")
        rows = [self.devices[serial] for serial in sorted(self.devices)]
        rows = [row for row in rows if model is None or row["model"] == model]
        return _page(rows, "devices", query, 20)

    def _add(
        self, serial: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        permitted = query.get("allow_duplicate", "false")
        value = body.get("value")
        if permitted not in ("true", "false") or type(value) not in (int, float):
            raise Refused(400, "invalid_body")
        time = _shown(_instant(body.get("time")))
        if permitted == "false" and any(r["time"] == time for r in self.readings[serial]):
            raise Refused(409, "duplicate_reading")
        self._added += 1
        made = {"id": f"r-{self._added}", "time": time, "value": value}
        self.readings[serial].append(made)
        return made

    def _read(self, serial: str, query: Mapping[str, str]) -> dict[str, Any]:
        if ("since" in query) == ("last" in query):
            raise Refused(400, "since_or_last")
        rows = sorted(self.readings[serial], key=lambda row: str(row["time"]))
        if "last" in query:
            if {"until", "limit", "cursor"} & query.keys():
                raise Refused(400, "only_with_since")
            return {"readings": rows[-_whole(query["last"]) :], "next_cursor": None}
        since = _shown(_instant(query["since"]))
        until = _shown(_instant(query["until"])) if "until" in query else "9999"
        return _page([r for r in rows if since <= r["time"] <= until], "readings", query, 50)


def _page(
    rows: list[dict[str, Any]], name: str, query: Mapping[str, str], usual: int
) -> dict[str, Any]:
    limit = _whole(query["limit"]) if "limit" in query else usual
    cursor = query.get("cursor", "p0")
    if not re.fullmatch(r"p\d+", cursor):
        raise Refused(400, "invalid_cursor")
    at = int(cursor[1:])
    more = at + limit < len(rows)
    return {name: rows[at : at + limit], "next_cursor": f"p{at + limit}" if more else None}


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text) or not 1 <= int(text) <= 100:
        raise Refused(400, "invalid_limit")
    return int(text)


def _instant(text: Any) -> datetime:
    try:
        if not isinstance(text, str) or not _TIME.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(400, "invalid_time") from None


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def _body(read: bytes) -> dict[str, Any]:
    try:
        found = json.loads(read)
    except (ValueError, RecursionError):
        raise Refused(400, "invalid_json") from None
    if not isinstance(found, dict):
        raise Refused(400, "invalid_body")
    return found
