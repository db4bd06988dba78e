"""Before anything is judged: is this the target that the configuration means?

A few reads tell a wrong address, wrong credentials, wrong fixtures and a clock that is off from
a server that breaks its rules. One read is enough where it is accepted. Where none is, what was
seen is a suspicion only, for a server may be broken in just that way: it stands while no call is
accepted that would refute it. A run that could judge something goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from streamproof.contracts import tls
from streamproof.contracts.auth import Auth, default
from streamproof.contracts.client import Client
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.wire import Outcome, Pairs, Request

CLOCKS_APART_S = 60.0  # what a Date header may differ from our clock without a word
PATIENCE = 25  # calls, none of them accepted, after which a suspicion ends a run
_ALIKE = 48  # characters of two answers that are compared
_SHOWN = 120  # characters of an answer that are shown
_PASSING = re.compile(  # times and ids, which pass; a status or a code is shorter
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.,]+|[0-9a-f][0-9a-f-]{15,}|[0-9]{4,}"
)
_VARIABLE = re.compile(r"{(\w+)}")
_NOWHERE = "/streamproof-none"
_LOOKS = 3  # there

Told = Callable[[str], str]
"""How the user's configuration calls a key: ``--basic``, ``targets.staging.basic``."""


@dataclass(frozen=True, slots=True)
class Step:
    """One look at a target: what at, what was seen, and how to mend it (empty: all is well).

    `sure` says that no call can get through; otherwise an accepted call refutes it, which has to
    carry `argument` (a name and its value) where the step is about one.
    """

    what: str
    seen: str
    mend: str = ""
    sure: bool = False
    argument: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.seen}; {self.mend}" if self.mend else self.seen


@dataclass(frozen=True, slots=True)
class LookUp:
    """A read that is accepted where the target knows a `value` of the fixture `key`; `argument`
    is the name under which it is sent, if it is."""

    key: str
    value: str
    client: Client
    request: Request
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Probes:
    """The reads of an API. `reads` gives them by the target's fixtures: the likeliest to be
    accepted first, last one that asks for something that isn't there. `fixtures` says for an
    argument which fixture it comes from. `look_up` gives a read for each thing that the fixtures
    name; `write` makes something and removes it again where that can be, and tells each step;
    `strangers` are the statuses by which calls are refused for their credentials."""

    reads: Callable[[Client, Mapping[str, Any]], Sequence[Request]]
    look_up: Callable[[Client, Mapping[str, Any]], Iterator[LookUp]]
    write: Callable[[Client, Mapping[str, Any], Names], Iterator[Step]]
    fixtures: Mapping[str, str] = field(default_factory=dict)
    strangers: frozenset[int] = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(slots=True)
class Suspicion:
    """What the first read was answered (None if the run's limits forbade it), the fault that it
    shows, if any, and whether calls since then refute it."""

    first: Outcome | None
    step: Step | None = None
    refuted: bool = False
    _refused: int = 0

    def hear(self, outcome: Outcome) -> None:
        """Take note of a call. Raises `RunEnded` once enough of them bear the suspicion out."""
        if self.step is None or self.refuted or not self._concerns(outcome):
            return
        self.refuted = outcome.accepted
        self._refused += 1
        if not self.refuted and self._refused >= PATIENCE:
            raise RunEnded(str(self.step))

    def explains(self, steps: Iterable[Outcome]) -> bool:
        """Whether what went wrong in these steps comes of the fault."""
        if self.step is None or self.refuted:
            return False
        return self.step.argument is None or any(map(self._concerns, steps))

    @property
    def verdict(self) -> str | None:
        """The fault, where no call can get through: nothing needs to be tried."""
        return str(self.step) if self.step is not None and self.step.sure else None

    @property
    def told(self) -> str | None:
        """The fault, as long as nothing refutes it."""
        return str(self.step) if self.step is not None and not self.refuted else None

    def _concerns(self, outcome: Outcome) -> bool:
        argument = None if self.step is None else self.step.argument
        return argument is None or argument in _arguments(outcome.request)


def suspect(
    client: Client,
    probes: Probes,
    fixtures: Mapping[str, Any],
    told: Told = str,
    writes: bool = True,
) -> Suspicion:
    """Look at a target, silently. Without `writes` nothing would refute that it doesn't know what
    holds no records, so that isn't asked."""
    reads = probes.reads(client, fixtures)
    first, step = None, None
    if not reads:
        return Suspicion(None)
    try:
        first = client.send(reads[0])
        if not first.accepted:
            step = next(faults(client, probes, fixtures, first, told, writes), None)
    except RunEnded:  # whoever asks next is told why
        pass
    return Suspicion(first, step)


def faults(
    client: Client,
    probes: Probes,
    fixtures: Mapping[str, Any],
    first: Outcome,
    told: Told,
    writes: bool,
) -> Iterator[Step]:
    """What may explain that the first read was not accepted, the surest first."""
    reads = probes.reads(client, fixtures)
    yield from unreachable(client, first, told)
    if not first.answered:
        return
    outcomes = [first, *(client.send(request) for request in reads[1:])]
    if any(outcome.accepted for outcome in outcomes):
        return
    if all(outcome.status is not None and outcome.status >= 500 for outcome in outcomes):
        return
    yield from _redirected(client, outcomes, told)
    yield from _elsewhere(client, fixtures, first, told)
    yield from _clock_off(first, told)
    yield from _refused(client, outcomes, told)
    if writes:
        yield from _unknown(client, probes, first)


def answers_to_its_name(client: Client, first: Outcome | None) -> bool:
    """Whether a target that accepts calls, and shows nothing of the API, refuses at least what is
    sent to a path that nobody has. Whoever takes everything, or answers at random, is nobody."""
    if first is None:
        return True
    nowhere = client.at(_NOWHERE, client.credentials)
    try:
        statuses = [aside(nowhere, first.request).status or 0 for _ in range(_LOOKS)]
    except RunEnded:
        return False
    return all(400 <= status < 500 for status in statuses)


# -- the address -------------------------------------------------------------------------------


def unreachable(client: Client, first: Outcome, told: Told) -> Iterator[Step]:
    """A target that TLS, or its absence, keeps from answering; or that nobody hears."""
    url, trouble = client.transport.url, first.trouble or ""
    address, secure = urlsplit(url).netloc, urlsplit(url).scheme == "https"
    if secure and "CERTIFICATE_VERIFY_FAILED" in trouble:
        why = trouble.rpartition("verify failed: ")[2].partition(" (_ssl")[0].rstrip(".")
        mend = f"if an authority of your own signed it, name its certificate with {told('ca_file')}"
        if "mismatch" in why or "not valid for" in why:
            mend = f"give the host that it was made for in {told('url')}"
        elif "expired" in why or "not yet valid" in why:
            mend = "have it renewed, and see whether the clock of this machine is right"
        yield Step("TLS", f"the certificate of {address} is not trusted: {why}", mend, sure=True)
    elif secure and tls.speaks_plainly(trouble):
        mend = f"give http:// in {told('url')}, or the port of TLS"
        yield Step("TLS", f"{address} speaks plain HTTP, not TLS", mend, sure=True)
    elif not secure and not first.accepted and tls.answers(client.transport, first):
        mend = f"give https:// in {told('url')}"
        yield Step("TLS", f"{address} speaks TLS, not plain HTTP", mend, sure=True)
    elif first.too_large:
        mend = f"is {told('url')} that of the API itself?"
        seen = f"the target answers {call_of(first)} with {trouble} ({first.size:,} came)"
        yield Step("address", seen, mend)
    elif not first.answered:
        mend = f"is it up, and are host and port of {told('url')} right?"
        yield Step("address", f"the target does not answer ({trouble})", mend)


def _redirected(client: Client, outcomes: Sequence[Outcome], told: Told) -> Iterator[Step]:
    """Every read is redirected, so nothing that was made could be seen again."""
    if not all(outcome.status and 300 <= outcome.status < 400 for outcome in outcomes):
        return
    first = outcomes[0]
    here = client.transport.url + first.request.path
    there = urljoin(here, first.headers.get("location", ""))
    base = there.partition("?")[0].removesuffix(first.request.path)
    seen = f"the target redirects to {there}"
    if base != there.partition("?")[0] and base != client.transport.url:
        yield Step("address", seen, f"give {base} as {told('url')}", sure=True)
    else:
        mend = f"give the URL of the API itself as {told('url')}"
        yield Step("address", seen, mend, sure=True)


def _elsewhere(
    client: Client, fixtures: Mapping[str, Any], first: Outcome, told: Told
) -> Iterator[Step]:
    """The same call is accepted under another path of the same server."""
    envelope = client.api.envelope
    if envelope is not None and isinstance(first.data, Mapping) and envelope.code in first.data:
        return  # this is the API that speaks
    root = client.transport.url.removesuffix(urlsplit(client.transport.url).path)
    for path in _paths(client, fixtures):
        if aside(client.at(path, client.credentials), first.request).accepted:
            answer = f"{call_of(first)} is answered {short(first)}"
            seen = f"{answer}, but under {root}{path} it is accepted"
            yield Step("address", seen, f"give {root}{path} as {told('url')}")
            return


def _paths(client: Client, fixtures: Mapping[str, Any]) -> list[str]:
    """Where else the API may be: its documented base paths, their variables filled with the end
    of our own path or from the fixtures."""
    ours = urlsplit(client.transport.url).path.rstrip("/")
    last = ours.rpartition("/")[2]
    found: list[str] = []
    for home in client.api.servers:
        for values in (dict.fromkeys(_VARIABLE.findall(home), last), fixtures):
            path = _VARIABLE.sub(partial(_filled, values), home).rstrip("/")
            if path not in (*found, ours):
                found.append(path)
    return found


def _filled(values: Mapping[str, Any], name: re.Match[str]) -> str:
    return quote(str(values.get(name[1], "")), safe="")


# -- credentials, clock, fixtures --------------------------------------------------------------


def clocks_apart_s(outcome: Outcome) -> float | None:
    """How far the target's clock is ahead of ours by its Date header; None without one."""
    try:
        theirs = parsedate_to_datetime(outcome.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    return (theirs - datetime.now(UTC)).total_seconds()


def clock(outcome: Outcome) -> Step:
    """What a Date header says of the two clocks."""
    apart = clocks_apart_s(outcome)
    if apart is None:
        return Step("clock", "the target's answers carry no Date, so its clock can't be seen")
    if abs(apart) <= CLOCKS_APART_S:
        return Step("clock", "the clock of the target agrees with that of this machine")
    way = "ahead of" if apart > 0 else "behind"
    size = f"{abs(apart) / 60:.0f} min" if abs(apart) < 7200 else f"{abs(apart) / 3600:.0f} h"
    seen = f"the clock of the target is {size} {way} that of this machine"
    return Step("clock", seen, "set the one right that is wrong")


def _clock_off(first: Outcome, told: Told) -> Iterator[Step]:
    """A signature carries the time, and a server may refuse one that is old, or of tomorrow."""
    found = clock(first)
    if found.mend and first.auth is not None and first.auth.kind == "signature":
        keys = " and ".join(map(told, first.auth.credentials))
        seen = f"{found.seen}, and the call signed by {keys} is refused: {short(first)}"
        yield replace(found, seen=seen)


def _refused(client: Client, outcomes: Sequence[Outcome], told: Told) -> Iterator[Step]:
    """Our credentials are answered like made-up ones."""
    first = outcomes[0]
    auth = default(first.request.operation, client.auths)
    if auth is None:
        return
    for outcome in (first, outcomes[-1]):
        if not outcome.rejected:
            return
        if not alike(outcome, aside(client, outcome.request, made_up_auth(auth))):
            return
    keys = " and ".join(map(told, auth.credentials))
    nowhere = aside(client.at(_NOWHERE, client.credentials), first.request)
    if alike(first, nowhere):
        seen = f"{call_of(first)} is answered {short(first)}, as is any path and any credentials"
        yield Step("address", seen, f"see whether {told('url')} is right, and then {keys}")
    else:
        seen = f"the target refuses the credentials of {keys}: {short(first)}"
        yield Step("credentials", seen, f"give those that it knows as {keys}")


def _unknown(client: Client, probes: Probes, first: Outcome) -> Iterator[Step]:
    """A value of the fixtures is answered like a made-up one.

    The answer names it, or else it is the same whichever of the values is made up.
    """
    if not first.rejected:
        return
    asked = [one for one in _arguments(first.request) if one[0] in probes.fixtures]
    same = 0
    for name, value in asked:
        other = made_up(value)
        outcome = aside(client, with_argument(first.request, name, other))
        same += alike(first, outcome)
        if _names(first, value) and _names(outcome, other) and alike(first, outcome, value, other):
            seen = f"the target seems not to know {name} {value}: {short(first)}"
            mend = f"give one that is there in {probes.fixtures[name]}"
            yield Step("fixtures", seen, mend, argument=(name, value))
    if asked and same == len(asked):
        values = ", ".join(f"{name} {value}" for name, value in asked)
        seen = f"the target seems not to know one of {values}: {short(first)}"
        mend = f"see {', '.join(probes.fixtures[name] for name, _ in asked)}"
        yield Step("fixtures", seen, mend, argument=asked[0])


def _arguments(request: Request) -> Pairs:
    return request.query if request.form is None else request.form


def aside(client: Client, request: Request, auth: Auth | None = None) -> Outcome:
    """Send a call that has no say in whether the target accepts ours."""
    meter = client.meter
    accepted, shown = meter.accepted, meter.shown
    outcome = client.send(request) if auth is None else client.send(request, auth)
    meter.accepted, meter.shown = accepted, shown
    return outcome


def with_argument(request: Request, name: str, value: str) -> Request:
    """A request with another value of an argument."""
    if request.form is not None:
        return replace(request, form=tuple((n, value if n == name else v) for n, v in request.form))
    return replace(request, query=tuple((n, value if n == name else v) for n, v in request.query))


def made_up(value: str) -> str:
    """A value of the same form as another, that nobody has given out."""
    turned = value.translate(str.maketrans("0123456789abcdefABCDEF", "5678901234defabcDEFABC"))
    return turned if turned != value else f"{value}x"


def made_up_auth(auth: Auth) -> Auth:
    """The same scheme with a wrong secret; the name before it, where there is one, stays."""
    key = [*auth.credentials][-1]
    name, colon, secret = auth.credentials[key].rpartition(":")
    return auth.holding(**{key: f"{name}{colon}{made_up(secret)}"})


def alike(one: Outcome, other: Outcome, *values: str) -> bool:
    """Whether two answers say the same, but for ids, times and the `values` that were sent."""
    return one.status == other.status and _gist(one, values) == _gist(other, values)


def _names(outcome: Outcome, value: str) -> bool:
    return value in outcome.body.decode("utf-8", "replace")


def _gist(outcome: Outcome, values: Sequence[str]) -> str:
    text = outcome.body.decode("utf-8", "replace")
    for value in values:
        text = text.replace(value, "#")
    text = re.sub(r"/[\w/%.~-]*", "/", text)  # paths, which say where we are
    return _PASSING.sub("#", text)[:_ALIKE]


def call_of(outcome: Outcome) -> str:
    return f"{outcome.request.method} {outcome.request.path}"


def short(outcome: Outcome) -> str:
    text = " ".join(str(outcome).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
