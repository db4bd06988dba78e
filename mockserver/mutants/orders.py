"""Faults of the order of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground, Rows


def _arranged(
    ground: Ground,
    slug: str,
    says: str,
    arrange: Callable[[Rows], Rows],
    argument: str | None = None,
) -> Fault:
    """A fault that arranges the rows of a page; where an argument is named, of calls with it."""

    def arranged(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        rows = ground.rows(answer)
        newest = ground.listing.newest is not None and ground.listing.newest in call.arguments
        if len(rows) < 2 or newest or (argument is not None and argument not in call.arguments):
            return answer
        return ground.with_rows(answer, arrange(rows))

    return ground.fault(slug, says, arranged)


def _last_two(ground: Ground, rows: Rows) -> Rows:
    """Rows of which the last two that differ in rank stand the wrong way round."""
    for at in range(len(rows) - 1, 0, -1):
        if ground.rank(rows[at]) != ground.rank(rows[at - 1]):
            return [*rows[: at - 1], rows[at], rows[at - 1], *rows[at + 1 :]]
    return rows


def ordered(ground: Ground) -> Iterator[Fault]:
    says = "Lists the rows of a page the wrong way round."
    yield _arranged(ground, "backwards", says, lambda rows: rows[::-1])
    says = "Lists the last two rows the wrong way round."
    yield _arranged(ground, "last-two", says, lambda rows: _last_two(ground, rows))


def turned(ground: Ground) -> Iterator[Fault]:
    name = ground.name

    def ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(**{name: ABSENT}))

    yield ground.fault("ignored", f"Takes no notice of `{name}`.", ignored)
    says = f"With `{name}` the last two rows stand the wrong way round."
    yield _arranged(ground, "last-two", says, lambda rows: _last_two(ground, rows), name)


LAWS = {"orders/sorted": ordered, "orders/turned": turned}
