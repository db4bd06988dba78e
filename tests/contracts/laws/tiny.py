"""A larder over WSGI, for the tests of laws: jars by name, drops in them, tickets by number.

It keeps every rule of tiny/, but for what a `Fault` bends: one function, its docstring one
sentence, which answers a call in the larder's place and may let the larder do it, in part or
twice.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Ruling
from streamproof.specs import api
from streamproof.specs.operation import Operation
from streamproof.specs.schema import Validator

API = api.load(str(Path(__file__).parent / "tiny"))
_READ_AS = {"integer": r"-?(0|[1-9]\d{0,9})", "boolean": "true|false"}
Answer = tuple[int, Any]  # status, body
Row = dict[str, Any]


@dataclass(slots=True)
class Call:
    """One call: its operation as openapi.yaml names it, the key in its path, what it sends."""

    does: str
    key: str
    query: dict[str, Any]
    body: Any
    wrong: str | None = None  # what openapi.yaml doesn't allow in it


Fault = Callable[["Tiny", Call], Answer]


class Refused(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(slots=True)
class Tiny:
    """Jars by name, the drops of each in the order in which they came, tickets by number."""

    fault: Fault = lambda tiny, call: tiny.answer(call)
    jars: dict[str, Row] = field(default_factory=dict)
    drops: dict[str, list[Row]] = field(default_factory=dict)
    tickets: dict[int, Row] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    memory: dict[str, Any] = field(default_factory=dict)  # of a fault
    rejecting: Fault = lambda tiny, call: tiny.reject(call)  # what openapi.yaml doesn't allow

    def __call__(self, environ: Mapping[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            call = _call(environ)
            status, body = (self.rejecting if call.wrong else self.fault)(self, call)
        except Refused as refused:
            status, body = refused.status, {"error": str(refused)}
        content = b"" if body is None else json.dumps(body).encode()
        kind = [] if body is None else [("Content-Type", "application/json")]
        start(f"{status} Told", [*kind, ("Content-Length", str(len(content)))])
        return [content]

    def reject(self, call: Call) -> Answer:
        """What a good larder does with a call that isn't allowed."""
        raise Refused(400, str(call.wrong))

    def answer(self, call: Call) -> Answer:
        """What a good larder does with a call."""
        with self.lock:
            match call.does:
                case "addJar" if call.body["name"] in self.jars:
                    raise Refused(409, "taken")
                case "addJar":
                    jar = {**call.body, "made": now()}
                    self.jars[jar["name"]], self.drops[jar["name"]] = jar, []
                    return 201, jar
                case "listJars":
                    return 200, {"jars": self._list(call.query)}
                case "openTicket":
                    number, at = next(self.numbers), now()
                    ticket = {"number": number, **call.body, "opened": at, "changed": at}
                    self.tickets[number] = ticket
                    return 201, {"ticket": ticket}
                case "listTickets":
                    size = call.query.get("size", 10)
                    first = (call.query.get("page", 1) - 1) * size
                    title = call.query.get("title")
                    rows = [t for t in self.tickets.values() if title in (None, t["title"])]
                    return 200, rows[first : first + size]
                case "readTicket" | "changeTicket" | "closeTicket":
                    return self._ticket(call)
            if call.key not in self.jars:
                raise Refused(404, "no such jar")
            match call.does:
                case "readJar":
                    return 200, self.jars[call.key]
                case "removeJar":
                    del self.jars[call.key], self.drops[call.key]
                    return 204, None
                case "addDrop":
                    return self._drop(self.drops[call.key], call)
                case _:
                    return 200, _window(self.drops[call.key], call.query)

    def _list(self, query: Mapping[str, Any]) -> list[Row]:
        rows = [self.jars[name] for name in sorted(self.jars)]
        rows = [row for row in rows if query.get("kind", row["kind"]) == row["kind"]]
        rows = [row for row in rows if {*query.get("tag", ())} <= {*row.get("tags", ())}]
        colours = query.get("colour")
        rows = [row for row in rows if colours is None or row.get("colour") in colours]
        first = query.get("offset", 0)
        return rows[first : first + query.get("limit", 10)]

    def _ticket(self, call: Call) -> Answer:
        number = int(call.key) if call.key.isdecimal() else 0
        if number not in self.tickets:
            raise Refused(404, "no such ticket")
        match call.does:
            case "changeTicket":
                changed = {**call.body, "changed": now()}
                self.tickets[number] = {**self.tickets[number], **changed}
            case "closeTicket":
                del self.tickets[number]
                return 200, {}
        return 200, {"ticket": self.tickets[number]}

    def _drop(self, drops: list[Row], call: Call) -> Answer:
        at = shown(instant(call.body["at"]))
        if not call.query.get("again") and any(drop["at"] == at for drop in drops):
            raise Refused(409, "there is one at this time")
        drop = {"id": next(self.numbers), "at": at, "value": call.body["value"]}
        drops.append(drop)
        return 201, drop


def _window(drops: list[Row], query: Mapping[str, Any]) -> Row:
    rows = sorted(drops, key=lambda drop: str(drop["at"]))
    if ("from" in query) == ("latest" in query):
        raise Refused(400, "one of from and latest")
    if "latest" in query:
        if {"to", "limit", "cursor"} & query.keys():
            raise Refused(400, "only with from")
        return {"drops": rows[-query["latest"] :], "next": None}
    low = shown(instant(query["from"]))
    high = shown(instant(query["to"])) if "to" in query else "9999"
    rows = [row for row in rows if low < row["at"] < high]
    cursor, limit = query.get("cursor", "0"), query.get("limit", 25)
    if not re.fullmatch("[0-9]{1,6}", cursor):
        raise Refused(400, "no such cursor")
    first = int(cursor)
    rest = first + limit < len(rows)
    return {"drops": rows[first : first + limit], "next": str(first + limit) if rest else None}


def _call(environ: Mapping[str, Any]) -> Call:
    """A request as a call."""
    path = environ.get("RAW_URI", environ["PATH_INFO"]).partition("?")[0]
    for operation in API.operations.values():
        form = re.sub(r"\{.*?\}", "([^/]+)", operation.path)
        found = re.fullmatch(form, path)
        if found and operation.method == environ["REQUEST_METHOD"]:
            key = unquote(found[1]) if found.groups() else ""
            query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
            read = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            try:
                body = None if operation.body is None else json.loads(read)
            except (ValueError, RecursionError):
                raise Refused(400, "no JSON") from None
            call = Call(operation.given, key, _query(operation, query), body)
            return replace(call, wrong=_wrong(operation, call))
    raise Refused(404, "no such call")


def _query(operation: Operation, query: Mapping[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.place != "query" or parameter.name not in query:
            continue
        value: Any = query[parameter.name]
        if parameter.schema["type"] != "array":
            value = value[-1]
        if re.fullmatch(_READ_AS.get(parameter.schema["type"], "$."), str(value)):
            value = json.loads(value)
        found[parameter.name] = value
    return found


def _wrong(operation: Operation, call: Call) -> str | None:
    """What openapi.yaml doesn't allow in a call."""
    judged = [(p.schema, call.query[p.name]) for p in operation.parameters if p.name in call.query]
    if operation.body is not None:
        judged.append((operation.body.schema, call.body))
    for schema, value in judged:
        for wrong in Validator(schema, API.openapi).errors(value):
            return wrong.message
    return None


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def shown(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def now() -> str:
    return shown(datetime.now(UTC))


def judged(fault: Fault | Tiny | None = None, *only: str, max_examples: int = 6) -> Run:
    """A run against a larder, over the rules that match `only` (without the API's name)."""
    larder = fault if isinstance(fault, Tiny) else Tiny(fault) if fault else Tiny()
    target = Target(API, WsgiTransport(larder, "http://localhost"), {}, {})
    chosen = Selection(tuple(f"tiny/{glob}" for glob in only))
    return run(target, Options(chosen, seed=1, run_id="larder", max_examples=max_examples))


def ruling(fault: Fault | Tiny | None, rule: str) -> Ruling:
    """What a run against a larder says of one rule."""
    [found] = judged(fault, rule).rulings
    return found
