"""Larders that do otherwise what documents leave open: no law on lists and logs fails there."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.laws.tiny import Answer, Call, Fault, Refused, Tiny, instant, judged, shown

LISTED = ("list_*/*", "add_drop/*")


def small_pages(tiny: Tiny, call: Call) -> Answer:
    """Puts three rows on a page at most, whatever it is asked for."""
    if "latest" in call.query:
        call.query["latest"] = min(call.query["latest"], 3)
    elif call.does in ("listJars", "listTickets") or "from" in call.query:
        name = "size" if call.does == "listTickets" else "limit"
        call.query[name] = min(call.query.get(name, 3), 3)
    return tiny.answer(call)


def utc_only(tiny: Tiny, call: Call) -> Answer:
    """Takes no time in another zone than UTC."""
    for at in (call.query.get("from"), call.body and call.body.get("at")):
        if at is not None and not at.endswith("Z"):
            raise Refused(400, "UTC only")
    return tiny.answer(call)


def older_shown(tiny: Tiny, call: Call) -> Answer:
    """Answers a second record of one time with the first."""
    if call.does == "addDrop" and not call.query.get("again"):
        at = shown(instant(call.body["at"]))
        for drop in tiny.drops.get(call.key, ()):
            if drop["at"] == at:
                return 200, drop
    return tiny.answer(call)


def whole_seconds(tiny: Tiny, call: Call) -> Answer:
    """Shows times without fractions."""
    status, body = tiny.answer(call)
    if call.does == "listDrops":
        body["drops"] = [{**drop, "at": drop["at"][:19] + "Z"} for drop in body["drops"]]
    return status, body


def numbered_by_jar(tiny: Tiny, call: Call) -> Answer:
    """Numbers the drops of each jar from 1 on."""
    kept = len(tiny.drops.get(call.key, ()))
    status, body = tiny.answer(call)
    if call.does == "addDrop":
        body["id"] = kept + 1
    return status, body


def late() -> Fault:
    """Lists what was made only a moment later."""
    seen: dict[int, float] = {}

    def fault(tiny: Tiny, call: Call) -> Answer:
        if call.does == "listDrops" and call.key in tiny.drops:
            kept = tiny.drops[call.key]
            now = time.monotonic()
            shown = [d for d in kept if now - seen.setdefault(int(d["id"]), now) > 0.05]
            tiny.drops[call.key] = shown
            try:
                return tiny.answer(call)
            finally:
                tiny.drops[call.key] = kept
        return tiny.answer(call)

    return fault


def busy() -> Fault:
    """Gets tickets and jars of others all the time."""
    numbers = itertools.count(1)

    def fault(tiny: Tiny, call: Call) -> Answer:
        n = next(numbers)
        if call.does in ("listTickets", "listJars") and n % 3 == 0:
            name = "abc"[n % 9 // 3] + "other" + "".join("abcdefghij"[int(d)] for d in str(n))
            tiny.answer(Call("addJar", "", {}, {"name": name, "kind": "other", "tags": [name]}))
            tiny.answer(Call("openTicket", "", {}, {"title": name}))
        return tiny.answer(call)

    return fault


@pytest.mark.parametrize(
    "fault",
    [
        *(lambda f=f: f for f in (small_pages, utc_only, older_shown, whole_seconds)),
        lambda: numbered_by_jar,
        late,
        busy,
    ],
    ids=[
        "small-pages",
        "utc-only",
        "older-shown",
        "whole-seconds",
        "numbered-by-jar",
        "late",
        "busy",
    ],
)
def test_no_law_fails(fault: Callable[[], Fault]) -> None:
    run = judged(fault(), *LISTED)
    told = [
        f"{r.rule.id}: {r.message}"
        for r in run.rulings
        if r.rule.law and r.verdict in (Verdict.FAILED, Verdict.HARNESS_ERROR)
    ]
    assert not told
