"""Creates that break a rule: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import showing, stored, stream_id, tags
from streamproof.mockserver.faults import Proceed, fault

_TAKEN = "dotide/create/unique-id"


@fault("dotide/create/location.of-the-collection")
def _collection(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Names the collection in `Location`, not the new datastream."""
    answer = proceed(call)
    return _located(answer, answer.headers.get("Location", "").rpartition("/")[0])


@fault("dotide/create/location.last-character-lost")
def _last_character_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Cuts the last character off `Location`."""
    answer = proceed(call)
    return _located(answer, answer.headers.get("Location", "")[:-1])


@fault("dotide/create/echo.one-tag")
def _one_tag(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with the first tag alone, though it stores all."""
    answer = proceed(call)
    if not answer.accepted or not tags(answer.body):
        return answer
    return showing(answer, tags=tags(answer.body)[:1])


@fault("dotide/create/created-at.an-hour-ago")
def _hour_ago(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with a `created_at` an hour before the create."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    earlier = datetime.fromisoformat(answer.body["created_at"]) - timedelta(hours=1)
    return showing(answer, created_at=earlier.isoformat(timespec="milliseconds"))


@fault("dotide/create/generated-ids-differ.twice")
def _twice(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives every generated id to two creates in a row."""
    if "id" in call.arguments:
        return proceed(call)
    waiting: list[Answer] = context.space.scratch.setdefault("dotide/generated-ids-differ", [])
    if waiting:
        return waiting.pop()
    answer = proceed(call)
    if answer.accepted:
        waiting.append(answer)
    return answer


@fault("dotide/create/unique-id.other-type")
def _other_type(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets a create with a taken id replace a datastream of another type."""
    answer = proceed(call)
    if answer.rule != _TAKEN:
        return answer
    old = stored(proceed, call, context)
    if old.get("type") == call.arguments.get("type", "number"):
        return answer
    proceed(call.to(context.api.operations["delete"], id=stream_id(call)))
    return proceed(call)


@fault("dotide/create/reborn-is-new.old-tags", on="any")
def _old_tags(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Gives the tags of a deleted datastream to the next one of its id that comes without any."""
    buried: dict[str, list[str]] = context.space.scratch.setdefault("dotide/reborn-is-new", {})
    match call.operation.id:
        case "delete":
            old = stored(proceed, call, context)
            answer = proceed(call)
            if answer.accepted and old:
                buried[stream_id(call)] = tags(old)
            return answer
        case "create" if not call.arguments.get("tags"):
            return proceed(call.changed(tags=buried.pop(stream_id(call), ABSENT)))
        case _:
            return proceed(call)


@fault("dotide/create/shared-name.refused")
def _name_refused(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a name that another datastream has."""
    names: set[str] = context.space.scratch.setdefault("dotide/shared-name", set())
    name = call.arguments.get("name")
    if not isinstance(name, str):
        return proceed(call)
    if name in names:
        return proceed(call.changed(type="taken name"))
    answer = proceed(call)
    if answer.accepted:
        names.add(name)
    return answer


def _located(answer: Answer, location: str) -> Answer:
    if not answer.accepted:
        return answer
    return replace(answer, headers={**answer.headers, "Location": location})
