"""Calls of bge that are refused or taken against their rule: one function and sentence each."""

from __future__ import annotations

import re
from collections.abc import Callable

from streamproof.mockserver.bge.tampering import (
    asked,
    payload,
    pretended,
    refused,
    resigned,
    rows,
    sent,
    showing,
)
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed, fault
from streamproof.mockserver.parsing import Unreadable, read_json

_FLAG = "duplicate_enabled"
_WRITES = ("write", "batch_write")


@fault("bge/range/minimal-call.something-more-required")
def _more_required(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects a range that brings nothing but the three arguments that it needs."""
    bare = sent(call).keys() == {"namespace", "data_element_id", "fundamental_entity_id"}
    return refused(proceed, call) if bare else proceed(call)


@fault("bge/range/accepts-biosample.not-in-a-window")
def _no_sample_window(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Rejects a range by a biosample that brings no `start_time`."""
    bare = "biosample_id" in call.arguments and "start_time" not in call.arguments
    return refused(proceed, call) if bare else proceed(call)


@fault("bge/write/data-not-json-rejected.single-quotes")
def _single_quotes(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Forgives single quotes in place of double ones."""
    return _mended(proceed, call, context, lambda text: text.replace("'", '"'))


@fault("bge/write/data-not-json-rejected.trailing-comma")
def _trailing_comma(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Forgives a comma, or nothing at all, in place of the brace that ends an object."""
    return _mended(proceed, call, context, lambda text: text.rstrip().rstrip(",}") + "}")


@fault("bge/write/bad-time-rejected.first-number")
def _first_number(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes the first four digits of a generate time that is no time for a year."""
    answer = proceed(call)
    year = re.search(r"[1-9][0-9]{3}", str(call.arguments.get("stream_generate_time")))
    if answer.rule != "bge/write/bad-time-rejected" or year is None:
        return answer
    return proceed(call.changed(stream_generate_time=year[0]))


@fault("bge/batch_write/not-an-array-rejected.empty-result")
def _empty_result(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Answers an empty result for `streams` that aren't JSON."""
    answer = proceed(call)
    spoilt = answer.rule == "bge/batch_write/not-an-array-rejected"
    return pretended(context, {"result": []}) if spoilt else answer


@fault("bge/batch_write/null-streams-rejected.empty-result")
def _null_is_empty(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes `streams` that are null for a batch without items."""
    answer = proceed(call)
    null = answer.rule == "bge/batch_write/null-streams-rejected"
    return pretended(context, {"result": []}) if null else answer


@fault("bge/range/never-over-100.one-more")
def _one_over(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Serves 101 records for a `limit` over 100."""
    limit = call.arguments.get("limit")
    if not isinstance(limit, int) or limit <= 100:
        return proceed(call)
    answer = proceed(call.changed(limit=100))
    follows = payload(answer, context)["next_page"] if answer.accepted else None
    if follows is None:
        return answer
    after = proceed(call.changed(limit=1, next_page=str(follows)))
    page = [*rows(answer, context), *rows(after, context)]
    return showing(after, context, result=page, count=len(page))


@fault(
    "bge/bind/agrees-with-range.another-joins",
    on="range",
    also_fails={
        "bge/range/sample-equals-entity": "A range by the sample shows more than its entity has.",
    },
)
def _another_joins(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Adds a record of another entity to what it answers by a biosample."""
    answer = proceed(call)
    if "biosample_id" not in call.arguments or "next_page" in call.arguments:
        return answer
    page = list(rows(answer, context))
    own = {row["stream_meta"]["fundamental_entity_id"] for row in page}
    wanted = {n: v for n, v in sent(call).items() if n in ("namespace", "data_element_id")}
    for entity in context.fixtures["entities"]:
        found = proceed(asked(call, context, "range", **wanted, fundamental_entity_id=entity))
        strangers = [] if entity in own else list(rows(found, context))[:1]
        if page and strangers:
            page = [*page, *strangers]
            return showing(
                answer, context, result=page, count=payload(answer, context)["count"] + 1
            )
    return answer


def _mended(proceed: Proceed, call: Call, context: Context, mend: Callable[[str], str]) -> Answer:
    """The answer to a write with its data mended, if that makes JSON of it."""
    answer = proceed(call)
    if answer.rule != "bge/write/data-not-json-rejected":
        return answer
    text = mend(sent(call)["stream_data"])
    try:
        read_json(text, "stream_data")
    except Unreadable:
        return answer
    return proceed(resigned(call, context, stream_data=text))


def _required(operation: str, what: str, argument: str) -> Fault:
    def reject(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call) if argument in call.arguments else refused(proceed, call)

    name = f"bge/{operation}/minimal-call.{what}-required"
    return Fault(name, operation, reject, f"Rejects a call without `{argument}`.")


def _flag_rejected(operation: str) -> Fault:
    def reject(proceed: Proceed, call: Call, _context: Context) -> Answer:
        flagged = call.arguments.get(_FLAG) is True
        return refused(proceed, call) if flagged else proceed(call)

    name = f"bge/{operation}/accepts-duplicate-flag.rejected"
    return Fault(name, operation, reject, f"Rejects a call with `{_FLAG}` true.")


MADE: tuple[Fault, ...] = (
    _required("range", "limit", "limit"),
    _required("write", "flag", _FLAG),
    _required("batch_write", "flag", _FLAG),
    _required("retrieve", "namespace", "namespace"),
    _required("bind", "namespace", "namespace"),
    *(_flag_rejected(name) for name in _WRITES),
)
