"""Who calls: Basic or a token of the data base that the path names. A failure is answered 404.

Basic and the token of the fixtures have all rights, a token that was made those of its scopes. In a
public data base anybody may read.

Source: overview.cn.md › 身份验证; security.cn.md › Basic 认证, Access Token 认证.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from streamproof.mockserver import credentials
from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide import rights, tokens
from streamproof.mockserver.dotide.times import microseconds
from streamproof.mockserver.dotide.tokens import Rights, Tokens
from streamproof.mockserver.problems import Rejected

_TOKEN = re.compile("[0-9a-f]{64}")


def databases(fixtures: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The credentials of each data base, by its name."""
    others = (fixtures.get(name) for name in ("other_database", "public_database"))
    known = [fixtures, *filter(None, others)]
    return {each["database"]: each["credentials"] for each in known}


def authenticate(context: Context, call: Call) -> None:
    """Raise `Rejected` unless the request carries good credentials of its data base, with the
    rights that it needs."""
    name = call.request.variables["database"]
    if call.operation.id in rights.READS and _is_public(context, name):
        return
    known = databases(context.fixtures)
    mine = known.get(name, {})
    sent = _that_count(credentials.sent(context.api, call), context.dialect["both_credentials"])
    whole = [kind for kind, value in sent.items() if _is_good(kind, value, mine)]
    made = _made(context, name, [text for kind, text in sent.items() if kind not in whole])
    good = [kind for kind, value in sent.items() if kind in whole or value in made]
    if len(good) == len(sent) > 0 or (good and context.dialect["both_credentials"] == "either"):
        if not whole:
            rights.check(context, call, made[sent[good[0]]])
        return
    if not sent:
        raise _refused("no-credentials", "the call carries no credentials that it admits", name)
    kind, value = next((k, v) for k, v in sent.items() if k not in good)
    if kind != "basic":
        raise _refused("unknown-token", "the access token is not known", name)
    if any(_is_good(kind, value, other) for other in known.values()):
        raise _refused("other-database", "the credentials are those of another data base", name)
    raise _refused("wrong-secret", "client id and client secret don't fit", name)


def reach(context: Context, call: Call) -> Rights | None:
    """What an authentic call may read; None for all."""
    name = call.request.variables["database"]
    if _is_public(context, name):
        return None
    mine = databases(context.fixtures).get(name, {})
    sent = _that_count(credentials.sent(context.api, call), context.dialect["both_credentials"])
    if any(_is_good(kind, value, mine) for kind, value in sent.items()):
        return None
    made = _made(context, name, [*sent.values()])
    return next((each.to("read") for each in made.values()), None)


def _is_public(context: Context, database: str) -> bool:
    public = context.fixtures.get("public_database")
    return public is not None and public["database"] == database


def _made(context: Context, database: str, sent: Sequence[str]) -> dict[str, Rights]:
    """The rights of those tokens of a data base that were made, by their text."""
    found: dict[str, Rights] = {}
    now = microseconds(context.now())
    for text in filter(_TOKEN.fullmatch, sent):
        with context.reading() as connection:
            token = Tokens(connection, context.space.name, database, now).read(text)
        if token is not None:
            found[text] = tokens.rights(token, context.dialect)
    return found


def _that_count(sent: Mapping[str, str], choice: str) -> Mapping[str, str]:
    """Of credentials in both places those that the dialect looks at."""
    if choice in ("either", "both") or len(sent) < 2 or "query" not in sent:
        return sent
    return {kind: text for kind, text in sent.items() if (kind == "query") == (choice == "query")}


def _is_good(kind: str, value: str, known: Mapping[str, str]) -> bool:
    return credentials.same(value, known.get("basic" if kind == "basic" else "access_token"))


def _refused(slug: str, problem: str, database: str) -> Rejected:
    detail = f"{problem}; data base {database!r} is open to its own credentials only"
    return Rejected(f"dotide/any/{slug}", detail, HTTPStatus.NOT_FOUND)
