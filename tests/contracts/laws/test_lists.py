"""What lists show of things: each broken larder fails by its own rule."""

from __future__ import annotations

import pytest

from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Tiny


def noted_only(tiny: Tiny, call: Call) -> Answer:
    """Lists the jars that have tags and no others."""
    status, body = tiny.answer(call)
    if call.does == "listJars":
        body = {"jars": [jar for jar in body["jars"] if jar.get("tags")]}
    return status, body


def by_tag(tiny: Tiny, call: Call) -> Answer:
    """Lists a jar once for each of its tags."""
    status, body = tiny.answer(call)
    if call.does == "listJars":
        body = {"jars": [jar for jar in body["jars"] for _ in (0, *jar.get("tags", ()))]}
    return status, body


def whole_values(tiny: Tiny, call: Call) -> Answer:
    """Lists drops with whole numbers."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        rows = [{**drop, "value": int(drop["value"])} for drop in body["drops"]]
        body = {**body, "drops": rows}
    return status, body


def open_jars(tiny: Tiny, call: Call) -> Answer:
    """Lists jars of which nobody said that they are sealed as sealed."""
    status, body = tiny.answer(call)
    if call.does == "readJar":
        body = {"sealed": False, **body}
    if call.does == "listJars":
        body = {"jars": [{"sealed": True, **jar} for jar in body["jars"]]}
    return status, body


def without_notes(tiny: Tiny, call: Call) -> Answer:
    """Lists jars without their notes, which openapi.yaml describes."""
    status, body = tiny.answer(call)
    if call.does == "listJars":
        body = {"jars": [{n: v for n, v in j.items() if n != "note"} for j in body["jars"]]}
    return status, body


def unlabelled(tiny: Tiny, call: Call) -> Answer:
    """Takes the labels off the jars that it lists."""
    status, body = tiny.answer(call)
    if call.does == "listJars":
        body = {"jars": [dict(jar) for jar in body["jars"]]}
        for jar in tiny.jars.values():
            jar.pop("label", None)
    return status, body


def poured_out(tiny: Tiny, call: Call) -> Answer:
    """Lists drops, and pours the first one out."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        del tiny.drops[call.key][:1]
    return status, body


def of_all_jars(tiny: Tiny, call: Call) -> Answer:
    """Lists the drops of all jars."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        body = {"drops": [d for drops in tiny.drops.values() for d in drops], "next": None}
    return status, body


def of_the_last_jar(tiny: Tiny, call: Call) -> Answer:
    """Lists with the drops of a jar the first of the jar made last."""
    status, body = tiny.answer(call)
    if call.does == "listDrops" and [*tiny.drops][-1] != call.key:
        body = {**body, "drops": [*body["drops"], *[*tiny.drops.values()][-1][:1]]}
    return status, body


BROKEN: list[tuple[str, Fault, str]] = [
    ("list_jars/shows-made", noted_only, "lost"),
    ("list_jars/shows-made", by_tag, "repeated"),
    ("list_jars/shows-made", without_notes, "not-as-sent"),
    ("list_drops/shows-made", whole_values, "not-as-sent"),
    ("list_jars/rows-as-read", open_jars, "not-as-read"),
    ("list_jars/rows-as-read", without_notes, "not-as-read"),
    ("list_jars/changes-nothing", unlabelled, "changed-by-a-list"),
    ("list_drops/changes-nothing", poured_out, "changed-by-a-list"),
    ("list_drops/of-one-name", of_all_jars, "intruder"),
    ("list_drops/of-one-name", of_the_last_jar, "intruder"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_larder_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why
