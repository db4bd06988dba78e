"""Faults of windows in time, and of what is newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.engine.tables import moment_of
from streamproof.mockserver.engine.values import instant
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground, Rows
from streamproof.mockserver.mutants.values import later, offset

_NEARLY: Final = 61_000  # milliseconds: what lies a minute beyond, and no further


def _moment(ground: Ground, row: Document) -> int | None:
    try:
        return instant(row.get(str(moment_of(ground.resource))))
    except (ValueError, OverflowError):
        return None


def _bound(call: Call, name: str | None) -> int | None:
    try:
        return instant(call.arguments.get(name or ""))
    except (ValueError, OverflowError):
        return None


def _moved(ground: Ground, by: int, call: Call) -> Call:
    """The call with its bound so much later."""
    sent = call.arguments.get(ground.name)
    return call if sent is None else call.changed(**{ground.name: later(sent, by)})


def edge(ground: Ground) -> Iterator[Fault]:
    """Of a closed window the edge is lost, of an open one it is shown."""
    name, window = ground.name, ground.listing.window
    assert window is not None
    inwards = 1 if name == window.start else -1
    by = inwards if window.closed else -inwards

    def moved(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(_moved(ground, by, call))

    def with_others(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer, told = proceed(call), proceed(_moved(ground, by, call))
        at = _bound(call, name)
        if ground.goes_on(call):  # by the cursor of one of the two
            return told if told.accepted else answer
        others = any(_moment(ground, row) != at for row in ground.rows(answer))
        return told if others else answer

    what = "Leaves out" if window.closed else "Shows"
    yield ground.fault("edge-moved", f"{what} what lies exactly at `{name}`.", moved)
    says = f"{what} what lies exactly at `{name}`, where there is more in the window."
    yield ground.fault("edge-beside-others", says, with_others)


def outside(ground: Ground) -> Iterator[Fault]:
    name, window = ground.name, ground.listing.window
    assert window is not None
    outwards = -1 if name == window.start else 1

    def ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        if name not in call.arguments:
            return answer
        far = ground.early(name) if name == window.start else ABSENT
        told = proceed(call.changed(**{name: far}))
        # a cursor may be good for the call that it came with alone
        return told if told.accepted and (answer.accepted or ground.goes_on(call)) else answer

    def nearly(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(_moved(ground, outwards * _NEARLY, call))

    why = "What lies beyond one bound does not lie between both."
    fault = ground.fault("ignored", f"Takes no notice of `{name}`.", ignored)
    yield ground.also(fault, "windows/between", why)
    fault = ground.fault("nearly", f"Shows also what lies a little beyond `{name}`.", nearly)
    yield ground.also(fault, "windows/between", why)


def between(ground: Ground) -> Iterator[Fault]:
    """What lies strictly between the bounds is lost; edges and all outside stay as they are."""
    window = ground.listing.window
    assert window is not None
    start, end = window.start, window.end

    def loses(slug: str, says: str, last: bool) -> Fault:
        def lose(proceed: Proceed, call: Call, _context: Context) -> Answer:
            answer, first, final = proceed(call), _bound(call, start), _bound(call, end)
            if first is None or final is None:
                return answer
            rows = ground.rows(answer)
            inside = [row for row in rows if first < (_moment(ground, row) or first) < final]
            lost = inside[-1:] if last else inside
            return ground.with_rows(answer, [r for r in rows if r not in lost]) if lost else answer

        return ground.fault(slug, says, lose)

    yield loses("edges-only", "With both bounds, shows only what lies at one of them.", False)
    yield loses("last-lost", "With both bounds, leaves out the last row between them.", True)


def respelled(ground: Ground) -> Iterator[Fault]:
    name = ground.name

    def misreads(slug: str, says: str, only: Callable[[Any], bool]) -> Fault:
        def misread(proceed: Proceed, call: Call, _context: Context) -> Answer:
            sent = call.arguments.get(name)
            away = int(offset(sent).total_seconds() * 1000)
            return proceed(_moved(ground, away, call) if away and only(away) else call)

        return ground.fault(slug, says, misread)

    def edge_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        is_away = bool(offset(call.arguments.get(name)))
        window = ground.listing.window
        by = 1 if window is None or window.closed else -1
        return proceed(_moved(ground, by, call) if is_away else call)

    yield misreads("zone-ignored", f"Reads `{name}` as if its zone were UTC.", lambda _away: True)
    says = f"Reads `{name}` of a zone west of Greenwich as if that were UTC."
    yield misreads("west-ignored", says, lambda away: away < 0)
    says = f"Moves the edge where `{name}` is written in another zone."
    yield ground.fault("edge-moved", says, edge_lost)


def newest(ground: Ground) -> Iterator[Fault]:
    name, key = ground.name, str(ground.resource.key)

    def asked(call: Call) -> int:
        sent = call.arguments.get(name)
        return sent if isinstance(sent, int) and sent > 0 else 0

    def everything(proceed: Proceed, call: Call) -> Rows:
        return ground.everything(proceed, call, ground.home(call))

    def oldest(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        if not (asked(call) and answer.accepted):
            return answer
        return ground.with_rows(answer, everything(proceed, call)[: asked(call)])

    def one_more(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        more = proceed(call.changed(**{name: asked(call) + 1})) if asked(call) else answer
        return more if more.accepted else answer

    def last_come(proceed: Proceed, call: Call, context: Context) -> Answer:
        come = ground.memory(context, "come", list[object])
        answer = proceed(call)
        if ground.deed(call) == "make" and answer.accepted:
            come.append(ground.shown(answer).get(key))
        if ground.deed(call) != "list" or not (asked(call) and answer.accepted):
            return answer
        rows = everything(proceed, call)
        here = {row.get(key) for row in rows}
        last = [each for each in come if each in here][-asked(call) :]
        return ground.with_rows(answer, [row for row in rows if row.get(key) in last])

    yield ground.fault("oldest", f"`{name}` shows the oldest.", oldest)
    yield ground.fault("one-more", f"`{name}` shows one more.", one_more)
    if ground.resource.key is not None and ground.maker.success.payload is not None:
        says = f"`{name}` shows those that came last, whatever their time."
        yield ground.everywhere("last-come", says, last_come)


LAWS = {
    "windows/start-edge": edge,
    "windows/end-edge": edge,
    "windows/start-outside": outside,
    "windows/end-outside": outside,
    "windows/between": between,
    "windows/respelled": respelled,
    "newest/last": newest,
}
