"""Access tokens of the second dotide service: what they allow, and how they show. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.others.dotide_characters import Character
from tests.others.dotide_forms import Rejected, Stream, written

PERMISSIONS = ("read", "write", "delete")
Scopes = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    scopes: Scopes
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: what may be done with which datastreams, and whether tokens may be managed."""

    scopes: Scopes
    manages: bool = False

    def may(self, permission: str, stream: Stream) -> bool:
        return any(
            permission in scope["permissions"] and _within(scope, stream) for scope in self.scopes
        )

    def may_somewhere(self, permission: str) -> bool:
        return any(permission in scope["permissions"] for scope in self.scopes)

    def may_anywhere(self, permission: str) -> bool:
        return any(
            permission in scope["permissions"] and scope.get("global") for scope in self.scopes
        )


OWNER = Caller([{"permissions": PERMISSIONS, "global": True}], manages=True)
ANYBODY = Caller([{"permissions": ["read"], "global": True}])


def _within(scope: Mapping[str, Any], stream: Stream) -> bool:
    tags = {*scope.get("tags", ())}
    named = stream.id in scope.get("ids", ())
    return bool(scope.get("global") or named or (tags and tags <= {*(stream.tags or ())}))


def scopes_of(body: bytes, c: Character, *, kept: Scopes = ()) -> Scopes:
    """The scopes that a body sends, or `kept` where it has none; raises `Rejected`."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise Rejected("malformed") from None
    if not isinstance(value, dict) or not isinstance(value.get("scopes", []), list):
        raise Rejected("invalid")
    if "scopes" not in value and "bare-token" in c.refuses:
        raise Rejected("invalid")
    return [_scope(scope, c) for scope in value.get("scopes", kept)]


def _scope(scope: Any, c: Character) -> Mapping[str, Any]:
    if not isinstance(scope, dict):
        raise Rejected("invalid")
    permissions = scope.get("permissions") or []
    if not isinstance(permissions, list) or not {*permissions} <= {*PERMISSIONS}:
        raise Rejected("invalid")
    whole = scope.get("global") or False
    lists = {name: scope.get(name) or [] for name in ("ids", "tags")}
    if not isinstance(whole, bool) or not all(_texts(value) for value in lists.values()):
        raise Rejected("invalid")
    nowhere = not (permissions and (whole or lists["ids"] or lists["tags"]))
    if nowhere and "idle-scope" in c.refuses:
        raise Rejected("invalid")
    if whole and c.global_scope == "alone":
        lists = {"ids": [], "tags": []}
    return {"permissions": permissions, "global": whole, **lists}


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def show(token: Token, at: ZoneInfo, c: Character) -> dict[str, Any]:
    return {
        **c.extra(),
        "updated_at": written(token.updated, at, c),
        "scopes": [_shown(scope, c) for scope in token.scopes],
        "access_token": token.text,
        "created_at": written(token.created, at, c),
    }


def _shown(scope: Mapping[str, Any], c: Character) -> dict[str, Any]:
    members = {name: value or None for name, value in scope.items() if name != "permissions"}
    match c.scope_absent:
        case "omitted":
            members = {name: value for name, value in members.items() if value is not None}
        case "empty":
            members = {name: scope[name] for name in members}
    return {**members, "permissions": c.permissions_order(scope["permissions"])}
