"""Credentials: which are accepted, which are not, and that a refusal has no effect.

Streams to act on are made with whatever credentials work, so that a server that refuses one way
is caught by that way's rule, and by no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from streamproof.contracts.auth import Auth, Secret
from streamproof.contracts.check import Trial, Unmet, check
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls, naming
from streamproof.contracts.dotide.found import NOTHING, candidates
from streamproof.contracts.laws.stays import as_before
from streamproof.contracts.wire import Outcome, Request

_ALL: Final = ("list", "read", "create", "update", "delete")
_READS: Final = ("list", "read")
_PRINTED: Final = ("list", "create", "update")
_WITH_QUERY: Final = ("list", "read", "delete")
_CALLED: Final = "all calls with these credentials"
_TWIN: Final = "the same calls with good credentials, accepted"
_REFUSED: Final = "a refused call"

# None proves anything: no scheme, no or broken base64, no colon, no UTF-8, two at once.
_MALFORMED: Final = (
    *("", "Basic", "Basic ", "Basic !!!", "Basic bm9jb2xvbg==", "Basic Og==", "Basic //46/w=="),
    *("Bearer", "Bearer !!!", "Bearer a b", "Digest username=a", "Negotiate YQ==", "Token a"),
    *("nonsense", ":", "=", "Basic YTpi, Basic YTpj", "Bearer a, Bearer b", "x" * 3000),
)


def _good(trial: Trial) -> Auth:
    """Credentials that work, learnt once: with them a stream is created and read back, or one that
    is there is read."""
    return trial.learn(_working)


def _working(trial: Trial) -> Auth:
    for auth in trial.client.auths.values():
        if trial.reads_only:
            if _readable(trial, auth) is not None:
                return auth
            continue
        stream = calls.contents(trial)
        trial.client.call("create", auth, **stream)
        found = trial.client.call("read", auth, id=stream["id"])
        if isinstance(found.payload, dict) and found.payload.get("id") == stream["id"]:
            return auth
    if trial.reads_only:
        raise Unmet(f"credentials with which a stream can be read, and {NOTHING}")
    calls.ready(trial)
    trial.require(False, "credentials with which a stream can be created and read")
    raise AssertionError


def _readable(trial: Trial, auth: Auth) -> str | None:
    """A stream that these credentials read."""
    listed = trial.client.call("list", auth, limit=calls.PAGE).payload
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    for stream in candidates(trial, rows):
        found = trial.client.call("read", auth, id=stream).payload
        if isinstance(found, dict) and found.get("id") == stream:
            return stream
    return None


def _there(trial: Trial) -> str | None:
    return _readable(trial, _good(trial))


def _stream(trial: Trial) -> str:
    if trial.reads_only:
        stream = trial.once(_there)
        trial.require(stream is not None, NOTHING)
        return str(stream)
    sent = calls.contents(trial)
    trial.given(trial.client.call("create", _good(trial), **sent), "a create")
    return str(sent["id"])


def _request(trial: Trial, operation: str) -> Request:
    """A call that good credentials get accepted: as printed, where the document prints it."""
    match operation:
        case "list":
            return trial.client.request("list", **calls.PRINTED_LIST)
        case "create":
            return trial.client.request("create", **calls.contents(trial))
        case "update":
            return trial.client.request("update", id=_stream(trial), **calls.updated())
        case _:
            return trial.client.request(operation, id=_stream(trial))


def _accepted(trial: Trial, schemes: Collection[str], operations: Collection[str]) -> None:
    """Each of `operations` is accepted in at least one of the ways at hand among `schemes`."""
    auths = [trial.client.auths[name] for name in schemes if name in trial.client.auths]
    keys = dict.fromkeys(k for n in schemes for k in trial.client.api.schemes[n].credentials)
    trial.require(auths, f"set {' or '.join(keys)} for the target")
    _good(trial)
    for operation in filter(trial.client.may, operations):
        told: list[Outcome] = []
        for auth in auths:
            told.append(trial.client.send(_request(trial, operation), auth))
            if told[-1].accepted or told[-1].unreadable:
                break
        known = [o for o in told if o.accepted or o.status not in calls.STRANGER]
        outcome = (known or told)[-1]  # one that says more than that it knows nobody
        strange = outcome.status in calls.STRANGER and not _list_is_accepted(
            trial, auths, operation
        )
        if outcome.rejected and not strange and operation in _PRINTED:
            # Whoever sends it: what the document prints is the matter of a rule of its own.
            rule = f"dotide/{operation}/example-accepted"
            raise Unmet(f"the printed {operation}, accepted: {outcome}", rule)
        trial.accepted(outcome, f"{operation} by {' or '.join(a.scheme.name for a in auths)}")
    trial.witness(_CALLED)


def _list_is_accepted(trial: Trial, auths: Collection[Auth], operation: str) -> bool:
    """Whether a list that asks for less is accepted, in any of these ways: then whoever sends the
    printed one is known."""
    if operation != "list":
        return False
    request = trial.client.request("list", limit=1)
    return any(trial.client.send(request, auth).accepted for auth in auths)


@check("dotide/any/basic", _CALLED, reads=True)
def basic(trial: Trial) -> None:
    """Each of the five calls accepts HTTP Basic credentials of the data base."""
    _accepted(trial, ["basicAuth"], _ALL)


@check("dotide/any/access-token", _CALLED, reads=True)
def access_token(trial: Trial) -> None:
    """Each of the five calls accepts an access token, in at least one published way."""
    _accepted(trial, ["bearerAuth", "queryToken"], _ALL)


@check("dotide/any/bearer-token", _CALLED, reads=True)
def bearer_token(trial: Trial) -> None:
    """Each of the five calls accepts an access token as ``Authorization: Bearer``."""
    _accepted(trial, ["bearerAuth"], _ALL)


@check("dotide/any/query-token", _CALLED, reads=True)
def query_token(trial: Trial) -> None:
    """List, read and delete accept an access token in the query."""
    _accepted(trial, ["queryToken"], _WITH_QUERY)


def _not_found(trial: Trial, auth: Auth | None, who: str, operations: Collection[str]) -> None:
    """Each of `operations` is answered 404, which good credentials get accepted.

    Reads are left aside where everybody may read; where only one of the two is open, the data
    base is not.
    """
    good = _good(trial)
    anybody = trial.learn(public)
    for operation in filter(trial.client.may, operations):
        if anybody and operation in _READS:
            continue
        twin = trial.client.send(_request(trial, operation), good)
        trial.given(twin, f"{operation} with good credentials")
        outcome = trial.client.send(_request(trial, operation), auth)
        trial.judged(outcome, f"an answer to {operation} {who}")
        trial.holds(
            outcome.status == 404,
            "accepted" if outcome.accepted else "another-status",
            expected=f"{operation} {who} is answered 404",
            actual=str(outcome),
        )
        trial.witness(_TWIN)


def public(trial: Trial) -> bool:
    """Whether anybody may read: list and read are accepted without credentials."""
    return all(trial.client.send(_request(trial, op), None).accepted for op in _READS)


def _wrong_secret(trial: Trial) -> Auth:
    trial.require("basicAuth" in trial.client.auths, "Basic credentials")
    auth = trial.client.auths["basicAuth"]
    client_id = str(auth.credentials["basic"]).partition(":")[0]
    return auth.holding(basic=f"{client_id}:{trial.names.letters()}")


def _unknown_token(trial: Trial, scheme: str) -> Auth:
    token = hashlib.sha256(trial.names.letters().encode()).hexdigest()
    return Auth(trial.client.api.schemes[scheme], {"access_token": Secret(token)})


@check("dotide/any/no-credentials", _TWIN, reads=True)
def no_credentials(trial: Trial) -> None:
    """A call without credentials is answered 404."""
    _not_found(trial, None, "without credentials", _ALL)


@check("dotide/any/wrong-secret", _TWIN, reads=True)
def wrong_secret(trial: Trial) -> None:
    """A call by Basic with a wrong secret is answered 404."""
    _not_found(trial, _wrong_secret(trial), "with a wrong secret", _ALL)


@check("dotide/any/unknown-token", _TWIN, reads=True)
def unknown_token(trial: Trial) -> None:
    """A call with an access token that doesn't exist is answered 404."""
    _not_found(trial, _unknown_token(trial, "bearerAuth"), "with an unknown token", _ALL)
    in_query = _unknown_token(trial, "queryToken")
    _not_found(trial, in_query, "with an unknown token in the query", _WITH_QUERY)


@check("dotide/any/refused-without-effect", _REFUSED)
def refused_without_effect(trial: Trial) -> None:
    """A create, update or delete that is refused for its credentials changes nothing."""
    good = _good(trial)
    for auth in _bad_ones(trial):
        free, taken = calls.contents(trial), _stream(trial)

        def look(stream: str = taken) -> dict[str, Any] | None:
            return _seen(trial, stream, good)

        before = look()
        writes: dict[str, dict[str, Any]] = {
            "create": free,
            "update": {"id": taken, **calls.updated()},
            "delete": {"id": taken},
        }
        for operation, arguments in writes.items():
            refused = trial.client.call(operation, auth, **arguments)
            if refused.accepted:
                continue  # that it must not be is a rule of its own
            if operation == "create":
                found = trial.client.call("list", good, ids=free["id"])
                listed = calls.ids(calls.rows_of(trial, found))
                what = f"a list after a create refused with {refused.status}"
                trial.lacks(listed, [free["id"]], what)
            else:
                what = f"the stream after the {operation}, refused with {refused.status}"
                as_before(trial, look, before, what, f"{operation}d")
            trial.witness(_REFUSED)


def _bad_ones(trial: Trial) -> Iterator[Auth | None]:
    yield None
    if "basicAuth" in trial.client.auths:
        yield _wrong_secret(trial)
    yield _unknown_token(trial, "bearerAuth")


def _seen(trial: Trial, stream: str, good: Auth) -> dict[str, Any] | None:
    """A stream as a read shows it, None where there is none."""
    outcome = trial.client.call("read", good, id=stream)
    found = trial.granted(outcome, "a read")
    return calls.view(calls.row(trial, outcome.payload)) if found else None


@check("dotide/any/other-database", _TWIN, reads=True)
def other_database(trial: Trial) -> None:
    """Basic credentials of one data base are answered 404 on another one."""
    trial.require("basicAuth" in trial.client.auths, "Basic credentials")
    ours = trial.client.auths["basicAuth"]
    _good(trial)
    other = naming.other_database(trial)
    if trial.reads_only:
        public = other.call("list", None, limit=1).accepted
        _foreign_not_found(trial, other, ours, {} if public else {"list": {"limit": 1}})
        return
    sent = calls.contents(trial)
    trial.given(other.call("create", **sent), "a create with the other data base's own")
    spare = calls.contents(trial)
    trial.given(other.call("create", **spare), "a create with the other data base's own")
    public = other.call("read", None, id=sent["id"]).accepted
    foreign = {
        **({} if public else {"list": {"limit": 1}, "read": {"id": sent["id"]}}),
        "create": calls.contents(trial),
        "update": {"id": sent["id"], **calls.updated()},
        "delete": {"id": sent["id"]},
    }
    _foreign_not_found(trial, other, ours, foreign, spare["id"])


def _foreign_not_found(
    trial: Trial,
    other: Client,
    ours: Auth,
    foreign: Mapping[str, Mapping[str, Any]],
    spare: str = "",
) -> None:
    """Calls of another data base, which its own credentials get accepted, are answered 404."""
    for operation, arguments in foreign.items():
        if operation != "create":
            named = {"id": spare} if "id" in arguments else {}
            twin = other.call(operation, **{**arguments, **named})
            trial.given(twin, f"{operation} with the other data base's own")
        outcome = other.call(operation, ours, **arguments)
        trial.judged(outcome, f"an answer to {operation}")
        trial.holds(
            outcome.status == 404,
            "accepted" if outcome.accepted else "another-status",
            expected=f"{operation} on another data base is answered 404",
            actual=str(outcome),
        )
    trial.witness(_TWIN)


@check("dotide/any/scheme-any-case", _CALLED, reads=True)
def scheme_any_case(trial: Trial) -> None:
    """Credentials are accepted whatever the case of the letters in their scheme's name."""
    auths = [trial.client.auths[n] for n in ("basicAuth", "bearerAuth") if n in trial.client.auths]
    trial.require(auths, "credentials that go into a header")
    good = _good(trial)
    for auth in auths:
        usual = auth.scheme.kind.capitalize()
        request = _request(trial, "read")
        trial.given(trial.client.send(request, auth), f"a read with {usual}")
        for word in (usual.lower(), usual.upper()):
            outcome = trial.client.send(request, auth.called(word))
            trial.accepted(outcome, f"a read with Authorization: {word} …")
    trial.given(trial.client.send(_request(trial, "list"), good), "a list")
    trial.witness(_CALLED)


@check("dotide/any/malformed-credentials", _REFUSED, reads=True)
def malformed_refused(trial: Trial) -> None:
    """A call whose `Authorization` can't be read, or is of another scheme, is rejected and
    changes nothing."""
    good = _good(trial)
    anybody = trial.learn(public)
    stream = _stream(trial)
    before = _seen(trial, stream, good)
    trial.require(before is not None, "a stream that can be read")
    for header in _MALFORMED:
        new = calls.contents(trial)
        for operation, arguments in (
            ("create", new),
            ("update", {"id": stream, **calls.updated()}),
            ("delete", {"id": stream}),
            ("read", {"id": stream}),
        ):
            if (anybody and operation in _READS) or not trial.client.may(operation):
                continue
            request = trial.client.request(operation, **arguments)
            headers = (*request.headers, ("Authorization", header))
            outcome = trial.client.send(replace(request, headers=headers), None)
            trial.judged(outcome, f"an answer to {operation}")
            trial.holds(
                outcome.rejected and (outcome.status or 0) < 500,
                "accepted" if outcome.accepted else "server-error",
                expected=f"{operation} with Authorization: {header[:40]!r} is rejected",
                actual=str(outcome),
            )
            if trial.reads_only:
                trial.witness(_REFUSED)
        if trial.reads_only:
            continue
        found = trial.client.call("list", good, ids=new["id"])
        listed = calls.ids(calls.rows_of(trial, found))
        trial.lacks(listed, [new["id"]], "a list after a refused create")
        after = _seen(trial, stream, good)
        trial.equal(after, before, "the stream after refused calls", reason="changed")
        trial.witness(_REFUSED)


CHECKS: Final = (
    basic,
    access_token,
    bearer_token,
    query_token,
    no_credentials,
    wrong_secret,
    unknown_token,
    scheme_any_case,
    malformed_refused,
    refused_without_effect,
    other_database,
)
