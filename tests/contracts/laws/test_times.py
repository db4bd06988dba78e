"""When things were made and changed: each broken larder fails by its own rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from streamproof.contracts.laws.times import instant as read
from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Tiny, instant, now, shown


def _made(call: Call, status: int, body: Any, time: str) -> Answer:
    return status, {**body, "made": time} if call.does == "readJar" else body


def on_the_wall(tiny: Tiny, call: Call) -> Answer:
    """Takes the clock on the wall in Shanghai for UTC."""
    status, body = tiny.answer(call)
    if call.does == "addJar":
        body["made"] = shown(instant(body["made"]) + timedelta(hours=8))
    return status, body


def always_now(tiny: Tiny, call: Call) -> Answer:
    """Shows the time of the read for that of making."""
    status, body = tiny.answer(call)
    return _made(call, status, body, now())


def always_this_second(tiny: Tiny, call: Call) -> Answer:
    """Shows the time of the read for that of making, to the second."""
    status, body = tiny.answer(call)
    return _made(call, status, body, now()[:19] + "Z")


def another_in_lists(tiny: Tiny, call: Call) -> Answer:
    """Lists all jars as made in the first hour of the day."""
    status, body = tiny.answer(call)
    if call.does == "listJars":
        rows = [{**jar, "made": "2020-01-01T00:00:00Z"} for jar in body["jars"]]
        body = {"jars": rows}
    return status, body


def opened_anew(tiny: Tiny, call: Call) -> Answer:
    """Takes a change of a ticket for its opening."""
    status, body = tiny.answer(call)
    if call.does == "changeTicket":
        body["ticket"]["opened"] = body["ticket"]["changed"]
    return status, body


def never_changed(tiny: Tiny, call: Call) -> Answer:
    """Leaves the time of change at that of the opening."""
    ticket = tiny.tickets.get(int(call.key)) if call.does == "changeTicket" else None
    status, body = tiny.answer(call)
    if ticket is not None:
        body["ticket"]["changed"] = ticket["changed"]
    return status, body


def never_changed_this_second(tiny: Tiny, call: Call) -> Answer:
    """Leaves the time of change at that of the opening, and shows it to the second."""
    status, body = never_changed(tiny, call)
    if call.does in ("readTicket", "changeTicket", "openTicket"):
        ticket = body["ticket"]
        body = {"ticket": {**ticket, "changed": ticket["changed"][:19] + "Z"}}
    return status, body


def changed_tomorrow(tiny: Tiny, call: Call) -> Answer:
    """Writes down a change for the day after."""
    status, body = tiny.answer(call)
    if call.does == "changeTicket":
        body["ticket"]["changed"] = shown(instant(body["ticket"]["changed"]) + timedelta(days=1))
    return status, body


BROKEN: list[tuple[str, Fault, str]] = [
    ("add_jar/made-is-now", on_the_wall, "another-time"),
    ("add_jar/made-stays", always_now, "another-time"),
    ("add_jar/made-stays", always_this_second, "another-time"),
    ("add_jar/made-stays", another_in_lists, "another-time"),
    ("open_ticket/opened-stays", opened_anew, "another-time"),
    ("change_ticket/changed-is-now", never_changed, "not-moved"),
    ("change_ticket/changed-is-now", never_changed_this_second, "not-moved"),
    ("change_ticket/changed-is-now", changed_tomorrow, "another-time"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_larder_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why


@pytest.mark.parametrize(
    "written", ["2020-01-01T00:00:00Z", "2020-01-01T08:00:00+08:00", 1_577_836_800, 1577836800000]
)
def test_a_time_is_read_whatever_its_form(written: Any) -> None:
    assert read(written) == 1_577_836_800_000_000


@pytest.mark.parametrize("written", ["2020-01-01T00:00:00", "today", True, None])
def test_what_names_no_instant_is_none(written: Any) -> None:
    assert read(written) is None
