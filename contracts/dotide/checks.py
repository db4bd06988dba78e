"""All checks of Dotide, and the life of what they create."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, unquote

from streamproof.contracts.check import Check, Trial, Unavailable, Unmet
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import (
    calls,
    creating,
    credentials,
    datapoints,
    deleting,
    everywhere,
    filtering,
    listing,
    naming,
    oddities,
    open_bases,
    paging,
    points_between,
    points_created,
    points_listed,
    points_pages,
    points_streams,
    reading,
    rights,
    samples,
    tokens,
    updating,
    zones,
)
from streamproof.contracts.dotide.shelves import a_stream, ready
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.names import Names
from streamproof.contracts.shapes import Arguments, generated
from streamproof.contracts.values import parse
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs import api


def _create(trial: Trial) -> dict[str, Any]:
    calls.ready(trial)
    return calls.contents(trial)


def _list(trial: Trial) -> dict[str, Any]:
    ready(trial)
    return {"limit": 2, "tz": "UTC"}


def _stream(trial: Trial) -> dict[str, Any]:
    return {"id": calls.make(trial)["id"]}


def _read(trial: Trial) -> dict[str, Any]:
    return {"id": a_stream(trial), "tz": "UTC"}


def _update(trial: Trial) -> dict[str, Any]:
    return {**_stream(trial), **calls.updated()}


_MOST_LISTED: Final = 5000  # streams that a look for leftovers goes through

ARGUMENTS: Final[Mapping[str, Arguments]] = {
    "list": _list,
    "create": _create,
    "read": _read,
    "update": _update,
    "delete": _stream,
    "list_datapoints": datapoints.list_arguments,
    "create_datapoints": datapoints.create_arguments,
    "delete_datapoints": datapoints.delete_arguments,
    "list_tokens": tokens.list_arguments,
    "create_token": tokens.create_arguments,
    "read_token": tokens.one,
    "update_token": tokens.update_arguments,
    "delete_token": tokens.one,
}


def _show_type(trial: Trial, extra: Mapping[str, Any]) -> Any:
    return calls.create(trial, **{"type": None, **extra})[1].get("type")


_FOUND: Final = ("list", "read")  # for whose calls a run that only reads finds what it needs

SHOWS: Final = {
    **zones.SHOWS,
    "dotide/create/type-default": _show_type,
    "dotide/list_datapoints/function-default": samples.show_function,
}


CHECKS: Final[tuple[Check, ...]] = (
    *(
        replace(each, reads=each.reads and each.rule.split("/")[1] in _FOUND)
        for each in generated(api.load("dotide"), ARGUMENTS, SHOWS)
    ),
    *credentials.CHECKS,
    *everywhere.CHECKS,
    *listing.CHECKS,
    *filtering.CHECKS,
    *paging.CHECKS,
    *naming.CHECKS,
    *oddities.CHECKS,
    *creating.CHECKS,
    *reading.CHECKS,
    *updating.CHECKS,
    *deleting.CHECKS,
    *zones.CHECKS,
    *tokens.CHECKS,
    *rights.CHECKS,
    *open_bases.CHECKS,
    *points_created.CHECKS,
    *points_listed.CHECKS,
    *points_between.CHECKS,
    *points_pages.CHECKS,
    *points_streams.CHECKS,
    *samples.CHECKS,
)


# The rules that say that a good call of an operation is accepted.
PROMISES: Final[Mapping[str, tuple[str, ...]]] = {
    "list": ("dotide/list/example-accepted",),
    "create": ("dotide/create/example-accepted",),
    "read": ("dotide/read/as-created",),
    "update": ("dotide/update/example-accepted",),
    "delete": ("dotide/any/basic", "dotide/any/access-token"),
}


def _will_create(request: Request) -> str | None:
    """The id that a create names; or an update, which must create nothing, but may."""
    if request.operation.id not in ("create", "update"):
        return None
    try:
        body = parse(request.body or b"").value
    except ValueError:
        body = None
    named = body.get("id") if isinstance(body, dict) else None
    if isinstance(named, str) and named:
        return named
    return unquote(request.path.rpartition("/")[2]) if request.operation.id == "update" else None


def _did_create(outcome: Outcome) -> tuple[str, ...]:
    if made := _made_token(outcome):
        return (tokens.key(made),)
    if outcome.request.operation.id != "create":
        return ()
    made = outcome.payload.get("id") if isinstance(outcome.payload, dict) else None
    if not isinstance(made, str):  # a body that can't be read
        made = unquote(outcome.headers.get("location", "").rpartition("/")[2])
    return (made,) if made else ()


def _made_token(outcome: Outcome) -> str | None:
    """The access token that a create answered with."""
    if outcome.request.operation.id != "create_token" or not isinstance(outcome.payload, dict):
        return None
    made = outcome.payload.get("access_token")
    return made if isinstance(made, str) and made else None


def _given_out(outcome: Outcome) -> tuple[str, ...]:
    return tuple(filter(None, [_made_token(outcome)]))


def _remove(client: Client, stream: str) -> bool | None:
    """A stream that can still be read or is listed is left, and so is one of which nobody knows."""
    if tokens.is_key(stream):
        return tokens.remove(client, stream)
    request = client.request("delete", id=stream)
    for auth in client.auths.values():
        outcomes = [client.send(request, auth)]
        if outcomes[0].accepted:
            return True
        outcomes.append(_look(client, stream))
        for outcome in outcomes:
            if outcome.unavailable:
                raise Unavailable(str(outcome))
        if outcomes[1].rejected:
            return _removed_otherwise(client, request, stream)
    return False


def _removed_otherwise(client: Client, request: Request, stream: str) -> bool | None:
    """Of a stream that can't be read: a server that is wrong about odd characters in a path may
    know another spelling of it."""
    if re.fullmatch(r"[\w.-]+", stream) or not _is_listed(client, stream):
        return None
    for spelling in (quote(stream, safe="/"), quote(quote(stream, safe=""), safe="")):
        client.send(replace(request, path=f"/datastreams/{spelling}"))
        if not _is_listed(client, stream):
            return True
    return False


def _is_listed(client: Client, stream: str) -> bool:
    rows = client.call("list", ids=stream).payload
    return isinstance(rows, list) and any(
        isinstance(row, dict) and row.get("id") == stream for row in rows
    )


def _look(client: Client, stream: str) -> Outcome:
    if tokens.is_key(stream):
        return tokens.look(client, stream)
    return client.call("read", id=stream)


def _present(client: Client, streams: Sequence[str]) -> set[str]:
    """Which of these streams there may be, if the list keeps to the ids that it is asked for."""
    kept = {stream for stream in streams if tokens.is_key(stream)}  # they are looked for one by one
    streams = [stream for stream in streams if stream not in kept]
    plain = {stream for stream in streams if "," not in stream}  # it is asked for others by commas
    rows = _rows(client.call("list", ids=",".join(sorted(plain)), limit=calls.PAGE))
    found = {key for key, _ in rows}
    if not found <= plain:
        raise Unmet("a list of some ids alone")
    return found | ({*streams} - plain) | kept


def _marked(client: Client, run_id: str | None) -> Iterator[tuple[str, Any]]:
    """Access tokens, and streams with a run's tag, page by page; without a run id all that there
    are."""
    if "basicAuth" in client.auths:
        for row in tokens.listed(client):
            yield tokens.key(str(row.get("access_token"))), row.get("scopes")
    tags = {} if run_id is None else {"tags": Names(run_id).mark}
    known: set[str] = set()
    while True:
        offset = {"offset": len(known)} if known else {}
        rows = _rows(client.call("list", **tags, **offset, limit=calls.PAGE))
        new = [(key, row) for key, row in rows if key not in known]
        yield from new
        known.update(key for key, _ in new)
        if not new or len(known) >= _MOST_LISTED:
            return


def _rows(outcome: Outcome) -> list[tuple[str, Any]]:
    """The rows of a list by their ids. Raises `Unmet` for what is no list."""
    if not outcome.accepted or not isinstance(outcome.payload, list):
        raise Unmet(f"a list: {outcome}")
    rows = [row for row in outcome.payload if isinstance(row, dict)]
    return [(row["id"], row) for row in rows if isinstance(row.get("id"), str)]


def _made(client: Client, stream: str | None, name: str, mark: str) -> Outcome:
    """A stream that carries the run's mark; with all fields, because a server may ask for them."""
    named = {} if stream is None else {"id": stream}
    fields = {"name": name, "type": "number", "tags": [mark], "properties": {"prop1": 1}}
    return client.call("create", **named, **fields)


LIFECYCLE: Final = Lifecycle(
    _will_create,
    _did_create,
    _remove,
    look=_look,
    present=_present,
    marked=_marked,
    create=_made,
    alarms={
        "delete by basicAuth": "dotide/any/basic",
        "delete by bearerAuth": "dotide/any/access-token",
        "delete by queryToken": "dotide/any/access-token",
        "kept": "dotide/delete/not-readable",
        "foreign": "dotide/create/generated-id",
    },
    secrets=_given_out,
    other_places=("other_database", "public_database"),
    elsewhere=naming.elsewhere,
)
