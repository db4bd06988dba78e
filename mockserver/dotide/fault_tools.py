"""What several faults do: ask the good server for something else, or show something else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed


def stream_id(call: Call) -> str:
    """The id that a call is about; empty for none and for one that is no text."""
    sent = call.arguments.get("id")
    return sent if isinstance(sent, str) else ""


def stored(proceed: Proceed, call: Call, context: Context) -> dict[str, Any]:
    """The datastream that a call is about as a read shows it; empty if there is none."""
    zone = {name: value for name, value in call.arguments.items() if name in ("tz", "Timezone")}
    read = call.to(context.api.operations["read"], id=stream_id(call), **zone)
    answer = proceed(read)
    return dict(answer.body) if answer.accepted else {}


def update(proceed: Proceed, call: Call, context: Context, of_id: str, **changes: Any) -> None:
    """Update a datastream in the name of the caller."""
    proceed(call.to(context.api.operations["update"], id=of_id, **changes))


def longer(proceed: Proceed, call: Call, context: Context) -> list[str]:
    """The ids that begin with the call's and go on."""
    listed = proceed(call.to(context.api.operations["list"]))
    sent_id = stream_id(call)
    ids = [row["id"] for row in listed.body] if listed.accepted else []
    return [each for each in ids if each.startswith(sent_id) and each != sent_id]


def tags(row: Mapping[str, Any]) -> list[str]:
    """The tags that a datastream shows, however the dialect shows none."""
    return row.get("tags") or []


def showing(answer: Answer, **members: Any) -> Answer:
    """The same answer with other members in its datastream."""
    return replace(answer, body={**answer.body, **members})
