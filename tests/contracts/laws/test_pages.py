"""Pages by offset and by number, their length, filters and defaults: each broken larder fails."""

from __future__ import annotations

import pytest

from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Tiny


def one_too_many(tiny: Tiny, call: Call) -> Answer:
    """Puts one row more on a page than it was asked for."""
    if call.does == "listJars" and "limit" in call.query:
        call.query["limit"] += 1
    return tiny.answer(call)


def any_length(tiny: Tiny, call: Call) -> Answer:
    """Makes pages of its own length, whatever it is asked for."""
    call.query.pop("limit", None)
    return tiny.answer(call)


def overlapping(tiny: Tiny, call: Call) -> Answer:
    """Begins each page but the first with the last row of the one before."""
    if call.does == "listJars" and call.query.get("offset"):
        call.query["offset"] -= 1
    return tiny.answer(call)


def with_gaps(tiny: Tiny, call: Call) -> Answer:
    """Leaves out a row between two pages."""
    if call.does == "listJars" and call.query.get("offset"):
        call.query["offset"] += 1
    return tiny.answer(call)


def counting_from_nought(tiny: Tiny, call: Call) -> Answer:
    """Takes the first page for the second."""
    if call.does == "listTickets" and "page" in call.query:
        call.query["page"] += 1
    return tiny.answer(call)


def one_page(tiny: Tiny, call: Call) -> Answer:
    """Shows the first page whichever is asked for."""
    call.query.pop("page", None)
    return tiny.answer(call)


def unfiltered(tiny: Tiny, call: Call) -> Answer:
    """Shows everything, whatever the filter."""
    for name in ("kind", "tag", "colour", "title"):
        call.query.pop(name, None)
    return tiny.answer(call)


def by_beginning(tiny: Tiny, call: Call) -> Answer:
    """Takes the kind for the beginning of a kind."""
    kind = call.query.pop("kind", "")
    status, body = tiny.answer(call)
    if call.does == "listJars":
        body["jars"] = [jar for jar in body["jars"] if jar["kind"].startswith(kind)]
    return status, body


def any_tag(tiny: Tiny, call: Call) -> Answer:
    """Shows what has one of the tags, in place of what has all."""
    tags = {*call.query.pop("tag", ())}
    status, body = tiny.answer(call)
    if call.does == "listJars" and tags:
        body["jars"] = [jar for jar in body["jars"] if tags & {*jar.get("tags", ())}]
    return status, body


def just_the_tags(tiny: Tiny, call: Call) -> Answer:
    """Shows what has the tags and no other."""
    tags = {*call.query.pop("tag", ())}
    status, body = tiny.answer(call)
    if call.does == "listJars" and tags:
        body["jars"] = [jar for jar in body["jars"] if tags == {*jar.get("tags", ())}]
    return status, body


def first_colour(tiny: Tiny, call: Call) -> Answer:
    """Looks at the first of several colours only."""
    if "colour" in call.query:
        call.query["colour"] = call.query["colour"][:1]
    return tiny.answer(call)


def first_match_lost(tiny: Tiny, call: Call) -> Answer:
    """Leaves out the first of what a filter by kind lets through."""
    if "kind" in call.query:
        call.query["offset"] = call.query.get("offset", 0) + 1
    return tiny.answer(call)


def nine(tiny: Tiny, call: Call) -> Answer:
    """Puts nine rows on a page where no number is asked for, in place of ten."""
    if call.does in ("listJars", "listTickets"):
        call.query.setdefault("limit" if call.does == "listJars" else "size", 9)
    return tiny.answer(call)


def second_first(tiny: Tiny, call: Call) -> Answer:
    """Begins with the second row where no offset is given."""
    if call.does == "listJars":
        call.query.setdefault("offset", 1)
    return tiny.answer(call)


BROKEN: list[tuple[str, Fault, str]] = [
    ("list_jars/limit-caps", one_too_many, "page-too-long"),
    ("list_jars/limit-caps", any_length, "page-too-long"),
    ("list_jars/pages-by-offset", overlapping, "lost"),
    ("list_jars/pages-by-offset", with_gaps, "lost"),
    ("list_tickets/pages-by-page", counting_from_nought, "lost"),
    ("list_tickets/pages-by-page", one_page, "lost"),
    ("list_jars/kind-nothing-else", unfiltered, "intruder"),
    ("list_jars/kind-nothing-else", by_beginning, "intruder"),
    ("list_jars/kind-every-match", first_match_lost, "lost"),
    ("list_jars/tag-nothing-else", any_tag, "intruder"),
    ("list_jars/tag-every-match", just_the_tags, "lost"),
    ("list_jars/colour-nothing-else", unfiltered, "intruder"),
    ("list_jars/colour-every-match", first_colour, "lost"),
    ("list_jars/limit-default", nine, "default"),
    ("list_tickets/size-default", nine, "default"),
    ("list_jars/offset-default", second_first, "default"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_list_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, rule) == why
