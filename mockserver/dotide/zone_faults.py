"""Times in the wrong zone: one function and one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import Stream, each_stream, stream_id
from streamproof.mockserver.faults import ANY, Fault, Proceed, fault

_ZONED = {"tz", "Timezone"}
_TIMES = ("created_at", "updated_at")


@fault("dotide/create/tz.offset-only")
def _create_offset_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Writes the offset of the zone `tz` behind the time of day in UTC."""
    answer = proceed(call)
    return each_stream(answer, _as_if_utc) if "tz" in call.arguments else answer


@fault("dotide/update/tz.updated-at-in-utc")
def _updated_at_wrong(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows `updated_at` in UTC, whatever `tz` says."""
    answer = proceed(call)
    if not answer.accepted or "tz" not in call.arguments:
        return answer

    def in_utc(row: Stream) -> Stream:
        shown = datetime.fromisoformat(row["updated_at"]).astimezone(UTC)
        return {**row, "updated_at": shown.isoformat(timespec="milliseconds")}

    return each_stream(answer, in_utc)


def _ignored(operation: str) -> Fault:
    def ignore(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(tz=ABSENT) if "tz" in call.arguments else call)

    return Fault(f"dotide/{operation}/tz.ignored", operation, ignore, "Takes no notice of `tz`.")


def _utc(operation: str) -> Fault:
    def in_utc(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call if call.arguments.keys() & _ZONED else call.changed(tz="UTC"))

    says = "Answers in UTC when no zone is sent."
    return Fault(f"dotide/{operation}/tz-default.utc", operation, in_utc, says)


def _offset_only(operation: str) -> Fault:
    def offset_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer, usual = proceed(call), proceed(call.changed(tz=ABSENT))
        if not (answer.accepted and usual.accepted):
            return answer
        rows = usual.body if isinstance(usual.body, list) else [usual.body]
        shown = {row["id"]: row for row in rows}

        def change(row: Stream) -> Stream:
            other = shown.get(row["id"], row)
            return {**row, **{n: other[n][:-6] + row[n][-6:] for n in _TIMES}}

        return each_stream(answer, change)

    says = "Writes the offset of the zone `tz` behind the time of day of the default zone."
    return Fault(f"dotide/{operation}/tz.offset-only", operation, offset_only, says)


def _remembered(operation: str) -> Fault:
    rule = f"dotide/{operation}/tz-not-remembered"

    def remember(proceed: Proceed, call: Call, context: Context) -> Answer:
        zones: dict[str, str] = context.space.scratch.setdefault(rule, {})
        known, zone = zones.get(stream_id(call)), call.arguments.get("tz")
        if call.operation.id == "read" and zone is None and known:
            return proceed(call.changed(tz=known))
        answer = proceed(call)
        if call.operation.id == operation and answer.accepted and zone is not None:
            zones[answer.body["id"]] = zone
        return answer

    says = f"Reads a datastream, unless told otherwise, in the zone of its last {operation}."
    return Fault(f"{rule}.remembered", ANY, remember, says)


def _as_if_utc(row: Stream) -> Stream:
    """The row with the clock of Greenwich beside the offset of its zone."""

    def clock(text: str) -> str:
        utc = datetime.fromisoformat(text).astimezone(UTC)
        return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + text[-6:]

    return {**row, **{n: clock(row[n]) for n in _TIMES}}


MADE: tuple[Fault, ...] = (
    *map(_ignored, ("list", "create", "read", "update", "list_datapoints")),
    *map(_utc, ("list", "create", "read", "update")),
    *map(_offset_only, ("list", "read")),
    *map(_remembered, ("create", "update")),
)
