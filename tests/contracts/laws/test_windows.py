"""Windows, the newest records, order, cursors, and arguments of which there has to be one: each
broken larder fails by its own rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contracts.laws.broken import reason
from tests.contracts.laws.tiny import Answer, Call, Fault, Tiny, instant, shown

SECOND = timedelta(seconds=1)


def _moved(call: Call, bound: str, by: timedelta) -> None:
    if bound in call.query:
        call.query[bound] = shown(instant(call.query[bound]) + by)


def closed_start(tiny: Tiny, call: Call) -> Answer:
    """Lets in what lies exactly at the start."""
    _moved(call, "from", -SECOND / 2)
    return tiny.answer(call)


def closed_end(tiny: Tiny, call: Call) -> Answer:
    """Lets in what lies exactly at the end."""
    _moved(call, "to", SECOND / 2)
    return tiny.answer(call)


def early(tiny: Tiny, call: Call) -> Answer:
    """Begins a second too early."""
    _moved(call, "from", -1.5 * SECOND)
    return tiny.answer(call)


def late(tiny: Tiny, call: Call) -> Answer:
    """Ends a second too late."""
    _moved(call, "to", 1.5 * SECOND)
    return tiny.answer(call)


def start_alone(tiny: Tiny, call: Call) -> Answer:
    """Forgets the end where there is a start of this century."""
    if call.query.get("from", "1") > "2":
        call.query.pop("to", None)
    return tiny.answer(call)


def just_inside_lost(tiny: Tiny, call: Call) -> Answer:
    """Begins two minutes late where both bounds are given."""
    if "to" in call.query:
        _moved(call, "from", 120 * SECOND)
    return tiny.answer(call)


def as_on_the_wall(tiny: Tiny, call: Call) -> Answer:
    """Takes the time of a bound in another zone for UTC."""
    if "from" in call.query:
        call.query["from"] = call.query["from"][:19] + "Z"
    return tiny.answer(call)


def oldest(tiny: Tiny, call: Call) -> Answer:
    """Shows the oldest in place of the newest."""
    if "latest" not in call.query:
        return tiny.answer(call)
    number = call.query.pop("latest")
    call.query |= {"from": "1970-01-01T00:00:00Z", "limit": number}
    return tiny.answer(call)


def one_less(tiny: Tiny, call: Call) -> Answer:
    """Shows one less than the newest so many, but where one is asked for."""
    if call.query.get("latest", 1) > 1:
        call.query["latest"] -= 1
    return tiny.answer(call)


def all_or_nothing(tiny: Tiny, call: Call) -> Answer:
    """Shows nothing where more is asked for than there is."""
    status, body = tiny.answer(call)
    if len((body or {}).get("drops", ())) < call.query.get("latest", 0):
        body["drops"] = []
    return status, body


def falling(tiny: Tiny, call: Call) -> Answer:
    """Turns each page around."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        body["drops"] = body["drops"][::-1]
    return status, body


def as_they_came(tiny: Tiny, call: Call) -> Answer:
    """Puts the first two rows of a page last."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        body["drops"] = body["drops"][2:] + body["drops"][:2]
    return status, body


def skipping(tiny: Tiny, call: Call) -> Answer:
    """Gives out a cursor that skips a row."""
    status, body = tiny.answer(call)
    if call.does == "listDrops" and body["next"]:
        body["next"] = str(int(body["next"]) + 1)
    return status, body


def stepping_back(tiny: Tiny, call: Call) -> Answer:
    """Gives out a cursor that steps back a row, but on pages of one."""
    status, body = tiny.answer(call)
    if call.does == "listDrops" and body["next"] and len(body["drops"]) > 1:
        body["next"] = str(int(body["next"]) - 1)
    return status, body


def in_circles(tiny: Tiny, call: Call) -> Answer:
    """Leads from the last page to the first."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        body["next"] = body["next"] or "0"
    return status, body


def by_time_alone(tiny: Tiny, call: Call) -> Answer:
    """Goes on behind all that has the time of a page's last row."""
    status, body = tiny.answer(call)
    if call.does == "listDrops" and body["next"]:
        rows = sorted(tiny.drops[call.key], key=lambda drop: str(drop["at"]))
        edge = body["drops"][-1]["at"]
        rest = sum(row["at"] <= edge for row in rows)
        body["next"] = str(rest) if rest < len(rows) else None
    return status, body


def all_by_itself(tiny: Tiny, call: Call) -> Answer:
    """Shows everything where neither a start nor a number is given."""
    if call.does == "listDrops" and not {"from", "latest"} & call.query.keys():
        call.query["from"] = "1970-01-01T00:00:00Z"
    return tiny.answer(call)


def number_first(tiny: Tiny, call: Call) -> Answer:
    """Forgets the start where there is a number, too."""
    if "latest" in call.query:
        call.query.pop("from", None)
    return tiny.answer(call)


def end_forgotten(tiny: Tiny, call: Call) -> Answer:
    """Forgets an end that has no start."""
    if "latest" in call.query:
        call.query.pop("to", None)
    return tiny.answer(call)


BROKEN: list[tuple[str, Fault, str]] = [
    ("from-edge", closed_start, "intruder"),
    ("to-edge", closed_end, "intruder"),
    ("before-from", early, "intruder"),
    ("after-to", late, "intruder"),
    ("between-bounds", start_alone, "intruder"),
    ("between-bounds", just_inside_lost, "lost"),
    ("from-respelled", as_on_the_wall, "another-instant"),
    ("latest-newest", oldest, "intruder"),
    ("latest-newest", one_less, "another-number"),
    ("latest-newest", all_or_nothing, "another-number"),
    ("ordered-by-at", falling, "out-of-order"),
    ("ordered-by-at", as_they_came, "out-of-order"),
    ("pages-ordered", falling, "out-of-order"),
    ("pages-complete", skipping, "lost"),
    ("pages-once", stepping_back, "repeated"),
    ("pages-end", in_circles, "no-end"),
    ("pages-keep-ties", by_time_alone, "lost"),
    ("neither-rejected", all_by_itself, "accepted"),
    ("both-rejected", number_first, "accepted"),
    ("to-only-with-from", end_forgotten, "accepted"),
]


@pytest.mark.parametrize(("rule", "fault", "why"), BROKEN)
def test_a_broken_list_fails_for_its_own_reason(rule: str, fault: Fault, why: str) -> None:
    assert reason(fault, f"list_drops/{rule}") == why
