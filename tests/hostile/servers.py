"""The hostile behaviours: for each a name, what it does, and how a server answers a request.

A server has a socket of its own. Most stand before the good mock and spoil some of its answers;
some answer everything alike. Which API is spoken makes no difference to them.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.wire import Answer
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig

HANG_S = 60.0  # longer than any run waits


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a server sees it; `number` counts them."""

    number: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    forward: Callable[[], Answer] = field(repr=False)
    put: Callable[[bytes], Answer] = field(repr=False)  # the same call with another body


class HangUp(Exception):
    """Close the connection without a word."""


Behaviour = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A behaviour. `make` begins anew, with a state of its own."""

    name: str
    does: str
    make: Callable[[], Behaviour]


def _json(value: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(
        status, {"content-type": "application/json", **headers}, json.dumps(value).encode()
    )


def _always(answer: Answer) -> Callable[[], Behaviour]:
    return lambda: lambda _call: answer


def _every(number: int, spoilt: Behaviour, method: str = "") -> Callable[[], Behaviour]:
    """Each so-manieth request (of a method) is answered by `spoilt`."""

    def make() -> Behaviour:
        count = itertools.count(1)

        def answer(call: Call) -> Answer:
            if method and call.method != method:
                return call.forward()
            return spoilt(call) if next(count) % number == 0 else call.forward()

        return answer

    return make


def _hang(_call: Call) -> Answer:
    time.sleep(HANG_S)
    raise HangUp


def _hang_up(_call: Call) -> Answer:
    raise HangUp


def _busy(_call: Call) -> Answer:
    return _json({"message": "busy"}, 503)


def _throttled(form: Callable[[], str]) -> Behaviour:
    return lambda _call: _json({"message": "slow down"}, 429, **{"retry-after": form()})


def _away(after: int, for_s: float) -> Callable[[], Behaviour]:
    """Hangs up on everybody for a while, as a server that is started anew."""

    def make() -> Behaviour:
        since: list[float] = []

        def answer(call: Call) -> Answer:
            if call.number >= after:
                since.append(time.monotonic())
                if since[-1] - since[0] < for_s:
                    raise HangUp
            return call.forward()

        return answer

    return make


def _somebody_elses() -> Behaviour:
    """Each create without an id is answered by a stream that was there before."""
    theirs = "production-data"
    there = False

    def answer(call: Call) -> Answer:
        nonlocal there
        if call.method == "POST" and not there:
            there = True
            call.put(json.dumps({"id": theirs, "type": "number", "name": "theirs"}).encode())
        made = call.forward()
        if call.method != "POST" or b'"id"' in call.body or made.status != 201:
            return made
        shown = {**json.loads(made.body), "id": theirs}
        return Answer(
            201,
            {**made.headers, "location": f"/v1/demo/datastreams/{theirs}"},
            json.dumps(shown).encode(),
        )

    return answer


def _no_delete(call: Call) -> Answer:
    if call.method == "DELETE":
        return _json({"message": "method not allowed"}, 405, allow="GET, POST, PUT")
    return call.forward()


def _forbidden_delete(call: Call) -> Answer:
    return _json({"message": "no"}, 403) if call.method == "DELETE" else call.forward()


def _forbidden_writes(call: Call) -> Answer:
    writes = call.target.endswith("write") if "openbge" in call.target else call.method != "GET"
    return _json({"message": "no right to write"}, 403) if writes else call.forward()


def _keeps(call: Call) -> Answer:
    return Answer(204, {}, b"") if call.method == "DELETE" else call.forward()


def _with_id(made: Callable[[int], str]) -> Callable[[], Behaviour]:
    """Answers creates and writes with an id that it makes up."""

    def answer(call: Call) -> Answer:
        found = call.forward()
        if call.method != "POST" or not 200 <= found.status < 300 or not found.body:
            return found
        data = json.loads(found.body)
        _rename(data, made(call.number))
        return Answer(found.status, found.headers, json.dumps(data).encode())

    return lambda: answer


def _rename(data: Any, name: str) -> None:
    if isinstance(data, dict):
        for key in data:
            if key in ("id", "stream_id") and isinstance(data[key], str):
                data[key] = name
            else:
                _rename(data[key], name)
    elif isinstance(data, list):
        for member in data:
            _rename(member, name)


def _many_rows() -> Behaviour:
    """Answers every list with 60,000 rows, 11 MB of them."""
    row = {
        "id": "x" * 24,
        "name": "n",
        "type": "number",
        "tags": ["a", "b"],
        "properties": {"a": 1},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    }
    rows = json.dumps([row] * 60_000).encode()
    paged = json.dumps(
        {
            "code": 0,
            "message": "",
            "data": {"result": [row] * 60_000, "count": 60_000, "next_page": "p"},
        }
    ).encode()

    def answer(call: Call) -> Answer:
        listing = call.method == "GET" and "/datastreams/" not in call.target
        if listing:
            return Answer(200, {"content-type": "application/json"}, rows)
        if "range" in call.target:
            return Answer(200, {"content-type": "application/json"}, paged)
        return call.forward()

    return answer


def _many_small() -> Behaviour:
    """Answers everything with eleven million characters of empty lists."""
    body = b"[" + b"[]," * 3_600_000 + b"[]]"
    return lambda _call: Answer(200, {"content-type": "application/json"}, body)


def _endless() -> Behaviour:
    """Every page has a next one, with new rows."""
    count = itertools.count()

    def answer(call: Call) -> Answer:
        found = call.forward()
        if found.status == 200 and b"result" in found.body:
            data = json.loads(found.body)
            with suppress(KeyError, TypeError):
                data["data"]["next_page"] = f"page-{next(count)}"
            return Answer(200, found.headers, json.dumps(data).encode())
        if call.method == "GET" and "/datastreams/" not in call.target:
            rows = [{"id": f"endless{next(count)}", "type": "number"} for _ in range(100)]
            return _json(rows)
        return found

    return answer


def _alternating() -> Behaviour:
    """Seven wrong answers in turn, with a hang and a 429 now and then."""
    turn = itertools.cycle(
        (
            _json({"message": "oops"}, 500),
            Answer(200, {"content-type": "text/html"}, b"<html>Log in</html>"),
            _json([]),
            Answer(200, {"content-type": "application/json"}, b'{"id": "a'),
            _json({}),
        )
    )
    lock = Lock()

    def answer(call: Call) -> Answer:
        if call.number % 40 == 39:
            return _hang(call)
        if call.number % 17 == 16:
            return _json({"message": "slow down"}, 429)
        if call.number % 6 == 5:
            return Answer(200, {"content-type": "application/json"}, call.body)
        with lock:
            return next(turn)

    return answer


def _in(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


HOSTILE: tuple[Hostile, ...] = (
    Hostile("hangs", "takes a request and never answers", lambda: _hang),
    Hostile("hangs now and then", "never answers each fifth request", _every(5, _hang)),
    Hostile("hangs up", "closes the connection without a word", lambda: _hang_up),
    Hostile("hangs up often", "closes the connection at every second request", _every(2, _hang_up)),
    Hostile(
        "alternating",
        "500, a login page, [], half an answer, {}, an echo; now and then 429 or nothing",
        _alternating,
    ),
    Hostile(
        "login page",
        "200 with a page to log in",
        _always(Answer(200, {"content-type": "text/html"}, b"<html>Log in</html>")),
    ),
    Hostile(
        "redirect",
        "302 to another origin",
        _always(Answer(302, {"location": "http://127.0.0.1:9/"}, b"")),
    ),
    Hostile(
        "echo",
        "answers what it gets",
        lambda: lambda call: Answer(200, {"content-type": "application/json"}, call.body),
    ),
    Hostile("empty 204", "204 to everything", _always(Answer(204, {}, b""))),
    Hostile(
        "deep",
        "JSON that is 100,000 deep",
        _always(Answer(200, {"content-type": "application/json"}, b"[" * 100_000 + b"]" * 100_000)),
    ),
    Hostile(
        "bad UTF-8",
        "bytes that are no UTF-8",
        _always(Answer(200, {"content-type": "application/json"}, b'"\xff\xfe\xfa"')),
    ),
    Hostile("many rows", "lists of 60,000 rows, 11 MB", _many_rows),
    Hostile("many small values", "11 MB of empty lists", _many_small),
    Hostile("endless pages", "every page has a next one", _endless),
    Hostile("half surrogates", "ids that UTF-8 can't encode", _with_id(lambda n: f"a\ud800{n}")),
    Hostile("huge ids", "ids of 5 MB", _with_id(lambda n: f"{n}" + "x" * 5_000_000)),
    Hostile("odd ids", "ids like ../../x?y#z", _with_id(lambda n: f"../../x{n}?y#z")),
    Hostile(
        "somebody else's",
        "a create without an id is answered by the id of a stream that was there",
        _somebody_elses,
    ),
    Hostile("no delete", "405 to every DELETE", lambda: _no_delete),
    Hostile("delete forbidden", "403 to every DELETE", lambda: _forbidden_delete),
    Hostile("writes forbidden", "403 to everything that writes", lambda: _forbidden_writes),
    Hostile("keeps what it deletes", "204 to every DELETE, and nothing goes", lambda: _keeps),
    Hostile("busy", "503 to each 20th request", _every(20, _busy)),
    Hostile("busy at deletes", "503 to each fifth DELETE", _every(5, _busy, "DELETE")),
    Hostile(
        "throttles in seconds",
        "429 with Retry-After: 2 to each 200th request",
        _every(200, _throttled(lambda: "2")),
    ),
    Hostile(
        "throttles by date",
        "429 with an HTTP date to each 200th request",
        _every(200, _throttled(lambda: _in(2))),
    ),
    Hostile(
        "throttles for ever", "429 with Retry-After: 86400", lambda: _throttled(lambda: "86400")
    ),
    Hostile("restarts", "is away for 4 s after 200 requests", _away(200, 4)),
)


@contextmanager
def serving(hostile: Hostile, api: str) -> Iterator[tuple[str, list[Call]]]:
    """The server's URL root, and the requests that it has had so far."""
    behave, app = hostile.make(), create_app(MockConfig(apis=(api,)))
    behind, heard, numbers = WsgiTransport(app), [], itertools.count()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "content-length", "connection", "accept-encoding")
            }
            call = Call(
                next(numbers),
                self.command,
                self.path,
                sent,
                body,
                lambda: behind.exchange(self.command, self.path, sent, body),
                lambda other: behind.exchange(self.command, self.path, sent, other),
            )
            heard.append(call)
            try:
                answer = behave(call)
            except HangUp:
                self.close_connection = True
                return
            with suppress(OSError):
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    if name not in ("content-length", "connection", "date", "server"):
                        self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
