"""Who calls, and which datastream is meant: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import (
    each_stream,
    refused,
    showing,
    stream_id,
    without_header,
)
from streamproof.mockserver.faults import Proceed, fault

_BY_PATH = ("read", "update", "delete")


@fault("dotide/any/access-token.refused")
def _tokens_refused(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes Basic credentials only."""
    return proceed(_without_query_token(_without_bearer(call)))


@fault("dotide/any/access-token.not-for-updates")
def _no_token_updates(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes Basic credentials only for an update."""
    return proceed(_without_bearer(call) if call.operation.id == "update" else call)


@fault("dotide/any/query-token.refused")
def _query_refused(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes access tokens in the header only."""
    return proceed(_without_query_token(call))


@fault("dotide/any/query-token.not-for-deletes")
def _no_query_deletes(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes access tokens in the header only for a delete."""
    return proceed(_without_query_token(call) if call.operation.id == "delete" else call)


@fault("dotide/any/id-in-path.latin-1")
def _latin_1(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads the bytes of a path as Latin-1."""
    if call.operation.id not in _BY_PATH:
        return proceed(call)
    return proceed(call.changed(id=_mangled(stream_id(call))))


@fault("dotide/any/id-in-path.latin-1-updates")
def _latin_1_updates(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads the bytes of an update's path as Latin-1."""
    if call.operation.id != "update":
        return proceed(call)
    return proceed(call.changed(id=_mangled(stream_id(call))))


@fault("dotide/create/utf8-id.ascii-only")
def _ascii_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects ids that hold a character beyond ASCII."""
    known = stream_id(call).isascii()
    return proceed(call) if known else refused(proceed, call, context)


@fault("dotide/create/utf8-id.three-bytes")
def _three_bytes(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects ids that hold a character of four bytes."""
    known = all(character <= "\uffff" for character in stream_id(call))
    return proceed(call) if known else refused(proceed, call, context)


@fault("dotide/create/utf8-id.shown-as-latin-1")
def _shown_mangled(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with an id whose bytes it takes for Latin-1."""
    return each_stream(proceed(call), lambda row: {**row, "id": _mangled(row["id"])})


@fault("dotide/create/generated-id.required")
def _id_required(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a create without an id."""
    return proceed(call) if "id" in call.arguments else refused(proceed, call, context)


@fault("dotide/create/generated-id.not-its-own")
def _not_its_own(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers a create without an id with an id under which nothing is stored."""
    answer = proceed(call)
    if "id" in call.arguments or not answer.accepted:
        return answer
    shown = answer.body["id"][::-1]
    location = answer.headers["Location"].removesuffix(answer.body["id"]) + shown
    return replace(showing(answer, id=shown), headers={**answer.headers, "Location": location})


@fault("dotide/create/unique-per-database.unique-everywhere", on="any")
def _unique_everywhere(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects an id that is taken in another data base."""
    homes: dict[str, str] = context.space.scratch.setdefault("dotide/unique-per-database", {})
    here, sent = call.request.variables["database"], stream_id(call)
    match call.operation.id:
        case "create" if homes.get(sent, here) != here:
            return refused(proceed, call, context)
        case "create":
            answer = proceed(call)
            if answer.accepted:
                homes[answer.body["id"]] = here
            return answer
        case "delete":
            answer = proceed(call)
            if answer.accepted and homes.get(sent) == here:
                del homes[sent]
            return answer
        case _:
            return proceed(call)


@fault("dotide/create/race-retry.locked")
def _locked(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects all creates that race for an id, and that id for ever after."""
    if _raced(call, context) > 0:
        return refused(proceed, call, context)
    return proceed(call)


@fault("dotide/create/race-retry.refused-once-more")
def _refused_once_more(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects all creates that race for an id, and the first one after them."""
    waiting: set[str] = context.space.scratch.setdefault("dotide/race-retry/waiting", set())
    together = _raced(call, context)
    if together > 1:
        waiting.add(stream_id(call))
        return refused(proceed, call, context)
    if together == 1 and stream_id(call) in waiting:
        waiting.discard(stream_id(call))
        return refused(proceed, call, context)
    return proceed(call)


def _raced(call: Call, context: Context) -> int:
    """How many creates of the call's id are in flight, itself among them; 0 if it never raced."""
    flights: dict[str, list[Call]] = context.space.scratch.setdefault("dotide/race-retry", {})
    raced: set[str] = context.space.scratch.setdefault("dotide/race-retry/raced", set())
    sent = stream_id(call)
    if not sent:
        return 0
    flight = flights.setdefault(sent, [])
    flight.append(call)  # in one step, as no sum would be
    context.race_window()
    together = len(flight)
    if together > 1:
        raced.add(sent)
    context.race_window()  # so that the last to come still meets the first
    flight.pop()
    return together if sent in raced else 0


def _mangled(text: str) -> str:
    return text.encode().decode("latin-1")


def _without_bearer(call: Call) -> Call:
    scheme = (call.request.header("Authorization") or "").partition(" ")[0]
    return without_header(call) if scheme.lower() == "bearer" else call


def _without_query_token(call: Call) -> Call:
    sent: list[tuple[str, Any]] = call.request.query_fields
    kept = urlencode([(name, value) for name, value in sent if name != "access_token"])
    return replace(call, request=replace(call.request, query=kept))
