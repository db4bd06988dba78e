"""The four calls that are measured, as bytes on the wire."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from streamproof.specs.bge import signature
from tests.bench import data

SEEDED = 10_000  # datastreams, and as many records
PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A kind of call: the answer's status, and the bytes of the nth request to a base path.

    One that `writes` needs another request each time. Our server is to reach `of_bare` of the
    bare server's rate, and `of_prism` times Prism's.
    """

    name: str
    status: bytes
    request: Callable[[str, int], bytes]
    writes: bool
    of_bare: float
    of_prism: float | None = None


def message(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """An HTTP/1.1 request."""
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode() + body


def basic() -> dict[str, str]:
    """The header that lets a dotide call in."""
    secret = b64encode(data.credentials("dotide")["basic"].encode()).decode()
    return {"Authorization": f"Basic {secret}"}


def signed(fields: Mapping[str, str]) -> bytes:
    """A form with the signature that lets a bge call in."""
    known = data.credentials("bge")
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return urlencode(
        signature.signed(fields, known["app_key"], known["app_secret"], uuid.uuid4().hex, stamp)
    ).encode()


def _list(base: str, _number: int) -> bytes:
    return message("GET", f"{base}/datastreams?limit={PAGE}", basic())


def _read(base: str, number: int) -> bytes:
    place = number * 7919 % SEEDED  # a prime: all over the table
    return message("GET", f"{base}/datastreams/{data.stream_id(place)}", basic())


def _create(base: str, number: int) -> bytes:
    headers = {**basic(), "Content-Type": "application/json"}
    body = json.dumps(data.datastream(SEEDED + number)).encode()
    return message("POST", f"{base}/datastreams", headers, body)


def _write(_base: str, number: int) -> bytes:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return message("POST", "/openbge/stream/write", headers, signed(data.written(number)))


LIST = Call("dotide list of 100", b"200", _list, False, 0.40, 3.0)
READ = Call("dotide read", b"200", _read, False, 0.20, 2.0)
CREATE = Call("dotide create", b"201", _create, True, 0.30, 1.3)
WRITE = Call("bge write", b"200", _write, True, 0.30)
CALLS = (LIST, READ, CREATE, WRITE)
