"""Faults of pages: too many rows on one, and pages by number that don't fit together."""

from __future__ import annotations

from collections.abc import Iterator

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground


def at_most(ground: Ground) -> Iterator[Fault]:
    name = ground.name
    usual = ground.operation.schemas.get(name, {}).get("default")

    def limit(call: Call) -> int:
        """A limit that differs from the default, on a page of which no other is a part."""
        sent, given = call.arguments.get(name), call.arguments
        if not isinstance(sent, int) or sent < 1 or sent == usual:
            return 0
        return 0 if {ground.pages.offset, ground.pages.number} & {*given} else sent

    def ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        return (
            proceed(call.changed(**{name: ABSENT})) if answer.accepted and limit(call) else answer
        )

    def one_too_many(proceed: Proceed, call: Call, _context: Context) -> Answer:
        sent, answer = limit(call), proceed(call)
        if not sent or len(ground.rows(answer)) < sent:
            return answer
        more = proceed(call.changed(**{name: sent + 1}))
        return more if more.accepted else answer

    yield ground.fault("ignored", f"Takes no notice of `{name}`.", ignored)
    yield ground.fault("one-too-many", f"Lists one row more than `{name}` says.", one_too_many)


def by_number(ground: Ground) -> Iterator[Fault]:
    name, by_page = ground.name, ground.pages.number is not None

    def sent(call: Call) -> int:
        """What a call for a page after the first has."""
        value = call.arguments.get(name)
        return value if isinstance(value, int) and ground.goes_on(call) else 0

    def skips(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(**{name: sent(call) + 1}) if sent(call) else call)

    def first_again(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(**{name: ABSENT}) if sent(call) else call)

    def last_row_again(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer, at = proceed(call), sent(call)
        rows = ground.rows(answer)
        if not (at and rows):
            return answer
        before = ground.rows(proceed(call.changed(**{name: at - 1})))
        edge = before[-1:] if by_page else before[:1]
        return ground.with_rows(answer, [*edge, *rows[:-1]])

    def full_last_lost(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        rows = ground.rows(answer)
        limit = call.arguments.get(str(ground.pages.limit))
        after = ground.on(call, answer)
        if not sent(call) or len(rows) != limit or after is None or ground.rows(proceed(after)):
            return answer
        return ground.with_rows(answer, [])

    yield ground.fault("off-by-one", f"Skips more than `{name}` says.", skips)
    yield ground.fault("first-again", f"Takes no notice of `{name}`.", first_again)
    says = "Begins every page but the first with the last row of the page before."
    yield ground.fault("last-row-again", says, last_row_again)
    says = "Answers an empty list for a last page that is exactly full."
    yield ground.fault("full-last-page-lost", says, full_last_lost)


LAWS = {"pages/at-most": at_most, "pages/by-offset": by_number}
