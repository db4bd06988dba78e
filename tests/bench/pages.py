"""What a page costs when there are many: in process, without sockets."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson

from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.wire import FORM, Answer
from streamproof.mockserver.bge import cursor
from tests.bench import calls, data
from tests.bench.fill import filled
from tests.bench.table import Spread, table

_DEEP = 0.9  # of all lie before the deep page
_TRIES = 9
_RANGE = "/openbge/stream/range"
_QUERY = data.RANGE | {"sort_direction": "asc", "limit": str(calls.PAGE)}


@dataclass(frozen=True, slots=True)
class Size:
    """A mock with `count` datastreams and records: seconds to fill it, milliseconds a page."""

    count: int
    filling_s: float
    pages_ms: Mapping[str, Spread]


def measure(counts: Sequence[int], progress: Callable[[str], object]) -> list[Size]:
    """Fill a mock to each size, and read its pages."""
    found = []
    for count in counts:
        progress(f"pages of {count:,}")
        begun = time.perf_counter()
        app = filled(count)
        filling_s = time.perf_counter() - begun
        found.append(Size(count, filling_s, _pages(WsgiTransport(app.wsgi_app), count)))
        app.extensions["store"].close()
    return found


def report(sizes: Sequence[Size]) -> Iterator[str]:
    """The table."""
    head = ("ms for a page of 100, of", *(f"{size.count:,}" for size in sizes))
    rows = [(name, *(f"{size.pages_ms[name]:.2f}" for size in sizes)) for name in sizes[0].pages_ms]
    rows.append(("seconds to copy them in", *(f"{size.filling_s:.1f}" for size in sizes)))
    yield from table(head, rows)


def _pages(transport: WsgiTransport, count: int) -> dict[str, Spread]:
    deep = int(count * _DEEP)
    ids = ",".join(data.stream_id(n) for n in range(0, count, count // calls.PAGE))
    lists = {
        "dotide list, first": "",
        "dotide list, at 90 %": f"&offset={deep}",
        "dotide list, two tags": "&tags=floor-3,room-3",
        "dotide list, tags of all and few": "&tags=building,room-3",
        "dotide list, 100 ids": f"&ids={ids}",
    }
    found = {name: _timed(partial(_list, transport, more)) for name, more in lists.items()}
    found["bge range, first"] = _timed(partial(_range, transport, {}))
    first = orjson.loads(_range(transport, {}).body)["data"]
    place = replace(cursor.read(first["next_page"], "text"), sequence=deep)
    resumed = {"next_page": str(cursor.write(place, "text"))}
    found["bge range, cursor at 90 %"] = _timed(partial(_range, transport, resumed))
    return found


def _list(transport: WsgiTransport, more: str) -> Answer:
    target = f"/v1/demo/datastreams?limit={calls.PAGE}{more}"
    return transport.exchange("GET", target, calls.basic(), None)


def _range(transport: WsgiTransport, more: Mapping[str, str]) -> Answer:
    return transport.exchange(
        "POST", _RANGE, {"Content-Type": FORM}, calls.signed({**_QUERY, **more})
    )


def _timed(call: Callable[[], Answer]) -> Spread:
    """Milliseconds of several calls, after one to warm up."""
    took = []
    for _ in range(_TRIES + 1):
        begun = time.perf_counter()
        answer = call()
        took.append((time.perf_counter() - begun) * 1e3)
        rows: Any = orjson.loads(answer.body)
        rows = rows["data"]["result"] if isinstance(rows, dict) else rows
        if answer.status != 200 or not rows:
            raise ValueError(f"no page: {answer.status} {answer.body[:300]!r}")
    return Spread.of(took[1:])
