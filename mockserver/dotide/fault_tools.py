"""What several faults do: ask the good server for something else, or show something else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed

Stream = dict[str, Any]


def stream_id(call: Call) -> str:
    """The id that a call is about; empty for none and for one that is no text."""
    in_path = "{id}" in call.operation.path
    sent = (call.without_body if in_path else call.arguments).get("id")
    return sent if isinstance(sent, str) else ""


def stored(proceed: Proceed, call: Call, context: Context) -> dict[str, Any]:
    """The datastream that a call is about as a read shows it; empty if there is none."""
    sent = ((name, call.arguments.get(name)) for name in ("tz", "Timezone"))
    zone = {name: value for name, value in sent if isinstance(value, str)}
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


def each_stream(answer: Answer, change: Callable[[Stream], Stream]) -> Answer:
    """The same answer with every datastream in it changed."""
    if not answer.accepted or answer.body is None:
        return answer
    if isinstance(answer.body, list):
        rows = [change(row) if _is_stream(row) else row for row in answer.body]
        return replace(answer, body=rows)
    return replace(answer, body=change(answer.body)) if _is_stream(answer.body) else answer


def _is_stream(row: Any) -> bool:
    """Whether it is no datapoint and no access token."""
    return isinstance(row, dict) and "created_at" in row and "id" in row


def refused(proceed: Proceed, call: Call, context: Context) -> Answer:
    """A rejection in the API's own form: of a read, by the same caller, of what isn't there."""
    return proceed(call.to(context.api.operations["read"], id="no such datastream"))


def without_header(call: Call) -> Call:
    """The call without its header `Authorization`."""
    headers = {n: v for n, v in call.request.headers.items() if n != "authorization"}
    return replace(call, request=replace(call.request, headers=headers))
