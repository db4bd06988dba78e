"""The client of the checks: build a request, send it, or do both by the names of arguments."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import quote

from streamproof.contracts.auth import Auth, authorised, available, default, spelled
from streamproof.contracts.meter import Meter
from streamproof.contracts.recognition import no_answer, shows
from streamproof.contracts.transport import NoAnswer, NotSent, TooLarge, Transport
from streamproof.contracts.values import Parsed, parse
from streamproof.contracts.wire import FORM, SURROGATES, Answer, Outcome, Pairs, Request
from streamproof.specs.api import Api
from streamproof.specs.operation import (
    PLACES,
    Operation,
    Place,
    SecurityScheme,
    accepted,
    payload,
)

_DEFAULT: Final = object()
_TRIES = 4
_TURNED_AWAY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_SOON_S = 0.02  # the first pause after a 503 that asks for none
_A_YEAR_S = 366 * 86400.0
_PAUSE_S = 1.0  # where a target turns requests away and doesn't say for how long


class Ledger(Protocol):
    """Keeps account of what clients make on a target."""

    def left_over(self, client: Client, outcome: Outcome) -> bool: ...

    def before(self, client: Client, request: Request) -> None: ...

    def after(self, client: Client, outcome: Outcome) -> None: ...


class WouldWrite(Exception):
    """A check needs a call that may write, in a run that only reads; the call isn't sent."""


@dataclass(slots=True)
class Client:
    """Calls the operations of one API at one target.

    `watchers` see every outcome of `send`; a race goes past them (`send_raw`), because answers
    to simultaneous requests can't be judged one by one. `after` sees every outcome: the
    transcript. The `ledger` is told what is sent where, and what came of it. A client
    that `reads_only` sends no call that may write. `variables` name the user's credentials, by
    value, for command lines.
    """

    api: Api
    transport: Transport
    credentials: Mapping[str, str] = field(repr=False)
    meter: Meter = field(default_factory=Meter)
    watchers: list[Callable[[Outcome], None]] = field(default_factory=list)
    after: list[Callable[[Outcome], None]] = field(default_factory=list)
    ledger: Ledger | None = field(default=None, repr=False)
    reads_only: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    auths: dict[str, Auth] = field(init=False)

    def __post_init__(self) -> None:
        self.auths = available(self.api, self.credentials)
        there = "STREAMPROOF_OTHER_" if self.variables else "STREAMPROOF_"
        named = {value: there + name.upper() for name, value in self.credentials.items() if value}
        self.variables = {**named, **self.variables}

    def at(self, path: str, credentials: Mapping[str, str]) -> Client:
        """A client of the same server under another base path, with credentials for there."""
        elsewhere = self.transport.at(path)
        return replace(self, transport=elsewhere, credentials=credentials)

    def may(self, operation: str) -> bool:
        """Whether it sends calls of `operation`."""
        return self.api.operations[operation].safe or not self.reads_only

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
            tuple(pair for n, v in (query or {}).items() for pair in _pairs(op, n, v)),
            tuple(sent.items()),
            form,
            content,
        )

    def send(self, request: Request, auth: Any = _DEFAULT, *, watched: bool = True) -> Outcome:
        """Send with the default credentials, with another `Auth`, or with None; `watched` unless
        it is an odd call, whose answer the watchers have no word for.

        A request that the target turned away unseen (429, 503) is repeated after the pause that
        it asks for. Should a 503 have done its work nevertheless, a refusal of the second try
        tells nothing (`Outcome.doubtful`). Raises `RunEnded`.
        """
        away = False  # whether a try that may write was answered 503
        for turn in range(_TRIES):
            outcome = self.send_raw(request, auth, doubtful=away)
            if outcome.status not in _TURNED_AWAY:
                break
            if outcome.status == HTTPStatus.SERVICE_UNAVAILABLE:
                away = not request.operation.repeatable
                self.meter.pause(_SOON_S * 2**turn)
        for watch in self.watchers if watched else ():
            watch(outcome)
        return outcome

    def send_raw(
        self,
        request: Request,
        auth: Any = _DEFAULT,
        gate: Callable[[], object] = lambda: None,
        heard: Callable[[str | None], None] | None = None,
        admitted: bool = False,
        doubtful: bool = False,
        race: int | None = None,
    ) -> Outcome:
        """Send once; no watcher sees it. Safe to call from several threads.

        `doubtful` says that an earlier try may have had an effect.
        `gate` is passed when all is ready but for the sending. `heard` is told of the answer in
        place of the meter, which has `admitted` the request already where it goes with others,
        in a `race` of that number.
        Raises `WouldWrite` where only reading is allowed.
        """
        if not (self.may(request.operation.id) and request.method == request.operation.method):
            raise WouldWrite(f"{request.operation.id} may write; run without --read-only")
        chosen = default(request.operation, self.auths) if auth is _DEFAULT else auth
        with nullcontext() if admitted else self.meter.turn():
            if self.ledger is not None:
                self.ledger.before(self, request)
            signed = request if chosen is None else authorised(request, chosen, self.api)
            content, target = signed.content, signed.target
            scheme = None if chosen is None else chosen.scheme
            gate()
            trouble: str | None = None
            at, begun = datetime.now(UTC), time.monotonic()
            try:
                answer = self.transport.exchange(
                    signed.method, target, dict(signed.headers), content
                )
                outcome = replace(self._outcome(request, answer, scheme), doubtful=doubtful)
                if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                    trouble = "it turns requests away, with status 429"
                self.meter.hold(_pause(answer))
            except NoAnswer as fault:
                told, sent = str(fault), not isinstance(fault, NotSent)
                size = fault.size if isinstance(fault, TooLarge) else None
                outcome = Outcome(
                    request, None, False, trouble=told, sent=sent, auth=scheme, size=size
                )
                trouble = told if size is None else None
        waited_s = time.monotonic() - begun
        proofs = {} if chosen is None else chosen.credentials
        outcome = replace(
            outcome,
            proofs={name: spelled(value, self.variables) for name, value in proofs.items()},
            url=self.transport.url,
            race=race,
            at=at,
            took_s=waited_s,
            added=_added(request, signed),
            by=chosen,
        )
        if heard is None:
            self.meter.heard(trouble, waited_s, spoke=outcome.answered)
        else:
            heard(trouble)
        if outcome.accepted:
            self.meter.granted(shows=shows(self.api, outcome))
        if self.ledger is not None:
            self.ledger.after(self, outcome)
        for hear in self.after:
            hear(outcome)
        return outcome

    def call(self, operation: str, auth: Any = _DEFAULT, **arguments: Any) -> Outcome:
        """Build and send, each argument going where the specification puts it."""
        return self.send(self.request(operation, **arguments), auth)

    def request(self, operation: str, /, **arguments: Any) -> Request:
        """Build, each argument going where the specification puts it."""
        op = self.api.operations[operation]
        places: dict[Place, dict[str, Any]] = {place: {} for place in PLACES}
        for name, value in arguments.items():
            places[op.locate(name)][name] = value
        headers = {name: _text(value) for name, value in places["header"].items()}
        if cookies := places["cookie"]:
            headers["Cookie"] = "; ".join(f"{n}={_text(v)}" for n, v in cookies.items())
        return self.build(
            operation,
            path=places["path"],
            query=places["query"],
            headers=headers,
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
        granted = accepted(self.api.envelope, answer.status, data)
        if granted and trouble is None:
            trouble = no_answer(self.api, request, answer, data)
        granted = granted and trouble is None
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


def _added(request: Request, signed: Request) -> Pairs:
    """The fields of a form that signing added."""
    known = {*(request.form or ()), *request.altered}
    return tuple(pair for pair in signed.form or () if pair not in known)


def _pairs(operation: Operation, name: str, value: Any) -> Pairs:
    """A query's argument as it is sent; of a list each member by itself, where they stand so."""
    if value is None:
        return ()
    if isinstance(value, list):
        texts = [_text(member) for member in value]
        return (
            tuple((name, t) for t in texts)
            if name in operation.exploded
            else ((name, ",".join(texts)),)
        )
    return ((name, _text(value)),)


def _text(value: Any) -> str:
    """A value as text of a query or form: booleans in lower case, structures as JSON."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    """JSON text that UTF-8 can hold: half of a surrogate pair, which a server may name, as an
    escape."""
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()


def _pause(answer: Answer) -> float:
    """Seconds for which a target that turns requests away asks to be left alone.

    Retry-After has two forms (RFC 9110 › 10.2.3): seconds, or a date, of which the target's own
    clock tells how far it is away.
    """
    if answer.status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return 0.0
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdecimal():
        return min(float(asked), _A_YEAR_S)
    at, now = _date(asked), _date(answer.headers.get("date", "")) or datetime.now(UTC)
    if at is not None:
        return max(0.0, (at - now).total_seconds())
    return _PAUSE_S if answer.status == HTTPStatus.TOO_MANY_REQUESTS else 0.0


def _date(text: str) -> datetime | None:
    """An HTTP date, None where it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
