"""Creates that treat a field against its rule: one function and one sentence each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import stream_id
from streamproof.mockserver.faults import Fault, Proceed, fault

_TYPE = "dotide/create/type-enum"
_NAMES = "dotide/create/property-names"
_NAME_MARKS = re.compile(r"[$.]")


@fault("dotide/create/type-enum.ignores-case")
def _type_case(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a type in capitals too."""
    sent = call.arguments.get("type")
    return proceed(call.changed(type=sent.lower()) if isinstance(sent, str) else call)


@fault("dotide/create/type-enum.no-geojson")
def _no_geojson(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects `geojson`."""
    refused = call.arguments.get("type") == "geojson"
    return proceed(call.changed(type="no geojson") if refused else call)


@fault("dotide/create/property-names.first-character-only")
def _first_character(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Looks for `$` and `.` at the beginning of a property name only, and drops other such ones."""
    answer = proceed(call)
    if answer.rule != _NAMES:
        return answer
    sent = call.arguments["properties"]
    return proceed(
        call.changed(properties={k: v for k, v in sent.items() if not _NAME_MARKS.search(k, 1)})
    )


def whole(value: Any) -> Any:
    """A number without its fraction; one that has none, as large as it is."""
    return int(value) if isinstance(value, float) and not value.is_integer() else value


@fault("dotide/create/properties-kept.whole-numbers")
def _whole_numbers(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts the fraction off property values that are numbers."""
    return _storing(proceed, call, whole)


@fault("dotide/create/nested-properties-kept.last-item-lost")
def _last_item_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Loses the last item of an array, and the members of an object, in a property's value."""
    return _storing(
        proceed, call, lambda v: v[:-1] if isinstance(v, list) else {} if isinstance(v, dict) else v
    )


@fault("dotide/create/rejected-stores-nothing.stored-all-the-same")
def _stored_all_the_same(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores what it can of a create that it rejects for its type or its property names."""
    answer = proceed(call)
    if answer.rule == _TYPE:
        proceed(call.changed(type=ABSENT))
    if answer.rule == _NAMES:
        proceed(call.changed(properties=ABSENT))
    return answer


@fault("dotide/create/malformed-json.as-empty")
def _as_empty(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes a body that is not JSON for an empty object."""
    answer = proceed(call)
    if answer.rule != "dotide/create/malformed-json":
        return answer
    return proceed(replace(call, request=replace(call.request, body=b"{}")))


@fault("dotide/create/tz.ignored")
def _tz_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of `tz`."""
    return proceed(call.changed(tz=ABSENT))


@fault("dotide/create/tz-default.utc")
def _utc(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers in UTC when no zone is sent."""
    named = call.arguments.keys() & {"tz", "Timezone"}
    return proceed(call if named else call.changed(tz="UTC"))


@fault("dotide/create/tz-not-remembered.remembered", on="any")
def _remembered(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Reads a datastream, unless told otherwise, in the zone of its create."""
    zones: dict[str, str] = context.space.scratch.setdefault("dotide/tz-not-remembered", {})
    known, zone = zones.get(stream_id(call)), call.arguments.get("tz")
    if call.operation.id == "read" and zone is None and known:
        return proceed(call.changed(tz=known))
    answer = proceed(call)
    if call.operation.id == "create" and answer.accepted and zone is not None:
        zones[answer.body["id"]] = zone
    return answer


def _storing(proceed: Proceed, call: Call, alter: Callable[[Any], Any]) -> Answer:
    """Create with every property's value altered."""
    sent = call.arguments.get("properties")
    if not isinstance(sent, dict):
        return proceed(call)
    return proceed(call.changed(properties={name: alter(v) for name, v in sent.items()}))


FIELD_FAULTS: tuple[Fault, ...] = (
    _type_case,
    _no_geojson,
    _first_character,
    _whole_numbers,
    _last_item_lost,
    _stored_all_the_same,
    _as_empty,
    _tz_ignored,
    _utc,
    _remembered,
)
