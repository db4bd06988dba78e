"""Where a call's things are: in the data base that its path names."""

from __future__ import annotations

from sqlalchemy import Connection

from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.streams import Database
from streamproof.mockserver.dotide.times import microseconds
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_PRINTED_HOST = "http://api.dotide.com"


def home(context: Context, connection: Connection) -> Database:
    """The data base that the path names, for one transaction."""
    return Database(
        connection,
        context.space.name,
        context.variables["database"],
        context.dialect,
        microseconds(context.now()),
    )


def location(context: Context, path: str) -> str:
    """The header Location of what is new at a path of the data base."""
    mount = context.base_url.split("/", 3)[3]  # behind scheme and host, whatever that is
    if context.dialect["location_form"] == "path":
        return f"/{mount}{path}"
    if context.dialect["location_host"] == "service":
        return f"{_PRINTED_HOST}/{mount}{path}"
    return f"{context.base_url}{path}"


def unknown(rule: str, wanted: str, dialect: Dialect) -> Rejected:
    """The rejection of a call about a datastream that isn't there."""
    detail = f"there is no datastream {wanted!r}; a list shows those there are"
    return Rejected(rule, detail, dialect["unknown_id_status"])
