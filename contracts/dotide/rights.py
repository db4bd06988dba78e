"""What an access token lets its bearer do, by the permissions and the reach of its scopes.

Which status a refusal has is open, and how soon a change of rights shows, within reason.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from streamproof.contracts.auth import Auth
from streamproof.contracts.check import Trial, check
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls, naming, tokens
from streamproof.contracts.dotide.credentials import public
from streamproof.contracts.dotide.tokens import ALL, by, everywhere, make, scope
from streamproof.contracts.laws.stays import as_before
from streamproof.contracts.wire import Outcome

_LONGEST_LAG_S: Final = 2.0
_BOTH: Final = "one call let in, one refused"
_REACHED: Final = "a datastream that the scope doesn't name"
_CHANGED: Final = "rights before and after"
_REFUSED: Final = "a call by a token, refused, that Basic gets accepted"
_NO_EFFECT: Final = "a call that a token was refused, and the data base's own was not"
_LISTED: Final = "a list by a token, accepted"
_PUBLIC: Final = "the same calls with the data base's own credentials, accepted"


def _call(trial: Trial, deed: str, stream: str, auth: Auth) -> Outcome:
    """A call on one datastream."""
    fields = calls.updated() if deed == "update" else {}
    return trial.client.call(deed, auth, **{"id": stream, **fields})


def _lets_in(trial: Trial, deed: str, stream: str, auth: Auth) -> None:
    """The call is accepted; a token may take a moment until it is known everywhere."""
    outcome = _settled(trial, lambda: _call(trial, deed, stream, auth), accepted=True)
    trial.judged(outcome, f"a {deed} by a token")
    if not outcome.accepted:  # the token's fault, if others get it accepted
        fields = calls.updated() if deed == "update" else {}
        trial.given(
            trial.client.call(deed, id=stream, **fields), f"a {deed} by the data base's own"
        )
    trial.holds(
        outcome.accepted,
        "refused",
        expected=f"a {deed} that the token has the right to is accepted",
        actual=str(outcome),
    )


def _keeps_out(trial: Trial, deed: str, stream: str, auth: Auth, *, changed: bool = False) -> None:
    """The call is rejected, unless it reads where anybody may; a read, and an update when rights
    have `changed`, once that is known everywhere."""
    if deed == "read" and trial.learn(public):
        return

    def call() -> Outcome:
        return _call(trial, deed, stream, auth)

    settles = changed or deed == "read"
    outcome = _settled(trial, call, accepted=False) if settles else call()
    trial.judged(outcome, f"a {deed} by a token")
    trial.holds(
        not outcome.accepted,
        "let-in",
        expected=f"a {deed} that the token has no right to is rejected",
        actual=str(outcome),
    )


def _known(trial: Trial, deed: str, stream: str, auth: Auth, rule: str) -> None:
    """Raise `Unmet` unless a token gets a call accepted that its scopes allow, as `rule` says."""
    outcome = _settled(trial, lambda: _call(trial, deed, stream, auth), accepted=True)
    what = f"a {deed} that a token has the right to"
    trial.require(outcome.accepted, f"{what}: {outcome}", rule)


def _settled(trial: Trial, call: Callable[[], Outcome], *, accepted: bool) -> Outcome:
    """What a call is answered, once it is answered so, or when it has been asked long enough."""
    deadline = time.monotonic() + (0.0 if trial.hurried else _LONGEST_LAG_S)
    while True:
        outcome = call()
        if outcome.accepted == accepted or outcome.unavailable or time.monotonic() > deadline:
            return outcome
        time.sleep(0.2)


def _telling(trial: Trial) -> tuple[str, str]:
    """A deed that tells who is let in, and the permission for it: a read, or, where anybody may
    read, an update."""
    return ("update", "write") if trial.learn(public) else ("read", "read")


def _stream(trial: Trial, **fields: Any) -> str:
    return str(calls.make(trial, **fields)["id"])


@check("dotide/any/token-global", _REACHED)
def reaches_all(trial: Trial) -> None:
    """A global token reaches every datastream, with the permissions that it has."""
    auth = by(trial, make(trial, everywhere(trial, *ALL)))
    stream = _stream(trial)
    for deed in ("read", "update", "delete"):
        _lets_in(trial, deed, stream, auth)
    outcome = trial.client.call("create", auth, **calls.contents(trial))
    if not outcome.accepted:
        calls.make(trial)
    trial.accepted(outcome, "a create by a token with all rights")
    trial.witness(_REACHED)


@check("dotide/any/token-permissions", _BOTH)
def permissions(trial: Trial) -> None:
    """A token is let in only to what its permissions allow."""
    needs = {"read": "read", "update": "write", "delete": "delete"}
    for permission in ALL:
        auth, stream = by(trial, make(trial, everywhere(trial, permission))), _stream(trial)
        [own] = [deed for deed, needed in needs.items() if needed == permission]
        if permission == "delete":
            spare = _stream(trial)
            _lets_in(trial, own, spare, auth)
        else:
            _lets_in(trial, own, stream, auth)
        for deed in (deed for deed in needs if deed != own):
            _keeps_out(trial, deed, stream, auth)
        if permission != "write":
            outcome = trial.client.call("create", auth, **calls.contents(trial))
            trial.judged(outcome, "a create by a token")
            trial.holds(
                not outcome.accepted,
                "let-in",
                expected="a create without the right to write is rejected",
                actual=str(outcome),
            )
        if permission != "read" and not trial.learn(public):
            outcome = trial.client.call("list", auth, limit=1)
            trial.judged(outcome, "a list by a token")
            trial.holds(
                not outcome.accepted or outcome.payload == [],
                "let-in",
                expected="a list without the right to read shows nothing",
                actual=str(outcome),
            )
    trial.witness(_BOTH)


@check("dotide/any/token-ids", _BOTH)
def by_ids(trial: Trial) -> None:
    """A token reaches the datastreams whose ids its scope names, and no others."""
    first, second = _stream(trial), _stream(trial)
    longer = _stream(trial, id=f"{second}a")
    auth = by(trial, make(trial, scope(*ALL, ids=[first, second])))
    _lets_in(trial, "read", first, auth)
    _lets_in(trial, "update", second, auth)
    for deed in ("read", "update", "delete"):
        _keeps_out(trial, deed, longer, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-tags", _BOTH)
def by_tags(trial: Trial) -> None:
    """A token reaches the datastreams that carry all tags of its scope, and no others."""
    one, other = trial.names.letters(), trial.names.letters()
    whole = _stream(trial, tags=[other, trial.names.mark, one])
    parts = [_stream(trial, tags=[tag, trial.names.mark]) for tag in (one, other)]
    auth = by(trial, make(trial, scope(*ALL, tags=[one, other])))
    _lets_in(trial, "read", whole, auth)
    for part in parts:
        for deed in ("read", "update", "delete"):
            _keeps_out(trial, deed, part, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-ids-and-tags", _BOTH)
def by_either(trial: Trial) -> None:
    """Of a scope with ids and tags either is enough."""
    tag = trial.names.letters()
    named, tagged, neither = _stream(trial), _stream(trial, tags=[tag]), _stream(trial)
    deed, permission = _telling(trial)
    auth = by(trial, make(trial, scope(permission, ids=[named], tags=[tag])))
    _lets_in(trial, deed, named, auth)
    _lets_in(trial, deed, tagged, auth)
    _keeps_out(trial, deed, neither, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-scopes-apart", _BOTH)
def scopes_apart(trial: Trial) -> None:
    """Each scope gives its permissions on its own datastreams only."""
    shown, kept = _stream(trial), _stream(trial)
    deed, permission = _telling(trial)
    auth = by(trial, make(trial, scope(permission, ids=[shown]), scope("delete", ids=[kept])))
    _lets_in(trial, deed, shown, auth)
    _keeps_out(trial, "delete", shown, auth)
    _keeps_out(trial, deed, kept, auth)
    _lets_in(trial, "delete", kept, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-list", _LISTED)
def lists_its_own(trial: Trial) -> None:
    """A list by a token shows no datastream that it may not read."""
    trial.require(not trial.learn(public), "a data base that not everybody may read")
    tag = trial.names.letters()
    own, other = (_stream(trial, tags=[tag, trial.names.mark]) for _ in range(2))
    auth = by(trial, make(trial, scope("read", ids=[own])))
    _lets_in(trial, "read", own, auth)
    for filters in ({"tags": tag}, {"ids": f"{own},{other}"}, {"limit": calls.PAGE}):
        outcome = trial.client.call("list", auth, **filters)
        if trial.granted(outcome, "a list by a token"):
            trial.lacks(calls.ids(calls.rows_of(trial, outcome)), [other], "a list by a token")
            trial.witness(_LISTED)
    trial.require(_LISTED in trial.seen, "a list that a token is granted which may not read all")


@check("dotide/any/token-refused-without-effect", _NO_EFFECT)
def refused_without_effect(trial: Trial) -> None:
    """A create, update or delete that a token has no right to changes nothing."""
    reached = _stream(trial)
    for scopes, rule in (
        (everywhere(trial, "read"), "dotide/any/token-global"),
        (scope(*ALL, ids=[reached]), "dotide/any/token-ids"),
    ):
        auth = by(trial, make(trial, scopes))
        _known(trial, "read", reached, auth, rule)
        free, taken = calls.contents(trial), _stream(trial)
        for deed, arguments in (
            ("create", free),
            ("update", {"id": taken, **calls.updated()}),
            ("delete", {"id": taken}),
        ):
            stream = arguments["id"]
            before = _seen(trial, stream)
            refused = trial.client.call(deed, auth, **arguments)
            if trial.granted(refused, f"a {deed} by a token"):
                break  # that it must not be is a rule of its own
            what = f"the stream after the {deed}, refused with {refused.status}"
            as_before(trial, partial(_seen, trial, stream), before, what, f"{deed}d")
            twin = trial.client.call(deed, **arguments)
            trial.given(twin, f"the {deed} by the data base's own")
            trial.witness(_NO_EFFECT)


def _seen(trial: Trial, stream: str) -> dict[str, Any] | None:
    """A stream as a read shows it, None where there is none."""
    outcome = trial.client.call("read", id=stream)
    found = trial.granted(outcome, "a read")
    return calls.view(calls.row(trial, outcome.payload)) if found else None


@check("dotide/update_token/rights-follow", _CHANGED)
def rights_follow(trial: Trial) -> None:
    """After an update the new scopes hold, and the old ones no longer."""
    before, after = _stream(trial), _stream(trial)
    deed, permission = _telling(trial)
    token = make(trial, scope(permission, ids=[before]))
    auth = by(trial, token)
    _known(trial, deed, before, auth, "dotide/any/token-ids")
    new = [scope(permission, ids=[after])]
    outcome = trial.client.call("update_token", access_token=token, scopes=new)
    trial.given(outcome, "an update of an access token")
    _lets_in(trial, deed, after, auth)
    _keeps_out(trial, deed, before, auth, changed=True)
    trial.witness(_CHANGED)


@check("dotide/delete_token/let-in-no-more", _CHANGED)
def let_in_no_more(trial: Trial) -> None:
    """After a delete nobody is let in with a token."""
    deed, permission = _telling(trial)
    stream, token = _stream(trial), make(trial, everywhere(trial, permission))
    auth = by(trial, token)
    _known(trial, deed, stream, auth, "dotide/any/token-global")
    outcome = trial.client.call("delete_token", access_token=token)
    trial.given(outcome, "a delete of an access token")
    _keeps_out(trial, deed, stream, auth, changed=True)
    trial.witness(_CHANGED)


@check("dotide/any/token-management", _REFUSED)
def management(trial: Trial) -> None:
    """No access token creates, lists, reads, changes or deletes one."""
    token, stream = make(trial, everywhere(trial, *ALL)), _stream(trial)
    auth = by(trial, token)
    _known(trial, "read", stream, auth, "dotide/any/token-global")
    scopes = {"scopes": [everywhere(trial, "read")]}
    asked: Mapping[str, Mapping[str, Any]] = {
        "list_tokens": {},
        "create_token": scopes,
        "read_token": {"access_token": token},
        "update_token": {"access_token": token, **scopes},
        "delete_token": {"access_token": token},
    }
    for operation, arguments in asked.items():
        outcome = trial.client.call(operation, auth, **arguments)
        trial.rejected(outcome, f"{operation} by an access token")
    tokens.read(trial, token)
    trial.witness(_REFUSED)


# -- public data bases -------------------------------------------------------------------------


def _open(trial: Trial) -> tuple[Client, str]:
    """A client of the public data base, and a datastream there."""
    calls.ready(trial)
    public = naming.elsewhere(trial.client, trial.fixtures["public_database"])
    sent = calls.contents(trial)
    trial.given(public.call("create", **sent), "a create in the public data base by its own")
    return public, sent["id"]


@check("dotide/any/public-reads", _PUBLIC)
def public_reads(trial: Trial) -> None:
    """Anybody may list and read the datastreams of a public data base."""
    public, stream = _open(trial)
    for operation, arguments in (("read", {"id": stream}), ("list", {"ids": stream})):
        trial.given(public.call(operation, **arguments), f"a {operation} by its own")
        outcome = public.call(operation, None, **arguments)
        trial.accepted(outcome, f"a {operation} of a public data base without credentials")
    trial.witness(_PUBLIC)


@check("dotide/any/public-writes-refused", _PUBLIC)
def public_writes_refused(trial: Trial) -> None:
    """A write or delete in a public data base without credentials is rejected, and changes
    nothing."""
    public, stream = _open(trial)
    seen = trial.given(public.call("read", id=stream), "a read by its own")
    before = calls.view(calls.row(trial, seen))
    for operation, arguments in (
        ("create", calls.contents(trial)),
        ("update", {"id": stream, **calls.updated()}),
        ("delete", {"id": stream}),
    ):
        outcome = public.call(operation, None, **arguments)
        trial.rejected(outcome, f"a {operation} in a public data base without credentials")
    found = public.call("read", id=stream)
    trial.holds(
        found.accepted and calls.view(calls.row(trial, found.payload)) == before,
        "changed",
        expected="the datastream as it was, after calls that were rejected",
        actual=str(found),
    )
    trial.witness(_PUBLIC)


CHECKS: Final = (
    reaches_all,
    permissions,
    by_ids,
    by_tags,
    by_either,
    scopes_apart,
    lists_its_own,
    refused_without_effect,
    rights_follow,
    let_in_no_more,
    management,
    public_reads,
    public_writes_refused,
)
