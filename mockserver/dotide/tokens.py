"""The access tokens of one data base, within one transaction; and what their scopes allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import orjson
from sqlalchemy import Connection

from streamproof.mockserver.dotide import fields, ids, tables
from streamproof.mockserver.dotide.points import rejected
from streamproof.mockserver.quick import Row
from streamproof.specs.dialect import Dialect

PERMISSIONS = ("read", "write", "delete")
_LISTS = ("permissions", "ids", "tags")
_MEMBERS = (*_LISTS, "global")
_BYTES = 32

Token = Mapping[str, Any]
"""What is kept of a token, by the names of `tables.TOKEN_COLUMNS`, its scopes parsed."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be done with which datastreams: all where it is `everywhere`, else those whose keys
    are `ids` and those that carry all `tags`, if it names any."""

    permissions: frozenset[str]
    everywhere: bool
    ids: frozenset[str]
    tags: frozenset[str]

    def covers(self, key: str | None, tags: frozenset[str]) -> bool:
        return self.everywhere or key in self.ids or bool(self.tags and self.tags <= tags)


@dataclass(frozen=True, slots=True)
class Rights:
    """All scopes of a token: one of them has to allow a call."""

    scopes: tuple[Scope, ...]

    def to(self, permission: str) -> Rights:
        """Those scopes that have a permission."""
        return Rights(tuple(each for each in self.scopes if permission in each.permissions))

    def covers(self, stream_id: str | None, tags: Iterable[str] | None, dialect: Dialect) -> bool:
        """Whether one of them reaches a datastream of that id and those tags."""
        key = None if stream_id is None else ids.key(stream_id, dialect)
        known = frozenset(fields.tag_key(tag, dialect) for tag in tags or ())
        return any(scope.covers(key, known) for scope in self.scopes)


def rights(token: Token, dialect: Dialect) -> Rights:
    """What a token allows."""
    return Rights(tuple(_scope(each, dialect) for each in token["scopes"]))


def checked(sent: Any) -> list[dict[str, Any]]:
    """The scopes that a create or update stores. Raises `Rejected` for what are none."""
    if not isinstance(sent, list):
        raise rejected("scopes_malformed", "scopes: an array of objects expected")
    return [_checked(each, f"scopes/{at}") for at, each in enumerate(sent)]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Those of the data base `name` of a space; `now` is the time of the transaction."""

    connection: Connection
    space: str
    name: str
    now: int

    def create(self, scopes: Sequence[Mapping[str, Any]]) -> Token:
        return self.keep({"token": token_hex(_BYTES), "scopes": scopes, **self._times()})

    def keep(self, token: Token) -> Token:
        """Store a token as it is."""
        columns = {"space": self.space, "database": self.name}
        row = {**token, **columns, "scopes": orjson.dumps(token["scopes"]).decode()}
        tables.add_token.insert(self.connection, row)
        return token

    def read(self, text: str) -> Token | None:
        row = tables.read_token.first(self.connection, self._place(text))
        return None if row is None else _parsed(row)

    def list(self, limit: int, offset: int) -> Sequence[Token]:
        """A page of them, the oldest first."""
        asked = {**self._place(), "limit": limit, "offset": offset}
        return [_parsed(row) for row in tables.list_tokens.rows(self.connection, asked)]

    def update(self, text: str, scopes: Sequence[Mapping[str, Any]]) -> Token | None:
        """The token after its update, or None if there is none to update."""
        old = self.read(text)
        if old is None:
            return None
        changed = {"updated_at": max(self.now, old["updated_at"])}
        written = {**changed, "scopes": orjson.dumps(scopes).decode()}
        self.connection.execute(tables.change_token, {**self._place(text), **written})
        return {**old, **changed, "scopes": scopes}

    def delete(self, text: str) -> bool:
        """Whether there was one to delete."""
        return bool(self.connection.execute(tables.remove_token, self._place(text)).rowcount)

    def _times(self) -> dict[str, int]:
        return {"created_at": self.now, "updated_at": self.now}

    def _place(self, text: str | None = None) -> dict[str, Any]:
        place = {"in_space": self.space, "in_database": self.name}
        return place if text is None else place | {"of_token": text}


def _checked(scope: Any, at: str) -> dict[str, Any]:
    if not isinstance(scope, dict):
        raise rejected("scopes_malformed", f"{at}: an object expected")
    for name in _LISTS:
        members = scope.get(name, [])
        if not (isinstance(members, list) and all(isinstance(each, str) for each in members)):
            raise rejected("scopes_malformed", f"{at}/{name}: an array of strings expected")
    if not isinstance(scope.get("global", False), bool):
        raise rejected("scopes_malformed", f"{at}/global: true or false expected")
    if unknown := {*scope.get("permissions", ())} - {*PERMISSIONS}:
        detail = f"{at}/permissions: {min(unknown)!r} is none of {', '.join(PERMISSIONS)}"
        raise rejected("scopes_malformed", detail)
    empty = {"permissions": [], "global": False, "ids": [], "tags": []}
    return {**empty, **{name: scope[name] for name in _MEMBERS if name in scope}}


def _scope(scope: Mapping[str, Any], dialect: Dialect) -> Scope:
    return Scope(
        frozenset(scope["permissions"]),
        scope["global"],
        frozenset(ids.key(each, dialect) for each in scope["ids"]),
        frozenset(fields.tag_key(each, dialect) for each in scope["tags"]),
    )


def _parsed(row: Row) -> Token:
    token = dict(zip(tables.TOKEN_COLUMNS, row, strict=True))
    return {**token, "scopes": orjson.loads(token["scopes"])}
