"""What the observers of bge have in common: a few records to ask about, and how to ask oddly.

No record can be removed: what is only read is written once, whatever looks at it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.series import Series, Stored, plain
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page
from streamproof.contracts.observations import OtherChoice
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown as told

REJECTED, ACCEPTED = "rejected", "accepted"
EMPTY, SHOWN, OTHERS = "empty", "shown", "others"
_FREE = 8  # years that are looked at for one without a record


def shelf(trial: Trial) -> Series:
    """Eleven records that range shows, all of them and no others, in the order of time: those of
    the run, or in a probe some of its own."""
    return trial.learn(whole_series)


def whole_series(trial: Trial) -> Series:
    """The same. For `Trial.learn`."""
    series = trial.once(plain)
    rows = calls.listed(trial, **series.query, sort_direction="asc")
    whole = calls.ids(rows) == ascending(series)
    trial.require(whole, "a range that shows a series of eleven records, and no others")
    return series


def ascending(series: Series) -> list[str]:
    """The ids of a series in the order of time."""
    return [r.id for r in sorted(series.records, key=lambda record: record.key.instant)]


def asked(trial: Trial, **over: Any) -> Outcome:
    """A range over the shelf, with some arguments otherwise; None takes one away."""
    return trial.client.send(
        trial.client.request("range", **{**shelf(trial).query, **over}), watched=False
    )


def rows(trial: Trial, outcome: Outcome) -> list[str] | None:
    """The ids of a page, None where the call is rejected."""
    if not trial.granted(outcome, "the range"):
        return None
    return calls.ids(calls.page(outcome.payload).records)


def sees(trial: Trial, **over: Any) -> str:
    """What a range over the shelf comes to: rejected, empty, its records shown, or others."""
    there = shelf(trial)
    query = {"limit": 100, "sort_direction": "desc", **over}
    outcome = asked(trial, **query)
    found = rows(trial, outcome)
    if found is None:
        return REJECTED
    if set(found) & set(there.ids):
        return SHOWN
    if not found:
        return EMPTY
    walked = calls.ids(calls.listed(trial, stop_at=there.ids[:1], **{**there.query, **query}))
    return SHOWN if set(walked) & set(there.ids) else OTHERS


def which(seen: Any, choices: Mapping[str, Any]) -> str:
    """The choice under which this is to be seen. Raises `OtherChoice` if there is none."""
    for choice, expected in choices.items():
        if type(seen) is type(expected) and seen == expected:
            return choice
    raise OtherChoice(told(list(seen) if isinstance(seen, tuple) else seen))


def alike(seen: Sequence[str], what: str) -> str:
    """What all of some calls came to."""
    if len(set(seen)) > 1:
        raise OtherChoice(f"{what}: {', '.join(seen)}")
    return seen[0]


def made_up(trial: Trial) -> str:
    """An id in the form of the fixtures' that nothing has."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, trial.names.letters()))


# -- ranges that are asked otherwise ---------------------------------------------------------------


def page_with(trial: Trial, *extra: tuple[str, str], **changed: Any) -> Page | None:
    """The first page of a range over the shelf, ascending, with other arguments, and with `extra`
    fields; None if it is rejected. An argument that is None is left out."""
    query = {**shelf(trial).query, "sort_direction": "asc", **changed}
    request = trial.client.request("range", **{n: v for n, v in query.items() if v is not None})
    request = replace(request, form=(*(request.form or ()), *extra))
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "range"):
        return None
    return calls.page(outcome.payload)


def which_page(page: Page | None, **choices: list[str]) -> str:
    """The choice whose records the page has."""
    if page is None:
        return REJECTED
    found = calls.ids(page.records)
    for choice, expected in choices.items():
        if found == expected:
            return choice
    raise OtherChoice(f"{len(found)} records, others than those asked for")


def good_page(trial: Trial, **changed: Any) -> list[str]:
    """The ids on the first page of a range that has to be accepted."""
    return _accepted(page_with(trial, **changed)) if changed else trial.once(_usual_page)


def _usual_page(trial: Trial) -> list[str]:
    """The same of the range as it is asked for."""
    return _accepted(page_with(trial))


def _accepted(page: Page | None) -> list[str]:
    if page is None or not page.records:
        raise Unmet("a range over a series, accepted")
    return calls.ids(page.records)


def whole(trial: Trial) -> list[str]:
    """The ids of the shelf, in the order of time."""
    return ascending(shelf(trial))


# -- writes --------------------------------------------------------------------------------------


def free_key(trial: Trial) -> Key:
    """A key under which there is no record, as far as range shows."""
    here = ground(trial)
    if here.fine:
        return here.keys(1)[0]
    for _ in range(_FREE):
        key = here.year_key()
        query = here.asked(key.entity, key.element)
        outcome = trial.client.call("range", **query, start_time=key.time, end_time=key.time)
        if not rows(trial, outcome):
            return key
    raise Unmet("a year in fixtures.time_span without a record")


def write(trial: Trial, key: Key, data: Any = None, **more: Any) -> Outcome:
    """A write with these data as JSON, or as they stand if they are text."""
    content = {"name": trial.names.letters()} if data is None else data
    text = content if isinstance(content, str) else json.dumps(content)
    return trial.client.send(
        trial.client.request("write", **{**key.item(text), **_permit(trial), **more}),
        watched=False,
    )


def _permit(trial: Trial) -> dict[str, Any]:
    """Permission where even free keys are refused without."""
    return {"duplicate_enabled": "true"} if ground(trial).permits else {}


def taken(trial: Trial, outcome: Outcome, what: str = "the write") -> str | None:
    """The id that a write answers, None where it is rejected."""
    if not trial.granted(outcome, what):
        return None
    return calls.stream_id(outcome.payload)


def a_write(trial: Trial) -> Stored:
    """A good write, which other looks go by, too. For `Trial.learn`."""
    key, data = free_key(trial), {"name": trial.names.letters()}
    payload = trial.given(write(trial, key, data), "a write")
    return Stored(calls.stream_id(payload), key, data)


# -- batches -------------------------------------------------------------------------------------

Item = Any


def item(trial: Trial, key: Key | None = None, **over: Any) -> dict[str, Any]:
    """A good item, but for `over`; None leaves a member out."""
    sent = {**(key or free_key(trial)).item({"name": trial.names.letters()}), **over}
    return {name: value for name, value in sent.items() if value is not None}


def batch(trial: Trial, *items: Item) -> Outcome:
    """A batch of these items."""
    request = trial.client.request("batch_write", streams=list(items), **_permit(trial))
    return trial.client.send(request, watched=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of an item of a batch: whether it succeeded, and its record's id."""

    succeeded: bool
    id: str | None


def items_told(trial: Trial, outcome: Outcome, count: int) -> list[Told] | None:
    """What is told of each item, None where the call is rejected."""
    if not trial.granted(outcome, "the batch"):
        return None
    answers = calls.answers(outcome.payload)
    trial.require(len(answers) == count, f"an answer for each of {count} items: {len(answers)}")
    for answer in answers:
        succeeds = answer.get("is_succeed")
        trial.require(isinstance(succeeds, bool), f"is_succeed of an item: {told(succeeds)}")
    return [Told(answer["is_succeed"], calls.told_id(answer)) for answer in answers]
