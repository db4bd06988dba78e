"""Access tokens that are made, shown, changed or removed otherwise than the rules say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import showing
from streamproof.mockserver.faults import Proceed, fault


def _each_scope(answer: Answer, **members: Any) -> Answer:
    """The same answer with other members in each scope of its token."""
    if not answer.accepted:
        return answer
    return showing(answer, scopes=[{**scope, **members} for scope in answer.body["scopes"]])


@fault("dotide/create_token/location.of-the-list")
def _of_the_list(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with the URL of all access tokens."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    whole = answer.headers["Location"].rpartition("/")[0]
    return replace(answer, headers={**answer.headers, "Location": whole})


@fault("dotide/create_token/tokens-differ.same-again")
def _same_again(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers with the token that was made before, where the scopes are the same."""
    made: list[Answer] = context.space.scratch.setdefault("dotide/tokens-differ", [])
    answer = proceed(call)
    if not answer.accepted:
        return answer
    before = next((each for each in made if each.body["scopes"] == answer.body["scopes"]), None)
    made.append(answer)
    return before or answer


@fault("dotide/list_tokens/shows-created.newest-missing")
def _newest_missing(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Leaves out the access token that was made last."""
    answer = proceed(call)
    if not answer.accepted or not answer.body:
        return answer
    newest = max(row["created_at"] for row in answer.body)
    return replace(answer, body=[row for row in answer.body if row["created_at"] != newest])


@fault("dotide/list_tokens/shows-created.first-scope-only")
def _first_scope(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists access tokens with the first of their scopes."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    return replace(answer, body=[{**row, "scopes": row["scopes"][:1]} for row in answer.body])


@fault("dotide/read_token/as-created.without-ids")
def _without_ids(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads scopes without their ids."""
    return _each_scope(proceed(call), ids=[])


@fault("dotide/read_token/as-created.permissions-lost")
def _permissions_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads the first permission of each scope only."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    scopes = [{**each, "permissions": each["permissions"][:1]} for each in answer.body["scopes"]]
    return showing(answer, scopes=scopes)


@fault("dotide/read_token/unknown-token.updated", on="update_token")
def _updated(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Makes a token by the update of one that isn't there."""
    answer = proceed(call)
    if answer.rule != "dotide/read_token/unknown-token":
        return answer
    made = proceed(
        call.to(context.api.operations["create_token"], scopes=call.arguments.get("scopes"))
    )
    return replace(made, status=200, headers={}) if made.accepted else answer


@fault("dotide/update_token/scopes-replaced.added")
def _added(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds the scopes that are sent to those that the token has."""
    read = context.api.operations["read_token"]
    old = proceed(call.to(read, access_token=call.arguments.get("access_token")))
    sent = call.arguments.get("scopes")
    if not old.accepted or not isinstance(sent, list):
        return proceed(call)
    return proceed(call.changed(scopes=[*old.body["scopes"], *sent]))


@fault("dotide/delete_token/not-readable.from-memory", on="any")
def _from_memory(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Still reads an access token that is deleted."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/deleted-tokens", {})
    operation, token = call.operation.id, str(call.arguments.get("access_token"))
    if operation == "delete_token":
        old = proceed(call.to(context.api.operations["read_token"], access_token=token))
        answer = proceed(call)
        if old.accepted and answer.accepted:
            memory[token] = old
        return answer
    answer = proceed(call)
    if operation == "read_token" and not answer.accepted and token in memory:
        return Answer(200, memory[token].body)
    return answer
