"""Times in the wrong zone: one function and one sentence each."""

from __future__ import annotations

from datetime import UTC, datetime

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import Stream, each_stream, stream_id
from streamproof.mockserver.faults import Fault, Proceed, fault

_ZONED = {"tz", "Timezone"}


@fault("dotide/list/tz.ignored")
def _list_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `tz`."""
    return proceed(call.changed(tz=ABSENT))


@fault("dotide/list/tz.offset-only")
def _list_offset_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Writes the offset of the zone `tz` behind the time of day of the default zone."""
    return _offset_only(proceed, call)


@fault("dotide/list/tz-default.utc")
def _list_utc(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Lists in UTC when no zone is sent."""
    return _in_utc(proceed, call)


@fault("dotide/create/tz.offset-only")
def _create_offset_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Writes the offset of the zone `tz` behind the time of day in UTC."""
    answer = proceed(call)
    return each_stream(answer, _as_if_utc) if "tz" in call.arguments else answer


@fault("dotide/read/tz.ignored")
def _read_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `tz`."""
    return proceed(call.changed(tz=ABSENT))


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


@fault("dotide/update/tz-default.utc")
def _update_utc(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers in UTC when no zone is sent."""
    return _in_utc(proceed, call)


@fault("dotide/update/tz-not-remembered.remembered", on="any")
def _remembered(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Reads a datastream, unless told otherwise, in the zone of its last update."""
    zones: dict[str, str] = context.space.scratch.setdefault("dotide/update/tz-remembered", {})
    known, zone = zones.get(stream_id(call)), call.arguments.get("tz")
    if call.operation.id == "read" and zone is None and known:
        return proceed(call.changed(tz=known))
    answer = proceed(call)
    if call.operation.id == "update" and answer.accepted and zone is not None:
        zones[answer.body["id"]] = zone
    return answer


def _in_utc(proceed: Proceed, call: Call) -> Answer:
    return proceed(call if call.arguments.keys() & _ZONED else call.changed(tz="UTC"))


def _offset_only(proceed: Proceed, call: Call) -> Answer:
    answer, usual = proceed(call), proceed(call.changed(tz=ABSENT))
    if not (answer.accepted and usual.accepted):
        return answer
    shown = {row["id"]: row for row in usual.body}

    def change(row: Stream) -> Stream:
        other = shown.get(row["id"], row)
        return {**row, **{n: other[n][:-6] + row[n][-6:] for n in ("created_at", "updated_at")}}

    return each_stream(answer, change)


def _as_if_utc(row: Stream) -> Stream:
    """The row with the clock of Greenwich beside the offset of its zone."""

    def clock(text: str) -> str:
        utc = datetime.fromisoformat(text).astimezone(UTC)
        return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + text[-6:]

    return {**row, **{n: clock(row[n]) for n in ("created_at", "updated_at")}}


ZONE_FAULTS: tuple[Fault, ...] = tuple(
    each for each in globals().values() if isinstance(each, Fault)
)
