"""What stream.md says of its five calls in any order, as a pure function.

A state holds the records that one example stored in its own stretch of time. `step` tells, for
each call, every answer that is allowed and the state that it leaves; where the document is silent
there are several. A record goes by the serial number of the write that stored it, because its
`stream_id` is the server's to choose. Pages, windows, and how times show have checks of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product
from typing import Final

from streamproof.contracts.bge.calls import Key

Pair = tuple[str, str]  # an entity and a data element: what a range asks for
OPEN: Final = -1  # in place of a serial number: whatever an item is answered, nothing is stored


class Flag(Enum):
    """`duplicate_enabled`: false, true or not sent, which means false."""

    FORBIDDEN = "false"
    PERMITTED = "true"
    ABSENT = ""


@dataclass(frozen=True, slots=True)
class Item:
    """What a write or an item of a batch asks to be stored; `data` is JSON text.

    `serial` counts the items of an example; `known` tells whether the entity exists.
    """

    serial: int
    key: Key
    data: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Call:
    """`items` of a write or batch, the `serial` of a retrieve (None for an id that nothing has),
    the `pair` of a range, the `entity` that a bind must answer."""

    operation: str
    items: tuple[Item, ...] = ()
    flag: Flag = Flag.FORBIDDEN
    serial: int | None = None
    pair: Pair | None = None
    ascending: bool = False
    entity: str = ""

    @property
    def permitted(self) -> bool:
        return self.flag is Flag.PERMITTED

    def __str__(self) -> str:
        return f"{self.operation} {self.flag.name.lower()}" if self.items else self.operation


@dataclass(frozen=True, slots=True)
class Record:
    """A stored item, and the call that stored it."""

    item: Item
    by: Call

    @property
    def row(self) -> Row:
        key = self.item.key
        return Row(self.item.serial, key.entity, key.element, key.instant, self.item.data)


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it shows; its serial number is None where no call answered its id."""

    serial: int | None
    entity: str
    element: str
    instant: int
    data: str


@dataclass(frozen=True, slots=True)
class State:
    records: tuple[Record, ...] = ()

    def at(self, key: Key) -> list[Record]:
        return [record for record in self.records if record.item.key == key]

    def of(self, pair: Pair) -> set[Row]:
        """What range shows of an entity and a data element."""
        rows = {record.row for record in self.records}
        return {row for row in rows if (row.entity, row.element) == pair}

    def row(self, serial: int | None) -> Row | None:
        return next((r.row for r in self.records if r.item.serial == serial), None)

    def having(self, items: tuple[Item, ...], by: Call) -> State:
        return State((*self.records, *(Record(item, by) for item in items)))


@dataclass(frozen=True, slots=True)
class Answer:
    """`told` has, for each item, the serial number of the record whose id it was answered; None
    where it failed. `rows` are those of a retrieve or range, of equal times in order of writing.

    In what is allowed `accepted` may be None, for either, and `told` may hold `OPEN`.
    """

    accepted: bool | None
    told: tuple[int | None, ...] = ()
    rows: tuple[Row, ...] = ()
    entity: str = ""

    def __str__(self) -> str:
        shows: list[str] = []
        if self.told:
            open_told = {None: "fails", OPEN: "either"}
            shows.append(", ".join(open_told.get(n, f"record {n}") for n in self.told))
        shows += [f"record {row.serial} at {row.instant}: {row.data}" for row in self.rows]
        shows += [self.entity] if self.entity else []
        verdict = {True: "accepted", False: "rejected", None: "accepted or rejected"}[self.accepted]
        return f"{verdict} ({'; '.join(shows)})" if shows else verdict


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer, and what range shows of some entities and data elements right after it."""

    answer: Answer
    around: Mapping[Pair, set[Row]] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.answer)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer that the document allows, and the state that it leaves."""

    answer: Answer
    state: State


def follow(states: Iterable[State], call: Call, seen: Seen) -> list[State]:
    """The states that a target may be in, of which all `states` were possible before.

    None are left where the document allows nothing like what was seen.
    """
    left: list[State] = []
    for state in states:
        for allowed in step(state, call):
            if fits(allowed, seen) and allowed.state not in left:
                left.append(allowed.state)
    return left


def step(state: State, call: Call) -> Iterator[Outcome]:
    """Every answer that the document allows, each with the state that it leaves."""
    match call.operation:
        case "write":
            return _write(state, call)
        case "batch_write":
            return _batch(state, call)
        case "range":
            return _range(state, call)
        case "retrieve":
            return _retrieve(state, call)
        case _:
            return iter([Outcome(Answer(True, entity=call.entity), state)])


def fits(allowed: Outcome, seen: Seen) -> bool:
    """Whether the answer and all that range shows afterwards are as allowed."""
    answer, shown = allowed.answer, seen.answer
    if any(allowed.state.of(pair) != rows for pair, rows in seen.around.items()):
        return False
    if answer.accepted is None:
        return True
    if answer.told:
        closed = len(answer.told) == len(shown.told) and all(
            right in (OPEN, found) for right, found in zip(answer.told, shown.told, strict=True)
        )
        return answer.accepted is shown.accepted and closed
    return replace(shown, told=()) == answer


def _write(state: State, call: Call) -> Iterator[Outcome]:
    """write_stream: the same entity, data element and time again is not stored unless permitted.

    Silent: whether such a write is rejected or answered with the older record's id. An unknown
    entity is rejected.
    """
    [item] = call.items
    if not item.known:
        yield Outcome(Answer(False), state)
    elif state.at(item.key) and not call.permitted:
        yield Outcome(Answer(None), state)
    else:
        yield Outcome(Answer(True, (item.serial,)), state.having((item,), call))


def _batch(state: State, call: Call) -> Iterator[Outcome]:
    """batch_write_stream: item by item as a write; an item that fails stops no other.

    Silent: what a duplicate is answered, and which of several equal items is stored, if any.
    """
    for stored in product(*(_choices(state, call, item) for item in call.items)):
        kept = tuple(
            item for item, told in zip(call.items, stored, strict=True) if told == item.serial
        )
        keys = [item.key for item in kept]
        if call.permitted or len(set(keys)) == len(keys):
            yield Outcome(Answer(True, stored), state.having(kept, call))


def _choices(state: State, call: Call, item: Item) -> list[int | None]:
    """What may become of an item: its own serial number if it is stored."""
    if not item.known:
        return [None]
    if call.permitted:
        return [item.serial]
    if state.at(item.key):
        return [OPEN]
    alone = sum(other.key == item.key for other in call.items) == 1
    return [item.serial] if alone else [item.serial, OPEN]


def _range(state: State, call: Call) -> Iterator[Outcome]:
    """stream_range > sort_direction: by generate time. Silent: the order of equal times, which is
    that of writing here."""
    assert call.pair is not None
    yield Outcome(Answer(True, rows=in_order(state.of(call.pair), call.ascending)), state)


def in_order(rows: Iterable[Row], ascending: bool) -> tuple[Row, ...]:
    """Rows by generate time, and at equal times by serial number."""
    sign = 1 if ascending else -1
    return tuple(sorted(rows, key=lambda row: (sign * row.instant, row.serial or 0)))


def _retrieve(state: State, call: Call) -> Iterator[Outcome]:
    """stream_retrieve: the record of the id; an unknown id is rejected."""
    row = state.row(call.serial)
    yield Outcome(Answer(False) if row is None else Answer(True, rows=(row,)), state)
