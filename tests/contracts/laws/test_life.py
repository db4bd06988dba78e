"""What becomes of things that are made, changed and removed: each broken larder fails by its own
rule."""

from __future__ import annotations

import struct

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Refused, Row, Tiny, now, ruling


def loud(tiny: Tiny, call: Call) -> Answer:
    """Answers in capitals."""
    status, body = tiny.answer(call)
    if call.does == "addJar":
        body = {**body, "kind": body["kind"].upper()}
    return status, body


def whole_values(tiny: Tiny, call: Call) -> Answer:
    """Answers with whole numbers."""
    status, body = tiny.answer(call)
    return status, {**body, "value": round(body["value"])} if call.does == "addDrop" else body


def _keeps(tiny: Tiny, call: Call, name: str, value: object) -> Answer:
    """Keeps another value of a field of a new jar, and answers with what was sent."""
    status, body = tiny.answer(call)
    answered = dict(body)
    if name in body:
        body[name] = value
    return status, answered


def ascii_only(tiny: Tiny, call: Call) -> Answer:
    """Drops letters beyond ASCII from a note."""
    if call.does != "addJar":
        return tiny.answer(call)
    note = call.body.get("note", "")
    return _keeps(tiny, call, "note", note.encode("ascii", "ignore").decode())


def short(tiny: Tiny, call: Call) -> Answer:
    """Cuts a note at 255 letters."""
    if call.does != "addJar":
        return tiny.answer(call)
    return _keeps(tiny, call, "note", call.body.get("note", "")[:255])


def single_precision(tiny: Tiny, call: Call) -> Answer:
    """Keeps numbers in four bytes."""
    weight = call.body.get("weight", 0) if call.does == "addJar" else 0
    if not 0 < weight < 1e38:
        return tiny.answer(call)
    return _keeps(tiny, call, "weight", struct.unpack("f", struct.pack("f", weight))[0])


def forgetful(tiny: Tiny, call: Call) -> Answer:
    """Keeps no ticket that has a level."""
    status, body = tiny.answer(call)
    if call.does == "openTicket" and "level" in call.body:
        del tiny.tickets[body["ticket"]["number"]]
    return status, body


def one_note(tiny: Tiny, call: Call) -> Answer:
    """Has one note, and forgets it with the next jar."""
    if call.does == "addJar":
        for jar in tiny.jars.values():
            jar.pop("note", None)
    return tiny.answer(call)


def rejected_and_kept(tiny: Tiny, call: Call) -> Answer:
    """Rejects a jar or a ticket with something wrong in it, and keeps it."""
    if call.does == "addJar":
        tiny.jars[call.body["name"]] = {"kind": "none", **call.body, "made": now()}
        tiny.drops[call.body["name"]] = []
    if call.does == "openTicket":
        number = next(tiny.numbers)
        row = {"number": number, "title": "none", **call.body, "opened": now(), "changed": now()}
        tiny.tickets[number] = row
    return tiny.reject(call)


def rejected_and_taken(tiny: Tiny, call: Call) -> Answer:
    """Rejects a jar with something wrong in it, and takes its name for taken."""
    if call.does == "addJar":
        tiny.memory[call.body["name"]] = True
    return tiny.reject(call)


def taken_when_rejected(tiny: Tiny, call: Call) -> Answer:
    """Gives no name that it takes for taken."""
    if call.does == "addJar" and call.body["name"] in tiny.memory:
        raise Refused(409, "taken")
    return tiny.answer(call)


def half_changed(tiny: Tiny, call: Call) -> Answer:
    """Rejects a change with something wrong in it, and makes the good part of it."""
    ticket = tiny.tickets.get(int(call.key)) if call.does == "changeTicket" else None
    if ticket is not None and isinstance(call.body.get("title"), str):
        ticket["title"] = call.body["title"]
    return tiny.reject(call)


def removed_and_read(tiny: Tiny, call: Call) -> Answer:
    """Reads tickets that were closed."""
    if call.does == "closeTicket" and call.key.isdecimal() and int(call.key) in tiny.tickets:
        _closed(tiny)[call.key] = tiny.tickets[int(call.key)]
    if call.does == "readTicket" and call.key in _closed(tiny):
        return 200, {"ticket": _closed(tiny)[call.key]}
    return tiny.answer(call)


def removed_and_listed(tiny: Tiny, call: Call) -> Answer:
    """Lists tickets that were closed."""
    if call.does == "closeTicket" and call.key.isdecimal() and int(call.key) in tiny.tickets:
        _closed(tiny)[call.key] = tiny.tickets[int(call.key)]
    status, body = tiny.answer(call)
    return status, [*body, *_closed(tiny).values()] if call.does == "listTickets" else body


def _closed(tiny: Tiny) -> dict[str, Row]:
    closed: dict[str, Row] = tiny.memory.setdefault("closed", {})
    return closed


def removed_again(tiny: Tiny, call: Call) -> Answer:
    """Closes a ticket as often as one likes."""
    if call.does == "closeTicket" and call.key.isdecimal() and int(call.key) not in tiny.tickets:
        return 200, {}
    return tiny.answer(call)


def the_next_one_too(tiny: Tiny, call: Call) -> Answer:
    """Removes the jar behind it, too."""
    names = sorted(tiny.jars)
    if call.does == "removeJar" and call.key in names[:-1]:
        del tiny.jars[names[names.index(call.key) + 1]]
    return tiny.answer(call)


def names_for_ever(tiny: Tiny, call: Call) -> Answer:
    """Gives no name twice."""
    gone = tiny.memory.setdefault("gone", set())
    if call.does == "removeJar":
        gone.add(call.key)
    if call.does == "addJar" and call.body["name"] in gone:
        raise Refused(409, "taken")
    return tiny.answer(call)


def old_notes(tiny: Tiny, call: Call) -> Answer:
    """Keeps a jar's note for the next one of its name."""
    notes = tiny.memory.setdefault("notes", {})
    if call.does == "removeJar":
        notes[call.key] = tiny.jars.get(call.key, {}).get("note")
    if call.does == "addJar" and notes.get(call.body["name"]):
        call.body.setdefault("note", notes[call.body["name"]])
    return tiny.answer(call)


def old_drops(tiny: Tiny, call: Call) -> Answer:
    """Leaves a jar's drops where they are."""
    drops = list(tiny.drops.get(call.key, ())) if call.does == "removeJar" else []
    status, body = tiny.answer(call)
    if drops:
        tiny.memory[call.key] = drops
    if call.does == "addJar" and call.body["name"] in tiny.memory:
        tiny.drops[call.body["name"]] = tiny.memory.pop(call.body["name"])
    return status, body


def fixed_level(tiny: Tiny, call: Call) -> Answer:
    """Accepts another level of a ticket, and leaves it as it was."""
    if call.does == "changeTicket":
        call.body.pop("level", None)
    return tiny.answer(call)


def all_alike(tiny: Tiny, call: Call) -> Answer:
    """Gives the level of one ticket to all."""
    status, body = tiny.answer(call)
    if call.does == "changeTicket" and "level" in call.body:
        for ticket in tiny.tickets.values():
            ticket["level"] = call.body["level"]
    return status, body


BROKEN: list[tuple[str, Fault, str]] = [
    ("add_jar/answered-as-sent", loud, "not-as-sent"),
    ("add_drop/answered-as-sent", whole_values, "not-as-sent"),
    ("add_jar/read-as-made", ascii_only, "not-as-sent"),
    ("add_jar/read-as-made", short, "not-as-sent"),
    ("add_jar/read-as-made", single_precision, "not-as-sent"),
    ("open_ticket/read-as-made", forgetful, "not-accepted"),
    ("add_jar/others-unharmed", one_note, "changed"),
    ("close_ticket/gone-from-read", removed_and_read, "still-there"),
    ("close_ticket/gone-from-list", removed_and_listed, "still-there"),
    ("close_ticket/removed-once", removed_again, "accepted"),
    ("remove_jar/others-stay", the_next_one_too, "changed"),
    ("remove_jar/key-free-again", old_notes, "old-fields"),
    ("remove_jar/drops-go-too", old_drops, "still-there"),
    ("change_ticket/update-shown", fixed_level, "not-as-sent"),
    ("change_ticket/others-untouched", all_alike, "changed"),
]


REJECTING: list[tuple[str, Tiny, str]] = [
    ("add_jar/rejected-makes-nothing", Tiny(rejecting=rejected_and_kept), "made"),
    ("open_ticket/rejected-makes-nothing", Tiny(rejecting=rejected_and_kept), "made"),
    (
        "add_jar/rejected-makes-nothing",
        Tiny(taken_when_rejected, rejecting=rejected_and_taken),
        "not-accepted",
    ),
    ("change_ticket/rejected-changes-nothing", Tiny(rejecting=half_changed), "changed"),
]


@pytest.mark.parametrize(("rule", "larder", "why"), REJECTING)
def test_a_larder_that_keeps_what_it_rejects_fails(rule: str, larder: Tiny, why: str) -> None:
    assert reason(larder, rule) == why


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_larder_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why


def test_a_name_that_is_never_given_twice_is_no_fault() -> None:
    told = ruling(names_for_ever, "remove_jar/key-free-again")
    assert told.verdict is Verdict.NOT_TESTED
    assert "a new thing under the name of one that was removed, accepted" in (told.message or "")
