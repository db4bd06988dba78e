"""What faults of bge are made of: other calls of the same caller, and altered answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from streamproof.mockserver.bge.arrival import SIGNATURE_FIELDS
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed
from streamproof.mockserver.parsing import first_of_each
from streamproof.specs.bge import signature

Record = dict[str, Any]


def payload(answer: Answer, context: Context) -> Any:
    """The data of an accepted answer."""
    return answer.body["data"] if context.dialect["envelope"] == "wrapped" else answer.body


def answering(answer: Answer, context: Context, data: Any) -> Answer:
    """An accepted answer with other data."""
    wrapped = context.dialect["envelope"] == "wrapped"
    return replace(answer, body={**answer.body, "data": data} if wrapped else data)


def showing(answer: Answer, context: Context, **members: Any) -> Answer:
    """An accepted answer whose data has other members; a rejection as it is."""
    if not answer.accepted:
        return answer
    return answering(answer, context, {**payload(answer, context), **members})


def pretended(context: Context, data: Any) -> Answer:
    """An accepted answer that no operation gave."""
    wrapped = context.dialect["envelope"] == "wrapped"
    return Answer(200, {"code": 0, "msg": "", "data": data} if wrapped else data)


def sent(call: Call) -> dict[str, str]:
    """The fields of a form as sent, without those of its signature. Raises `Unreadable`."""
    fields = first_of_each(call.request.form_fields)
    return {name: text for name, text in fields.items() if name not in SIGNATURE_FIELDS}


def asked(call: Call, context: Context, operation: str, **fields: object) -> Call:
    """A call with these fields, sent and signed as the app of the fixtures would."""
    own = context.fixtures["credentials"]
    stamp = context.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    form = signature.signed(fields, own["app_key"], own["app_secret"], uuid.uuid4().hex, stamp)
    headers = {**call.request.headers, "content-type": "application/x-www-form-urlencoded"}
    body = urlencode(form).encode()
    request = replace(call.request, method="POST", query="", headers=headers, body=body)
    return Call(context.api.operations[operation], request, {})


def resigned(call: Call, context: Context, **fields: object) -> Call:
    """The same call, rightly signed, with `fields` in place of some of its own."""
    return asked(call, context, call.operation.id, **{**sent(call), **fields})


def refused(proceed: Proceed, call: Call) -> Answer:
    """A rejection, of a call that is sent without any field."""
    return proceed(replace(call, request=replace(call.request, query="", body=b""), changes={}))


def rows(answer: Answer, context: Context) -> Iterator[Record]:
    """The records of an answer: one of retrieve, those of a page, none of any other."""
    if not answer.accepted:
        return
    found = payload(answer, context)
    if "stream_generate_time_mask" in found:
        yield found
    elif "next_page" in found:
        yield from found["result"]


def each_row(answer: Answer, context: Context, change: Callable[[Record], Record]) -> Answer:
    """The answer with all its records changed."""
    changed = [change(row) for row in rows(answer, context)]
    if not changed:
        return answer
    if "next_page" in payload(answer, context):
        return showing(answer, context, result=changed)
    return answering(answer, context, changed[0])


def only_rows(answer: Answer, context: Context, keep: Callable[[Record], bool]) -> Answer:
    """The page with those of its records that `keep` holds of."""
    if not answer.accepted:
        return answer
    kept = [row for row in rows(answer, context) if keep(row)]
    page = payload(answer, context)
    lost = len(page["result"]) - len(kept)
    return showing(answer, context, result=kept, count=page["count"] - lost)


def remembered(context: Context, fault: str) -> dict[Any, Any]:
    """What a fault remembers of earlier calls in this space."""
    memory: dict[Any, Any] = context.space.scratch.setdefault(fault, {})
    return memory
