"""The five calls on datastreams, the form of all answers, and what a space is seeded with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from streamproof.mockserver.call import Answer, Call, Json
from streamproof.mockserver.context import Context
from streamproof.mockserver.domain import Perform
from streamproof.mockserver.dotide import datapoint_operations, token_operations
from streamproof.mockserver.dotide.authentication import authenticate
from streamproof.mockserver.dotide.homes import home, location, unknown
from streamproof.mockserver.dotide.ids import key
from streamproof.mockserver.dotide.points import rejected
from streamproof.mockserver.dotide.reading import adapt
from streamproof.mockserver.dotide.streams import Database, TakenError
from streamproof.mockserver.dotide.times import microseconds
from streamproof.mockserver.dotide.tokens import Tokens
from streamproof.mockserver.dotide.views import View
from streamproof.mockserver.parsing import Unreadable
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect
from streamproof.specs.errors import SpecError

__all__ = [
    "OPERATIONS",
    "STATE",
    "adapt",
    "authenticate",
    "grant",
    "refuse",
    "seed",
    "state",
    "unreadable",
]

STATE = ("datastreams", "access_tokens")


def seed(
    connection: Connection,
    space: str,
    fixtures: Mapping[str, Any],
    dialect: Dialect,
    now: datetime,
) -> None:
    """Create the fixtures' datastreams, with their datapoints, and access tokens."""
    home = Database(connection, space, fixtures["database"], dialect, microseconds(now))
    tokens = Tokens(connection, space, fixtures["database"], microseconds(now))
    datastreams = fixtures.get("datastreams", ())
    try:
        home.fill({"type": "number", **datastream} for datastream in datastreams)
        for datastream in datastreams:
            datapoint_operations.fill(home, datastream)
        for token in fixtures.get("access_tokens", ()):
            token_operations.fill(tokens, token)
    except TakenError:
        keys = Counter(key(datastream["id"], dialect) for datastream in datastreams)
        twice = next(d["id"] for d in datastreams if keys[key(d["id"], dialect)] > 1)
        at = f"datastreams/{twice}"
        raise SpecError("fixtures of dotide", at, "this id stands twice") from None
    except ValueError as fault:  # a day that no calendar has
        raise SpecError("fixtures of dotide", "datastreams", str(fault)) from None
    except Rejected as fault:
        raise SpecError("fixtures of dotide", "datastreams", fault.detail) from None


def state(
    connection: Connection, space: str, fixtures: Mapping[str, Any], dialect: Dialect
) -> Mapping[str, Any]:
    """The datastreams of the first data base with their datapoints, and the access tokens to it,
    each with the times of its creation and last change."""
    home = Database(connection, space, fixtures["database"], dialect, now=0)
    tokens = Tokens(connection, space, fixtures["database"], now=0)
    kept = ({**each, **datapoint_operations.told(home, each["id"])} for each in home.all())
    return {"datastreams": [*kept], "access_tokens": [*token_operations.told(tokens)]}


def _list(context: Context, arguments: Mapping[str, Any]) -> Answer:
    view = View(arguments["tz"], context.dialect, context.dialect["list_properties_name"])
    with context.reading() as connection:
        texts = home(context, connection).list(
            _items(arguments.get("ids")),
            _items(arguments.get("tags")),
            arguments["limit"],
            arguments["offset"],
            view,
            arguments.get("reach"),
        )
    return Answer(HTTPStatus.OK, Json(f"[{','.join(texts)}]"))


def _create(context: Context, arguments: Mapping[str, Any]) -> Answer:
    taken_status = context.dialect["duplicate_id_status"]
    if context.dialect["race_loser_status"] != "as_duplicate" and "id" in arguments:
        with context.reading() as connection:
            if home(context, connection).read(arguments["id"]) is None:
                # whoever takes it from now on wins a race
                taken_status = context.dialect["race_loser_status"]
        context.race_window()
    try:
        with context.transaction() as connection:
            stream = home(context, connection).create(arguments)
    except TakenError:
        taken = arguments["id"]
        detail = f"id {taken!r} is taken in this data base; send another, or none to have one made"
        raise Rejected("dotide/create/unique-id", detail, taken_status) from None
    body = View(arguments["tz"], context.dialect).render(stream)
    return Answer(HTTPStatus.CREATED, body, {"Location": _location(context, stream["id"])})


def _read(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.reading() as connection:
        row = home(context, connection).read(arguments["id"])
    if row is None:
        raise unknown("dotide/read/unknown-id", arguments["id"], context.dialect)
    [text] = View(arguments["tz"], context.dialect).texts([row])
    return Answer(HTTPStatus.OK, Json(text))


def _update(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.transaction() as connection:
        stream = home(context, connection).update(arguments["id"], arguments)
    if stream is None:
        raise unknown("dotide/update/unknown-id", arguments["id"], context.dialect)
    return Answer(HTTPStatus.OK, View(arguments["tz"], context.dialect).render(stream))


def _delete(context: Context, arguments: Mapping[str, Any]) -> Answer:
    with context.transaction() as connection:
        done = home(context, connection).delete(arguments["id"])
    if not done and context.dialect["delete_unknown"] == "rejected":
        raise unknown("dotide/dialect/delete_unknown", arguments["id"], context.dialect)
    return Answer(HTTPStatus.NO_CONTENT)


OPERATIONS: Mapping[str, Perform] = {
    **datapoint_operations.OPERATIONS,
    **token_operations.OPERATIONS,
    "list": _list,
    "create": _create,
    "read": _read,
    "update": _update,
    "delete": _delete,
}


def unreadable(context: Context, call: Call, fault: Unreadable) -> Rejected:
    """The rejection of a query that is no UTF-8, or a body that is no JSON object."""
    match fault.part:
        case "query":
            return rejected("unreadable_query", str(fault), HTTPStatus.BAD_REQUEST)
        case "object":
            return rejected("non_object_body", fault.detail)
        case _:
            rule = f"dotide/{call.operation.id}/malformed-json"
            if rule not in context.api.rulebook.rules:
                rule = "dotide/dialect/malformed_json_status"
            return Rejected(rule, str(fault), context.dialect["malformed_json_status"])


def grant(_context: Context, answer: Answer) -> Answer:
    """An accepted answer is sent as it is."""
    return answer


def refuse(context: Context, rejection: Rejected) -> Answer:
    """A rejection: an object with a message, in the form that the dialect chooses."""
    status = rejection.status or context.dialect["invalid_status"]
    message = f"{rejection.detail} ({rejection.rule})"
    match context.dialect["error_form"]:
        case "text":
            return Answer(status, message, {"Content-Type": "text/plain; charset=utf-8"})
        case "empty":
            return Answer(status)
        case "message_and_errors":
            return Answer(status, {"message": message, "errors": [{"rule": rejection.rule}]})
        case _:
            return Answer(status, {"message": message})


def _items(text: str | None) -> list[str] | None:
    """The items of a filter, None for a filter that isn't there."""
    return None if text is None else [item for item in text.split(",") if item]


def _location(context: Context, new_id: str) -> str:
    return location(context, f"/datastreams/{quote(new_id, safe='')}")
