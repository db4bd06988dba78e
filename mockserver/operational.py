"""Operational faults: what goes wrong in the field, whatever the rules say.

One is spelled by its kind and parameters, ``latency:operation=list,ms=300``, and stands around the
faults of meaning. All that is random in it comes from its seed and the number of the call.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from streamproof.mockserver.call import Answer, Call, Request
from streamproof.mockserver.delivery import Delivery
from streamproof.mockserver.faults import Proceed, UnknownFaultError
from streamproof.mockserver.parsing import Unreadable
from streamproof.specs.api import Api
from streamproof.specs.errors import meant
from streamproof.specs.operation import Operation, SecurityScheme

if TYPE_CHECKING:
    from streamproof.mockserver.context import Context

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may be given: a number from `least` on, one of `choices`, or a name."""

    default: Value | None
    says: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 3_600_000

    def read(self, text: str) -> Value:
        """The value that `text` spells. Raises ValueError with what is expected."""
        if self.choices:
            if text not in self.choices:
                raise ValueError(f"{' or '.join(self.choices)} expected")
            return text
        if isinstance(self.default, str):
            return text
        whole = not isinstance(self.default, float)
        wanted = f"a {'whole ' if whole else ''}number from {self.least:g} to {self.most:,}"
        if not re.fullmatch(r"[0-9]{1,9}" if whole else r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
            raise ValueError(f"{wanted} expected")
        value = int(text) if whole else float(text)
        if not self.least <= value <= self.most:
            raise ValueError(f"{wanted} expected")
        return value


_WHICH: Final[Mapping[str, Parameter]] = {
    "api": Parameter("", "the API whose calls it meets; all"),
    "operation": Parameter("", "the operation whose calls it meets; all"),
    "first": Parameter(None, "it meets the first so many of these calls", least=1),
    "every": Parameter(1, "it meets every so-manieth of these calls", least=1),
    "share": Parameter(1.0, "it meets this share of these calls, at random", most=1),
    "seed": Parameter(0, "what the random depends on", most=999_999_999),
}


@dataclass(frozen=True, slots=True)
class Disturbed:
    """The surroundings of a function of a `Kind`: its parameters' values, and its randomness."""

    values: Mapping[str, Any]
    random: Random
    context: Context


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of operational fault; `says` what it does, in one sentence."""

    name: str
    says: str
    parameters: Mapping[str, Parameter]
    function: Callable[[Proceed, Call, Disturbed], Answer]
    breaks_off: bool


@dataclass(frozen=True, slots=True)
class Operational:
    """An operational fault as it was asked for; `name` is its spelling."""

    name: str
    kind: Kind
    values: Mapping[str, Any]

    @property
    def says(self) -> str:
        return self.kind.says

    def concerns(self, api: Api, operation: Operation) -> bool:
        values = self.values
        return values["api"] in ("", api.name) and values["operation"] in ("", operation.id)

    def wrap(self, proceed: Proceed, context: Context) -> Proceed:
        """`proceed` with this fault around it."""

        def wrapped(call: Call) -> Answer:
            counted = context.space.scratch.setdefault(self.name, count(1))
            number, values = next(counted), self.values
            random = Random(f"{values['seed']} {self.name} {number}")
            if (
                (values["first"] is not None and number > values["first"])
                or number % values["every"]
                or random.random() >= values["share"]
            ):
                return proceed(call)
            context.touched.append(self.name)
            return self.kind.function(proceed, call, Disturbed(values, random, context))

        return wrapped


def read(name: str, apis: Iterable[Api]) -> Operational:
    """The fault that a name spells, for calls of these APIs. Raises `UnknownFaultError`."""
    word, _, rest = name.partition(":")
    kind = KINDS.get(word)
    if kind is None:
        hint = meant(word, KINDS, "`streamproof mock --list-faults` lists them")
        raise UnknownFaultError(f"no fault {name!r}; {hint}")
    known = {**_WHICH, **kind.parameters}
    values: dict[str, Any] = {key: parameter.default for key, parameter in known.items()}
    for part in rest.split(",") if rest else ():
        key, sign, text = part.partition("=")
        if key not in known:
            raise UnknownFaultError(f"{name}: no parameter {key!r}; there are {', '.join(known)}")
        try:
            if not sign:
                raise ValueError("a value expected")
            values[key] = known[key].read(text)
        except ValueError as fault:
            raise UnknownFaultError(f"{name}: {key}: {fault}") from None
    _check(name, values, [*apis])
    return Operational(name, kind, values)


def _check(name: str, values: Mapping[str, Any], apis: list[Api]) -> None:
    """Raise `UnknownFaultError` for an operation that no API has: it would meet no call."""
    served = [api for api in apis if values["api"] in ("", api.name)]
    if not served:
        names = ", ".join(api.name for api in apis)
        raise UnknownFaultError(f"{name}: api: {values['api']} isn't served; there are {names}")
    operations = dict.fromkeys(each for api in served for each in api.operations)
    if values["operation"] and values["operation"] not in operations:
        names = ", ".join(operations)
        raise UnknownFaultError(f"{name}: operation: no such one; there are {names}")


def spelled(fault: str, parameters: Mapping[str, object]) -> str:
    """The name of a fault with parameters. Raises ValueError for values that have no spelling."""
    for key, value in parameters.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(f"{fault}: {key}: a number or text expected")
        if "," in str(value):
            raise ValueError(f"{fault}: {key}: a value without commas expected")
    joined = ",".join(f"{key}={value}" for key, value in parameters.items())
    return f"{fault}:{joined}" if joined else fault


# -- What they do ------------------------------------------------------------------------------


def _latency(proceed: Proceed, call: Call, disturbed: Disturbed) -> Answer:
    """Answers late: by `ms`, or by up to `spread` less or more."""
    ms, spread = disturbed.values["ms"], disturbed.values["spread"]
    late = max(0.0, ms + spread * (2 * disturbed.random.random() - 1)) / 1000
    answer = proceed(call)
    how = answer.delivery or Delivery()
    return replace(answer, delivery=replace(how, wait_s=how.wait_s + late))


def _slow(proceed: Proceed, call: Call, disturbed: Disturbed) -> Answer:
    """Sends the body bit by bit: so many `bytes` every `ms`."""
    answer = proceed(call)
    how = answer.delivery or Delivery()
    at_once, pause_s = disturbed.values["bytes"], disturbed.values["ms"] / 1000
    return replace(answer, delivery=replace(how, at_once=at_once, pause_s=pause_s))


def _too_many(_proceed: Proceed, _call: Call, disturbed: Disturbed) -> Answer:
    """Answers 429 in place of the call, with a Retry-After."""
    return _later(HTTPStatus.TOO_MANY_REQUESTS, "too many requests", disturbed)


def _unavailable(_proceed: Proceed, _call: Call, disturbed: Disturbed) -> Answer:
    """Answers 503 in place of the call, with a Retry-After."""
    return _later(HTTPStatus.SERVICE_UNAVAILABLE, "out of service", disturbed)


def _later(status: int, message: str, disturbed: Disturbed) -> Answer:
    seconds = disturbed.values["retry_after"]
    then = datetime.now(UTC) + timedelta(seconds=seconds + 1, microseconds=-1)  # as dates are whole
    texts = {"seconds": str(seconds), "date": format_datetime(then, usegmt=True)}
    text = texts.get(disturbed.values["spelling"])
    headers = {} if text is None else {"Retry-After": text}
    return Answer(status, {"message": f"{message}; try again later"}, headers)


def _reset(proceed: Proceed, call: Call, disturbed: Disturbed) -> Answer:
    """Resets the connection: before the call is carried out, or in the midst of its answer."""
    if disturbed.values["when"] == "before":
        return Answer(NO_ANSWER, delivery=Delivery(sent="nothing", resets=True))
    return _broken_off(proceed(call), Delivery(sent="half", resets=True))


def _cut(proceed: Proceed, call: Call, _disturbed: Disturbed) -> Answer:
    """Ends the connection after half of the body that the head announces."""
    return _broken_off(proceed(call), Delivery(sent="half"))


def _lost(proceed: Proceed, call: Call, _disturbed: Disturbed) -> Answer:
    """Carries the call out, and ends the connection without an answer."""
    return _broken_off(proceed(call), Delivery(sent="nothing"))


def _broken_off(answer: Answer, end: Delivery) -> Answer:
    if answer.delivery is None:
        return replace(answer, delivery=end)
    return replace(answer, delivery=replace(answer.delivery, sent=end.sent, resets=end.resets))


def _empty(proceed: Proceed, call: Call, _disturbed: Disturbed) -> Answer:
    """Carries the call out, and leaves the body of the answer empty."""
    answer = proceed(call)
    return answer if answer.body is None else replace(answer, body="")


def _proxy_page(_proceed: Proceed, _call: Call, disturbed: Disturbed) -> Answer:
    """Answers with the error page of a proxy, in HTML, in place of the call."""
    status = HTTPStatus(int(disturbed.values["status"]))
    title = f"{status.value} {status.phrase}"
    page = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1>"
        "</center>\r\n<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n"
    )
    return Answer(status, page, {"Content-Type": "text/html"})


def _expired(proceed: Proceed, call: Call, disturbed: Disturbed) -> Answer:
    """Takes the credentials for expired: answers as to some that it doesn't know."""
    request = call.request
    for name in call.operation.security:
        request = _with_others(request, disturbed.context.api.schemes[name])
    return proceed(replace(call, request=request))


def _with_others(request: Request, scheme: SecurityScheme) -> Request:
    """The request with a credential of the scheme that nobody has, where it carries one."""
    name, header = scheme.parameter, scheme.parameter.lower()
    field = re.compile(rf"((?:^|[&; ]){re.escape(quote(name, safe=''))}=)[^&; ]*")
    match scheme.kind:
        case "query":
            return replace(request, query=field.sub(r"\1expired", request.query))
        case "signature":
            sign = re.compile(rb"((?:^|&)sign=)[^&]*")
            query = re.sub(r"((?:^|&)sign=)[^&]*", r"\1expired", request.query)
            return replace(request, query=query, body=sign.sub(rb"\1expired", request.body))
        case "cookie":
            header = "cookie"
    sent = request.headers.get(header)
    if sent is None:
        return request
    kind = sent.partition(" ")[0]
    other = {
        "header": "expired",
        "cookie": field.sub(r"\1expired", sent),
        "basic": f"{kind} {b64encode(b'expired:expired').decode()}",
    }.get(scheme.kind, f"{kind} expired")
    return replace(request, headers={**request.headers, header: other})


def _half(proceed: Proceed, call: Call, _disturbed: Disturbed) -> Answer:
    """Carries out the first half of a batch, forgets the rest, and answers 500."""
    try:
        fields = call.fields
    except Unreadable:
        return proceed(call)
    for name, items in fields.items():
        if isinstance(items, list) and len(items) > 1 and isinstance(items[0], dict):
            answer = proceed(call.changed(**{name: items[: len(items) // 2]}))
            if not answer.accepted:
                return answer
            message = "stopped in the middle of a batch"
            return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {"message": message})
    return proceed(call)


NO_ANSWER: Final = 0
"""The status of no answer at all."""


def _kind(
    name: str, function: Callable[[Proceed, Call, Disturbed], Answer], **parameters: Parameter
) -> Kind:
    says = " ".join((function.__doc__ or "").split())
    return Kind(name, says, parameters, function, name in ("reset", "cut", "lost"))


_RETRY: Final[Mapping[str, Parameter]] = {
    "retry_after": Parameter(1, "seconds that Retry-After asks for", most=86_400),
    "spelling": Parameter("seconds", "of Retry-After", ("seconds", "date", "none")),
}
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        _kind(
            "latency",
            _latency,
            ms=Parameter(1000, "milliseconds before the answer"),
            spread=Parameter(0, "milliseconds that it may take less or more"),
        ),
        _kind(
            "slow",
            _slow,
            bytes=Parameter(64, "bytes that are sent at once", least=1),
            ms=Parameter(50, "milliseconds from one to the next"),
        ),
        _kind("429", _too_many, **_RETRY),
        _kind("503", _unavailable, **_RETRY),
        _kind("reset", _reset, when=Parameter("before", "", ("before", "midst"))),
        _kind("cut", _cut),
        _kind("empty", _empty),
        _kind("lost", _lost),
        _kind("proxy", _proxy_page, status=Parameter("502", "", ("502", "503", "504"))),
        _kind("expired", _expired),
        _kind("half", _half),
    )
}


def described() -> Iterable[str]:
    """All kinds with their parameters, in lines."""
    for kind in KINDS.values():
        own = [f"{name}={_default(parameter)}" for name, parameter in kind.parameters.items()]
        yield f"{kind.name}{':' if own else ''}{','.join(own)}"
        yield f"    {kind.says}"
    yield "Each of these also takes, as in latency:operation=list,every=3:"
    for name, parameter in _WHICH.items():
        yield f"    {name:<9} {parameter.says}"


def _default(parameter: Parameter) -> str:
    return "|".join(parameter.choices) or str(parameter.default)
