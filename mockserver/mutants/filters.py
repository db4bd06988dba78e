"""Faults of filters: too much passes, or too little."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Rows
from streamproof.specs.resources import Filter


def _filter(ground: Ground) -> Filter:
    return next(each for each in ground.listing.filters if each.argument == ground.name)


def _wanted(ground: Ground, call: Call) -> list[Any]:
    """The values that a call asks for."""
    sent = call.arguments.get(ground.name)
    if _filter(ground).how == "equals":
        return [sent]
    return list(sent) if isinstance(sent, list) else [v for v in str(sent).split(",") if v]


def _carried(row: Document, field: str) -> list[Any]:
    value = row.get(field)
    return value if isinstance(value, list) else [value]


def nothing_else(ground: Ground) -> Iterator[Fault]:
    name, wanted = ground.name, _filter(ground)

    def lets_through(slug: str, says: str, more: Callable[[Call, Rows], Rows]) -> Fault:
        def let(proceed: Proceed, call: Call, _context: Context) -> Answer:
            """On a page that leads on to no other, so that pages stay whole."""
            answer = proceed(call)
            whole = ground.unpaged(call)
            is_one = name in call.arguments and not ground.goes_on(call)
            if not is_one or not ground.is_last(proceed, call, answer):
                return answer
            rows = ground.rows(answer)
            all_rows = ground.walked(proceed, whole.changed(**{name: ABSENT}))
            strange = [row for row in all_rows if row not in rows]
            added = more(call, strange)
            told = [row for row in all_rows if row in rows or row in added]
            return ground.with_rows(answer, told) if added else answer

        return ground.fault(slug, says, let)

    def ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(**{name: ABSENT}))

    def begins(call: Call, rows: Rows) -> Rows:
        asked = [str(each) for each in _wanted(ground, call)]
        return [
            row
            for row in rows
            if any(str(v).startswith(a) for v in _carried(row, wanted.field) for a in asked)
        ]

    def any_of(call: Call, rows: Rows) -> Rows:
        asked = _wanted(ground, call)
        return [row for row in rows if any(v in asked for v in _carried(row, wanted.field))]

    yield ground.fault("ignored", f"Takes no notice of `{name}`.", ignored)
    says = f"Lets one thing through that does not match `{name}`: the last."
    yield lets_through("last-stranger", says, lambda _call, rows: rows[-1:])
    if wanted.how == "all_of":
        yield lets_through("any-of-them", f"Takes any of the values of `{name}` for all.", any_of)
    elif ground.resource.fields.get(wanted.field) not in ("number", "integer"):
        says = f"Lets through what only begins with the value of `{name}`."
        yield lets_through("begins-so", says, begins)


def every_match(ground: Ground) -> Iterator[Fault]:
    """On lists in one page, so that walks through pages of what matches stay whole."""
    name, wanted = ground.name, _filter(ground)

    def is_whole(proceed: Proceed, call: Call) -> bool:
        first = ground.unpaged(call)
        return name in call.arguments and ground.is_last(proceed, first, proceed(first))

    def leaves_out(slug: str, says: str, keep: Callable[[Call, Rows], Rows]) -> Fault:
        def leave(proceed: Proceed, call: Call, _context: Context) -> Answer:
            answer = proceed(call)
            rows = ground.rows(answer) if is_whole(proceed, call) else []
            return ground.with_rows(answer, keep(call, rows)) if rows else answer

        return ground.fault(slug, says, leave)

    def exactly(call: Call, rows: Rows) -> Rows:
        asked = {str(each) for each in _wanted(ground, call)}
        return [row for row in rows if {str(v) for v in _carried(row, wanted.field)} <= asked]

    def last_match_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        rows = ground.rows(answer) if is_whole(proceed, call) else []
        matches = ground.walked(proceed, ground.unpaged(call)) if rows else []
        lost = matches[-1:] if len(matches) > 1 else []
        told = [row for row in rows if row not in lost]
        return ground.with_rows(answer, told) if len(told) < len(rows) else answer

    def last_value_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        sent, asked = call.arguments.get(name), _wanted(ground, call)
        answer = proceed(call)
        if len(asked) < 2 or not is_whole(proceed, call):
            return answer
        fewer = asked[:-1] if isinstance(sent, list) else ",".join(map(str, asked[:-1]))
        return proceed(call.changed(**{name: fewer}))

    says = f"Shows nothing when `{name}` is sent."
    yield leaves_out("nothing", says, lambda _call, _rows: [])
    says = f"Leaves out the last of several matches of `{name}`."
    yield ground.fault("last-match-lost", says, last_match_lost)
    if wanted.how == "all_of":
        says = f"Leaves out what has other values besides those of `{name}`."
        yield leaves_out("no-others", says, exactly)
    if wanted.how == "one_of":
        says = f"Overlooks the last of several values of `{name}`."
        yield ground.fault("last-value-lost", says, last_value_lost)


LAWS = {"filters/nothing-else": nothing_else, "filters/every-match": every_match}
