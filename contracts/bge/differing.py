"""How what a call of a sequence showed differs from all that the model allows, and the rules that
speak of such a difference: those of its call, and of the calls that wrote what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from streamproof.contracts.bge.model import Call, Outcome, Pair, Row, Seen, State, step
from streamproof.contracts.check import Mismatch
from streamproof.contracts.models.difference import Kind
from streamproof.specs.rulebook import Rulebook

_READS: Final = ("any", "range", "retrieve")


def mismatch(rulebook: Rulebook, states: Sequence[State], call: Call, seen: Seen) -> Mismatch:
    """The difference from what the model allows in `states`, of which the first is told."""
    allowed = [outcome for state in states for outcome in step(state, call)]
    kind, expected, actual = _of_rows(allowed, seen) or _of_answer(allowed, call, seen)
    wrote = {record.by.operation for state in states for record in state.records}
    of = {call.operation, *wrote, *_READS}
    rules = (r.id for r in rulebook if kind in r.seen_as and r.operation in of)
    return Mismatch(kind, f"{call}: {expected}", f"{call}: {actual}", tuple(rules))


def _of_rows(allowed: Sequence[Outcome], seen: Seen) -> tuple[Kind, str, str] | None:
    """What is wrong with the records that range shows; None where some outcome allows them all."""
    if any(_shown(outcome, seen) for outcome in allowed):
        return None
    for pair, rows in seen.around.items():
        likely = min((outcome.state.of(pair) for outcome in allowed), key=lambda of: len(of ^ rows))
        if likely == rows:
            continue
        serials = {row.serial for row in rows}
        lost = [row for row in likely - rows if row.serial not in serials]
        stray = [row for row in rows - likely if row.serial not in {r.serial for r in likely}]
        kind: Kind = "lost-row" if lost else "stray-row" if stray else "other-row"
        return kind, f"range shows {_told(pair, likely)}", f"range shows {_told(pair, rows)}"
    return None


def _shown(outcome: Outcome, seen: Seen) -> bool:
    return all(outcome.state.of(pair) == rows for pair, rows in seen.around.items())


def _told(pair: Pair, rows: Iterable[Row]) -> str:
    """Records of an entity and a data element, by the number of the item that was sent."""
    numbers = sorted("?" if row.serial is None else str(row.serial) for row in rows)
    data = sorted({row.data for row in rows})
    what = f"{len(numbers)} records of {' and '.join(pair)}"
    return f"{what} (sent as {', '.join(numbers)}; data {', '.join(data)})" if numbers else what


def _of_answer(allowed: Sequence[Outcome], call: Call, seen: Seen) -> tuple[Kind, str, str]:
    """What is wrong with an answer, where what is stored is right."""
    expected = " or ".join(dict.fromkeys(str(outcome.answer) for outcome in allowed))
    kind: Kind = "answered-otherwise"
    match call.operation:
        case "range":
            likely, shown = {*allowed[0].answer.rows}, {*seen.answer.rows}
            lost, stray = likely - shown, shown - likely
            kind = "lost-row" if lost else "stray-row" if stray else "disorder"
        case "retrieve" if call.serial is None:
            kind = "ghost"
        case "retrieve":
            kind = "otherwise" if seen.answer.accepted else "lost"
    return kind, expected, str(seen.answer)
