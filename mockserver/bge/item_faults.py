"""Items of a batch that are answered or stored against a rule: one function and sentence each."""

from __future__ import annotations

from typing import Any

from streamproof.mockserver.bge import times
from streamproof.mockserver.bge.batch_faults import (
    each_item,
    items_of,
    joined,
    results_of,
    with_stream,
)
from streamproof.mockserver.bge.tampering import each_row, remembered, showing
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

Item = dict[str, Any]


@fault("bge/batch_write/one-answer-per-item.last-missing")
def _last_missing(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Leaves the answer to the last of several items out."""
    answer = proceed(call)
    answered = results_of(answer, context)
    return showing(answer, context, result=answered[:-1]) if len(answered) > 1 else answer


@fault("bge/batch_write/answers-in-order.backwards")
def _backwards(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the last item first."""
    answer = proceed(call)
    return showing(answer, context, result=results_of(answer, context)[::-1])


@fault("bge/batch_write/item-time-normalised.failed-as-sent")
def _failed_as_sent(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Repeats the time of an item that failed as it was sent."""
    answer = proceed(call)
    sent = iter(items_of(call))

    def change(item: Item) -> Item:
        own = next(sent)
        if item["is_succeed"] or not isinstance(own, dict):
            return item
        return with_stream(item, stream_generate_time=own.get("stream_generate_time"))

    return each_item(answer, context, change)


@fault("bge/batch_write/good-item-succeeds.last-with-message")
def _last_with_message(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Tells the word `success` with the last of several good items."""
    answer = proceed(call)
    answered = results_of(answer, context)
    if len(answered) < 2 or not answered[-1]["is_succeed"]:
        return answer
    last = {**answered[-1], "message": "success"}
    return showing(answer, context, result=[*answered[:-1], last])


@fault("bge/batch_write/good-item-stored.data-of-the-first")
def _data_of_the_first(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Stores the data of the first item with every item."""
    sent = items_of(call)
    if not all(isinstance(item, dict) and "stream_data" in item for item in sent):
        return proceed(call)
    alike = [{**item, "stream_data": sent[0]["stream_data"]} for item in sent]
    return proceed(call.changed(streams=alike) if len(sent) > 1 else call)


@fault(
    "bge/batch_write/new-stream-ids.of-the-batch-before",
    also_fails={"bge/batch_write/good-item-stored": "Under the id stands the older record."},
)
def _of_the_batch_before(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the first item that succeeded with an id of the batch before."""
    before = remembered(context, "bge/batch_write/new-stream-ids")
    answer = proceed(call)
    good = [
        item["stream"]["stream_id"] for item in results_of(answer, context) if item["is_succeed"]
    ]
    if not good:
        return answer
    old = before.get("id", good[0])
    before["id"] = good[0]
    return each_item(
        answer,
        context,
        lambda item: (
            with_stream(item, stream_id=old) if item["stream"]["stream_id"] == good[0] else item
        ),
    )


@fault("bge/batch_write/unknown-entity-fails.without-a-word")
def _without_a_word(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers items that failed with an empty message."""
    return each_item(
        proceed(call),
        context,
        lambda item: item if item["is_succeed"] else {**item, "message": ""},
    )


@fault("bge/batch_write/partial-success.all-or-nothing")
def _all_or_nothing(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores no item of a batch in which one has an unknown entity."""
    sent, known = items_of(call), list(context.fixtures["entities"])
    entities = [i.get("fundamental_entity_id") for i in sent if isinstance(i, dict)]
    unknown = next((entity for entity in entities if entity not in known), None)
    if not isinstance(unknown, str) or not 2 <= len(entities) == len(sent):
        return proceed(call)
    failed = [{**item, "fundamental_entity_id": unknown} for item in sent]
    answer = proceed(call.changed(streams=failed))
    own = iter(sent)

    def change(item: Item) -> Item:
        entity = next(own).get("fundamental_entity_id")
        meta = {**item["stream"]["stream_meta"], "fundamental_entity_id": entity}
        return with_stream(item, stream_meta=meta)

    return each_item(answer, context, change)


@fault("bge/batch_write/never-over-100.one-more")
def _one_more(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores 101 items of a batch that has more than 100."""
    sent = items_of(call)
    if len(sent) <= 100:
        return proceed(call)
    parts = [proceed(call.changed(streams=part)) for part in (sent[:100], sent[100:101])]
    answer = joined(parts, context)
    left = [
        {**answered, "is_succeed": False, "message": "too many"}
        for answered in results_of(answer, context)[:1] * (len(sent) - 101)
    ]
    return showing(answer, context, result=[*results_of(answer, context), *left])


@fault(
    "bge/retrieve/as-in-range.other-mask",
    also_fails={"bge/write/year-mask": "A year alone has another mask where it is retrieved."},
)
def _other_mask(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Shows the mask of a time with all digits stated, which range doesn't."""
    return each_row(
        proceed(call),
        context,
        lambda row: {**row, "stream_generate_time_mask": times.FULL_MASK},
    )
