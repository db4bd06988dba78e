"""Random, malformed and oversized requests: good ones, bent in ways that have broken servers.

Nothing here is a rule of the APIs: a bent request may well be accepted.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from streamproof.specs import api
from streamproof.specs.bge.signature import signed
from streamproof.specs.operation import Operation
from tests.mockserver.nasty_values import JSON, NAMES, bend, cut, text, value


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request as bytes and headers; `target` is percent-encoded path and query.

    `operation` is the one of `api` that its method and path lead to, None if they lead astray.
    """

    api: str
    operation: str | None
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes | None

    @property
    def is_http(self) -> bool:
        """Whether a client can send it, and a server in front hand it on to the application."""
        texts = [self.method, *self.headers.values()]
        return (
            all(text.isascii() and text.isprintable() for text in texts)
            and not {"host", "transfer-encoding"} & self.headers.keys()
            and len(self.target) < 60_000
        )

    def __str__(self) -> str:
        """On one line, short enough to read."""
        shown = f"{self.method} {self.target!r} {dict(self.headers)} {self.body!r}"
        return shown if len(shown) < 1500 else f"{shown[:1200]} …({len(shown)})… {shown[-200:]}"


def attempts(name: str, random: Random, number: int) -> Iterator[Attempt]:
    """That many attempts at the API `name`."""
    loaded = api.load(name)
    make: Callable[[Random, Operation], Attempt] = {"bge": _bge, "dotide": _dotide}[name]
    operations = list(loaded.operations.values())
    for _ in range(number):
        attempt = make(random, random.choice(operations))
        if "host" in attempt.headers:  # which the application may refuse before it looks further
            attempt = replace(attempt, operation=None)
        yield random.choice(_ASTRAY)(random, attempt) if random.random() < 0.1 else attempt


# -- dotide ------------------------------------------------------------------------------------

_DOTIDE = api.load("dotide").fixtures
_ZONES = ("Asia/Shanghai", "UTC", "America/St_Johns")
_QUERY = ("ids", "tags", "limit", "offset", "tz", "access_token")


def _dotide(random: Random, operation: Operation) -> Attempt:
    name = random.choice(NAMES) if random.random() < 0.7 else text(random)
    path = operation.path.replace("{id}", quote(name, safe="/" if random.random() < 0.3 else ""))
    database = "demo" if random.random() < 0.95 else text(random)
    query: dict[str, Any] = {}
    if operation.id == "list":
        query = {"tags": "a", "limit": random.randrange(5), "offset": random.randrange(5)}
    if operation.body is None or random.random() < 0.1:
        query = bend(random, query, _QUERY)
    target = f"/v{random.choice('12')}/{quote(database, safe='')}{path}"
    if query:
        target += "?" + _query(random, query)
    # a slash in its name ends a data base; nothing in its place leads nowhere
    named = database and "/" not in database and (name or "{id}" not in operation.path)
    return Attempt(
        "dotide",
        operation.id if named else None,
        operation.method,
        target,
        _dotide_headers(random),
        _dotide_body(random) if operation.body else None,
    )


def _query(random: Random, fields: dict[str, Any]) -> str:
    pairs = [(name, _as_text(value)) for name, value in fields.items()]
    pairs += random.choices(pairs, k=random.choice((0, 0, 0, 1)))
    text = urlencode(pairs, errors="surrogatepass")
    return quote(cut(random, text.encode()), safe="%&=+;,") if random.random() < 0.1 else text


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _dotide_headers(random: Random) -> dict[str, str]:
    basic = "Basic " + b64encode(_DOTIDE["credentials"]["basic"].encode()).decode()
    headers = {"authorization": basic, "content-type": "application/json"}
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        name, values = random.choice(tuple(_HEADERS.items()))
        headers[name] = random.choice(values)
    return headers


_HEADERS = {
    "authorization": (
        "", "Basic", "Basic ", "Basic ====", "Basic /////w==", "Basic Og==", "Bearer", "Bearer  ",
        "Digest a", "Bearer é", "Basic " + "A" * 5000, "\x00", "Bearer a,Bearer b",
        f"bearer {_DOTIDE['credentials']['access_token']}",
    ),
    "content-type": (
        "", "text/plain", "application/json; charset=utf-16", "application/JSON", ";", "é",
        "multipart/form-data", "multipart/form-data; boundary=x", "a/b;" * 1000,
        "application/x-www-form-urlencoded",
    ),
    "timezone": (*_ZONES, "", "Mars/Olympus", "../../etc/passwd", "é", "\x00", "A" * 5000),
    "time-zone": (*_ZONES, "nowhere"),
    "accept": ("text/html", "*/*;q=x", ""),
    "x-http-method-override": ("DELETE",),
    "transfer-encoding": ("chunked", "gzip"),
    "content-encoding": ("gzip",),
    "range": ("bytes=0-0",),
    "if-none-match": ("*",),
    "host": ("", "evil.example", "[::1", "a:b:c", "é", "x" * 5000),
    "cookie": ("a=b;" * 1000,),
}  # fmt: skip


def _dotide_body(random: Random) -> bytes:
    if random.random() < 0.25:
        return random.choice(JSON)
    good = {
        "id": random.choice(NAMES),
        "name": "Demo",
        "type": random.choice(("number", "string", "geojson")),
        "tags": random.sample("abc", random.randrange(4)),
        "properties": {"p": random.randrange(3)},
        "tz": random.choice(_ZONES),
    }
    return _serialised(random, bend(random, good, tuple(good)))


def _serialised(random: Random, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=random.random() < 0.5)
    raw = text.encode("utf-8", "surrogatepass")
    return cut(random, raw) if random.random() < 0.15 else raw


# -- bge ---------------------------------------------------------------------------------------

_BGE = api.load("bge").fixtures
_SIGNATURE = ("app_key", "signature_nonce", "timestamp", "sign")
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def _bge(random: Random, operation: Operation) -> Attempt:
    good = _BGE_GOOD[operation.id](random)
    known = tuple(operation.body.schema["properties"]) if operation.body else ()
    arguments = tuple(name for name in known if name not in _SIGNATURE)
    fields = {name: _as_text(v) for name, v in bend(random, good, arguments).items()}
    form = _signed(random, fields)
    if random.random() < 0.1:  # after signing
        form |= {random.choice(known): text(random)}
    raw = urlencode(form, errors="surrogatepass").encode()
    if random.random() < 0.05:
        raw = cut(random, raw)
    headers = dict(_FORM)
    if random.random() < 0.1:
        name, values = random.choice(tuple(_HEADERS.items()))
        headers[name] = random.choice(values)
    return Attempt("bge", operation.id, operation.method, operation.path, headers, raw)


def _signed(random: Random, fields: dict[str, str]) -> dict[str, str]:
    credentials = _BGE["credentials"]
    secret = credentials["app_secret"] if random.random() < 0.95 else "guessed"
    own = [credentials["app_key"], random.randbytes(16).hex(), "2021-03-10T02:24:14Z"]
    if random.random() < 0.1:
        own[random.randrange(3)] = text(random)
    try:
        return signed(fields, own[0], secret, own[1], own[2])
    except UnicodeEncodeError:  # no client can sign it
        return fields | dict(zip(_SIGNATURE, own, strict=False))


def _time(random: Random) -> str:
    return str(random.randrange(1971, 1975)) if random.random() < 0.8 else text(random)


def _item(random: Random) -> dict[str, Any]:
    return {
        "fundamental_entity_id": _BGE["entities"][0],
        "data_element_id": _BGE["data_elements"][2],
        "stream_generate_time": _time(random),
        "stream_data": value(random),
    }


def _items(random: Random) -> list[Any]:
    items: list[Any] = [
        _item(random) for _ in range(random.choice((*range(5), *range(5), *range(5), 100, 101)))
    ]
    bent = [bend(random, item, tuple(item)) if random.random() < 0.3 else item for item in items]
    return [*bent, *([value(random)] if random.random() < 0.2 else [])]


def _json_text(random: Random, value: Any) -> str:
    return random.choice(JSON).decode("latin-1") if random.random() < 0.2 else json.dumps(value)


_BGE_GOOD: dict[str, Callable[[Random], dict[str, Any]]] = {
    "range": lambda random: {
        "namespace": _BGE["namespace"],
        "data_element_id": _BGE["data_elements"][2],
        "fundamental_entity_id": _BGE["entities"][0],
        "start_time": _time(random),
        "end_time": _time(random),
        "sort_direction": random.choice(("asc", "desc")),
        "limit": str(random.choice((1, 2, 100))),
    },
    "write": lambda random: {
        **_item(random),
        "stream_data": _json_text(random, value(random)),
        "duplicate_enabled": random.choice(("true", "false")),
    },
    "batch_write": lambda random: {
        "streams": _json_text(random, _items(random)),
        "duplicate_enabled": random.choice(("true", "false")),
    },
    "retrieve": lambda _: {"stream_id": _BGE["streams"][0]["stream_id"]},
    "bind": lambda _: {"biosample_id": next(iter(_BGE["biosamples"]))},
}


# -- wrong turns ---------------------------------------------------------------------------------


def _method(random: Random, attempt: Attempt) -> Attempt:
    methods = ("PATCH", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get", "\u00e9")
    return replace(attempt, method=random.choice(methods), operation=None)


def _path(random: Random, attempt: Attempt) -> Attempt:
    noise = quote(text(random)[:2000].encode("utf-8", "replace"), safe="/")
    path = random.choice((f"/{noise}", f"/_space/{noise}{attempt.target}", f"/_mock/{noise}"))
    return replace(attempt, target=path, operation=None)


def _long_query(random: Random, attempt: Attempt) -> Attempt:
    return replace(attempt, target=f"{attempt.target.partition('?')[0]}?{'ids=a&' * 8000}")


def _large_body(random: Random, attempt: Attempt) -> Attempt:
    return replace(attempt, body=random.choice(_LARGE))


def _raw_body(random: Random, attempt: Attempt) -> Attempt:
    return replace(attempt, body=random.randbytes(random.randrange(200)))


_LARGE = tuple(unit * size for unit in (b" ", b"a=&", b"\xff") for size in (2**20, 2**20 + 1))
_ASTRAY = (_method, _method, _path, _path, _long_query, _large_body, _raw_body)
