"""All checks of Dotide, and the life of what they create."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, unquote

from streamproof.contracts.check import Check, Trial
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import (
    calls,
    creating,
    credentials,
    deleting,
    everywhere,
    filtering,
    listing,
    naming,
    oddities,
    paging,
    reading,
    updating,
    zones,
)
from streamproof.contracts.live import Lifecycle
from streamproof.contracts.shapes import Arguments, generated
from streamproof.contracts.values import parse
from streamproof.contracts.wire import Outcome, Request
from streamproof.specs import api


def _create(trial: Trial) -> dict[str, Any]:
    calls.ready(trial)
    return calls.contents(trial)


def _list(trial: Trial) -> dict[str, Any]:
    calls.ready(trial)
    return {"limit": 2, "tz": "UTC"}


def _stream(trial: Trial) -> dict[str, Any]:
    return {"id": calls.make(trial)["id"]}


def _read(trial: Trial) -> dict[str, Any]:
    return {**_stream(trial), "tz": "UTC"}


def _update(trial: Trial) -> dict[str, Any]:
    return {**_stream(trial), **calls.updated()}


ARGUMENTS: Final[Mapping[str, Arguments]] = {
    "list": _list,
    "create": _create,
    "read": _read,
    "update": _update,
    "delete": _stream,
}


def _show_type(trial: Trial, extra: Mapping[str, Any]) -> Any:
    return calls.create(trial, **{"type": None, **extra})[1].get("type")


SHOWS: Final = {**zones.SHOWS, "dotide/create/type-default": _show_type}


CHECKS: Final[tuple[Check, ...]] = (
    *generated(api.load("dotide"), ARGUMENTS, SHOWS),
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
    if outcome.request.operation.id != "create":
        return ()
    made = outcome.payload.get("id") if isinstance(outcome.payload, dict) else None
    if not isinstance(made, str):  # a body that can't be read
        made = unquote(outcome.headers.get("location", "").rpartition("/")[2])
    return (made,) if made else ()


def _remove(client: Client, stream: str) -> bool | None:
    """A stream that can still be read or is listed is left, and so is one of which nobody knows."""
    request = client.request("delete", id=stream)
    if client.send(request).accepted:
        return True
    if not client.call("read", id=stream).rejected:
        return False
    if re.fullmatch(r"[\w.-]+", stream) or not _is_listed(client, stream):
        return None
    # A server that is wrong about odd characters in a path may know another spelling of it.
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


LIFECYCLE: Final = Lifecycle(_will_create, _did_create, _remove)
