"""Faults of what a log keeps: the instants of its records, and which of equal ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.engine.values import instant
from streamproof.mockserver.faults import Fault, Proceed
from streamproof.mockserver.mutants.ground import Document, Ground
from streamproof.mockserver.mutants.values import as_text, later, offset

_REPEATED: Final = "duplicates/not-twice"
_CLOSE: Final = 1000  # milliseconds
Same = tuple[str, ...]


def instants(ground: Ground) -> Iterator[Fault]:
    """Records are shown at another instant than they are kept at."""
    name, key = ground.name, ground.resource.key

    def misreads(slug: str, says: str, only: Callable[[int], bool]) -> Fault:
        def misread(proceed: Proceed, call: Call, context: Context) -> Answer:
            moved = ground.memory(context, "moved", dict[Any, int])
            away = int(offset(call.fields.get(name)).total_seconds() * 1000)
            is_due = ground.deed(call) == "make" and away != 0 and only(away)
            if key is None:  # nothing to know the record by
                sent = call.fields.get(name)
                return proceed(call.changed(**{name: later(sent, away)}) if is_due else call)
            answer = proceed(call)
            thing = ground.shown(answer)
            if is_due and answer.accepted and key in thing:
                moved[thing[key]] = away
                return ground.showing(answer, _at(thing, moved[thing[key]]))
            rows = ground.rows(answer) if ground.deed(call) == "list" else []
            if not any(row.get(key) in moved for row in rows):
                return answer
            return ground.with_rows(answer, [_at(r, moved.get(r.get(key), 0)) for r in rows])

        return ground.everywhere(slug, says, misread)

    def _at(row: Document, by: int) -> Document:
        return {**row, name: later(row[name], by)} if by and name in row else row

    says = f"Takes the zone of `{name}` for UTC"
    yield misreads("zone-ignored", f"{says}.", lambda _away: True)
    yield misreads("west-ignored", f"{says}, west of Greenwich.", lambda away: away < 0)


# -- duplicates ------------------------------------------------------------------------------------


def _same(ground: Ground, call: Call) -> Same:
    """What a record has to share to be a duplicate: its home, and some fields."""
    duplicates = ground.resource.duplicates
    assert duplicates is not None
    return (*ground.home(call), *(as_text(call.fields.get(name)) for name in duplicates.same))


def _again(ground: Ground, proceed: Proceed, call: Call, context: Context) -> Answer:
    """The answer to a duplicate that is kept: where nothing permits it, a moment later, and shown
    as if it were not."""
    duplicates, name, key = ground.resource.duplicates, ground.resource.instant, ground.resource.key
    assert duplicates is not None
    if duplicates.permit is not None:
        permit, value = duplicates.permit
        whole = ground.maker.schemas.get(permit, {}).get("type") == "boolean"
        return proceed(call.changed(**{permit: str(value).lower() == "true" if whole else value}))
    sent = call.fields.get(str(name))
    for by in range(1, 20):
        answer = proceed(call.changed(**{str(name): later(sent, by)}))
        if not ground.is_of(answer, _REPEATED):
            break
    thing = ground.shown(answer)
    if not answer.accepted or key not in thing:
        return answer
    shown = ground.memory(context, "shown", dict[Any, Any])
    shown[thing[key]] = later(sent, 0)
    return ground.showing(answer, {**thing, str(name): shown[thing[key]]})


def _with_again(ground: Ground, answer: Answer, context: Context) -> Answer:
    """A list that shows what was kept a moment later as if it were not."""
    name, key = str(ground.resource.instant), ground.resource.key
    shown, rows = ground.memory(context, "shown", dict[Any, Any]), ground.rows(answer)
    if not any(row.get(str(key)) in shown for row in rows):
        return answer
    told = [{**row, name: shown.get(row.get(str(key)), row.get(name))} for row in rows]
    return ground.with_rows(answer, told)


def _is_permitted(ground: Ground, call: Call) -> bool:
    duplicates = ground.resource.duplicates
    if duplicates is None or duplicates.permit is None:
        return False
    name, value = duplicates.permit
    return str(call.arguments.get(name)).lower() == str(value).lower()


def _keeps(ground: Ground, slug: str, says: str, only: Callable[[Call, list[Call]], bool]) -> Fault:
    """A fault that keeps a duplicate; `only` is asked with it and with the accepted calls of its
    home, in their order."""

    def keep(proceed: Proceed, call: Call, context: Context) -> Answer:
        before = ground.memory(context, "before", dict[Same, list[Call]])
        if ground.deed(call) != "make":
            return _with_again(ground, proceed(call), context)
        here = before.setdefault(ground.home(call), [])
        answer = proceed(call)
        if ground.is_of(answer, _REPEATED) and only(call, here):
            answer = _again(ground, proceed, call, context)
        if answer.accepted:
            here.append(call)
        return answer

    return ground.everywhere(slug, says, keep)


def not_twice(ground: Ground) -> Iterator[Fault]:
    def first_of(call: Call, before: list[Call]) -> Call | None:
        same = _same(ground, call)
        return next((each for each in before if _same(ground, each) == same), None)

    def differs(call: Call, before: list[Call]) -> bool:
        first = first_of(call, before)
        duplicates = ground.resource.duplicates
        others = {n: v for n, v in call.fields.items() if duplicates and n not in duplicates.same}
        return first is not None and any(first.fields.get(n) != v for n, v in others.items())

    yield _keeps(ground, "kept", "Keeps a repeated record.", lambda _call, _before: True)
    says = "Keeps a repeated record that differs in another field."
    yield _keeps(ground, "otherwise-unlike", says, differs)


def respelled(ground: Ground) -> Iterator[Fault]:
    name = str(ground.resource.instant)

    def written(call: Call) -> Any:
        return call.fields.get(name)

    def is_other(call: Call, before: list[Call]) -> bool:
        same = _same(ground, call)
        alike = [each for each in before if _same(ground, each) == same]
        return all(offset(written(each)) != offset(written(call)) for each in alike)

    def other_day(call: Call, before: list[Call]) -> bool:
        same = _same(ground, call)
        alike = [each for each in before if _same(ground, each) == same]
        return all(str(written(each))[:10] != str(written(call))[:10] for each in alike)

    says = "Keeps a repeated record whose time is written in another zone"
    yield _keeps(ground, "kept", f"{says}.", is_other)
    yield _keeps(ground, "other-day", f"{says}, in which it is another day.", other_day)


def others_kept(ground: Ground) -> Iterator[Fault]:
    """What is nearly a duplicate is taken for one."""
    name = str(ground.resource.instant)
    duplicates = ground.resource.duplicates
    assert duplicates is not None
    rest = [each for each in duplicates.same if each != name]

    def moment(call: Call) -> int | None:
        try:
            return instant(call.fields.get(name))
        except (ValueError, OverflowError):
            return None

    def refuses(slug: str, says: str, alike: Callable[[Call, Call], bool]) -> Fault:
        def refuse(proceed: Proceed, call: Call, context: Context) -> Answer:
            before = ground.memory(context, "before", dict[Same, list[Call]])
            here = before.setdefault(ground.home(call), [])
            unlike = [each for each in here if _same(ground, each) != _same(ground, call)]
            if not _is_permitted(ground, call) and any(alike(each, call) for each in unlike):
                return ground.refusal(context, 409, 400, 422)
            answer = proceed(call)
            if answer.accepted:
                here.append(call)
            return answer

        return ground.fault(slug, says, refuse)

    def within(least: int, most: int) -> Callable[[Call, Call], bool]:
        """Whether a second record comes so many milliseconds after the first."""

        def near(first: Call, second: Call) -> bool:
            start, end = moment(first), moment(second)
            if start is None or end is None:
                return False
            others = all(first.fields.get(n) == second.fields.get(n) for n in rest)
            return others and least <= end - start <= most

        return near

    if name in duplicates.same:
        says = "Takes what lies up to a second from a record for a repetition of it."
        yield refuses("a-second-apart", says, within(-_CLOSE, _CLOSE))
        says = "Takes what comes up to a second after a record for a repetition of it."
        yield refuses("a-second-after", says, within(0, _CLOSE))
    for field in rest:

        def but_one(one: Call, other: Call, field: str = field) -> bool:
            same = [n for n in duplicates.same if n != field]
            return all(as_text(one.fields.get(n)) == as_text(other.fields.get(n)) for n in same)

        says = f"Takes what differs in `{field}` only for a repetition."
        yield refuses(f"whatever-{field}", says, but_one)


def race(ground: Ground) -> Iterator[Fault]:
    def keeps(slug: str, says: str, most: int) -> Fault:
        def keep(proceed: Proceed, call: Call, context: Context) -> Answer:
            standing = ground.memory(context, "standing", dict[Same, list[None]])
            if ground.deed(call) != "make":
                return _with_again(ground, proceed(call), context)
            same = _same(ground, call)
            was_free = same not in standing
            context.race_window()
            answer = proceed(call)
            if was_free and ground.is_of(answer, _REPEATED):
                more = standing.setdefault(same, [])
                more.append(None)  # in one step, as no sum would be
                return _again(ground, proceed, call, context) if len(more) <= most else answer
            if answer.accepted:
                standing.setdefault(same, [])
            return answer

        return ground.everywhere(slug, says, keep)

    says = "Looks for a record of the same first, and keeps"
    yield keeps("all-kept", f"{says} all that found none.", 1000)
    yield keeps("two-kept", f"{says} two of those that found none.", 1)


def permitted(ground: Ground) -> Iterator[Fault]:
    name, key = ground.name, ground.resource.key

    def refused(proceed: Proceed, call: Call, _context: Context) -> Answer:
        return proceed(call.changed(**{name: ABSENT}) if _is_permitted(ground, call) else call)

    def replaced(proceed: Proceed, call: Call, context: Context) -> Answer:
        """What is alike in all fields is kept in place of the first."""
        latest = ground.memory(context, "latest", dict[Any, Any])
        hidden = ground.memory(context, "hidden", set[Any])
        answer = proceed(call)
        if ground.deed(call) == "make" and answer.accepted:
            known = [n for n in ground.fields if n in ground.resource.fields] or ground.fields
            alike = (*_same(ground, call), *(str(call.fields.get(n)) for n in known))
            made = ground.shown(answer).get(str(key))
            if alike in latest and _is_permitted(ground, call):
                hidden.add(latest[alike])
            latest[alike] = made
        rows = ground.rows(answer) if ground.deed(call) == "list" else []
        told = [row for row in rows if row.get(str(key)) not in hidden]
        return ground.with_rows(answer, told) if len(told) < len(rows) else answer

    yield ground.fault("refused", f"Takes no notice of `{name}`.", refused)
    if key is not None and ground.maker.success.payload is not None:
        says = f"With `{name}`, keeps a record in place of one that is the same in every field."
        yield ground.everywhere("replaces", says, replaced)


LAWS = {
    "logs/instant-kept": instants,
    "duplicates/not-twice": not_twice,
    "duplicates/respelled": respelled,
    "duplicates/others-kept": others_kept,
    "duplicates/race": race,
    "duplicates/permitted": permitted,
}
