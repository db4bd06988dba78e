"""Which rule forbids what a sequence of calls showed, where the model allows nothing like it.

Several rules may explain one sight: the most special stands first, because a sequence that a
more general rule explains is shrunk until it needs nothing special.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.model import (
    Call,
    Flag,
    Item,
    Row,
    Seen,
    State,
    in_order,
    step,
)
from streamproof.contracts.check import Mismatch

_ANY, _RANGE, _WRITE, _BATCH = "bge/any/", "bge/range/", "bge/write/", "bge/batch_write/"
_RETRIEVE, _BIND = "bge/retrieve/", "bge/bind/"
# What loses a record on the way to whoever looks for it, or moves it to where nobody does.
_LOSING: Final = (
    _WRITE + "found-by-range",
    _WRITE + "retrievable",
    _WRITE + "key-kept",
    *(_RANGE + slug for slug in ("pages-end", "pages-complete", "pages-with-ties")),
)
_NO_DUPLICATES: Final = tuple(
    f"{_WRITE}other-{part}-no-duplicate" for part in ("time", "entity", "element")
)
RULES: Final = frozenset(
    {
        *(_ANY + slug for slug in ("rejected-stores-nothing", "stream-ids-unique")),
        *(_RANGE + slug for slug in ("sort-asc", "sort-desc")),
        *(_RETRIEVE + slug for slug in ("as-in-range", "unknown-rejected")),
        *(_BIND + slug for slug in ("minimal-call", "entity-of-sample")),
        _WRITE + "accepts-duplicate-flag",
        _WRITE + "data-kept",
        _WRITE + "duplicate-allowed",
        _WRITE + "duplicate-default",
        _WRITE + "duplicate-despite-other-data",
        _WRITE + "duplicate-keeps-older",
        _WRITE + "duplicate-not-stored",
        _WRITE + "duplicate-of-flagged",
        _WRITE + "found-by-range",
        _WRITE + "key-kept",
        _WRITE + "new-stream-id",
        _WRITE + "other-element-no-duplicate",
        _WRITE + "other-entity-no-duplicate",
        _WRITE + "other-time-no-duplicate",
        _WRITE + "retrievable",
        _WRITE + "unknown-entity-not-stored",
        _WRITE + "unknown-entity-rejected",
        _BATCH + "accepts-duplicate-flag",
        _BATCH + "duplicate-default",
        _BATCH + "duplicate-in-batch-allowed",
        _BATCH + "duplicate-in-batch-not-stored",
        _BATCH + "duplicate-in-store-allowed",
        _BATCH + "duplicate-in-store-not-stored",
        _BATCH + "good-item-stored",
        _BATCH + "good-item-succeeds",
        _BATCH + "new-stream-ids",
        _BATCH + "partial-success",
        _BATCH + "seen-by-single-writes",
        _BATCH + "sees-single-writes",
        _BATCH + "unknown-entity-fails",
        _BATCH + "unknown-entity-not-stored",
    }
)


def forbids(state: State, call: Call, seen: Seen) -> Mismatch | None:
    """The first rule that what was seen breaks; None where no rule says so."""
    match call.operation:
        case "write" | "batch_write":
            broken = _stored(state, call, seen)
        case "range":
            broken = _ranged(call, seen)
        case "retrieve":
            broken = _retrieved(state, call, seen)
        case _:
            broken = _bound(call, seen)
    return next(broken, None)


# -- what is stored ------------------------------------------------------------------------------


def _stored(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    keys = [item.key for item in (*(r.item for r in state.records), *call.items)]
    for key in dict.fromkeys(keys):
        if (key.entity, key.element) in seen.around:
            yield from _at(state, call, seen, key)
    yield from _told(state, call, seen)


def _at(state: State, call: Call, seen: Seen, key: Key) -> Iterator[Mismatch]:
    """What is wrong with the records under one key."""
    rows = seen.around[key.entity, key.element]
    shown = {row for row in rows if row.instant == key.instant}
    old = {record.row for record in state.at(key)}
    serials = {row.serial for row in old}
    items = [item for item in call.items if item.key == key]
    if old - shown:
        lost = sum(row.serial not in {found.serial for found in shown} for row in old)
        harmed = _of_older(call, seen, items, lost=bool(lost))
        actual = f"{lost} of them missing" if lost else "one with other data"
        yield Mismatch("older-harmed", f"{_what(call)}: the {len(old)} before it", actual, harmed)
    new = {row for row in shown if row.serial not in serials}
    counts = [len(allowed.state.at(key)) - len(old) for allowed in step(state, call)]
    wanted = " or ".join(map(str, sorted(set(counts))))
    if len(new) > max(counts) or (new and not seen.answer.accepted):
        extra = _of_extra(state, call, seen, items, key)
        most = "0" if not seen.answer.accepted else wanted
        yield from _counted("stored", call, most, len(new), extra)
    if len(new) < min(counts):
        missing = _of_lost(state, call, seen, items, key)
        yield from _counted("not-stored", call, wanted, len(new), missing)
    for row in new:
        item = next((item for item in items if item.serial == row.serial), None)
        if item is None:
            other = _of_id(call, seen, items, row)
            yield Mismatch("other-id", "the id that was answered", "another record's id", other)
        elif item.data != row.data:
            rule = _BATCH + "good-item-stored" if _batch(call) else _WRITE + "data-kept"
            yield Mismatch("data", f"the data {item.data}", row.data, (rule,))


def _counted(
    reason: str, call: Call, wanted: str, found: int, rules: list[str]
) -> Iterator[Mismatch]:
    """Too many or too few records; nothing where no rule forbids it."""
    if rules:
        what = f"records that {_what(call)} stores under a key"
        yield Mismatch(reason, f"{what}: {wanted}", f"{what}: {found}", tuple(rules))


def _of_older(call: Call, seen: Seen, items: list[Item], *, lost: bool) -> tuple[str, ...]:
    """What may have taken an older record away, or changed its data."""
    found = [_ANY + "rejected-stores-nothing"] if not seen.answer.accepted else []
    if items and call.permitted:
        both_stand = ("write/duplicate-allowed", "batch_write/duplicate-in-store-allowed")
        found.insert(0, f"bge/{both_stand[_batch(call)]}")
    elif items and not _batch(call):
        found.insert(0, _WRITE + "duplicate-keeps-older")
    return (*found, *(_LOSING if lost else (_WRITE + "data-kept", _WRITE + "text-kept")))


def _of_extra(state: State, call: Call, seen: Seen, items: list[Item], key: Key) -> list[str]:
    """What may have let a record in that isn't allowed."""
    room = _BATCH if _batch(call) else _WRITE
    rejected = [_ANY + "rejected-stores-nothing"] if not seen.answer.accepted else []
    if not items:
        return rejected or [_BATCH + "good-item-stored" if _batch(call) else _WRITE + "key-kept"]
    if not items[0].known:
        return [*rejected, room + "unknown-entity-not-stored"]
    older, slugs = state.at(key), ["duplicate-default"] if call.flag is Flag.ABSENT else []
    if _batch(call):
        slugs += ["duplicate-in-batch-not-stored"] if len(items) > 1 and not older else []
        slugs += ["sees-single-writes"] if older and not any(_batch(r.by) for r in older) else []
        return [*rejected, *(_BATCH + s for s in (*slugs, "duplicate-in-store-not-stored"))]
    by_batch = [_BATCH + "seen-by-single-writes"] if any(_batch(r.by) for r in older) else []
    slugs += ["duplicate-of-flagged"] if any(record.by.permitted for record in older) else []
    if all(record.item.data != items[0].data for record in older):
        slugs.append("duplicate-despite-other-data")
    return [*rejected, *by_batch, *(_WRITE + s for s in (*slugs, "duplicate-not-stored"))]


def _of_lost(state: State, call: Call, seen: Seen, items: list[Item], key: Key) -> list[str]:
    """What may have kept a record out that has to be let in."""
    older, told = state.at(key), _told_of(call, seen, items)
    # Or a record from before the sequence is taken for its duplicate, though it is none.
    taken = [] if call.permitted else list(_NO_DUPLICATES)
    if not _batch(call):
        if seen.answer.accepted and told == [items[0].serial]:
            return [*_LOSING, *taken]
        if call.permitted:
            slugs = ["duplicate-allowed"] if older else []
            return [_WRITE + slug for slug in (*slugs, "accepts-duplicate-flag")]
        return [_WRITE + slug for slug in _neighbours(state, key)]
    slugs = []
    if call.permitted:
        slugs += ["duplicate-in-store-allowed"] if older else []
        slugs += ["duplicate-in-batch-allowed"] if len(items) > 1 else []
        slugs += ["accepts-duplicate-flag"] if set(told) <= {None} else []
    others = [item for item in call.items if item not in items]
    if any(not o.known for o in others) or None in _told_of(call, seen, others):
        slugs.append("partial-success")
    slugs.append("good-item-succeeds" if None in told or not told else "good-item-stored")
    return [*(_BATCH + slug for slug in slugs), *_LOSING, *taken]


def _neighbours(state: State, key: Key) -> list[str]:
    """Records that differ from a key in one thing only."""
    found: dict[str, None] = {}
    for record in state.records:
        other = record.item.key
        differs = {
            "other-entity-no-duplicate": other.entity != key.entity,
            "other-element-no-duplicate": other.element != key.element,
            "other-time-no-duplicate": other.instant != key.instant,
        }
        if sum(differs.values()) == 1:
            found |= {slug: None for slug, is_so in differs.items() if is_so}
    return list(found)


def _of_id(call: Call, seen: Seen, items: list[Item], row: Row) -> tuple[str, ...]:
    """What may have given a new record another id than the call answered."""
    if row.serial is not None:
        if _batch(call) and row.serial in {item.serial for item in call.items}:
            return (_BATCH + "answers-in-order", _ANY + "stream-ids-unique")
        return (_ANY + "stream-ids-unique",)
    own = set(_told_of(call, seen, items)) <= {item.serial for item in items}
    if _batch(call):
        return (_BATCH + ("good-item-stored" if own else "new-stream-ids"),)
    return (_WRITE + ("retrievable" if own else "new-stream-id"), _WRITE + "found-by-range")


# -- what is answered ----------------------------------------------------------------------------


def _told(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    """What is wrong with an answer, where what is stored is right."""
    if not _batch(call):
        [item] = call.items
        if not item.known and seen.answer.accepted:
            yield _accepted("a write for an unknown entity", _WRITE + "unknown-entity-rejected")
        return
    if not seen.answer.accepted:
        if any(not item.known for item in call.items):
            what = "a batch with an unknown entity is accepted, but for that item"
            yield Mismatch("not-accepted", what, "rejected", (_BATCH + "unknown-entity-fails",))
        return
    for item, told in zip(call.items, seen.answer.told, strict=True):
        if not item.known and told is not None:
            yield _accepted("an item for an unknown entity", _BATCH + "unknown-entity-fails")
        if item.known and told is None and not state.at(item.key):
            what = "an item that is stored succeeds"
            yield Mismatch("not-accepted", what, "it fails", (_BATCH + "good-item-succeeds",))


def _ranged(call: Call, seen: Seen) -> Iterator[Mismatch]:
    rows = seen.answer.rows
    if rows != in_order(rows, call.ascending):
        rule = _RANGE + ("sort-asc" if call.ascending else "sort-desc")
        times = [row.instant for row in rows]
        yield Mismatch("order", f"{call} in order of time", f"{times}", (rule,))


def _retrieved(state: State, call: Call, seen: Seen) -> Iterator[Mismatch]:
    record = next((r for r in state.records if r.item.serial == call.serial), None)
    if record is None:
        rule = _RETRIEVE + "unknown-rejected"
        yield _accepted("retrieve of an id that nothing has", rule)
    elif not seen.answer.accepted:
        rule = _BATCH + "good-item-stored" if _batch(record.by) else _WRITE + "retrievable"
        yield Mismatch("not-accepted", "retrieve of a record is accepted", "rejected", (rule,))
    else:
        rule = _RETRIEVE + "as-in-range"
        yield Mismatch("differs", f"{record.row}", f"{seen.answer.rows}", (rule,))


def _bound(call: Call, seen: Seen) -> Iterator[Mismatch]:
    rule = _BIND + ("entity-of-sample" if seen.answer.accepted else "minimal-call")
    actual = f"{seen.answer.entity}" if seen.answer.accepted else "rejected"
    yield Mismatch("entity", f"bind answers {call.entity}", actual, (rule,))


def _batch(call: Call) -> bool:
    return call.operation == "batch_write"


def _told_of(call: Call, seen: Seen, items: list[Item]) -> list[int | None]:
    """What was answered for some of the items of a call."""
    pairs = zip(call.items, seen.answer.told, strict=False)
    return [told for item, told in pairs if item in items]


def _what(call: Call) -> str:
    return "a batch" if _batch(call) else "a write"


def _accepted(what: str, rule: str) -> Mismatch:
    return Mismatch("accepted", f"{what} is rejected", "accepted", (rule,))
