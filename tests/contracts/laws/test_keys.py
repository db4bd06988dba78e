"""Keys that callers give and that the larder makes up: each broken one fails by its own rule."""

from __future__ import annotations

import time

import pytest

from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Refused, Tiny, now


def put_over(tiny: Tiny, call: Call) -> Answer:
    """Puts a jar in the place of another of its name."""
    if call.does == "addJar":
        tiny.jars.pop(call.body["name"], None)
    return tiny.answer(call)


def same_again(tiny: Tiny, call: Call) -> Answer:
    """Accepts a jar of a taken name if it is of the same kind."""
    if call.does == "addJar":
        there = tiny.jars.get(call.body["name"])
        if there is not None and there["kind"] == call.body["kind"]:
            return 201, there
    return tiny.answer(call)


def rejected_and_noted(tiny: Tiny, call: Call) -> Answer:
    """Rejects a taken name, and takes the note that came with it."""
    if call.does == "addJar" and call.body["name"] in tiny.jars and "note" in call.body:
        tiny.jars[call.body["name"]]["note"] = call.body["note"]
    return tiny.answer(call)


def looking_first(tiny: Tiny, call: Call) -> Answer:
    """Looks whether a name is free, and keeps a jar a moment later."""
    if call.does != "addJar":
        return tiny.answer(call)
    if call.body["name"] in tiny.jars:
        raise Refused(409, "taken")
    time.sleep(0.005)
    jar = {**call.body, "made": now()}
    tiny.jars[jar["name"]] = jar
    tiny.drops[jar["name"]] = []
    return 201, jar


def last_writer(tiny: Tiny, call: Call) -> Answer:
    """Keeps of jars for one name the note of the last, which it rejects."""
    if call.does != "addJar":
        return tiny.answer(call)
    try:
        return tiny.answer(call)
    except Refused:
        if "note" in call.body:
            tiny.jars[call.body["name"]] = {**tiny.jars[call.body["name"]], **call.body}
        raise


def seven_numbers(tiny: Tiny, call: Call) -> Answer:
    """Begins with the numbers of tickets anew after the seventh."""
    status, body = tiny.answer(call)
    if call.does == "openTicket":
        ticket = tiny.tickets.pop(body["ticket"]["number"])
        tiny.memory["n"] = tiny.memory.get("n", 0) % 7 + 1
        ticket["number"] = tiny.memory["n"]
        tiny.tickets[ticket["number"]] = ticket
    return status, body


def next_number(tiny: Tiny, call: Call) -> Answer:
    """Looks which number is the next, and gives it a moment later."""
    if call.does == "openTicket":
        number = tiny.memory.get("n", 0) + 1
        time.sleep(0.005)
        tiny.memory["n"] = number
        ticket = {"number": number, **call.body, "opened": now(), "changed": now()}
        tiny.tickets[number] = ticket
        return 201, {"ticket": ticket}
    return tiny.answer(call)


def by_the_hour(tiny: Tiny, call: Call) -> Answer:
    """Makes ids of drops from the hour in which they fell."""
    status, body = tiny.answer(call)
    if call.does == "addDrop":
        body["id"] = int(body["at"][11:13])
    return status, body


BROKEN: list[tuple[str, Fault, str]] = [
    ("add_jar/taken-rejected", put_over, "accepted"),
    ("add_jar/taken-rejected", same_again, "accepted"),
    ("add_jar/taken-unharmed", put_over, "overwritten"),
    ("add_jar/taken-unharmed", rejected_and_noted, "overwritten"),
    ("add_jar/race-one-winner", looking_first, "two-winners"),
    ("add_jar/race-winner-stored", last_writer, "not-the-winners"),
    ("open_ticket/keys-differ", seven_numbers, "repeated"),
    ("open_ticket/keys-differ", next_number, "repeated"),
    ("add_drop/keys-differ", by_the_hour, "repeated"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_larder_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why
