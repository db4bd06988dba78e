"""Targets for the checks of Dotide: the good mock, and the good mock with one thing bent."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api

DOTIDE = api.load("dotide")


def good(**dialect: Any) -> WsgiApp:
    """The mock, in the default dialect but for `dialect`."""
    return create_app(MockConfig(apis=("dotide",), dialects={"dotide": dialect}))


def judged(app: WsgiApp, *only: str, seed: int = 1, max_examples: int = 20) -> Run:
    """A run against `app`, of all rules or of those that the patterns `only` take."""
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    target = Target(DOTIDE, transport, DOTIDE.fixtures["credentials"], DOTIDE.fixtures)
    return run(target, Options(Selection(only), seed, max_examples=max_examples))


def by_verdict(done: Run, verdict: Verdict) -> dict[str, str]:
    """The rules with a verdict, each with its message."""
    return {r.rule.id: r.message for r in done.rulings if r.verdict is verdict}


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a bent server sees it; `path` stands behind the data base."""

    method: str
    database: str
    path: str
    query: Mapping[str, str]
    authorization: str
    body: bytes

    @property
    def operation(self) -> str:
        """Which of the five calls on datastreams it is; empty for one on anything else."""
        if not self.path.startswith("/datastreams") or "/datapoints" in self.path:
            return ""
        one = self.path.startswith("/datastreams/")
        return {"POST": "create", "PUT": "update", "DELETE": "delete"}.get(
            self.method, "read" if one else "list"
        )

    @property
    def id(self) -> str:
        return self.path.removeprefix("/datastreams/") if self.operation != "create" else ""

    @property
    def fields(self) -> dict[str, Any]:
        """The body as an object; empty if it is none."""
        try:
            fields = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}

    def asking(self, **query: str) -> Call:
        return replace(self, query={**self.query, **query})

    def sending(self, **fields: Any) -> Call:
        return replace(self, body=json.dumps({**self.fields, **fields}).encode())


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a bent server gives it."""

    status: int
    body: Any = None
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)

    @property
    def accepted(self) -> bool:
        return self.status < 300

    def showing(self, **members: Any) -> Answer:
        """The same with other members in its datastream, or in all of its rows."""
        if not self.accepted:
            return self
        if isinstance(self.body, list):
            return replace(self, body=[{**row, **members} for row in self.body])
        return replace(self, body={**self.body, **members})


REJECTED = Answer(422, {"message": "no"})
NOT_FOUND = Answer(404, {"message": "no"})

Proceed = Callable[[Call], Answer]
Bend = Callable[[Call, Proceed], Answer]


def bent(bend: Bend) -> WsgiApp:
    """The good mock behind `bend`, which may change the call, the answer, or both."""
    app = good()

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raw = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        _, version, database, *rest = raw.split("/", 3)

        def proceed(call: Call) -> Answer:
            path = f"/{version}/{call.database}{call.path}"
            changed = {
                **environ,
                "REQUEST_METHOD": call.method,
                "PATH_INFO": path.encode().decode("latin-1")
                if path != raw
                else environ["PATH_INFO"],
                "QUERY_STRING": urlencode(call.query),
                "HTTP_AUTHORIZATION": call.authorization,
                "CONTENT_LENGTH": str(len(call.body)),
                "wsgi.input": io.BytesIO(call.body),
            }
            for name in ("REQUEST_URI", "RAW_URI"):
                changed.pop(name)
            if not call.authorization:
                del changed["HTTP_AUTHORIZATION"]
            began: list[Any] = []
            content = b"".join(app(changed, lambda *answer: began.extend(answer)))
            body = json.loads(content) if content else None
            return Answer(int(began[0][:3]), body, tuple(began[1]))

        answer = bend(
            Call(
                environ["REQUEST_METHOD"],
                database,
                "/" + "/".join(rest),
                dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True)),
                environ.get("HTTP_AUTHORIZATION", ""),
                environ["wsgi.input"].read(),
            ),
            proceed,
        )
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        headers = [(n, v) for n, v in answer.headers if n.lower() != "content-length"]
        start(f"{answer.status} Bent", headers)
        return [content]

    return serve


class BentServers(dict[str, Callable[[], Bend]]):
    """Bent servers by the rule that each breaks; each is made anew for a run: it may remember."""

    def breaking(self, rule: str) -> Callable[[Callable[[], Bend]], Callable[[], Bend]]:
        """Says which rule a server breaks."""

        def note(make: Callable[[], Bend]) -> Callable[[], Bend]:
            self[f"dotide/{rule}"] = make
            return make

        return note

    def always_breaking(self, rule: str) -> Callable[[Bend], Bend]:
        """As `breaking`, of a server that remembers nothing."""

        def note(bend: Bend) -> Bend:
            self[f"dotide/{rule}"] = lambda: bend
            return bend

        return note
