"""All faults of bge; here those of retrieve, of bind, and of what holds of every call."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from streamproof.mockserver.bge import (
    answer_faults,
    batch_faults,
    call_faults,
    item_faults,
    odd_faults,
    paging_faults,
    range_faults,
    record_faults,
    sequence_faults,
    store_faults,
    times,
    write_faults,
)
from streamproof.mockserver.bge.arrival import SIGNATURE_FIELDS
from streamproof.mockserver.bge.records import micros
from streamproof.mockserver.bge.tampering import (
    answering,
    each_row,
    payload,
    pretended,
    refused,
    remembered,
    resigned,
    sent,
    showing,
)
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import ANY, Fault, Proceed, fault, gathered
from streamproof.mockserver.parsing import first_of_each
from streamproof.specs.bge import signature


@fault("bge/retrieve/unknown-rejected.some-record")
def _some_record(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers an unknown id with the first record of the fixtures."""
    answer = proceed(call)
    if answer.rule != "bge/retrieve/unknown-rejected":
        return answer
    return proceed(call.changed(stream_id=context.fixtures["streams"][0]["stream_id"]))


@fault("bge/retrieve/as-in-range.whole-seconds")
def _whole_seconds(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows `create_time` in whole seconds, which range doesn't."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, "create_time": f"{row['create_time'][:19]}.000000+0800"},
    )


@fault("bge/bind/unknown-rejected.some-entity")
def _some_entity(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers an unknown sample with the first entity."""
    answer = proceed(call)
    if answer.rule != "bge/bind/unknown-rejected":
        return answer
    return pretended(context, {"fundamental_entity_id": context.fixtures["entities"][0]})


@fault("bge/bind/entity-of-sample.other")
def _other_entity(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers another entity than the sample's."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    own = payload(answer, context)["fundamental_entity_id"]
    others = (entity for entity in context.fixtures["entities"] if entity != own)
    return showing(answer, context, fundamental_entity_id=next(others, own))


@fault("bge/bind/same-each-time.alternates")
def _alternates(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers every other call with another entity than the sample's."""
    seen = remembered(context, "bge/bind/same-each-time")
    sample = call.arguments.get("biosample_id")
    seen[sample] = not seen.get(sample, True)
    return (
        proceed(call) if seen[sample] is False else _other_entity.function(proceed, call, context)
    )


@fault("bge/any/changed-field-rejected.additions")
def _additions(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes a call to which a field was added after it was signed."""
    answer = proceed(call)
    if answer.rule != "bge/any/wrong-signature-rejected":
        return answer
    fields = first_of_each(call.request.form_fields)
    secret = context.fixtures["credentials"]["app_secret"]
    for added in fields.keys() - set(SIGNATURE_FIELDS):
        signed = {name: text for name, text in fields.items() if name != added}
        if signature.sign(signed, secret) == fields.get("sign"):
            return proceed(resigned(call, context))
    return answer


@fault("bge/any/unauthenticated-stores-nothing.stored")
def _stored_unauthenticated(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects a wrong signature, but carries out the call."""
    answer = proceed(call)
    if answer.rule == "bge/any/wrong-signature-rejected":
        proceed(resigned(call, context))
    return answer


@fault("bge/any/rejected-stores-nothing.spoilt-data-stored", on="write")
def _stored_though_rejected(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Rejects data that is no JSON, but stores it as text."""
    answer = proceed(call)
    if answer.rule == "bge/write/data-not-json-rejected":
        proceed(resigned(call, context, stream_data=json.dumps(sent(call)["stream_data"])))
    return answer


@fault("bge/any/signed-text-accepted.tilde")
def _tilde(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects values that hold a tilde, as if it were quoted in the signed text."""
    return (
        refused(proceed, call)
        if any("~" in text for text in sent(call).values())
        else proceed(call)
    )


@fault("bge/any/reads-change-nothing.counted")
def _counted(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds one to the `data_type` of a record each time that it is retrieved."""
    reads = remembered(context, "bge/any/reads-change-nothing")
    if call.operation.id == "retrieve":
        read = call.arguments.get("stream_id")
        reads[read] = reads.get(read, -1) + 1
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, "data_type": row["data_type"] + max(0, reads.get(row["stream_id"], 0))},
    )


@fault("bge/any/create-time-is-now.generate-time")
def _generate_time(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows the generate time of a record as its `create_time`."""
    return each_row(
        proceed(call), context, lambda row: {**row, "create_time": row["stream_generate_time"]}
    )


@fault("bge/any/create-time-constant.time-of-reading")
def _time_of_reading(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows the time of reading as `create_time`."""
    now = times.render(micros(context.now()))
    return each_row(proceed(call), context, lambda row: {**row, "create_time": now})


@fault("bge/any/data-element-described.name-of-record")
def _undescribed(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows a record's own id as the `data_element_name` of its data element."""

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        return {
            **row,
            "data_element": {**row["data_element"], "data_element_name": row["stream_id"]},
        }

    return each_row(proceed(call), context, renamed)


@fault("bge/any/no-server-error.odd-limit")
def _server_error(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to a `limit` that is no integer."""
    answer = proceed(call)
    return replace(answer, status=500) if isinstance(call.arguments.get("limit"), str) else answer


@fault("bge/any/no-server-error.deep-data", on="write")
def _deep_data(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to a write whose data nest deeply."""
    answer = proceed(call)
    deep = b"%5B" * 100 in call.request.body
    return replace(answer, status=500) if deep else answer


@fault("bge/any/json-content-type.html")
def _html(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Calls its JSON text/html."""
    answer = proceed(call)
    body = json.dumps(answer.body, default=str)
    return replace(answer, body=body, headers={**answer.headers, "Content-Type": "text/html"})


@fault("bge/any/envelope.data-as-text")
def _data_as_text(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the JSON text of the data in place of the data."""
    answer = proceed(call)
    if not answer.accepted:
        return answer
    return answering(answer, context, json.dumps(payload(answer, context), default=str))


def _forgiving(slug: str, says: str) -> Fault:
    """Answers a call that a rule rejects as if it were rightly signed."""

    def forgive(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer = proceed(call)
        return proceed(resigned(call, context)) if answer.rule == f"bge/any/{slug}" else answer

    return Fault(f"bge/any/{slug}.taken", ANY, forgive, says)


FAULTS: tuple[Fault, ...] = (
    *gathered(
        answer_faults,
        batch_faults,
        call_faults,
        item_faults,
        odd_faults,
        paging_faults,
        range_faults,
        record_faults,
        sequence_faults,
        store_faults,
        write_faults,
    ),
    *(each for each in globals().values() if isinstance(each, Fault)),
    _forgiving("wrong-signature-rejected", "Takes any signature."),
    _forgiving("unsigned-rejected", "Takes calls without a signature."),
    _forgiving("unknown-key-rejected", "Takes any app key."),
)
