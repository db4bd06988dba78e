"""Reads and updates that break a rule: one function and one sentence each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.fault_tools import longer, showing, stored, tags, update
from streamproof.mockserver.faults import Proceed, fault


@fault("dotide/read/as-created.last-tag-lost")
def _last_tag_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Reads a datastream without the last of its tags."""
    answer = proceed(call)
    return showing(answer, tags=tags(answer.body)[:-1]) if answer.accepted else answer


@fault("dotide/read/changes-nothing.touches")
def _touches(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Updates, without a change, what it reads."""
    answer = proceed(call)
    if answer.accepted:
        update(proceed, call, context, call.arguments["id"], name=answer.body.get("name"))
    return answer


@fault("dotide/update/answers-new.the-old")
def _the_old(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers with the datastream as it was before."""
    old, answer = stored(proceed, call, context), proceed(call)
    return replace(answer, body=old) if answer.accepted and "id" in old else answer


@fault("dotide/update/name.not-stored")
def _name_not_stored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with the new name, but keeps the old one."""
    name = call.arguments.get("name")
    answer = proceed(call.changed(name=ABSENT))
    return showing(answer, name=name) if answer.accepted and isinstance(name, str) else answer


@fault("dotide/update/tags-replaced.appended")
def _appended(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Puts the new tags beside the old ones."""
    old, sent = stored(proceed, call, context), call.arguments.get("tags")
    return proceed(call.changed(tags=[*tags(old), *sent]) if isinstance(sent, list) else call)


@fault("dotide/update/properties.new-names-only")
def _new_names_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Keeps the old value of a property that is there already."""
    old, sent = stored(proceed, call, context), call.arguments.get("properties")
    if not isinstance(sent, dict):
        return proceed(call)
    kept = {**sent, **{n: v for n, v in (old.get("properties") or {}).items() if n in sent}}
    return proceed(call.changed(properties=kept))


@fault("dotide/update/updated-at-moves.never", on="any")
def _never(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Shows `created_at` for `updated_at`, whatever happened since."""
    answer = proceed(call)
    if not answer.accepted or answer.body is None:
        return answer
    if isinstance(answer.body, list):
        rows = [{**row, "updated_at": row["created_at"]} for row in answer.body]
        return replace(answer, body=rows)
    return showing(answer, updated_at=answer.body["created_at"])


@fault("dotide/update/type-stays.number-again", on="any")
def _number_again(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows the type `number` once a datastream was updated without a type."""
    reset: set[str] = context.space.scratch.setdefault("dotide/type-stays", set())
    answer = proceed(call)
    if not answer.accepted:
        return answer
    if call.operation.id == "update" and "type" not in call.arguments:
        reset.add(answer.body["id"])
    if call.operation.id == "create":
        reset.discard(answer.body["id"])
    match answer.body:
        case list():
            return replace(answer, body=[_as_number(row, reset) for row in answer.body])
        case dict():
            return replace(answer, body=_as_number(answer.body, reset))
        case _:
            return answer


@fault("dotide/update/created-at-stays.moves")
def _moves(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers with the time of the update for `created_at`."""
    answer = proceed(call)
    return showing(answer, created_at=answer.body["updated_at"]) if answer.accepted else answer


@fault("dotide/update/others-untouched.prefix")
def _prefix_updated(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Changes the name also of datastreams whose ids begin with the id."""
    answer, name = proceed(call), call.arguments.get("name")
    if answer.accepted and isinstance(name, str):
        for other in longer(proceed, call, context):
            update(proceed, call, context, other, name=name)
    return answer


@fault(
    "dotide/update/unknown-id.creates",
    also_fails={"dotide/update/unknown-id-creates-nothing": "What it makes can be read."},
)
def _creates(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Makes a datastream out of an update of an id that doesn't exist."""
    answer = proceed(call)
    if answer.rule != "dotide/update/unknown-id":
        return answer
    made = proceed(call.to(context.api.operations["create"], **call.arguments))
    return replace(made, status=200, headers={})


@fault("dotide/update/unknown-id-creates-nothing.creates-in-secret")
def _creates_in_secret(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects an update of an id that doesn't exist, and creates it all the same."""
    answer = proceed(call)
    if answer.rule == "dotide/update/unknown-id":
        proceed(call.to(context.api.operations["create"], **call.arguments))
    return answer


def _as_number(row: dict[str, Any], reset: set[str]) -> dict[str, Any]:
    return {**row, "type": "number"} if row["id"] in reset else row
