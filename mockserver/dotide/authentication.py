"""Who calls: Basic or a token of the data base that the path names. A failure is answered 404.

Source: overview.cn.md › 身份验证; security.cn.md › Basic 认证, Access Token 认证.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from streamproof.mockserver import credentials
from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.problems import Rejected


def databases(fixtures: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """The credentials of each data base, by its name."""
    known = [fixtures, *filter(None, [fixtures.get("other_database")])]
    return {each["database"]: each["credentials"] for each in known}


def authenticate(context: Context, call: Call) -> None:
    """Raise `Rejected` unless the request carries good credentials of its data base."""
    name = call.request.variables["database"]
    known = databases(context.fixtures)
    mine = known.get(name, {})
    sent = _that_count(credentials.sent(context.api, call), context.dialect["both_credentials"])
    good = [kind for kind, value in sent.items() if _is_good(kind, value, mine)]
    if len(good) == len(sent) > 0 or (good and context.dialect["both_credentials"] == "either"):
        return
    if not sent:
        raise _refused("no-credentials", "the call carries no credentials that it admits", name)
    kind, value = next((k, v) for k, v in sent.items() if k not in good)
    if kind != "basic":
        raise _refused("unknown-token", "the access token is not known", name)
    if any(_is_good(kind, value, other) for other in known.values()):
        raise _refused("other-database", "the credentials are those of another data base", name)
    raise _refused("wrong-secret", "client id and client secret don't fit", name)


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
