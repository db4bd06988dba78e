"""What an access token lets its bearer do, by the permissions and the reach of its scopes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, tokens
from streamproof.contracts.dotide.credentials import public
from streamproof.contracts.dotide.datapoints import stream_of
from streamproof.contracts.dotide.letting_in import (
    a_stream,
    keeps_out,
    known,
    lets_in,
    telling,
)
from streamproof.contracts.dotide.tokens import ALL, by, everywhere, make, scope
from streamproof.contracts.laws.stays import as_before

_BOTH: Final = "one call let in, one refused"
_REACHED: Final = "a datastream that the scope doesn't name"
_CHANGED: Final = "rights before and after"
_REFUSED: Final = "a call by a token, refused, that Basic gets accepted"
_NO_EFFECT: Final = "a call that a token was refused, and the data base's own was not"
_LISTED: Final = "a list by a token, accepted"


@check("dotide/any/token-global", _REACHED)
def reaches_all(trial: Trial) -> None:
    """A global token reaches every datastream, with the permissions that it has."""
    auth = by(trial, make(trial, everywhere(trial, *ALL)))
    stream = a_stream(trial)
    for deed in ("read", "update", "delete"):
        lets_in(trial, deed, stream, auth)
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
        auth, stream = by(trial, make(trial, everywhere(trial, permission))), a_stream(trial)
        [own] = [deed for deed, needed in needs.items() if needed == permission]
        if permission == "delete":
            spare = a_stream(trial)
            lets_in(trial, own, spare, auth)
        else:
            lets_in(trial, own, stream, auth)
        for deed in (deed for deed in needs if deed != own):
            keeps_out(trial, deed, stream, auth)
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
    first, second = a_stream(trial), a_stream(trial)
    longer = a_stream(trial, id=f"{second}a")
    auth = by(trial, make(trial, scope(*ALL, ids=[first, second])))
    lets_in(trial, "read", first, auth)
    lets_in(trial, "update", second, auth)
    for deed in ("read", "update", "delete"):
        keeps_out(trial, deed, longer, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-tags", _BOTH)
def by_tags(trial: Trial) -> None:
    """A token reaches the datastreams that carry all tags of its scope, and no others."""
    one, other = trial.names.letters(), trial.names.letters()
    whole = a_stream(trial, tags=[other, trial.names.mark, one])
    parts = [a_stream(trial, tags=[tag, trial.names.mark]) for tag in (one, other)]
    auth = by(trial, make(trial, scope(*ALL, tags=[one, other])))
    lets_in(trial, "read", whole, auth)
    for part in parts:
        for deed in ("read", "update", "delete"):
            keeps_out(trial, deed, part, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-ids-and-tags", _BOTH)
def by_either(trial: Trial) -> None:
    """Of a scope with ids and tags either is enough."""
    tag = trial.names.letters()
    named, tagged, neither = a_stream(trial), a_stream(trial, tags=[tag]), a_stream(trial)
    deed, permission = telling(trial)
    auth = by(trial, make(trial, scope(permission, ids=[named], tags=[tag])))
    lets_in(trial, deed, named, auth)
    lets_in(trial, deed, tagged, auth)
    keeps_out(trial, deed, neither, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-scopes-apart", _BOTH)
def scopes_apart(trial: Trial) -> None:
    """Each scope gives its permissions on its own datastreams only."""
    shown, kept = a_stream(trial), a_stream(trial)
    deed, permission = telling(trial)
    auth = by(trial, make(trial, scope(permission, ids=[shown]), scope("delete", ids=[kept])))
    lets_in(trial, deed, shown, auth)
    keeps_out(trial, "delete", shown, auth)
    keeps_out(trial, deed, kept, auth)
    lets_in(trial, "delete", kept, auth)
    trial.witness(_BOTH)


@check("dotide/any/token-list", _LISTED)
def lists_its_own(trial: Trial) -> None:
    """A list by a token shows no datastream that it may not read."""
    trial.require(not trial.learn(public), "a data base that not everybody may read")
    tag = trial.names.letters()
    own, other = (a_stream(trial, tags=[tag, trial.names.mark]) for _ in range(2))
    auth = by(trial, make(trial, scope("read", ids=[own])))
    lets_in(trial, "read", own, auth)
    for filters in ({"tags": tag}, {"ids": f"{own},{other}"}, {"limit": calls.PAGE}):
        outcome = trial.client.call("list", auth, **filters)
        if trial.granted(outcome, "a list by a token"):
            trial.lacks(calls.ids(calls.rows_of(trial, outcome)), [other], "a list by a token")
            trial.witness(_LISTED)
    trial.require(_LISTED in trial.seen, "a list that a token is granted which may not read all")


@check("dotide/any/token-refused-without-effect", _NO_EFFECT)
def refused_without_effect(trial: Trial) -> None:
    """A create, update or delete that a token has no right to changes nothing."""
    reached = a_stream(trial)
    for scopes, rule in (
        (everywhere(trial, "read"), "dotide/any/token-global"),
        (scope(*ALL, ids=[reached]), "dotide/any/token-ids"),
    ):
        auth = by(trial, make(trial, scopes))
        known(trial, "read", reached, auth, rule)
        free, taken = calls.contents(trial), a_stream(trial)
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


@check("dotide/any/token-datapoints", _BOTH)
def with_datapoints(trial: Trial) -> None:
    """A token is let in to the datapoints of the datastreams that its scopes reach, for what its
    permissions allow."""
    own, other, seen, changed = (stream_of(trial, 1) for _ in range(4))
    deeds = ("list_datapoints", "create_datapoints", "delete_datapoints")
    whole = by(trial, make(trial, scope(*ALL, ids=[own])))
    for deed in deeds:
        lets_in(trial, deed, own, whole)
        keeps_out(trial, deed, other, whole)
    reader = by(trial, make(trial, scope("read", ids=[seen])))
    lets_in(trial, "list_datapoints", seen, reader)
    for deed in deeds[1:]:
        keeps_out(trial, deed, seen, reader)
    changer = by(trial, make(trial, scope("write", "delete", ids=[changed])))
    lets_in(trial, "create_datapoints", changed, changer)
    keeps_out(trial, "list_datapoints", changed, changer)
    trial.witness(_BOTH)


@check("dotide/update_token/rights-follow", _CHANGED)
def rights_follow(trial: Trial) -> None:
    """After an update the new scopes hold, and the old ones no longer."""
    before, after = a_stream(trial), a_stream(trial)
    deed, permission = telling(trial)
    token = make(trial, scope(permission, ids=[before]))
    auth = by(trial, token)
    known(trial, deed, before, auth, "dotide/any/token-ids")
    new = [scope(permission, ids=[after])]
    outcome = trial.client.call("update_token", access_token=token, scopes=new)
    trial.given(outcome, "an update of an access token")
    lets_in(trial, deed, after, auth)
    keeps_out(trial, deed, before, auth, changed=True)
    trial.witness(_CHANGED)


@check("dotide/delete_token/let-in-no-more", _CHANGED)
def let_in_no_more(trial: Trial) -> None:
    """After a delete nobody is let in with a token."""
    deed, permission = telling(trial)
    stream, token = a_stream(trial), make(trial, everywhere(trial, permission))
    auth = by(trial, token)
    known(trial, deed, stream, auth, "dotide/any/token-global")
    outcome = trial.client.call("delete_token", access_token=token)
    trial.given(outcome, "a delete of an access token")
    keeps_out(trial, deed, stream, auth, changed=True)
    trial.witness(_CHANGED)


@check("dotide/any/token-management", _REFUSED)
def management(trial: Trial) -> None:
    """No access token creates, lists, reads, changes or deletes one."""
    token, stream = make(trial, everywhere(trial, *ALL)), a_stream(trial)
    auth = by(trial, token)
    known(trial, "read", stream, auth, "dotide/any/token-global")
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
    with_datapoints,
)
