"""What the scopes of an access token let a call do.

A create is let in by the id or the tags that it sends, a list shows what its caller may read.
"""

from __future__ import annotations

from collections.abc import Mapping

from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.streams import Database
from streamproof.mockserver.dotide.times import microseconds
from streamproof.mockserver.dotide.tokens import Rights
from streamproof.mockserver.dotide.views import parsed
from streamproof.mockserver.problems import Rejected

READS = ("list", "read", "list_datapoints", "read_datapoint")
NEEDED: Mapping[str, str] = {
    **dict.fromkeys(READS, "read"),
    **dict.fromkeys(("create", "update", "create_datapoints"), "write"),
    **dict.fromkeys(("delete", "delete_datapoints"), "delete"),
}
"""The permission that a call needs, by its operation; others are for Basic alone."""


def check(context: Context, call: Call, rights: Rights) -> None:
    """Raise `Rejected` unless a token of these rights may make a call. Raises `Unreadable`."""
    operation = call.operation.id
    needed = NEEDED[operation]
    able = rights.to(needed)
    if not able.scopes:
        raise _refused(context, "token-permissions", f"has no right to {needed}")
    if operation == "list":
        narrow = not any(scope.everywhere for scope in able.scopes)
        if narrow and context.dialect["list_by_token"] == "rejected":
            raise _refused(context, "token-ids", "has no right to read all datastreams")
        return
    wanted = call.without_body.get("id") if operation != "create" else call.fields.get("id")
    name = wanted if isinstance(wanted, str) else None
    tags = _sent_tags(call) if operation == "create" else _kept_tags(context, name)
    if not able.covers(name, tags, context.dialect):
        raise _refused(context, "token-ids", f"has no right to {needed} datastream {wanted!r}")


def _sent_tags(call: Call) -> list[str]:
    tags = call.fields.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _kept_tags(context: Context, name: str | None) -> list[str] | None:
    if name is None:
        return None
    base, now = context.variables["database"], microseconds(context.now())
    with context.reading() as connection:
        home = Database(connection, context.space.name, base, context.dialect, now)
        row = home.read(name)
    return None if row is None else parsed(row)["tags"]


def _refused(context: Context, slug: str, problem: str) -> Rejected:
    status = context.dialect["token_without_right"]
    return Rejected(f"dotide/any/{slug}", f"the access token {problem}", status)
