"""Faults of arguments of which there is one, that need another, or that have a default."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Ground

Mend = Callable[[Call], Call]


def _accepts(
    ground: Ground, says: str, breaks: Callable[[Call], bool], mend: Mend
) -> Iterator[Fault]:
    """Faults that let a call in which `breaks` the rule, and do what the mended one asks for."""

    def accept(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(mend(call) if breaks(call) else call)

    def where_rows(proceed: Proceed, call: Call, context: Context) -> Answer:
        told = accept(proceed, call, context)
        return told if ground.rows(told) else proceed(call)

    yield ground.fault("accepted", f"Accepts a call {says}.", accept)
    yield ground.fault(
        "where-rows", f"Accepts a call {says}, where it finds something.", where_rows
    )


def _given(ground: Ground, call: Call) -> list[str]:
    return [name for name in ground.listing.exactly_one if name in call.arguments]


def _another(ground: Ground, call: Call) -> Call:
    """A call that lacks one of those of which there has to be one, with one of them."""
    listing, schemas = ground.listing, ground.operation.schemas
    home = {n: v for n, v in ground.of_all().items() if n in listing.exactly_one}
    first = listing.exactly_one[0]
    usual = {first: schemas.get(first, {}).get("minimum", 1)}
    if (body := ground.operation.body) is not None:
        usual = {n: v for n, v in body.example.items() if n in listing.exactly_one} or usual
    return call.changed(**(home or usual))


def neither(ground: Ground) -> Iterator[Fault]:
    def breaks(call: Call) -> bool:
        return not _given(ground, call)

    def mend(call: Call) -> Call:
        return _another(ground, call)

    yield from _accepts(ground, "that names none of them", breaks, mend)


def both(ground: Ground) -> Iterator[Fault]:
    def breaks(call: Call) -> bool:
        return len(_given(ground, call)) > 1

    def mend(call: Call) -> Call:
        return call.changed(**dict.fromkeys(_given(ground, call)[1:], ABSENT))

    yield from _accepts(ground, "that names several of them", breaks, mend)


def only_with(ground: Ground) -> Iterator[Fault]:
    """Of calls that break no other rule: where there has to be one of several, there is."""
    needed, other = ground.facet.name, ground.facet.other

    def breaks(call: Call) -> bool:
        alone = other in call.arguments and needed not in call.arguments
        return alone and (not ground.listing.exactly_one or len(_given(ground, call)) == 1)

    def mend(call: Call) -> Call:
        return call.changed(**{other: ABSENT})

    says = f"with `{other}` but without `{needed}`"
    yield from _accepts(ground, says, breaks, mend)


def default(ground: Ground) -> Iterator[Fault]:
    name = ground.name
    schema = ground.operation.schemas[name]
    usual = schema["default"]
    is_limit = name == ground.pages.limit

    def short(proceed: Proceed, call: Call, _context: Context) -> Answer:
        """Only the first page is short, so that there is no other way to see it."""
        return proceed(call if name in call.arguments else call.changed(**{name: 1}))

    def one_off(proceed: Proceed, call: Call, _context: Context) -> Answer:
        by = -1 if usual > schema.get("minimum", 0) else 1
        return proceed(call if name in call.arguments else call.changed(**{name: usual + by}))

    def explicit(proceed: Proceed, call: Call, _context: Context) -> Answer:
        """A call that names the default, and no page after the first, loses its last row."""
        answer = proceed(call)
        rows = ground.rows(answer)
        if call.arguments.get(name) != usual or len(rows) < 2 or ground.goes_on(call):
            return answer
        return ground.with_rows(answer, rows[:-1])

    if is_limit:
        yield ground.fault("one", f"Takes 1 for a `{name}` that isn't sent.", short)
    if isinstance(usual, int) and not isinstance(usual, bool):
        says = f"Takes for a `{name}` that isn't sent what is next to its default."
        yield ground.fault("off-by-one", says, one_off)
    says = f"Leaves out the last row where `{name}` is sent with its default."
    yield ground.fault("explicit", says, explicit)


LAWS = {
    "one-of/neither": neither,
    "one-of/both": both,
    "one-of/only-with": only_with,
    "defaults/absent": default,
}
