"""Contents that aren't taken or kept as they were sent: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import (
    Stream,
    each_stream,
    refused,
    showing,
    stored,
    stream_id,
    tags,
)
from streamproof.mockserver.dotide.field_faults import whole
from streamproof.mockserver.faults import ANY, Fault, Proceed, fault
from streamproof.mockserver.parsing import Unreadable, read_json


@fault("dotide/create/example-accepted.no-blank-in-a-name")
def _no_blank(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a create whose name holds a blank."""
    return refused(proceed, call, context) if " " in _name(call) else proceed(call)


@fault("dotide/create/example-accepted.two-tags-at-most")
def _two_tags(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a create with more than two tags beside properties."""
    many = len(_sent_tags(call)) > 2 and bool(_sent_properties(call))
    return refused(proceed, call, context) if many else proceed(call)


@fault("dotide/update/example-accepted.three-tags-at-most")
def _three_tags(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects an update with more than three tags."""
    return refused(proceed, call, context) if len(_sent_tags(call)) > 3 else proceed(call)


@fault("dotide/update/example-accepted.longer-names-only")
def _longer_names(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects an update to a name of less than five characters."""
    return refused(proceed, call, context) if 0 < len(_name(call)) < 5 else proceed(call)


@fault("dotide/create/properties-kept.false-dropped")
def _false_dropped(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Drops properties that are false, zero or empty text."""
    sent = _sent_properties(call)
    kept = {n: v for n, v in sent.items() if v or isinstance(v, dict | list) or v is None}
    return proceed(call.changed(properties=kept) if sent else call)


@fault("dotide/update/properties.fractions-lost")
def _fractions_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts the fraction off property values that are numbers."""
    sent = _sent_properties(call)
    cut = {name: whole(value) for name, value in sent.items()}
    return proceed(call.changed(properties=cut) if sent else call)


@fault("dotide/update/name.lower-case")
def _lower_case(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores the new name in lower case, though it answers with the one that was sent."""
    name = _name(call)
    answer = proceed(call.changed(name=name.lower()) if name else call)
    return showing(answer, name=name) if answer.accepted and name else answer


@fault("dotide/update/tags-replaced.fewer-refused")
def _fewer_refused(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Keeps the old tags when all that are sent stand among them."""
    sent, old = _sent_tags(call), tags(stored(proceed, call, context))
    inside = bool(sent) and all(tag in old for tag in sent)
    return proceed(call.changed(tags=ABSENT) if inside else call)


@fault("dotide/update/created-at-stays.whole-seconds", on="any")
def _whole_seconds(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows `created_at` in whole seconds once a datastream was updated."""
    updated: set[str] = context.space.scratch.setdefault("dotide/created-at-stays", set())
    answer = proceed(call)
    if call.operation.id == "update" and answer.accepted:
        updated.add(answer.body["id"])

    def change(row: Stream) -> Stream:
        if row["id"] not in updated:
            return row
        created = datetime.fromisoformat(row["created_at"]).replace(microsecond=0)
        return {**row, "created_at": created.isoformat(timespec="milliseconds")}

    return each_stream(answer, change)


@fault("dotide/update/updated-at-not-back.to-created-at", on="any")
def _to_created_at(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Puts `updated_at` back to `created_at` by every second update of a datastream."""
    times: dict[str, int] = context.space.scratch.setdefault("dotide/updated-at-not-back", {})
    answer = proceed(call)
    if call.operation.id == "update" and answer.accepted:
        times[answer.body["id"]] = times.get(answer.body["id"], 0) + 1
    return each_stream(
        answer,
        lambda row: (
            {**row, "updated_at": row["created_at"]} if times.get(row["id"], 1) % 2 == 0 else row
        ),
    )


@fault("dotide/delete/not-readable.once-more", on="any")
def _once_more(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Reads a deleted datastream one more time."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/once-more", {})
    old = stored(proceed, call, context) if call.operation.id == "delete" else None
    answer = proceed(call)
    if old and answer.accepted:
        memory[stream_id(call)] = old
    if call.operation.id == "read" and not answer.accepted and stream_id(call) in memory:
        return Answer(200, memory.pop(stream_id(call)))
    return answer


@fault("dotide/delete/not-listed.by-its-id", on="any")
def _by_its_id(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Still lists a deleted datastream where `ids` names it."""
    memory: dict[str, Any] = context.space.scratch.setdefault("dotide/by-its-id", {})
    old = stored(proceed, call, context) if call.operation.id == "delete" else None
    answer = proceed(call)
    if old and answer.accepted:
        memory[stream_id(call)] = old
    if call.operation.id != "list" or not answer.accepted or "tags" in call.arguments:
        return answer
    rows = {row["id"]: row for row in answer.body}
    named = str(call.arguments.get("ids", "")).split(",")
    rows |= {each: memory[each] for each in named if each in memory and each not in rows}
    return replace(answer, body=[rows[each] for each in sorted(rows)])


def _name_as_sent(operation: str) -> Fault:
    rule = f"dotide/{operation}/field-types"

    def keep(proceed: Proceed, call: Call, context: Context) -> Answer:
        kept: dict[str, Any] = context.space.scratch.setdefault(rule, {})
        name = call.arguments.get("name")
        odd = isinstance(name, int | float) and not isinstance(name, bool)
        if call.operation.id == operation and odd:
            answer = proceed(call.changed(name=str(name)))
            if answer.accepted:
                kept[answer.body["id"]] = name
            return answer
        answer = proceed(call)
        if call.operation.id == "read" and answer.accepted and answer.body["id"] in kept:
            return showing(answer, name=kept[answer.body["id"]])
        return answer

    says = "Takes a number for a name, and reads it back as a number."
    return Fault(f"{rule}.name-as-sent", ANY, keep, says)


def _as_empty(operation: str) -> Fault:
    rule = f"dotide/{operation}/malformed-json"

    def forgive(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return proceed(_with_body(call, b"{}")) if answer.rule == rule else answer

    says = "Takes a body that is not JSON for an empty object."
    return Fault(f"{rule}.as-empty", operation, forgive, says)


def _trailing_comma(operation: str) -> Fault:
    rule = f"dotide/{operation}/malformed-json"

    def forgive(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        body = call.request.body.rstrip().rstrip(b",}").rstrip().rstrip(b",") + b"}"
        try:
            read_json(body, "body")
        except Unreadable:
            return answer
        return proceed(_with_body(call, body)) if answer.rule == rule else answer

    says = "Forgives a comma, or nothing at all, in place of the brace that ends a body."
    return Fault(f"{rule}.trailing-comma", operation, forgive, says)


def _first_character(operation: str) -> Fault:
    rule = f"dotide/{operation}/property-names"

    def look(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        if answer.rule != rule:
            return answer
        kept = {n: v for n, v in _sent_properties(call).items() if not set(n[1:]) & set("$.")}
        return proceed(call.changed(properties=kept))

    says = "Looks for `$` and `.` at the beginning of a property name only, and drops other such."
    return Fault(f"{rule}.first-character-only", operation, look, says)


def _with_body(call: Call, body: bytes) -> Call:
    return replace(call, request=replace(call.request, body=body))


def _name(call: Call) -> str:
    name = call.arguments.get("name")
    return name if isinstance(name, str) else ""


def _sent_tags(call: Call) -> list[Any]:
    sent = call.arguments.get("tags")
    return sent if isinstance(sent, list) else []


def _sent_properties(call: Call) -> dict[str, Any]:
    sent = call.arguments.get("properties")
    return sent if isinstance(sent, dict) else {}


_MAKERS = (_name_as_sent, _as_empty, _trailing_comma, _first_character)


MADE: tuple[Fault, ...] = (
    *(make(operation) for make in _MAKERS for operation in ("create", "update")),
)
