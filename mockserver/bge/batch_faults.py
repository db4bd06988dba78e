"""Batches that break a rule: one function and one sentence each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from streamproof.mockserver.bge import times
from streamproof.mockserver.bge.tampering import (
    payload,
    refused,
    remembered,
    resigned,
    sent,
    showing,
)
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

_LARGEST = 100
_KEY = ("fundamental_entity_id", "data_element_id", "stream_generate_time")

Item = dict[str, Any]


@fault("bge/batch_write/not-an-array-rejected.one-item")
def _one_item(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes an object for an array of one item."""
    if not isinstance(call.arguments.get("streams"), dict):
        return proceed(call)
    return proceed(resigned(call, context, streams=f"[{sent(call)['streams']}]"))


@fault("bge/batch_write/accepts-100.less-only")
def _less_only(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects a batch of 100 items."""
    return refused(proceed, call) if len(items_of(call)) == _LARGEST else proceed(call)


@fault("bge/batch_write/never-over-100.all-stored")
def _all_stored(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores all items of a batch, however many."""
    items = items_of(call)
    if len(items) <= _LARGEST:
        return proceed(call)
    parts = [items[at : at + _LARGEST] for at in range(0, len(items), _LARGEST)]
    answers = [proceed(call.changed(streams=part)) for part in parts]
    return joined(answers, context)


@fault("bge/batch_write/one-answer-per-item.failed-left-out")
def _failed_left_out(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers only the items that succeeded."""
    answer = proceed(call)
    return showing(
        answer, context, result=[item for item in results_of(answer, context) if item["is_succeed"]]
    )


@fault("bge/batch_write/answers-in-order.failed-last")
def _failed_last(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the items that failed after all others."""
    answer = proceed(call)
    result = sorted(results_of(answer, context), key=lambda item: not item["is_succeed"])
    return showing(answer, context, result=result)


@fault("bge/batch_write/item-time-normalised.utc")
def _item_in_utc(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the generate times of items in UTC."""

    def in_utc(item: Item) -> Item:
        time = item["stream"]["stream_generate_time"]
        return with_stream(
            item, stream_generate_time=time and times.render(times.parse(time).instant, 0)
        )

    return each_item(proceed(call), context, in_utc)


@fault("bge/batch_write/caller-namespace.other")
def _other_namespace(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers items with a namespace that isn't the caller's."""
    return each_item(
        proceed(call),
        context,
        lambda item: with_stream(
            item, stream_meta={**item["stream"]["stream_meta"], "namespace": "DEFAULT"}
        ),
    )


@fault("bge/batch_write/good-item-succeeds.with-message")
def _with_message(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers items that succeeded with a message."""
    return each_item(
        proceed(call),
        context,
        lambda item: {**item, "message": "ok"} if item["is_succeed"] else item,
    )


@fault("bge/batch_write/good-item-stored.last-lost")
def _last_lost(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers the last item of several as stored under an id that no record has."""
    answer = proceed(call)
    result = results_of(answer, context)
    if len(result) < 2 or not result[-1]["is_succeed"]:
        return answer
    lost = with_stream(result[-1], stream_id=str(uuid.uuid4()))
    return showing(answer, context, result=[*result[:-1], lost])


@fault("bge/batch_write/new-stream-ids.shared")
def _shared_ids(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers all items that succeeded with the id of the first."""
    answer = proceed(call)
    ids = [i["stream"]["stream_id"] for i in results_of(answer, context) if i["is_succeed"]]
    return each_item(
        answer,
        context,
        lambda item: with_stream(item, stream_id=ids[0]) if item["is_succeed"] else item,
    )


@fault("bge/batch_write/unknown-entity-fails.succeeds")
def _unknown_succeeds(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers items of unknown entities as stored."""
    known = set(context.fixtures["entities"])

    def stored(item: Item) -> Item:
        entity = item["stream"]["stream_meta"]["fundamental_entity_id"]
        if entity is None or entity in known:
            return item
        return {**with_stream(item, stream_id=str(uuid.uuid4())), "is_succeed": True, "message": ""}

    return each_item(proceed(call), context, stored)


@fault("bge/batch_write/partial-success.ends-at-failure")
def _ends_at_failure(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores nothing that comes after an item that failed."""
    unknown, items, answers = str(uuid.uuid4()), items_of(call), list[Answer]()
    if not 0 < len(items) <= _LARGEST:
        return proceed(call)
    for item in items:
        ended = any(not i["is_succeed"] for a in answers for i in results_of(a, context))
        entity = item.get("fundamental_entity_id") if isinstance(item, dict) else None
        if ended and entity is not None:
            item = {**item, "fundamental_entity_id": unknown}
        answer = proceed(call.changed(streams=[item]))
        if ended:
            meta = {"namespace": context.fixtures["namespace"], "fundamental_entity_id": entity}
            answer = each_item(answer, context, lambda i, m=meta: with_stream(i, stream_meta=m))  # type: ignore[misc]
        answers.append(answer)
    return joined(answers, context)


@fault("bge/batch_write/duplicate-in-store-not-stored.other-batches-unseen")
def _other_batches_unseen(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Finds duplicates inside a batch and among single writes, but not of earlier batches."""
    batches = remembered(context, "bge/batch_write/duplicate-in-store-not-stored")
    answer = _letting_in(proceed, call, context, lambda key, own: key in batches and key not in own)
    batches.update(dict.fromkeys(map(_key, items_of(call))))
    return answer


@fault("bge/batch_write/duplicate-in-batch-not-stored.both")
def _both(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores equal items of one batch."""
    return _letting_in(proceed, call, context, lambda key, own: key in own)


@fault("bge/batch_write/duplicate-in-store-allowed.rejected")
def _allowed_rejected(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets no duplicate of an earlier call in, whatever `duplicate_enabled` says."""
    if call.arguments.get("duplicate_enabled") is not True:
        return proceed(call)
    unflagged = call.changed(duplicate_enabled=False)
    return _letting_in(proceed, unflagged, context, lambda key, own: key in own)


@fault("bge/batch_write/duplicate-in-batch-allowed.first-only")
def _first_only(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Stores the first of equal items of one batch only, whatever `duplicate_enabled` says."""
    if call.arguments.get("duplicate_enabled") is not True:
        return proceed(call)
    unflagged = call.changed(duplicate_enabled=False)
    return _letting_in(proceed, unflagged, context, lambda key, own: key not in own)


@fault("bge/batch_write/sees-single-writes.blind", on="any")
def _blind_to_writes(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Finds no duplicate among the records of single writes."""
    single = remembered(context, "bge/batch_write/sees-single-writes")
    if call.operation.id == "write":
        single[_key(call.arguments)] = None
    if call.operation.id != "batch_write":
        return proceed(call)
    return _letting_in(proceed, call, context, lambda key, own: key in single and key not in own)


@fault("bge/batch_write/seen-by-single-writes.unseen", on="any")
def _unseen_by_writes(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Lets a single write repeat a record of a batch."""
    batches = remembered(context, "bge/batch_write/seen-by-single-writes")
    if call.operation.id == "batch_write":
        batches.update(dict.fromkeys(map(_key, items_of(call))))
    repeats = call.operation.id == "write" and _key(call.arguments) in batches
    return proceed(call.changed(duplicate_enabled=True) if repeats else call)


def _letting_in(
    proceed: Proceed,
    call: Call,
    context: Context,
    duplicate: Callable[[object, list[object]], bool],
) -> Answer:
    """Item by item, with duplicates let in where `duplicate(key, keys of earlier items that were
    stored)` holds."""
    items, answers, own = items_of(call), list[Answer](), list[object]()
    if not 0 < len(items) <= _LARGEST:
        return proceed(call)
    for item in items:
        one = call.changed(streams=[item])
        let_in = duplicate(_key(item), own)
        answer = proceed(one.changed(duplicate_enabled=True) if let_in else one)
        own += [_key(item) for each in results_of(answer, context) if each["is_succeed"]]
        answers.append(answer)
    return joined(answers, context)


def items_of(call: Call) -> list[Any]:
    items = call.arguments.get("streams")
    return items if isinstance(items, list) else []


def _key(item: Any) -> object:
    return tuple(str(item.get(name)) for name in _KEY) if hasattr(item, "get") else None


def results_of(answer: Answer, context: Context) -> list[Item]:
    return list(payload(answer, context)["result"]) if answer.accepted else []


def each_item(answer: Answer, context: Context, change: Callable[[Item], Item]) -> Answer:
    return showing(answer, context, result=[change(item) for item in results_of(answer, context)])


def with_stream(item: Item, **members: Any) -> Item:
    """An item's answer whose `stream` has other members."""
    return {**item, "stream": {**item["stream"], **members}}


def joined(answers: list[Answer], context: Context) -> Answer:
    """One answer with the results of several; the first rejection, if there is one."""
    for answer in answers:
        if not answer.accepted:
            return answer
    items = [item for answer in answers for item in results_of(answer, context)]
    return showing(answers[0], context, result=items)
