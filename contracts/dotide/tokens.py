"""Access tokens: how they are made, shown, changed and removed.

Every token carries names of the run in its scopes, so that it is known for the run's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from streamproof.contracts.auth import Auth, Secret
from streamproof.contracts.check import Trial, Unavailable, check
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls
from streamproof.contracts.laws.removal import SEEN_BEFORE, not_found
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

Row = Mapping[str, Any]
Scope = dict[str, Any]

_KEY: Final = "access_token:"
_DIGITS: Final = 16
ALL: Final = ("read", "write", "delete")
_SETS: Final = ("permissions", "ids", "tags")
_MOST: Final = 5000  # tokens that a look for one goes through
_SHOWN: Final = "a token, shown"
_TWO: Final = "two tokens"
_REPLACED: Final = "scopes, sent in place of others"
_UNKNOWN: Final = "a token that isn't there, beside one that is"
_LED: Final = "the path of a new token"


def scope(*permissions: str, **members: Any) -> Scope:
    """A scope with all its members, as the document prints it."""
    return {"permissions": [*permissions], "global": False, "ids": [], "tags": [], **members}


def everywhere(trial: Trial, *permissions: str) -> Scope:
    """A global scope; its id is of no effect, and tells whose it is."""
    return scope(*permissions, ids=[trial.names.letters()], **{"global": True})


def ready(trial: Trial) -> None:
    """Raise `Unmet` unless the target makes tokens, and keeps them."""
    trial.learn(_kept)


def _kept(trial: Trial) -> None:
    trial.require("basicAuth" in trial.client.auths, "set basic for the target")
    sent = [everywhere(trial, "read")]
    outcome = trial.client.call("create_token", scopes=sent)
    told = f'{outcome}; a target without access tokens says so: lacks = ["access_tokens"]'
    trial.require(outcome.accepted, f"a create of an access token: {told}", "dotide/any/basic")
    made = _text(trial, outcome.payload)
    found = trial.client.call("read_token", access_token=made)
    trial.judged(found, "a read of an access token")
    kept = isinstance(found.payload, Mapping) and found.payload.get("access_token") == made
    trial.promised(
        kept,
        "dotide/read_token/as-created",
        "not-kept",
        expected="a read answers the access token that was created",
        actual=str(found),
    )


def make(trial: Trial, *scopes: Scope) -> str:
    """Create a token that other rules answer for."""
    ready(trial)
    outcome = trial.client.call("create_token", scopes=[*scopes])
    return _text(trial, trial.given(outcome, "a create of an access token"))


def by(trial: Trial, token: str) -> Auth:
    """A token as it is sent."""
    return Auth(trial.client.api.schemes["bearerAuth"], {"access_token": Secret(token)})


def read(trial: Trial, token: str) -> Row:
    """A token as a read shows it, which other rules answer for."""
    outcome = trial.client.call("read_token", access_token=token)
    return _row(trial, trial.given(outcome, "a read of an access token"))


def view(row: Row) -> list[Any]:
    """The scopes of a token in one form: a member that nobody set may be shown or not."""
    scopes = row.get("scopes")
    return [_viewed(each) for each in scopes] if isinstance(scopes, list) else [scopes]


def _viewed(found: Any) -> Any:
    if not isinstance(found, Mapping):
        return found
    sets = {name: sorted(map(str, found.get(name) or ())) for name in _SETS}
    if found.get("global"):
        return {"global": True, "permissions": sets["permissions"]}  # the rest is of no effect
    return {"global": False, **sets}


def _row(trial: Trial, payload: Any) -> Row:
    trial.require(isinstance(payload, Mapping), f"an access token as an object: {shown(payload)}")
    found: Row = payload
    return found


def _text(trial: Trial, payload: Any) -> str:
    token = _row(trial, payload).get("access_token")
    trial.require(isinstance(token, str) and token, "the text of an access token")
    return str(token)


def listed(client: Client) -> Iterator[Row]:
    """All tokens, page by page; none where the target doesn't tell them."""
    known: set[str] = set()
    while len(known) < _MOST:
        page = {"limit": calls.PAGE, **({"offset": len(known)} if known else {})}
        rows = client.call("list_tokens", **page).payload
        new = [
            row
            for row in (rows if isinstance(rows, list) else ())
            if isinstance(row, Mapping) and isinstance(row.get("access_token"), str)
            if row["access_token"] not in known
        ]
        yield from new
        known.update(row["access_token"] for row in new)
        if not new:
            return


# -- how they come and go ----------------------------------------------------------------------


def key(token: str) -> str:
    """What a token is known by in a journal: itself it would be a secret in it."""
    return f"{_KEY}{hashlib.sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()[:_DIGITS]}"


def is_key(name: str) -> bool:
    return name.startswith(_KEY)


def remove(client: Client, name: str) -> bool | None:
    """Remove the token of that key."""
    found = _found(client, name)
    if found is None:
        return None
    outcome = client.call("delete_token", access_token=found)
    if outcome.unavailable:
        raise Unavailable(str(outcome))
    return outcome.accepted


def look(client: Client, name: str) -> Outcome:
    """Read the token of that key; where there is none, one that can't be."""
    return client.call("read_token", access_token=_found(client, name) or name)


def _found(client: Client, name: str) -> str | None:
    texts = (str(row.get("access_token")) for row in listed(client))
    return next((text for text in texts if key(text) == name), None)


# -- arguments of generated checks -------------------------------------------------------------


def create_arguments(trial: Trial) -> dict[str, Any]:
    ready(trial)
    return {"scopes": [everywhere(trial, "read")]}


def list_arguments(trial: Trial) -> dict[str, Any]:
    ready(trial)
    return {"limit": 2}


def one(trial: Trial) -> dict[str, Any]:
    return {"access_token": make(trial, everywhere(trial, "read"))}


def update_arguments(trial: Trial) -> dict[str, Any]:
    return {**one(trial), "scopes": [everywhere(trial, "write")]}


# -- checks ------------------------------------------------------------------------------------


@check("dotide/create_token/location", _LED)
def location(trial: Trial) -> None:
    """The header ``Location`` of a create leads to the token."""
    outcome = trial.client.call("create_token", **create_arguments(trial))
    token = _text(trial, trial.given(outcome, "a create of an access token"))
    path = urlsplit(outcome.headers.get("location", "")).path
    trial.holds(
        unquote(path).endswith(f"access_tokens/{token}"),
        "elsewhere",
        expected="Location: …/access_tokens/<the new token>",
        actual=f"Location: {outcome.headers.get('location')}",
    )
    trial.witness(_LED)


@check("dotide/create_token/echo", _SHOWN)
def echo(trial: Trial) -> None:
    """A create answers with the scopes that were sent."""
    ready(trial)
    sent = _two_scopes(trial)
    outcome = trial.client.call("create_token", scopes=sent)
    answer = _row(trial, trial.given(outcome, "a create of an access token"))
    trial.equal(view(answer), view({"scopes": sent}), "the scopes answered", reason="not-as-sent")
    trial.witness(_SHOWN)


@check("dotide/create_token/tokens-differ", _TWO)
def tokens_differ(trial: Trial) -> None:
    """No two access tokens are the same."""
    same = [everywhere(trial, "read")]
    trial.no_repeats([make(trial, *same) for _ in range(3)], "new access tokens")
    trial.witness(_TWO)


@check("dotide/list_tokens/shows-created", _SHOWN)
def shows_created(trial: Trial) -> None:
    """A token that was created is in the list, with its scopes."""
    sent = _two_scopes(trial)
    token = make(trial, *sent)
    trial.given(trial.client.call("list_tokens"), "a list of access tokens")
    rows = {str(row.get("access_token")): row for row in listed(trial.client)}
    trial.holds(
        token in rows,
        "not-listed",
        expected="a new access token is listed",
        actual=f"it is not among {len(rows)}",
    )
    trial.equal(view(rows[token]), view({"scopes": sent}), "its scopes", reason="not-as-sent")
    trial.witness(_SHOWN)


@check("dotide/read_token/as-created", _SHOWN)
def as_created(trial: Trial) -> None:
    """A read shows the scopes that a token was created with."""
    sent = _two_scopes(trial)
    found = read(trial, make(trial, *sent))
    trial.equal(view(found), view({"scopes": sent}), "the scopes read", reason="not-as-sent")
    trial.witness(_SHOWN)


@check("dotide/read_token/unknown-token", _UNKNOWN)
def unknown_token(trial: Trial) -> None:
    """A read or an update of a token that isn't there is rejected."""
    known = make(trial, everywhere(trial, "read"))
    stranger = known[:-8] + ("0" * 8 if known[-8:] != "0" * 8 else "1" * 8)
    read(trial, known)
    trial.rejected(trial.client.call("read_token", access_token=stranger), "a read of no token")
    fields = {"scopes": [everywhere(trial, "read")]}
    twin = trial.client.call("update_token", access_token=known, **fields)
    trial.given(twin, "an update of an access token")
    outcome = trial.client.call("update_token", access_token=stranger, **fields)
    trial.rejected(outcome, "an update of no token")
    trial.witness(_UNKNOWN)


@check("dotide/update_token/scopes-replaced", _REPLACED)
def scopes_replaced(trial: Trial) -> None:
    """After an update a token has the scopes that were sent, and no others."""
    token = make(trial, *_two_scopes(trial))
    sent = [scope("write", ids=[trial.names.letters()])]
    outcome = trial.client.call("update_token", access_token=token, scopes=sent)
    answer = _row(trial, trial.given(outcome, "an update of an access token"))
    for where, row in (("answered", answer), ("read", read(trial, token))):
        trial.equal(view(row), view({"scopes": sent}), f"the scopes {where}", reason="not-replaced")
    trial.witness(_REPLACED)


@check("dotide/delete_token/not-readable", SEEN_BEFORE)
def not_readable(trial: Trial) -> None:
    """After a delete a token can't be read."""
    token = make(trial, everywhere(trial, "read"))

    def readable() -> bool:
        return trial.granted(trial.client.call("read_token", access_token=token), "a read")

    def remove() -> Outcome:
        return trial.client.call("delete_token", access_token=token)

    not_found(trial, readable, remove, "what can be read", "dotide/read_token/as-created")


def _two_scopes(trial: Trial) -> Sequence[Scope]:
    """One with all its members, and a global one."""
    names = trial.names
    narrow = scope("read", "delete", ids=[names.letters(), names.letters()], tags=[names.mark])
    return [narrow, everywhere(trial, "write")]


CHECKS: Final = (
    location,
    echo,
    tokens_differ,
    shows_created,
    as_created,
    unknown_token,
    scopes_replaced,
    not_readable,
)
