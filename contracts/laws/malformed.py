"""Malformed input: whatever a caller sends, the fault is the caller's, so no answer is a 5xx.

It has two sources, which find different faults: the classics, a list of what has broken servers,
one in each otherwise good call; and what `fuzz` makes up from the specification, crossed with a
good call so that it gets past the first refusal.

Nothing is sent that the target may store and then fail to read (`poison.py`), but where a call
that holds it has to be refused for another reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from streamproof.contracts.auth import authorised, default
from streamproof.contracts.check import Check, Trial, Unavailable, Unmet
from streamproof.contracts.client import Client
from streamproof.contracts.fuzz import MadeUp, made_up
from streamproof.contracts.laws.poison import may_poison
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.parts import parts
from streamproof.contracts.wire import FORM, Outcome, Request
from streamproof.specs.operation import Operation
from streamproof.specs.schema import JsonSchema

GOOD_CALL = "a good call, accepted"
REJECTED = "a malformed call, rejected"

Arguments = Callable[[Trial], dict[str, Any]]
Shield = Callable[[Trial], Mapping[str, Any]]
"""Arguments with which a call is refused whatever else it holds; none where nothing is sure."""

_DEEP: Final = "[" * 5000 + "]" * 5000  # deeper than a parser that recurses can go
_LONG: Final = "x" * 3000
_HUGE: Final = "x" * 100_000  # characters of a text where nobody expects more than a line
_TIMES: Final = ("0000", "0001", "2019-02-29", "9999-12-31T23:59:59.999999-14:00", "+99999-01-01")
_ZONES: Final = ("Asia", "../etc/localtime", "/etc/localtime", "UTC\0", "GMT+99")
_TEXTS: Final = ("", "-1", "1.0", "1e999", "9" * 40, "ten", "a\0b", "%", "\U0001f648", _LONG)
_JSON_TEXTS: Final = ("{", "null", "5", '"text"', "[[null]]", '{"a": 1e999}', '"\\ud800"', _DEEP)
_HEADERS: Final = ("", "Nowhere/Land", "%00", "Asia", "../etc/localtime", _LONG)
_PATHS: Final = ("%00", "%FF", "%", "%2F%3F", _LONG)  # behind a key that exists
_ODD_TEXTS: Final = ("a\0b", "\ud800", _HUGE)
# JSON values of every kind of type
_KINDS: Final[tuple[Any, ...]] = (None, True, 5, 10**40, [None, [1]], {"a": {}})
_BODIES: Final = (
    *(b"", b"{", b"%zz=%", b"\xff\xfe\x00", b"null", b"[]", b'"text"', b"1e999", b'{"a": \x00}'),
    _DEEP.encode(),  # in no object: one that is kept spoils every list for a shallow parser
)
_AUTHORIZATIONS: Final = ("", "Basic !!!", "Bearer", "Digest a", _LONG)  # where nobody asks for any
_AGAIN: Final = 4  # how often a 503 has to come again, with a good call judged between
_MEDIA_TYPES: Final = ("", "text/plain", "nonsense", "application/json; charset=no-such-charset")


def no_server_error(
    rule: str,
    calls: Mapping[str, Arguments],
    keys: Collection[str],
    shields: Mapping[str, Shield],
    besides: Callable[[Trial], Iterable[Crash]] = lambda _trial: (),
) -> Check:
    """The check of `rule`: no call, whatever is wrong with it, is answered by a server error.

    `calls` gives, by operation, the arguments of a good call, anew for each; they are spoilt.
    Those among `keys`, which name what a call stores, are never given another text: a stored
    object with an odd key may be impossible to remove, and one with any other somebody's.
    `shields` has the operations that store what they are sent: with the arguments that it gives a
    call with poison in it goes out, and without any it doesn't. `besides` tries what this doesn't.

    No answer at all isn't judged: an oversized request may be cut off. Nor is a 502, 503 or 504,
    unless it comes again while a good call is accepted: else the service was away, not broken.
    """
    callers = [
        _Caller(name, arguments, keys, shields.get(name)) for name, arguments in calls.items()
    ]

    def run(trial: Trial) -> None:
        able = [caller for caller in callers if trial.client.may(caller.operation)]
        sources: dict[_Caller, SearchStrategy[MadeUp]] = {}
        crashes: list[Crash] = []
        unmet: Unmet | RunEnded = Unmet("an operation to call")
        away = False
        tried = parts(trial, f"{rule} classics", [caller.tried for caller in able])
        for caller, (source, found, fault) in zip(able, tried, strict=True):
            crashes += found
            if source is not None:
                sources[caller] = source
            if fault is not None and not away:  # a fixture, say, that others don't need
                unmet, away = fault, isinstance(fault, Unavailable | RunEnded)
        if away and not crashes:
            raise unmet
        try:
            crashes += () if away else besides(trial)
        except (Unmet, RunEnded):
            if not crashes:
                raise
        no_crash(trial, crashes)
        if not sources:
            raise unmet
        trial.witness(GOOD_CALL)
        odd = (
            spoilt.crashes
            for caller, source in sources.items()
            for spoilt in caller.crossed(trial, trial.draw(source))
        )
        for found in parts(trial, f"{rule} made up", odd):
            no_crash(trial, found)

    return Check(rule, run, (GOOD_CALL, REJECTED), reads=True, last=True)


@dataclass(frozen=True, slots=True)
class Crash:
    """A call that was answered by a server error: which, how, and after which steps."""

    what: str
    outcome: Outcome
    steps: tuple[Outcome, ...]

    @classmethod
    def of(cls, what: str, outcome: Outcome, steps: Iterable[Outcome]) -> Iterator[Crash]:
        """The crash that an outcome shows, if it does."""
        if outcome.status is not None and outcome.status >= 500:
            yield cls(what, outcome, tuple(steps))


def no_crash(trial: Trial, crashes: Sequence[Crash]) -> None:
    """There is none; else all are told, with the steps to each."""
    if not crashes:
        return
    first, *others = crashes
    trial.transcript[:] = [step for crash in crashes for step in crash.steps]
    trial.fail(
        "server-error",
        expected=f"{first.what} is answered below 500"
        + "".join(f", {crash.what} too" for crash in others),
        actual=str(first.outcome)
        + "".join(f"; {crash.what}: {crash.outcome.status}" for crash in others),
    )


@dataclass(frozen=True, slots=True)
class _Spoilt:
    """A way to spoil the arguments of a good call, and what is odd then; `body` stands in place of
    the whole body."""

    caller: _Caller
    what: str
    spoil: Callable[[Mapping[str, Any]], dict[str, Any]]
    body: bytes | None = None

    def crashes(self, trial: Trial) -> Sequence[Crash]:
        return [*self.caller.sent(trial, self)]


@dataclass(frozen=True, eq=False)
class _Caller:
    """Calls one operation in wrong ways, and judges how it answers."""

    operation: str
    arguments: Arguments
    keys: Collection[str]
    shield: Shield | None

    def tried(
        self, trial: Trial
    ) -> tuple[SearchStrategy[MadeUp] | None, Sequence[Crash], Unmet | RunEnded | None]:
        """What trying all classics gave, or kept it from giving anything."""
        try:
            return *trial.learn(self.classics_tried), None
        except (Unmet, RunEnded) as fault:
            return None, (), fault

    def classics_tried(self, trial: Trial) -> tuple[SearchStrategy[MadeUp] | None, Sequence[Crash]]:
        """Try all classics, once a good call was accepted; then, what may be made up besides, and
        the crashes that were found. Where the target goes away after one, those are enough."""
        trial.given(self._good(trial), f"a good call of {self.operation}")
        crashes: list[Crash] = []
        try:
            for what, request in self._classics(trial):
                crashes += self.crash(trial, what, request)
            request = self._request(trial)
        except (Unmet, RunEnded):
            if crashes:
                return None, crashes
            raise
        components = trial.client.api.openapi.get("components", {})
        hidden = _signed_fields(trial.client, request)
        return made_up(request.operation, without=hidden, components=components), crashes

    def crash(self, trial: Trial, what: str, request: Request) -> Iterator[Crash]:
        """Send `request`, in which `what` is odd: the crash that it is answered by, if it is."""
        outcome = trial.client.send_raw(request)  # past the watchers: they judge good calls
        for _ in range(_AGAIN):
            if not outcome.unavailable:
                break
            trial.judged(self._good(trial), f"a good call of {self.operation}, after {outcome}")
            if not outcome.answered:
                return  # it hung up on this call alone
            outcome = trial.client.send_raw(request)
        if outcome.rejected:
            trial.witness(REJECTED)
        yield from Crash.of(f"{self.operation} with {what}", outcome, trial.transcript)

    def crossed(self, trial: Trial, made: MadeUp) -> Iterator[_Spoilt]:
        """One argument that was made up in a good call, where it gets past the first refusal;
        and, but for the keys, nothing that wasn't made up."""
        names = sorted((made.arguments.keys() - {*self.keys}) | made.path.keys())

        def odd(good: Mapping[str, Any]) -> dict[str, Any]:
            own = dict(_members(good, self.keys))
            values = made.arguments | {n: f"{good[n]}{text}" for n, text in made.path.items()}
            return {name: _with(own, values[name]) for name in names}

        def one_odd(good: Mapping[str, Any]) -> dict[str, Any]:
            return {**good, one: odd(good)[one]}

        def all_odd(good: Mapping[str, Any]) -> dict[str, Any]:
            return {**{name: good[name] for name in good if name in self.keys}, **odd(good)}

        one = trial.draw(st.sampled_from(names)) if names and made.body is None else ""
        if one:
            yield _Spoilt(self, f"an odd {_brief(one)}", one_odd)
        if names != [one] and not (made.body == b"" and _creates(self._operation(trial))):
            yield _Spoilt(self, "odd arguments", all_odd, made.body)

    def sent(self, trial: Trial, spoilt: _Spoilt) -> Iterator[Crash]:
        """The crash that a good call, for an attempt of its own, is answered by when spoilt."""
        for request in self._requests(trial, spoilt.spoil(self._fresh(trial))):
            if spoilt.body is not None:
                request = replace(request, form=None, body=spoilt.body)
            yield from self.crash(trial, spoilt.what, request)

    def _classics(self, trial: Trial) -> Iterator[tuple[str, Request]]:
        """Good requests with one bad thing each, and what that is."""
        operation = self._operation(trial)
        for parameter in operation.parameters:
            name = parameter.name
            match parameter.place:
                case "path":
                    for odd in _PATHS:
                        good = self._fresh(trial)
                        request = trial.client.request(self.operation, **good)
                        key = quote(str(good[name]), safe="")
                        path = request.path.replace(key, key + odd)
                        yield f"{_brief(odd)} in the path", replace(request, path=path)
                case "query":
                    for odd in _texts(name):
                        yield f"{name}={_brief(odd)}", self._request(trial, **{name: odd})
                case "header":
                    for odd in _HEADERS:
                        what = f"the header {name}: {_brief(odd)}"
                        yield what, self._request(trial, **{name: odd})
        if operation.body is None:
            return
        fields: Mapping[str, Any] = operation.body.schema["properties"]
        if operation.body.media_type == FORM:
            fixed = {*self.keys, *_signed_fields(trial.client, self._request(trial))}
            yield from self._odd_keys(trial, fields)
            for name in (name for name in fields if name not in fixed):
                for odd in self._odd_texts(trial, name, fields[name]):
                    for request in self._requests(trial, {**self._fresh(trial), name: odd}):
                        yield f"{name}={_brief(odd)}", request
        else:
            for name, value in _odd_members(fields, self.keys):
                request = self._request(trial)
                changed = {**json.loads(request.body or b"{}"), name: value}
                for sent in self._harmless(trial, changed):
                    body = json.dumps(sent).encode()
                    yield f"{name} {_brief(value)}", replace(request, body=body)
        if _signed_fields(trial.client, self._request(trial)):
            for odd in _AUTHORIZATIONS:
                request = self._request(trial)
                headers = (*request.headers, ("Authorization", odd))
                yield f"Authorization: {_brief(odd)}", replace(request, headers=headers)
        for body in _BODIES:
            if not body and _creates(operation):
                continue
            request = replace(self._request(trial), form=None, body=body)
            yield f"the body {_brief(body)}", request
        for media_type in _MEDIA_TYPES:
            request = replace(self._request(trial), headers=(("Content-Type", media_type),))
            yield f"the media type {_brief(media_type)}", request

    def _odd_texts(self, trial: Trial, field: str, schema: JsonSchema) -> Iterator[str]:
        """Texts for a field of a form; where it is the JSON of many items, odd ones among them."""
        if "contentSchema" not in schema:
            yield from _texts(field)
            return
        yield from _JSON_TEXTS
        if "x-item" in schema["contentSchema"]:
            [item, *_] = self.arguments(trial)[field]
            spoilt = [{**item, name: value} for name, value in _odd_members(item, self.keys)]
            for odd in (*_KINDS, *spoilt):
                yield json.dumps([odd, item])

    def _odd_keys(self, trial: Trial, fields: Collection[str]) -> Iterator[tuple[str, Request]]:
        """Odd texts for the keys, where they can't be stored."""
        shield = self.shield(trial) if self.shield is not None else {}
        for name in self.keys if shield else ():
            for odd in _texts(name) if name in fields else ():
                yield f"{name}={_brief(odd)}", self._request(trial, **{**shield, name: odd})

    def _operation(self, trial: Trial) -> Operation:
        return trial.client.api.operations[self.operation]

    def _good(self, trial: Trial) -> Outcome:
        return trial.client.call(self.operation, **self.arguments(trial))

    def _fresh(self, trial: Trial) -> dict[str, Any]:
        """Arguments of a good call, for an attempt of its own."""
        trial.afresh()
        return self.arguments(trial)

    def _requests(self, trial: Trial, arguments: Mapping[str, Any]) -> Iterator[Request]:
        """The request with these arguments, shielded if need be, or none if it may do harm."""
        for harmless in self._harmless(trial, arguments):
            yield trial.client.request(self.operation, **harmless)

    def _harmless(self, trial: Trial, arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """`arguments` if nobody stores poison with them, or as shielded, or none."""
        if self.shield is None or not any(map(_may_poison, arguments.values())):
            yield dict(arguments)
        elif shield := self.shield(trial):
            yield {
                **{name: _shielded(shield, value) for name, value in arguments.items()},
                **shield,
            }

    def _request(self, trial: Trial, **odd: Any) -> Request:
        """A good request, for an attempt of its own, but for the arguments `odd`."""
        return trial.client.request(self.operation, **{**self._fresh(trial), **odd})


def _texts(name: str) -> tuple[str, ...]:
    """Odd texts for an argument, by what its name says that it is."""
    match name.lower():
        case "tz" | "timezone":
            return (*_TEXTS, *_ZONES)
        case text if text.endswith("_time"):
            return (*_TEXTS, *_TIMES)
        case _:
            return _TEXTS


def _creates(operation: Operation) -> bool:
    """Whether it makes an object: of nothing, where nothing is sent, and so without our mark."""
    return "201" in operation.responses


def _odd_members(names: Iterable[str], keys: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Values that the members of an object may have, wherever there are no odd keys of them."""
    for name in names:
        texts = () if name in keys else _ODD_TEXTS
        zones = _ZONES if name == "tz" else ()
        for value in (*_KINDS, *texts, *zones):
            yield name, value


def _shielded(shield: Mapping[str, Any], value: Any) -> Any:
    """`value` with the members of `shield`, however deep, also in the text of a JSON value."""
    if not isinstance(value, str):
        return _with(shield, value)
    try:
        return json.dumps(_with(shield, json.loads(value)))
    except (ValueError, RecursionError):
        return value


def _may_poison(value: Any) -> bool:
    """Whether a value may be poison, or is the text of a JSON value that may be."""
    if not isinstance(value, str):
        return may_poison(value)
    try:
        return may_poison(value) or may_poison(json.loads(value))
    except RecursionError:
        return True
    except ValueError:
        return False


def _signed_fields(client: Client, request: Request) -> set[str]:
    """The fields of a form that signing sets, whatever they were."""
    auth = default(request.operation, client.auths)
    if auth is None or request.form is None:
        return set()
    signed = authorised(request, auth, client.api)
    return {name for name, _ in signed.form or ()} - {name for name, _ in request.form}


def _members(value: Any, names: Collection[str]) -> Iterator[tuple[str, Any]]:
    """The members with one of these names, however deep in a JSON value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from [(name, inner)] if name in names else _members(inner, names)
    elif isinstance(value, list):
        for inner in value:
            yield from _members(inner, names)


def _with(members: Mapping[str, Any], value: Any) -> Any:
    """`value`, where members of these names, however deep, have these values."""
    if isinstance(value, dict):
        return {n: members[n] if n in members else _with(members, v) for n, v in value.items()}
    return [_with(members, v) for v in value] if isinstance(value, list) else value


def _brief(value: object) -> str:
    """A value in a message: printable, and not all of it."""
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:30]}… ({len(text)} characters)"
