"""Access tokens that let their bearers do more than their scopes say, or less."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.authentication import databases
from streamproof.mockserver.dotide.call_faults import authentic
from streamproof.mockserver.dotide.fault_tools import (
    refused,
    stored,
    stream_id,
    tags,
    update,
    without_header,
)
from streamproof.mockserver.dotide.rights import NEEDED, READS
from streamproof.mockserver.faults import Fault, Proceed, Wrapper, fault

Scope = dict[str, Any]
Judge = Callable[[Proceed, Call, Context, list[Scope]], bool]
"""Whether a fault does something about a call by a token of these scopes."""

_PERMISSION, _REACH = "dotide/any/token-permissions", "dotide/any/token-ids"


def _noted(proceed: Proceed, call: Call, context: Context) -> tuple[Answer, list[Scope]]:
    """The answer to a call, and the scopes of the token that it was sent with; those of all tokens
    are noted as they are made and changed."""
    known: dict[str, list[Scope]] = context.space.scratch.setdefault("dotide/scopes", {})
    answer = proceed(call)
    if call.operation.id in ("create_token", "update_token") and answer.accepted:
        known[answer.body["access_token"]] = answer.body["scopes"]
    return answer, known.get(_token(call), [])


def _token(call: Call) -> str:
    return (call.request.header("Authorization") or "").partition(" ")[2].strip()


def _letting_in(rule: str, judge: Judge) -> Wrapper:
    """Lets in what was refused for `rule`, if `judge` says so."""

    def wrapper(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer, scopes = _noted(proceed, call, context)
        if answer.rule == rule and judge(proceed, call, context, scopes):
            return proceed(authentic(call, context))
        return answer

    return wrapper


def _keeping_out(judge: Judge) -> Wrapper:
    """Refuses what a token may do, if `judge` says so."""

    def wrapper(proceed: Proceed, call: Call, context: Context) -> Answer:
        known: dict[str, list[Scope]] = context.space.scratch.setdefault("dotide/scopes", {})
        scopes = known.get(_token(call), [])
        if scopes and call.operation.id in NEEDED and judge(proceed, call, context, scopes):
            return proceed(without_header(call))
        return _noted(proceed, call, context)[0]

    return wrapper


def _made(name: str, says: str, wrapper: Wrapper) -> Fault:
    wrapper.__doc__ = says
    return fault(name, on="any")(wrapper)


def _kept(proceed: Proceed, call: Call, context: Context) -> dict[str, Any]:
    """The datastream that a call is about."""
    return stored(proceed, authentic(call, context), context)


def _in_both(proceed: Proceed, call: Call, context: Context, scope: Scope) -> bool:
    carried = tags(_kept(proceed, call, context))
    return stream_id(call) in scope["ids"] and {*scope["tags"]} <= {*carried}


def _mixed(scopes: list[Scope]) -> bool:
    return len(scopes) == 1 and bool(scopes[0]["ids"]) and bool(scopes[0]["tags"])


def _by(scopes: list[Scope], kind: str, other: str) -> bool:
    """Whether scopes, none of them global, name one kind of thing only."""
    return len(scopes) == 1 and bool(scopes[0][kind]) and not scopes[0][other]


def _narrow(scopes: list[Scope]) -> bool:
    return bool(scopes) and not any(scope["global"] for scope in scopes)


def _global(scopes: list[Scope]) -> bool:
    return any(scope["global"] for scope in scopes)


_SCOPED: tuple[Fault, ...] = (
    _made(
        "dotide/any/token-permissions.ignored",
        "Lets a token do everything with the datastreams of its scopes.",
        _letting_in(_PERMISSION, lambda _p, _call, _c, _scopes: True),
    ),
    _made(
        "dotide/any/token-permissions.writers-delete",
        "Lets a token delete that may write.",
        _letting_in(
            _PERMISSION,
            lambda _p, call, _c, scopes: (
                call.operation.id == "delete" and any("write" in s["permissions"] for s in scopes)
            ),
        ),
    ),
    _made(
        "dotide/any/token-global.of-no-effect",
        "Lets a global token reach nothing.",
        _keeping_out(lambda _p, _call, _c, scopes: _global(scopes)),
    ),
    _made(
        "dotide/any/token-global.not-for-creates",
        "Lets a global token create nothing.",
        _keeping_out(
            lambda _p, call, _c, scopes: _global(scopes) and call.operation.id == "create"
        ),
    ),
    _made(
        "dotide/any/token-ids.ignored",
        "Lets a token of some ids reach every datastream.",
        _letting_in(_REACH, lambda _p, _call, _c, scopes: _by(scopes, "ids", "tags")),
    ),
    _made(
        "dotide/any/token-ids.beginnings",
        "Lets a token of some ids reach also those that begin with one of them.",
        _letting_in(
            _REACH,
            lambda _p, call, _c, scopes: (
                _by(scopes, "ids", "tags")
                and any(stream_id(call).startswith(each) for each in scopes[0]["ids"])
            ),
        ),
    ),
    _made(
        "dotide/any/token-tags.ignored",
        "Lets a token of some tags reach every datastream.",
        _letting_in(_REACH, lambda _p, _call, _c, scopes: _by(scopes, "tags", "ids")),
    ),
    _made(
        "dotide/any/token-tags.one-is-enough",
        "Lets a token of some tags reach what carries one of them.",
        _letting_in(
            _REACH,
            lambda proceed, call, context, scopes: (
                _by(scopes, "tags", "ids")
                and bool({*tags(_kept(proceed, call, context))} & {*scopes[0]["tags"]})
            ),
        ),
    ),
    _made(
        "dotide/any/token-ids-and-tags.both-needed",
        "Lets a token of ids and tags reach only what has both.",
        _keeping_out(
            lambda proceed, call, context, scopes: (
                _mixed(scopes) and not _in_both(proceed, call, context, scopes[0])
            )
        ),
    ),
    _made(
        "dotide/any/token-ids-and-tags.ids-only",
        "Takes no notice of tags beside ids.",
        _keeping_out(
            lambda _p, call, _c, scopes: _mixed(scopes) and stream_id(call) not in scopes[0]["ids"]
        ),
    ),
    _made(
        "dotide/any/token-datapoints.everywhere",
        "Lets a token of some ids reach the datapoints of every datastream.",
        _letting_in(
            _REACH, lambda _p, call, _c, _scopes: call.operation.id.endswith("_datapoints")
        ),
    ),
    _made(
        "dotide/any/token-datapoints.readers-write",
        "Lets a token create datapoints that may only read.",
        _letting_in(
            _PERMISSION, lambda _p, call, _c, _scopes: call.operation.id == "create_datapoints"
        ),
    ),
    _made(
        "dotide/any/token-scopes-apart.together",
        "Gives the permissions of all scopes on the datastreams of each.",
        _letting_in(_REACH, lambda _p, _call, _c, scopes: len(scopes) > 1),
    ),
)


@fault("dotide/any/token-list.everything", on="any")
def _everything(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lists all datastreams to a token that may read some."""
    answer, scopes = _noted(proceed, call, context)
    if call.operation.id == "list" and answer.accepted and _narrow(scopes):
        return proceed(authentic(call, context))
    return answer


@fault("dotide/any/token-list.named", on="any")
def _named(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lists to a token that may read some also others that `ids` names."""
    answer, scopes = _noted(proceed, call, context)
    by_ids = call.operation.id == "list" and "ids" in call.arguments
    if by_ids and answer.accepted and _narrow(scopes):
        return proceed(authentic(call, context))
    return answer


@fault("dotide/any/token-refused-without-effect.carried-out", on="any")
def _done_all_the_same(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses a create, update or delete that a token has no right to, and carries it out."""
    answer = proceed(call)
    if answer.rule in (_PERMISSION, _REACH) and call.operation.id not in READS:
        proceed(authentic(call, context))
    return answer


@fault("dotide/any/token-refused-without-effect.name-kept", on="update")
def _name_kept(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses a token of other ids an update, and keeps the name that it sends."""
    answer, name = proceed(call), call.fields.get("name")
    if answer.rule == _REACH and isinstance(name, str):
        update(proceed, authentic(call, context), context, stream_id(call), name=name)
    return answer


@fault("dotide/update_token/rights-follow.old-ones-stay", on="any")
def _old_ones_stay(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets a token do also what it might do before it was changed."""
    before: dict[str, set[str]] = context.space.scratch.setdefault("dotide/rights-follow", {})
    answer, scopes = _noted(proceed, call, context)
    named = {each for scope in scopes for each in scope["ids"]}
    past = before.setdefault(_token(call), set())
    if answer.rule == _REACH and stream_id(call) in past - named:
        return proceed(authentic(call, context))
    past.update(named)
    return answer


@fault("dotide/update_token/rights-follow.never", on="any")
def _never(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses what a token may do only since it was changed."""
    first: dict[str, set[str]] = context.space.scratch.setdefault("dotide/first-rights", {})
    answer, scopes = _noted(proceed, call, context)
    named = {each for scope in scopes for each in scope["ids"]}
    if call.operation.id == "create_token" and answer.accepted:
        ids = {each for scope in answer.body["scopes"] for each in scope["ids"]}
        first[answer.body["access_token"]] = ids
    new = named - first.get(_token(call), named)
    return proceed(without_header(call)) if answer.accepted and stream_id(call) in new else answer


@fault("dotide/delete_token/let-in-no-more.still-let-in", on="any")
def _still_let_in(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets in with a token that is deleted."""
    gone: set[str] = context.space.scratch.setdefault("dotide/let-in-no-more", set())
    answer = proceed(call)
    if call.operation.id == "delete_token" and answer.accepted:
        gone.add(str(call.arguments["access_token"]))
    if answer.rule == "dotide/any/unknown-token" and _token(call) in gone:
        return proceed(authentic(call, context))
    return answer


def _managing(name: str, says: str, *operations: str) -> Fault:
    def wrapper(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer = proceed(call)
        managing = call.operation.id.endswith(("_token", "_tokens"))
        bearer = (call.request.header("Authorization") or "").lower().startswith("bearer ")
        wanted = not operations or call.operation.id in operations
        if managing and bearer and wanted and answer.rule == "dotide/any/no-credentials":
            return proceed(authentic(call, context))
        return answer

    return _made(name, says, wrapper)


_MANAGING: tuple[Fault, ...] = (
    _managing("dotide/any/token-management.let-in", "Lets access tokens manage access tokens."),
    _managing(
        "dotide/any/token-management.read-their-own",
        "Lets an access token read access tokens.",
        "read_token",
    ),
)


def _is_public(call: Call, context: Context) -> bool:
    public = context.fixtures.get("public_database", {}).get("database")
    return public == call.request.variables["database"] and public in databases(context.fixtures)


@fault("dotide/any/public-reads.refused", on="any")
def _reads_refused(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses reads of a public data base without credentials."""
    stranger = call.request.header("Authorization") is None
    if _is_public(call, context) and stranger and call.operation.id in READS:
        return refused(proceed, call, context)
    return proceed(call)


@fault("dotide/any/public-reads.lists-refused", on="list")
def _lists_refused(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses lists of a public data base without credentials."""
    stranger = call.request.header("Authorization") is None
    if _is_public(call, context) and stranger:
        return refused(proceed, call, context)
    return proceed(call)


@fault("dotide/any/public-writes-refused.let-in", on="any")
def _writes_let_in(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets anybody write in a public data base."""
    answer = proceed(call)
    if _is_public(call, context) and answer.rule == "dotide/any/no-credentials":
        return proceed(authentic(call, context))
    return answer


@fault("dotide/any/public-writes-refused.carried-out", on="update")
def _carried_out(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses an update in a public data base without credentials, and carries it out."""
    answer = proceed(call)
    if _is_public(call, context) and answer.rule == "dotide/any/no-credentials":
        proceed(authentic(call, context))
    return answer
