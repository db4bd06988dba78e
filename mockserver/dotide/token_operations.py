"""The five calls on access tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection

from streamproof.mockserver.call import Answer
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.dotide import times
from streamproof.mockserver.dotide.homes import location
from streamproof.mockserver.dotide.tokens import Token, Tokens, checked
from streamproof.mockserver.problems import Rejected

_ALL = 2**62
_TIMES = ("created_at", "updated_at")


def fill(tokens: Tokens, sent: Mapping[str, Any]) -> None:
    """A token of a seed. Raises `Rejected`, and ValueError for a day that no calendar has."""
    found = {n: times.microseconds(datetime.fromisoformat(sent[n])) for n in _TIMES if n in sent}
    made = found.get("created_at", tokens.now)
    moments = {"created_at": made, "updated_at": found.get("updated_at", made)}
    scopes = checked(sent["scopes"])
    tokens.keep({"token": sent["access_token"], "scopes": scopes, **moments})


def told(tokens: Tokens) -> Iterator[Mapping[str, Any]]:
    """All tokens, each as `fill` takes it."""
    for token in tokens.list(_ALL, 0):
        moments = {name: times.utc(token[name]) for name in _TIMES}
        yield {"access_token": token["token"], "scopes": token["scopes"], **moments}


def _list(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.reading() as connection:
        found = _tokens(context, connection).list(arguments["limit"], arguments["offset"])
    return Answer(HTTPStatus.OK, [_shown(context, each, arguments["tz"]) for each in found])


def _create(context: Context, arguments: Mapping[str, Any]) -> Answer:
    scopes = checked(arguments.get("scopes"))
    with context.transaction() as connection:
        token = _tokens(context, connection).create(scopes)
    headers = {"Location": location(context, f"/access_tokens/{token['token']}")}
    return Answer(HTTPStatus.CREATED, _shown(context, token, arguments.get("tz")), headers)


def _read(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.reading() as connection:
        token = _tokens(context, connection).read(arguments["access_token"])
    if token is None:
        raise _unknown("dotide/read_token/unknown-token", context)
    return Answer(HTTPStatus.OK, _shown(context, token, arguments["tz"]))


def _update(context: Context, arguments: Mapping[str, Any]) -> Answer:
    scopes = checked(arguments.get("scopes"))
    with context.transaction() as connection:
        token = _tokens(context, connection).update(arguments["access_token"], scopes)
    if token is None:
        raise _unknown("dotide/read_token/unknown-token", context)
    return Answer(HTTPStatus.OK, _shown(context, token, arguments.get("tz")))


def _delete(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.transaction() as connection:
        done = _tokens(context, connection).delete(arguments["access_token"])
    if not done and context.dialect["delete_unknown"] == "rejected":
        raise _unknown("dotide/dialect/delete_unknown", context)
    return Answer(HTTPStatus.NO_CONTENT)


def _tokens(context: Context, connection: Connection) -> Tokens:
    now = times.microseconds(context.now())
    return Tokens(connection, context.space.name, context.variables["database"], now)


def _shown(context: Context, token: Token, zone: str | None) -> dict[str, Any]:
    moments = {name: times.render(token[name], zone or _ZONE, context.dialect) for name in _TIMES}
    return {"access_token": token["token"], "scopes": token["scopes"], **moments}


def _unknown(rule: str, context: Context) -> Rejected:
    detail = "there is no such access token; a list shows those there are"
    return Rejected(rule, detail, context.dialect["unknown_id_status"])


_ZONE = "Asia/Shanghai"

OPERATIONS: Mapping[str, Perform] = {
    "list_tokens": _list,
    "create_token": _create,
    "read_token": _read,
    "update_token": _update,
    "delete_token": _delete,
}
