"""What is kept of a log's records, and what not: each broken larder fails by its own rule."""

from __future__ import annotations

import time
from datetime import UTC

import pytest

from streamproof.contracts.drivers import timeline
from streamproof.contracts.names import Names
from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Tiny, instant, shown


def as_on_the_wall(tiny: Tiny, call: Call) -> Answer:
    """Takes the time of a record in another zone for UTC."""
    if call.does == "addDrop":
        call.body["at"] = call.body["at"][:19] + "Z"
    return tiny.answer(call)


def to_the_minute(tiny: Tiny, call: Call) -> Answer:
    """Forgets the seconds of a time."""
    if call.does == "addDrop":
        call.body["at"] = shown(instant(call.body["at"]).replace(second=0))
    return tiny.answer(call)


def twins(tiny: Tiny, call: Call) -> Answer:
    """Keeps every record."""
    call.query["again"] = True
    return tiny.answer(call)


def twins_of_another_value(tiny: Tiny, call: Call) -> Answer:
    """Keeps two records of one time where their values differ."""
    if call.does == "addDrop":
        values = [drop["value"] for drop in tiny.drops[call.key]]
        call.query["again"] = call.body["value"] not in values
    return tiny.answer(call)


def twins_in_other_words(tiny: Tiny, call: Call) -> Answer:
    """Compares times as they are written."""
    if call.does == "addDrop" and not call.body["at"].endswith("Z"):
        call.query["again"] = True
    return tiny.answer(call)


def twins_of_another_day(tiny: Tiny, call: Call) -> Answer:
    """Compares the days of times as they are written."""
    if call.does == "addDrop":
        days = [drop["at"][:10] for drop in tiny.drops[call.key]]
        call.query["again"] = bool(days) and call.body["at"][:10] not in days
    return tiny.answer(call)


def one_a_minute(tiny: Tiny, call: Call) -> Answer:
    """Takes two records of one minute for the same."""
    if call.does == "addDrop" and not call.query.get("again"):
        at = shown(instant(call.body["at"]))
        if any(drop["at"][:16] == at[:16] for drop in tiny.drops[call.key]):
            return 409, {"error": "there is one in this minute"}
    return tiny.answer(call)


def one_in_all(tiny: Tiny, call: Call) -> Answer:
    """Answers with the first record in place of keeping a second."""
    if call.does == "addDrop" and tiny.drops[call.key]:
        return 201, tiny.drops[call.key][0]
    return tiny.answer(call)


def looking_first(tiny: Tiny, call: Call) -> Answer:
    """Looks whether there is one, and then keeps another: two at once are both kept."""
    if call.does == "addDrop" and not call.query.get("again"):
        at = shown(instant(call.body["at"]))
        if any(drop["at"] == at for drop in tiny.drops[call.key]):
            return 409, {"error": "there is one at this time"}
        time.sleep(0.005)
        call.query["again"] = True
    return tiny.answer(call)


def never_again(tiny: Tiny, call: Call) -> Answer:
    """Permits no second record, whatever it is asked for."""
    call.query.pop("again", None)
    return tiny.answer(call)


def again_in_word(tiny: Tiny, call: Call) -> Answer:
    """Accepts a second record that is permitted, and keeps none."""
    if call.does == "addDrop" and call.query.pop("again", False):
        at = shown(instant(call.body["at"]))
        for drop in tiny.drops[call.key]:
            if drop["at"] == at:
                return 201, drop
    return tiny.answer(call)


BROKEN: list[tuple[str, Fault, str]] = [
    ("at-kept", as_on_the_wall, "another-instant"),
    ("at-kept", to_the_minute, "another-instant"),
    ("repeated-not-kept", twins, "intruder"),
    ("repeated-not-kept", twins_of_another_value, "intruder"),
    ("respelled-not-kept", twins_in_other_words, "intruder"),
    ("respelled-not-kept", twins_of_another_day, "intruder"),
    ("others-kept", one_a_minute, "not-accepted"),
    ("others-kept", one_in_all, "not-stored"),
    ("race-keeps-one", looking_first, "stored-twice"),
    ("again-permits", never_again, "not-accepted"),
    ("again-permits", again_in_word, "not-stored"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_log_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, f"add_drop/{rule}") == why


@pytest.mark.parametrize("hour", range(24))
def test_at_any_time_of_day_there_is_a_zone_of_another_day(hour: int) -> None:
    at = timeline.base(Names("abcdefgh")) + 60 * hour * timeline.MINUTE
    days = [timeline.written(at, zone)[:10] for zone in (UTC, timeline.another_day(at))]
    assert days[0] != days[1]
