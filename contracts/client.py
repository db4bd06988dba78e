"""The client of the checks: build a request, send it, or do both by the names of arguments."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from streamproof.contracts.auth import Auth, authorised, available, default
from streamproof.contracts.meter import Meter
from streamproof.contracts.values import Parsed, parse
from streamproof.contracts.wire import (
    FORM,
    SURROGATES,
    Answer,
    NoAnswer,
    NotSent,
    Outcome,
    Pairs,
    Request,
    Transport,
)
from streamproof.specs.api import Api
from streamproof.specs.operation import SecurityScheme, accepted, payload

_DEFAULT: Final = object()
_THROTTLED_TRIES = 4
_LONGEST_PAUSE_S = 5.0


@dataclass(slots=True)
class Client:
    """Calls the operations of one API at one target.

    `watchers` see every outcome of `send`; a race goes past them (`send_raw`), because answers
    to simultaneous requests can't be judged one by one. `before` and `after` see every request
    and outcome: the journal of what a run creates, and the transcript.
    """

    api: Api
    transport: Transport
    credentials: Mapping[str, str] = field(repr=False)
    meter: Meter = field(default_factory=Meter)
    watchers: list[Callable[[Outcome], None]] = field(default_factory=list)
    before: list[Callable[[Request], None]] = field(default_factory=list)
    after: list[Callable[[Outcome], None]] = field(default_factory=list)
    auths: dict[str, Auth] = field(init=False)

    def __post_init__(self) -> None:
        self.auths = available(self.api, self.credentials)

    def at(self, path: str, credentials: Mapping[str, str]) -> Client:
        """A client of the same server under another base path, with credentials for there."""
        elsewhere = self.transport.at(path)
        return replace(self, transport=elsewhere, credentials=credentials)

    def build(
        self,
        operation: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = _DEFAULT,
    ) -> Request:
        """A request for `operation`: values of the query and of a form are turned into text."""
        op = self.api.operations[operation]
        location = op.path
        for name, value in (path or {}).items():
            location = location.replace(
                f"{{{name}}}", quote(str(value), safe="", errors=SURROGATES)
            )
        form: Pairs | None = None
        content: bytes | None = None
        sent = dict(headers or {})
        if op.body is not None and body is not _DEFAULT:
            sent.setdefault("Content-Type", op.body.media_type)
            if op.body.media_type == FORM:
                form = tuple((n, _text(v)) for n, v in body.items() if v is not None)
            else:
                content = _json(body).encode()
        return Request(
            op,
            op.method,
            location,
            tuple((n, _text(v)) for n, v in (query or {}).items() if v is not None),
            tuple(sent.items()),
            form,
            content,
        )

    def send(self, request: Request, auth: Any = _DEFAULT) -> Outcome:
        """Send with the default credentials, with another `Auth`, or with None.

        A request that the target turned away unseen (429) is repeated after the pause that it
        asks for. Raises `RunEnded`.
        """
        for _ in range(_THROTTLED_TRIES):
            outcome = self.send_raw(request, auth)
            if outcome.status != HTTPStatus.TOO_MANY_REQUESTS:
                break
            self.meter.pause(_pause(outcome.headers.get("retry-after", "")))
        for watch in self.watchers:
            watch(outcome)
        return outcome

    def send_raw(
        self,
        request: Request,
        auth: Any = _DEFAULT,
        gate: Callable[[], object] = lambda: None,
        heard: Callable[[str | None], None] | None = None,
    ) -> Outcome:
        """Send once; no watcher sees it. Safe to call from several threads.

        `gate` is passed when all is ready but for the sending. `heard` is told of the answer in
        place of the meter.
        """
        chosen = default(request.operation, self.auths) if auth is _DEFAULT else auth
        self.meter.admit()
        for listen in self.before:
            listen(request)
        signed = request if chosen is None else authorised(request, chosen, self.api)
        content, target = signed.content, signed.target
        scheme = None if chosen is None else chosen.scheme
        gate()
        trouble: str | None = None
        try:
            answer = self.transport.exchange(signed.method, target, dict(signed.headers), content)
            outcome = self._outcome(request, answer, scheme)
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                trouble = "it turns requests away, with status 429"
        except NoAnswer as fault:
            trouble, sent = str(fault), not isinstance(fault, NotSent)
            outcome = Outcome(request, None, False, trouble=trouble, sent=sent, auth=scheme)
        (heard or self.meter.heard)(trouble)
        if outcome.accepted:
            self.meter.granted()
        for hear in self.after:
            hear(outcome)
        return outcome

    def call(self, operation: str, auth: Any = _DEFAULT, **arguments: Any) -> Outcome:
        """Build and send, each argument going where the specification puts it."""
        return self.send(self.request(operation, **arguments), auth)

    def request(self, operation: str, /, **arguments: Any) -> Request:
        """Build, each argument going where the specification puts it."""
        op = self.api.operations[operation]
        places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "body": {}}
        for name, value in arguments.items():
            places[op.locate(name)][name] = value
        return self.build(
            operation,
            path=places["path"],
            query=places["query"],
            headers=places["header"],
            body=places["body"] if op.body is not None else _DEFAULT,
        )

    def _outcome(self, request: Request, answer: Answer, scheme: SecurityScheme | None) -> Outcome:
        """What an answer means. A 2xx that should carry JSON and doesn't grants nothing."""
        trouble, parsed = None, Parsed(None)
        try:
            parsed = parse(answer.body)
        except ValueError as fault:
            if request.operation.success.payload is not None:
                trouble = f"the body is no JSON: {fault}" if answer.body else "the body is empty"
        data = parsed.value
        granted = accepted(self.api.envelope, answer.status, data) and trouble is None
        return Outcome(
            request,
            answer.status,
            granted,
            payload(self.api.envelope, data) if granted else None,
            data,
            answer.headers,
            answer.body,
            trouble if 200 <= answer.status < 300 else None,
            parsed.repeated,
            auth=scheme,
        )


def _text(value: Any) -> str:
    """A value as text of a query or form: booleans in lower case, structures as JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    """JSON text that UTF-8 can hold: half of a surrogate pair, which a server may name, as an
    escape."""
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


def _pause(retry_after: str) -> float:
    """Seconds to wait; the other form of the header, a date, counts as one."""
    asked = retry_after.isascii() and retry_after.isdecimal()
    return min(float(retry_after), _LONGEST_PAUSE_S) if asked else 1.0
