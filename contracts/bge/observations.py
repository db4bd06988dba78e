"""The observers of bge: how silent points of dialect.yaml are seen.

What is written can't be deleted, so they look at one series: that of the run, or in a probe one of
its own. Points that only more records show are dear: a probe looks at them (`seen_…`).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from streamproof.contracts.bge import calls, seen_arrival, seen_pages, seen_times, seen_writes
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.probing import find
from streamproof.contracts.bge.seeing import ascending, shelf, whole_series
from streamproof.contracts.bge.times import OTHER_OFFSETS, SECOND
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page
from streamproof.contracts.observations import Observer, OtherChoice, observe
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

_REJECTED = "rejected"
_PAGE = 4  # records, of the eleven of a series
_NOBODY = "streamproofnobodys"


def _seen(trial: Trial, *extra: tuple[str, str], **changed: Any) -> Page | None:
    """The first page of a range over the series, with other arguments, and with `extra` fields;
    None if it is rejected. An argument that is None is left out."""
    query = {**shelf(trial).query, "sort_direction": "asc", **changed}
    request = trial.client.request("range", **{n: v for n, v in query.items() if v is not None})
    request = replace(request, form=(*(request.form or ()), *extra))
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "range"):
        return None
    return calls.page(outcome.payload)


def _which(page: Page | None, **choices: list[str]) -> str:
    """The choice whose records the page has."""
    if page is None:
        return _REJECTED
    found = calls.ids(page.records)
    for choice, expected in choices.items():
        if found == expected:
            return choice
    raise OtherChoice(f"{len(found)} records, others than those asked for")


def _good(trial: Trial, **changed: Any) -> list[str]:
    """The ids on the first page of a range that has to be accepted."""
    page = _seen(trial, **changed)
    if page is None or not page.records:
        raise Unmet("a range over a series, accepted")
    return calls.ids(page.records)


def _all(trial: Trial) -> list[str]:
    return ascending(shelf(trial))


# -- answers -------------------------------------------------------------------------------------


@observe("bge/envelope")
def envelope(trial: Trial) -> str:
    """Whether an accepted range has the member `code`."""
    outcome = trial.client.call("range", **shelf(trial).query)
    trial.given(outcome, "a range")
    return "wrapped" if isinstance(outcome.data, Mapping) and "code" in outcome.data else "bare"


def _written(trial: Trial) -> Outcome:
    """A write that is accepted, of one record in all looks."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = trial.client.call("write", **key.item('{"probe": 3}'), **here.permit())
    trial.given(outcome, "a write")
    return outcome


@observe("bge/write_status")
def write_status(trial: Trial) -> int:
    """The status of an accepted write."""
    status = trial.learn(_written).status
    assert status is not None
    return status


@observe("bge/stream_id_form")
def stream_id_form(trial: Trial) -> str:
    """The ids of a series."""
    forms = {_form(each) for each in _all(trial)}
    if len(forms) > 1:
        raise OtherChoice(f"ids of several forms: {', '.join(sorted(forms))}")
    return forms.pop()


def _form(stream: str) -> str:
    try:
        version = uuid.UUID(stream).version
    except ValueError:
        return "other"
    return f"uuid{version}" if version in (1, 4) else "other"


def _refusals(trial: Trial) -> tuple[Outcome, Outcome, Outcome]:
    """What is refused for a bad argument, for its signature, and for something unknown."""
    query = dict(shelf(trial).query)
    del query["data_element_id"]
    argument = trial.client.call("range", **query)
    unsigned = trial.client.send(
        trial.client.request("range", **shelf(trial).query), None, watched=False
    )
    unknown = trial.client.call("retrieve", stream_id=str(uuid.uuid4()))
    refused = argument, unsigned, unknown
    for outcome in refused:
        trial.refused(outcome, "a bad call")
    return refused


def _by_reason(seen: list[Any], reasons: list[int]) -> Any:
    """The one value that all refusals have, or that each has its own."""
    if seen == reasons:
        return "by_reason"
    if len(set(map(repr, seen))) > 1:
        raise OtherChoice(f"{shown(seen)} for an argument, a signature, an unknown id")
    return seen[0]


@observe("bge/rejection_status")
def rejection_status(trial: Trial) -> Any:
    """The statuses of calls without an argument, without a signature, with an unknown id."""
    outcomes = trial.once(_refusals)
    return _by_reason([outcome.status for outcome in outcomes], [400, 401, 404])


@observe("bge/rejection_code")
def rejection_code(trial: Trial) -> Any:
    """The codes of calls without an argument, without a signature, with an unknown id."""
    return _by_reason([_member(o, "code") for o in trial.once(_refusals)], [400, 401, 404])


@observe("bge/rejection_message")
def rejection_message(trial: Trial) -> str:
    """The messages of two unlike rejections."""
    argument, _, unknown = trial.once(_refusals)
    first, second = (_member(each, "msg") for each in (argument, unknown))
    return "fixed" if first == second else "detailed"


def _member(outcome: Outcome, name: str) -> Any:
    found = outcome.data.get(name) if isinstance(outcome.data, Mapping) else None
    if found is None:
        raise Unmet(f"a member {name} in a rejection: {outcome}")
    return found


# -- arguments of range --------------------------------------------------------------------------


@observe("bge/unknown_field")
def unknown_field(trial: Trial) -> str:
    """A range with a signed field of one's own invention."""
    return _which(_seen(trial, ("colour", "red")), ignored=_good(trial))


@observe("bge/empty_string")
def empty_string(trial: Trial) -> str:
    """A range with an empty `start_time`."""
    page = _seen(trial, start_time="")
    if page is None:
        return _REJECTED
    without = _seen(trial, start_time=None)
    same = without is not None and calls.ids(page.records) == calls.ids(without.records)
    trial.require(same, "the records that a range without start_time shows")
    return "absent"


def _nothing(page: Page | None) -> str:
    if page is None:
        return _REJECTED
    if page.records:
        raise OtherChoice(f"{len(page.records)} records")
    return "empty"


@observe("bge/unknown_namespace_in_range")
def unknown_namespace_in_range(trial: Trial) -> str:
    """A range with a made-up namespace."""
    return _nothing(_seen(trial, namespace=_NOBODY))


@observe("bge/unknown_element_in_range")
def unknown_element_in_range(trial: Trial) -> str:
    """A range with a made-up data element."""
    return _nothing(_seen(trial, data_element_id=_unlike(trial, "data_element_id")))


@observe("bge/unknown_entity_in_range")
def unknown_entity_in_range(trial: Trial) -> str:
    """A range with a made-up entity."""
    return _nothing(_seen(trial, fundamental_entity_id=_unlike(trial, "fundamental_entity_id")))


def _unlike(trial: Trial, name: str) -> str:
    """An id of the same form that nobody has."""
    known = str(shelf(trial).query[name])
    return str(uuid.uuid4()) if _form(known) != "other" else _NOBODY


@observe("bge/unknown_sample_in_range")
def unknown_sample_in_range(trial: Trial) -> str:
    """A range with a made-up biosample."""
    return _nothing(_seen(trial, fundamental_entity_id=None, biosample_id=_NOBODY))


@observe("bge/unbound_sample_in_range")
def unbound_sample_in_range(trial: Trial) -> str:
    """A range with a biosample that is bound to no entity."""
    samples = trial.fixtures.get("biosamples") or {}
    unbound = next((sample for sample, entity in samples.items() if entity is None), None)
    trial.require(unbound is not None, "fixtures.biosamples: one that is bound to none")
    return _nothing(_seen(trial, fundamental_entity_id=None, biosample_id=unbound))


@observe("bge/no_match")
def no_match(trial: Trial) -> str:
    """A range over a stretch of time in which nothing was written."""
    here = ground(trial)
    trial.require(here.fine, "bounds finer than a year")
    [moment] = here.moments(1)
    return _nothing(_seen(trial, **here.window(moment, moment)))


@observe("bge/over_limit")
def over_limit(trial: Trial) -> str:
    """A range with `limit` 101."""
    if _seen(trial, limit=101) is None:
        return _REJECTED
    raise Unmet("101 records, to see whether a limit of 101 that is taken counts as 100")


@observe("bge/limit_zero")
def limit_zero(trial: Trial) -> str:
    """A range with `limit` 0."""
    return _which(_seen(trial, limit=0), empty=[], default=_good(trial))


@observe("bge/limit_negative")
def limit_negative(trial: Trial) -> str:
    """A range with `limit` -1."""
    return _which(_seen(trial, limit=-1), default=_good(trial))


@observe("bge/bad_limit")
def bad_limit(trial: Trial) -> str:
    """A range with `limit` abc."""
    return _which(_seen(trial, limit="abc"), default=_good(trial))


@observe("bge/bad_sort_direction")
def bad_sort_direction(trial: Trial) -> str:
    """A range with `sort_direction` sideways."""
    return _which(
        _seen(trial, sort_direction="sideways"), default=_good(trial, sort_direction="desc")
    )


@observe("bge/sort_direction_case")
def sort_direction_case(trial: Trial) -> str:
    """A range with `sort_direction` ASC, beside one with `sideways`."""
    page, sideways = (_seen(trial, sort_direction=word) for word in ("ASC", "sideways"))
    if page is None:
        if sideways is not None:
            raise OtherChoice("ASC is rejected, and sideways is not")
        return "unknown"
    return _which(page, folded=_good(trial), unknown=_good(trial, sort_direction="desc"))


# -- pages ---------------------------------------------------------------------------------------


def _first(trial: Trial, limit: int = _PAGE) -> Page:
    """The first page of several."""
    page = _seen(trial, limit=limit)
    if page is None or page.cursor is None or not page.records:
        raise Unmet(f"a first page of several with limit={limit}")
    return page


@observe("bge/count_meaning")
def count_meaning(trial: Trial) -> str:
    """The count of a first page of several."""
    page, total = _first(trial), len(_all(trial))
    for choice, count in (("page", len(page.records)), ("total", total)):
        if type(page.count) is int and page.count == count:
            return choice
    raise OtherChoice(f"count {shown(page.count)}, {len(page.records)} of {total} records")


@observe("bge/last_page")
def last_page(trial: Trial) -> str:
    """The end of a walk whose records are a multiple of `limit`."""
    total = len(_all(trial))
    page = _seen(trial, limit=total)
    if page is None or len(page.records) != total:
        raise Unmet("a page that holds all of a series")
    if page.cursor is None:
        return "ends"
    after = _seen(trial, limit=total, next_page=page.cursor)
    if after is None or after.records:
        raise OtherChoice("a next_page that leads to no empty page")
    return "empty_page"


@observe("bge/short_pages")
def short_pages(trial: Trial) -> str:
    """The lengths of the pages of a walk through eleven records, two a page."""
    page, lengths = _first(trial, 2), list[int]()
    while page.cursor is not None and len(lengths) < len(_all(trial)):
        lengths.append(len(page.records))
        following = _seen(trial, limit=2, next_page=page.cursor)
        trial.require(following is not None, "the next page of a walk")
        page = following or page
    return "sometimes" if any(length < 2 for length in lengths) else "never"


@observe("bge/cursor_type")
def cursor_type(trial: Trial) -> str:
    """The `next_page` of a first page."""
    cursor = _first(trial).cursor
    if isinstance(cursor, str):
        return "text"
    if isinstance(cursor, int | float) and not isinstance(cursor, bool):
        return "number"
    raise OtherChoice(f"next_page {shown(cursor)}")


@observe("bge/invalid_cursor")
def invalid_cursor(trial: Trial) -> str:
    """A range with a made-up `next_page`."""
    cursor = _first(trial).cursor
    made_up = 987_654_321 if isinstance(cursor, int) else "streamproof-made-up"
    page = _seen(trial, limit=_PAGE, next_page=made_up)
    return _which(page, empty=[], first_page=_good(trial, limit=_PAGE))


@observe("bge/cursor_with_other_arguments")
def cursor_with_other_arguments(trial: Trial) -> str:
    """A `next_page` sent with the other `sort_direction`."""
    first = _first(trial)
    page = _seen(trial, limit=_PAGE, next_page=first.cursor, sort_direction="desc")
    if page is None:
        return _REJECTED
    found, whole = calls.ids(page.records), _all(trial)
    if found == whole[_PAGE : 2 * _PAGE]:
        raise OtherChoice("the walk goes on under the old arguments")
    if not {*found} <= {*whole} or found != sorted(found, key=whole.index, reverse=True):
        raise OtherChoice(f"{len(found)} records, not in the order that was asked for")
    return "new_arguments"


# -- bounds --------------------------------------------------------------------------------------


@observe("bge/bad_bound")
def bad_bound(trial: Trial) -> str:
    """A range with `start_time` yesterday-ish."""
    page = _seen(trial, start_time="yesterday-ish")
    if page is None:
        return _REJECTED
    without = _seen(trial, start_time=None)
    same = without is not None and calls.ids(page.records) == calls.ids(without.records)
    if not same:
        raise OtherChoice(f"{len(page.records)} records, others than without start_time")
    return "ignored"


@observe("bge/start_after_end")
def start_after_end(trial: Trial) -> str:
    """A range with the bounds swapped."""
    query = shelf(trial).query
    trial.require({"start_time", "end_time"} <= query.keys(), "a window around a series")
    return _nothing(_seen(trial, start_time=query["end_time"], end_time=query["start_time"]))


# -- times, and batches --------------------------------------------------------------------------


@observe("bge/visible_after_s")
def visible_after_s(trial: Trial) -> int:
    """How long the run had to wait until range showed what it wrote."""
    patience_s = ground(trial).patience_s
    trial.require(
        not patience_s, f"records that show at once; here it takes about {patience_s:g} s"
    )
    return 0


@observe("bge/time_precision")
def time_precision(trial: Trial) -> str:
    """The time of a record that was written with six digits of a second."""
    here = ground(trial)
    finest = here.spelling is not None and here.spelling.step == 1
    trial.require(finest, "a spelling of a time with six digits of a second that is taken")
    return {1: "microsecond", 1000: "millisecond", SECOND: "second"}[here.step]


@observe("bge/offset_shown", dear=True)
def offset_shown(trial: Trial) -> str:
    """The time of a record that was written with +0900."""
    return _offset(str(trial.learn(_in_the_east).get("stream_generate_time")))


def _in_the_east(trial: Trial) -> calls.Row:
    """A record, written with another offset than +0800 and than zero."""
    here = ground(trial)
    trial.require(here.fine, "a spelling of a time with its offset that is taken")
    [key] = here.keys(1)
    spelling = next(each for each in OTHER_OFFSETS if each.offset == "+0900")
    key = replace(key, time=spelling.write(key.instant))
    outcome = trial.client.call("write", **key.item('{"probe": 4}'), **here.permit())
    record = calls.stream_id(trial.given(outcome, "a write with the offset +0900"))
    row = find(trial, here, record, key.instant)
    if row is None:
        raise Unmet("a record that was written, to be read")
    return row


def _offset(text: str) -> str:
    for choice, ends in (("utc8", "+08:?00"), ("as_written", "+09:?00"), ("utc", "+00:?00|Z")):
        if re.search(f"(?:{ends.replace('+', '[+]')})$", text):
            return choice
    raise OtherChoice(text)


@observe("bge/empty_batch")
def empty_batch(trial: Trial) -> str:
    """A batch with `streams` []."""
    outcome = trial.client.call("batch_write", streams=[])
    if not trial.granted(outcome, "an empty batch"):
        return _REJECTED
    if calls.answers(outcome.payload):
        raise OtherChoice("answers to no items")
    return "empty"


OBSERVERS: Final[tuple[Observer, ...]] = (
    *(envelope, write_status, stream_id_form, rejection_status, rejection_code),
    *(rejection_message, unknown_field, empty_string, unknown_namespace_in_range),
    *(unknown_element_in_range, unknown_entity_in_range, unknown_sample_in_range),
    *(unbound_sample_in_range, no_match, over_limit, limit_zero, limit_negative, bad_limit),
    *(bad_sort_direction, sort_direction_case, count_meaning, last_page, short_pages),
    *(cursor_type, invalid_cursor, cursor_with_other_arguments, bad_bound, start_after_end),
    *(visible_after_s, time_precision, offset_shown, empty_batch),
    *seen_arrival.OBSERVERS,
    *seen_pages.OBSERVERS,
    *seen_times.OBSERVERS,
    *seen_writes.OBSERVERS,
)

# Where no series can be written and read back, nothing shows a choice.
READY: Final = whole_series
