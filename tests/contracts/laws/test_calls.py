"""Calls that say little, and calls by keys of nothing: each broken larder fails by its own rule."""

from __future__ import annotations

import re

import pytest

from streamproof.contracts.laws.calls import unused
from streamproof.contracts.names import Names
from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Refused, Tiny, now


def noted_only(tiny: Tiny, call: Call) -> Answer:
    """Takes no jar without a note."""
    if call.does == "addJar" and "note" not in call.body:
        raise Refused(400, "a note")
    return tiny.answer(call)


def levelled_only(tiny: Tiny, call: Call) -> Answer:
    """Takes no ticket without a level."""
    if call.does == "openTicket" and "level" not in call.body:
        raise Refused(400, "a level")
    return tiny.answer(call)


def any_jar(tiny: Tiny, call: Call) -> Answer:
    """Shows a jar of its own where there is none."""
    if call.does == "readJar" and call.key not in tiny.jars:
        return 200, {"name": "jar", "kind": "none", "made": now()}
    return tiny.answer(call)


def gone_is_gone(tiny: Tiny, call: Call) -> Answer:
    """Says of whatever isn't there that it has removed it."""
    if call.does == "removeJar" and call.key not in tiny.jars:
        return 204, None
    return tiny.answer(call)


def empty_jar(tiny: Tiny, call: Call) -> Answer:
    """Lists nothing of a jar that isn't there."""
    if call.does == "listDrops" and call.key not in tiny.jars:
        return 200, {"drops": [], "next": None}
    return tiny.answer(call)


def jar_on_demand(tiny: Tiny, call: Call) -> Answer:
    """Makes the jar that a drop is for."""
    if call.does == "addDrop" and call.key not in tiny.jars:
        tiny.jars[call.key] = {"name": call.key, "kind": "none", "made": now()}
        tiny.drops[call.key] = []
    return tiny.answer(call)


def the_last_ticket(tiny: Tiny, call: Call) -> Answer:
    """Takes a number beyond all tickets for that of the last."""
    if call.does.endswith("Ticket") and call.key and tiny.tickets:
        call.key = str(min(int(call.key), max(tiny.tickets)))
    return tiny.answer(call)


BROKEN: list[tuple[str, Fault, str]] = [
    ("add_jar/minimal-call", noted_only, "not-accepted"),
    ("open_ticket/minimal-call", levelled_only, "not-accepted"),
    ("read_jar/unknown-name", any_jar, "accepted"),
    ("remove_jar/unknown-name", gone_is_gone, "accepted"),
    ("list_drops/unknown-name", empty_jar, "accepted"),
    ("add_drop/unknown-name", jar_on_demand, "accepted"),
    ("read_ticket/unknown-number", the_last_ticket, "accepted"),
    ("change_ticket/unknown-number", the_last_ticket, "accepted"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_larder_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("17", r"\d{10}"),
        ("r-17", r"r-\d{10}"),
        ("6f1c2a34-5b6d-4e7f-8a9b-0c1d2e3f4a5b", r"6f1c2a34-5b6d-4e7f-8a9b-[0-9a-f]{12}"),
        ("Xy7-Qz", "[A-Z][a-z][0-9a-f]-[A-Z][a-z]"),
    ],
)
def test_a_key_of_nothing_has_the_form_of_keys(key: str, form: str) -> None:
    found = unused(key, Names("larder"))

    assert re.fullmatch(form, found)
    assert found != key
