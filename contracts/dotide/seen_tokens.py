"""What access tokens are let do, and how they show, where the document is silent."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from streamproof.contracts.auth import Auth
from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls, tokens
from streamproof.contracts.dotide.seeing import REJECTED, refusal, which
from streamproof.contracts.dotide.tokens import by, everywhere, make, scope
from streamproof.contracts.observations import OtherChoice, observe
from streamproof.specs.wording import shown


def _two(trial: Trial) -> tuple[str, str, str]:
    """Two own streams, and the tag that both have."""
    tag = trial.names.letters()
    streams = [str(calls.make(trial, tags=[trial.names.mark, tag])["id"]) for _ in range(2)]
    calls.settle(trial)
    return streams[0], streams[1], tag


def _listed(trial: Trial, auth: Auth | None, *extra: tuple[str, str]) -> bool:
    """Whether a list is accepted."""
    request = trial.client.request("list", limit=1)
    request = replace(request, query=(*request.query, *extra))
    return trial.granted(trial.client.send(request, auth, watched=False), "a list")


@observe("dotide/both_credentials")
def both_credentials(trial: Trial) -> str:
    """Lists with good Basic and an unknown token, and with a wrong secret and a good token."""
    token = make(trial, everywhere(trial, "read"))
    good = trial.client.auths["basicAuth"]
    client = str(good.credentials["basic"]).partition(":")[0]
    bad = good.holding(basic=f"{client}:{trial.names.letters()}")
    unknown = hashlib.sha256(trial.names.letters().encode()).hexdigest()
    known = _listed(trial, good) and _listed(trial, None, ("access_token", token))
    trial.require(known, "a list by Basic, and one by a token in the query, accepted")
    strange = _listed(trial, bad) or _listed(trial, None, ("access_token", unknown))
    trial.require(not strange, "lists by a wrong secret and by an unknown token, rejected")
    seen = (
        _listed(trial, good, ("access_token", unknown)),
        _listed(trial, bad, ("access_token", token)),
    )
    choices = {
        "header": (True, False),
        "query": (False, True),
        "either": (True, True),
        "both": (False, False),
    }
    return which(seen, choices)


@observe("dotide/token_without_right")
def token_without_right(trial: Trial) -> int:
    """A delete by a token that may only read, and does."""
    token = make(trial, everywhere(trial, "read"))
    stream = calls.make(trial)["id"]
    read = trial.client.call("read", by(trial, token), id=stream)
    trial.require(trial.granted(read, "a read by a token"), "a read by a token, accepted")
    delete = trial.client.call("delete", by(trial, token), id=stream)
    return refusal(trial, delete, "a delete by a token that may only read")


@observe("dotide/list_by_token")
def list_by_token(trial: Trial) -> str:
    """A list of two streams by a token that may read one of them."""
    first, second, tag = trial.once(_two)
    token = make(trial, scope("read", ids=[first]))
    read = trial.client.call("read", by(trial, token), id=first)
    trial.require(trial.granted(read, "a read by a token"), "a read by a token, accepted")
    outcome = trial.client.call("list", by(trial, token), tags=tag)
    if not trial.granted(outcome, "a list by a token"):
        return REJECTED
    rows = calls.ids(calls.rows_of(trial, outcome))
    if second in rows:
        raise OtherChoice("a stream that the token may not read is listed")
    return which(rows, {"filtered": [first]})


@observe("dotide/create_by_token")
def create_by_token(trial: Trial) -> str:
    """Creates by a token that may write one id: of that id, and of another."""
    inside, outside = trial.names.letters(), trial.names.letters()
    auth = by(trial, make(trial, scope("write", ids=[inside])))

    def taken(stream: str) -> bool:
        sent = calls.contents(trial, id=stream)
        return trial.granted(trial.client.call("create", auth, **sent), "a create by a token")

    seen = taken(inside), taken(outside)
    choices = {"within_scope": (True, False), "none": (False, False), "all": (True, True)}
    return which(seen, choices)


def _made(trial: Trial, **members: Any) -> calls.Row | None:
    """The one scope of a new token as it is shown; None where it is rejected."""
    tokens.ready(trial)
    sent = {"ids": [trial.names.letters()], **members}
    outcome = trial.client.send(
        trial.client.build("create_token", body={"scopes": [sent]}), watched=False
    )
    if not trial.granted(outcome, "the create of a token"):
        return None
    scopes = calls.row(trial, outcome.payload).get("scopes")
    one = isinstance(scopes, list) and len(scopes) == 1
    trial.require(one, f"a token with one scope: {shown(scopes)}")
    return calls.row(trial, scopes[0] if isinstance(scopes, list) else None)


@observe("dotide/scopes_malformed")
def scopes_malformed(trial: Trial) -> str:
    """A create of a token with a permission that nobody knows."""
    found = _made(trial, permissions=["read", "fly"])
    if found is None:
        return REJECTED
    return which(found.get("permissions"), {"ignored": ["read"]})


@observe("dotide/absent_scope_fields")
def absent_scope_fields(trial: Trial) -> str:
    """The scope of a token that was made with permissions and an id alone."""
    found = _made(trial, permissions=["read"])
    trial.require(found is not None, "a create of a token with permissions and an id, accepted")
    seen = tuple((found or {}).get(name, ...) for name in ("global", "tags"))
    if seen == (False, []):
        return "empty"
    if seen == (..., ...):
        return "omitted"
    raise OtherChoice(shown(dict(found or {})))


OBSERVERS = (
    *(both_credentials, token_without_right, list_by_token, create_by_token),
    *(scopes_malformed, absent_scope_fields),
)
