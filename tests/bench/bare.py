"""The bare server: the four calls without framework, validation, authentication and spaces.

It is the upper bound of what an application behind our gateway can reach: prebuilt SQL on the
driver's own connection, stored text that is sent as it stands. `python -m tests.bench.bare PORT`.
"""

from __future__ import annotations

import sqlite3
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl

import orjson

from streamproof.mockserver.app import LARGEST_BODY
from streamproof.mockserver.gateway import Gateway
from tests.bench import data
from tests.bench.calls import SEEDED

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_TABLES = """
    CREATE TABLE streams (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;
    CREATE TABLE tags (tag TEXT, id TEXT, PRIMARY KEY (tag, id)) WITHOUT ROWID;
    CREATE TABLE records (
        stream_id TEXT PRIMARY KEY, entity TEXT, element TEXT, instant TEXT, data TEXT,
        UNIQUE (entity, element, instant)
    ) WITHOUT ROWID;
"""
_LIST = "SELECT body FROM streams ORDER BY id LIMIT ? OFFSET ?"
_READ = "SELECT body FROM streams WHERE id = ?"
_CREATE = "INSERT INTO streams VALUES (?, ?)"
_TAG = "INSERT INTO tags VALUES (?, ?)"
_WRITE = "INSERT INTO records VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_Answer = tuple[str, bytes, list[tuple[str, str]]]


class Bare:
    """The WSGI application."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._base = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._base.executescript(_TABLES)
        self._base.execute("BEGIN")
        for stream_id, tags, text in data.texts(SEEDED):
            self._base.execute(_CREATE, (stream_id, text))
            self._base.executemany(_TAG, [(tag, stream_id) for tag in tags])
        for number in range(SEEDED):
            record = data.record(number)
            place = (data.ENTITY, data.ELEMENT, record["stream_generate_time"])
            text = orjson.dumps(record["stream_data"]).decode()
            self._base.execute(_WRITE, (record["stream_id"], *place, text))
        self._base.execute("COMMIT")

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read()
            create = path.endswith("/datastreams")
            status, answer, more = self._create(path, body) if create else self._write(body)
        elif path.endswith("/datastreams"):
            status, answer, more = self._list(environ["QUERY_STRING"])
        else:
            status, answer, more = self._read(path.rpartition("/")[2])
        length = ("Content-Length", str(len(answer)))
        start(status, [("Content-Type", "application/json"), length, *more])
        return (answer,)

    def _list(self, query: str) -> _Answer:
        sent = parse_qs(query)
        page = int(sent.get("limit", ["100"])[0]), int(sent.get("offset", ["0"])[0])
        with self._lock:
            rows = self._base.execute(_LIST, page).fetchall()
        return "200 OK", f"[{','.join([body for (body,) in rows])}]".encode(), []

    def _read(self, stream_id: str) -> _Answer:
        with self._lock:
            row = self._base.execute(_READ, (stream_id,)).fetchone()
        return ("200 OK", row[0].encode(), []) if row else ("404 Not Found", b"", [])

    def _create(self, path: str, body: bytes) -> _Answer:
        sent = orjson.loads(body)
        stream_id, now = sent["id"], datetime.now(UTC).isoformat(timespec="seconds")
        text = orjson.dumps(
            {**sent, "current_t": None, "current_v": None, "created_at": now, "updated_at": now}
        )
        with self._lock, self._transaction():
            self._base.execute(_CREATE, (stream_id, text.decode()))
            self._base.executemany(_TAG, [(tag, stream_id) for tag in sent["tags"]])
        return "201 Created", text, [("Location", f"{path}/{stream_id}")]

    def _write(self, body: bytes) -> _Answer:
        sent = dict(parse_qsl(body.decode()))
        orjson.loads(sent["stream_data"])
        stream_id = str(uuid.uuid4())
        row = (
            stream_id,
            sent["fundamental_entity_id"],
            sent["data_element_id"],
            sent["stream_generate_time"],
            sent["stream_data"],
        )
        with self._lock:
            self._base.execute(_WRITE, row)
        answer = {"code": 0, "msg": "", "data": {"stream_id": stream_id}}
        return "200 OK", orjson.dumps(answer), []

    def _transaction(self) -> sqlite3.Connection:
        self._base.execute("BEGIN")
        return self._base  # as a context manager it ends the transaction


def _load() -> Any:
    return Gateway(Bare(), may_wait=lambda: False, threads=1, largest=LARGEST_BODY)


def main(port: int) -> None:
    """Serve as `streamproof mock` does."""
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "tests.bench.bare",
        port=port,
        interface=Interfaces.ASGINL,
        workers=1,
        log_level=LogLevels.error,
        http=HTTPModes.http1,
        websockets=False,
    ).serve(target_loader=_load, wrap_loader=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
