"""Larders that do otherwise what documents leave open: no law on calls, lives, keys, times and
what lists show fails there, and each still passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.laws.tiny import API, Answer, Call, Fault, Refused, Tiny, instant, judged

_FAMILIES = ("calls/", "life/", "keys/", "times/", "lists/")
_TIMES = {"made", "opened", "changed", "at"}
RULES = [rule for rule in API.rulebook if (rule.law or "").startswith(_FAMILIES)]


def _changed(body: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A body with every object in it changed."""
    if isinstance(body, list):
        return [_changed(each, change) for each in body]
    if isinstance(body, dict):
        return change({name: _changed(each, change) for name, each in body.items()})
    return body


def whole_seconds(tiny: Tiny, call: Call) -> Answer:
    """Shows all times to the second."""
    status, body = tiny.answer(call)
    return status, _changed(
        body, lambda row: {n: f"{v[:19]}Z" if n in _TIMES else v for n, v in row.items()}
    )


def whole_minutes_of_change(tiny: Tiny, call: Call) -> Answer:
    """Shows times of change to the minute."""
    status, body = tiny.answer(call)
    return status, _changed(
        body, lambda row: {n: f"{v[:16]}:00Z" if n == "changed" else v for n, v in row.items()}
    )


def seconds_once_read(tiny: Tiny, call: Call) -> Answer:
    """Shows what was made with fractions of seconds in the answer, and without them afterwards."""
    answer = tiny.answer(call) if call.does in ("addJar", "openTicket") else None
    return answer or whole_seconds(tiny, call)


def talkative(tiny: Tiny, call: Call) -> Answer:
    """Shows more fields than are described, another number in each answer."""
    status, body = tiny.answer(call)
    tiny.memory["n"] = tiny.memory.get("n", 0) + 1
    more = {"asked": tiny.memory["n"]}
    return status, _changed(body, lambda row: {**row, **(more if _TIMES & {*row} else {})})


def plain_only(tiny: Tiny, call: Call) -> Answer:
    """Refuses texts with anything but letters in them."""
    for name in ("note", "title"):
        if not (call.body or {}).get(name, "x").isalpha():
            raise Refused(422, "letters only")
    return tiny.answer(call)


def tidy(tiny: Tiny, call: Call) -> Answer:
    """Keeps texts in small letters, without blanks at their ends."""
    if call.body:
        texts = {n: call.body[n].strip().lower() for n in ("note", "title") if n in call.body}
        call.body = {**call.body, **texts}
    return tiny.answer(call)


def other_statuses(tiny: Tiny, call: Call) -> Answer:
    """Answers removals with 200, and what isn't there with 410."""
    try:
        status, body = tiny.answer(call)
    except Refused as refused:
        raise Refused(410 if refused.status == 404 else 422, str(refused)) from None
    return (200, {}) if status == 204 else (status, body)


def late() -> Fault:
    """Lists jars and tickets as they were a moment ago."""
    seen: list[tuple[float, str, Any]] = []

    def fault(tiny: Tiny, call: Call) -> Answer:
        status, body = tiny.answer(call)
        if call.does not in ("listJars", "listTickets"):
            return status, body
        now, asked = time.monotonic(), f"{call.does}{call.query}"
        seen.append((now, asked, body))
        old = [b for at, what, b in seen if what == asked and at >= now - 0.05]
        return status, old[0]

    return fault


def lagging() -> Fault:
    """Reads jars and tickets from a copy that is a moment behind."""
    behind: list[tuple[float, Tiny]] = [(0.0, Tiny())]

    def fault(tiny: Tiny, call: Call) -> Answer:
        if call.does in ("readJar", "readTicket"):
            at = time.monotonic() - 0.03
            return next(copy for made, copy in reversed(behind) if made <= at).answer(call)
        try:
            return tiny.answer(call)
        finally:
            copy = Tiny(jars=dict(tiny.jars), tickets=dict(tiny.tickets))
            behind.append((time.monotonic(), copy))

    return fault


def microseconds(tiny: Tiny, call: Call) -> Answer:
    """Tells times of its own in microseconds since 1970."""
    status, body = tiny.answer(call)

    def told(row: dict[str, Any]) -> dict[str, Any]:
        own = _TIMES - {"at"} & {*row}
        return {n: int(instant(v).timestamp() * 1e6) if n in own else v for n, v in row.items()}

    return status, _changed(body, told)


def busy(tiny: Tiny, call: Call) -> Answer:
    """Lets somebody else open tickets and make jars all the time."""
    if call.does in ("openTicket", "addJar", "listTickets", "listJars"):
        number = next(tiny.numbers)
        at = "2026-01-01T00:00:00.000Z"
        row = {"number": number, "title": "theirs", "opened": at, "changed": at}
        tiny.tickets[number] = row
        tiny.jars[f"a{chr(97 + number % 20)}"] = {"name": f"a{chr(97 + number % 20)}", "kind": "k"}
        tiny.jars[f"a{chr(97 + number % 20)}"]["made"] = at
        tiny.drops.setdefault(f"a{chr(97 + number % 20)}", [])
    return tiny.answer(call)


UNLIKE: list[Fault] = [
    *(whole_seconds, whole_minutes_of_change, seconds_once_read, talkative),
    *(plain_only, tidy, other_statuses, late(), lagging(), microseconds, busy),
]


@pytest.mark.parametrize("fault", UNLIKE)
def test_a_larder_that_is_only_unlike_passes(fault: Fault) -> None:
    rules = tuple(rule.id.removeprefix("tiny/") for rule in RULES)

    run = judged(fault, *rules, max_examples=4)

    told = {r.rule.id: r.message for r in run.rulings if r.verdict is not Verdict.PASSED}
    assert told == {}
