"""Life of things: made, shown, changed and removed, each by itself and no other with it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers.keeping import Keeping
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Thing, Things
from streamproof.contracts.keywords import Place, breaches
from streamproof.contracts.law import Subject, law
from streamproof.contracts.laws.removal import SEEN_BEFORE, not_found
from streamproof.contracts.laws.round_trip import SHOWN_AGAIN
from streamproof.contracts.laws.stays import LOOKED_TWICE, REJECTED, as_before, stays
from streamproof.contracts.wire import Outcome
from streamproof.specs.examples import joined
from streamproof.specs.operation import Operation
from streamproof.specs.wording import shown

REMOVED_AGAIN: Final = "a second removal, rejected"
REUSED: Final = "a key used anew"
ANEW: Final = "what it stood in, removed and made anew"
_SEVERAL: Final = 3
_LISTED: Final = "lists/shows-made"
_READ: Final = "life/read-as-made"
# keywords of a field that a value can break, but for those that documents use to describe only
_JUDGED: Final = (
    *("type", "enum", "const", "pattern", "minLength", "maxLength", "minItems", "maxItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems"),
)


# -- made ------------------------------------------------------------------------------------------


@law("life/answered-as-sent", SHOWN_AGAIN)
def answered_as_sent(trial: Trial, subject: Subject) -> None:
    """Whatever is put into the fields, the answer to the call shows them so, if it takes them."""
    things = subject.things
    thing = _made(trial, things)
    row = things.row(thing.outcome.payload)
    things.as_sent(trial, thing.sent, row, "the answer", things.shows(things.maker))
    trial.learn(Keeping.of(subject.api, subject.resource))
    trial.witness(SHOWN_AGAIN)


@law(_READ, SHOWN_AGAIN)
def read_as_made(trial: Trial, subject: Subject) -> None:
    """Whatever is put into the fields, a read shows them so, if the call that makes it is taken."""
    things = subject.things
    thing = _made(trial, things)
    look = things.look_as_sent(trial, thing, thing.sent)
    row = things.row(trial.accepted(look, "a read of what was made"))
    things.as_sent(trial, thing.sent, row, "the read", things.shows(things.operation("read")))
    trial.witness(SHOWN_AGAIN)


def _made(trial: Trial, things: Things) -> Thing:
    """A new one, with any contents; with plain ones where the target may refuse those."""
    return things.make_if_taken(trial, things.place(trial), things.drawn(trial))


@law("life/others-unharmed", LOOKED_TWICE)
def others_unharmed(trial: Trial, subject: Subject) -> None:
    """What is read of a thing is the same before and after others are made beside it."""
    things = subject.things
    first = things.make(trial, **things.full(trial))

    def make() -> None:
        for _ in range(2):
            things.make(trial, first.where, **things.full(trial))

    stays(trial, watched(trial, things, first), make, "the first thing", reason="changed")


def watched(trial: Trial, things: Things, *some: Thing) -> Callable[[], Any]:
    """Looks at some things by reads, each of which is accepted now. Raises `Unmet` if not."""
    for thing in some:
        shown = things.known(things.read(trial, thing))
        trial.require(shown, f"a read that shows one of {things.resource.name}")
    return lambda: [state(trial, things, thing) for thing in some]


def state(trial: Trial, things: Things, thing: Thing) -> Mapping[str, Any] | None:
    """What a read shows of a thing, as far as resources.yaml names it; None where it's refused."""
    outcome = things.look(trial, thing)
    accepted = trial.granted(outcome, f"a read of one of {things.resource.name}")
    return things.known(things.row(outcome.payload)) if accepted else None


@law("life/rejected-makes-nothing", REJECTED)
def rejected_makes_nothing(trial: Trial, subject: Subject) -> None:
    """After a call with a bad field was rejected nothing is there, and the key is still free."""
    things = subject.things
    where, fields = things.place(trial), things.full(trial)
    for bad in _bad(trial, things.maker, things, fields):
        outcome = trial.client.send(things.request(trial, where, bad.fields))
        trial.refused(outcome, f"a call with {bad}", *bad.rules)
        if subject.resource.key in bad.fields:
            look = things.look(trial, things.made(where, bad.fields, outcome))
            there = trial.granted(look, "a read of what wasn't made")
            trial.holds(not there, "made", expected="nothing to be read", actual=str(look))
        trial.witness(REJECTED)
    if subject.resource.key in fields:
        again = trial.client.send(things.request(trial, where, fields))
        trial.accepted(again, "the same call with nothing wrong in it")
    else:
        _nothing_listed(trial, subject, where, trial.names.owned(fields))


def _nothing_listed(
    trial: Trial, subject: Subject, where: Mapping[str, Any], marks: Collection[str]
) -> None:
    """No row shows any of the `marks`, while what is made later is there."""
    shows = subject.resource.listing is not None and bool(marks)
    trial.require(shows, f"a list of {subject.resource.name} that shows texts of the run")
    twin = subject.things.make(trial, where)
    rows = subject.lists.everything(trial, where, seek=[twin])
    trial.require(subject.lists.find(rows, twin), "what was made, in the list", *_listed(subject))
    made = [row for row in rows if trial.names.owned(row) & {*marks}]
    trial.holds(not made, "made", expected="nothing in the list", actual=shown(made[:1]))


# -- removed ---------------------------------------------------------------------------------------


@law("life/read-after-removal", SEEN_BEFORE)
def read_after_removal(trial: Trial, subject: Subject) -> None:
    """Things that can be read can't be read once they are removed, and had time to go."""
    things = subject.things

    def gone(thing: Thing) -> None:
        def remove() -> Outcome:
            outcome = things.remove(trial, thing)
            if outcome.accepted:
                things.look_until(trial, thing, lambda look: not look.accepted)
            return outcome

        things.look_until(trial, thing)
        not_found(
            trial,
            lambda: trial.granted(things.look(trial, thing), "a read"),
            remove,
            "what can be read",
            *subject.rules(_READ),
        )

    for _ in range(_SEVERAL):
        gone(things.make(trial))


@law("life/listed-after-removal", SEEN_BEFORE)
def listed_after_removal(trial: Trial, subject: Subject) -> None:
    """A thing that is listed isn't listed any more once it is removed, and had time to go."""
    things, lists = subject.things, subject.lists
    thing = things.make(trial)

    def listed() -> bool:
        walked = lists.walk(trial, thing.where, **lists.large)
        found = bool(lists.find(walked.records, thing))
        trial.require(found or walked.ended, "a list that comes to an end")
        return found

    def remove() -> Outcome:
        outcome = things.remove(trial, thing)
        if outcome.accepted:
            until(listed, lambda there: not there, SETTLE_S)
        return outcome

    until(listed, bool, SETTLE_S)
    not_found(trial, listed, remove, "the list", *_listed(subject))


@law("life/removed-again", REMOVED_AGAIN)
def removed_again(trial: Trial, subject: Subject) -> None:
    """A second removal of a thing is rejected."""
    things = subject.things
    thing = things.make(trial)
    trial.given(things.remove(trial, thing), "a removal")
    trial.rejected(things.remove(trial, thing), "a second removal of the same thing")
    trial.witness(REMOVED_AGAIN)


@law("life/removal-spares-others", LOOKED_TWICE)
def removal_spares_others(trial: Trial, subject: Subject) -> None:
    """What is read of things is the same before and after one made between them is removed."""
    things = subject.things

    def remove(thing: Thing) -> None:
        trial.given(things.remove(trial, thing), "a removal")

    _spares_others(trial, things, remove)


@law("life/reborn", REUSED)
def reborn(trial: Trial, subject: Subject) -> None:
    """A thing under a key whose thing was removed has nothing of the first; a server may give no
    key twice."""
    things, key = subject.things, str(subject.resource.key)
    first = things.make(trial, **things.full(trial))
    trial.given(things.remove(trial, first), "a removal")
    trial.require(key in first.sent, f"a {key} that the caller gives")
    fields = things.needed(trial, **{key: first.sent[key]})
    outcome = trial.client.send(things.request(trial, first.where, fields))
    anew = f"a new thing under the {key} of one that was removed"
    trial.require(trial.granted(outcome, anew), f"{anew}, accepted: {outcome}")
    told = {n: v for n, v in first.sent.items() if n not in fields and trial.names.owned({n: v})}

    def kept(row: Mapping[str, Any]) -> list[str]:
        return [n for n, v in told.items() if n in row and things.alike(n, v, row[n])]

    def is_new(look: Outcome) -> bool:
        row = things.row(look.payload)
        return look.accepted and not kept(row) and not things.differs(fields, row, shows=shows)

    shows = things.shows(things.operation("read"))
    look = things.look_until(trial, things.made(first.where, fields, outcome), is_new)
    row = things.row(trial.given(look, "a read of the new thing"))
    things.as_sent(trial, fields, row, "the new thing", shows)
    for name in kept(row):
        trial.fail(
            "old-fields",
            expected=f"a new thing without the first one's {name}",
            actual=f"{name}: {shown(row[name])}",
        )
    trial.witness(REUSED)


@law("life/children-go-too", ANEW)
def children_go_too(trial: Trial, subject: Subject) -> None:
    """What stands in a thing goes with it: when it is made anew under its key, nothing does."""
    api, things, lists = subject.api, subject.things, subject.lists
    argument, parent = next(
        (argument, Things(api, api.resources[name]))
        for argument, name in subject.resource.within.items()
        if api.resources[name].operations.get("delete") == subject.facet.operation
    )
    around = parent.make(trial, **parent.full(trial))
    where = things.place(trial, {**around.where, argument: around.key})
    child = things.make(trial, where)
    rows = lists.everything(trial, where, seek=[child])
    trial.require(lists.find(rows, child), "what stands in it, in the list", *_listed(subject))
    trial.given(parent.remove(trial, around), "a removal")
    anew = parent.request(trial, around.where, around.sent)
    trial.given(trial.client.send(anew), f"a new one under the same {argument}")
    rows = until(lambda: lists.everything(trial, where), lambda found: not found, SETTLE_S)
    trial.holds(
        not rows,
        "still-there",
        expected=f"no {subject.resource.name} in what was made anew",
        actual=f"{len(rows)} of them, {shown(rows[:1])}",
    )
    trial.witness(ANEW)


def _listed(subject: Subject) -> tuple[str, ...]:
    return subject.rules(_LISTED)


# -- changed ---------------------------------------------------------------------------------------


@law("life/update-shown", SHOWN_AGAIN)
def update_shown(trial: Trial, subject: Subject) -> None:
    """Whatever an update sends, a read shows it so, if the update is taken: plain ones are."""
    things = subject.things
    thing = things.make(trial, **things.full(trial))
    fields = things.changes(trial, thing, drawn=True)
    outcome = things.update(trial, thing, **fields)
    if not trial.granted(outcome, f"an update of one of {things.resource.name}"):
        fields = things.changes(trial, thing)
        trial.accepted(things.update(trial, thing, **fields), "a plain update")
    look = things.look_as_sent(trial, thing, fields)
    row = things.row(trial.given(look, "a read of what was updated"))
    things.as_sent(trial, fields, row, "the read", things.shows(things.operation("read")))
    trial.witness(SHOWN_AGAIN)


@law("life/update-spares-others", LOOKED_TWICE)
def update_spares_others(trial: Trial, subject: Subject) -> None:
    """What is read of things is the same before and after one made between them is updated."""
    things = subject.things

    def update(thing: Thing) -> None:
        trial.given(things.update(trial, thing, **things.changes(trial, thing)), "an update")

    _spares_others(trial, things, update)


def _spares_others(trial: Trial, things: Things, act: Callable[[Thing], object]) -> None:
    """What is read of two things is the same before and after `act` on one made between them, with
    whose key that of the last begins, where it may."""
    first = things.make(trial, **things.full(trial))
    one = things.make(trial, first.where, **things.full(trial))
    longer = {**things.full(trial), **_longer(things, one)}
    last = things.make_if_taken(trial, first.where, longer)
    look = watched(trial, things, first, last)
    stays(trial, look, lambda: act(one), "what stands beside it", reason="changed")


def _longer(things: Things, one: Thing) -> dict[str, Any]:
    """A key that goes on where that of a thing ends, if its schema allows it."""
    key = str(things.resource.key)
    sent = one.sent.get(key)
    longer = f"{sent}{sent[-1:]}" if isinstance(sent, str) else None
    return {key: longer} if longer is not None and things.fits(key, longer) else {}


@law("life/rejected-update", REJECTED)
def rejected_update(trial: Trial, subject: Subject) -> None:
    """After an update with good fields and a bad one was rejected, a thing is as it was."""
    things, operation = subject.things, subject.things.operation("update")
    thing = things.make(trial, **things.full(trial))
    look = watched(trial, things, thing)
    before = look()
    for bad in _bad(trial, operation, things, things.changes(trial, thing)):
        outcome = things.update(trial, thing, **bad.fields)
        trial.refused(outcome, f"an update with {bad}", *bad.rules)
        as_before(trial, look, before, "the thing", "changed")
        trial.witness(REJECTED)


# -- calls that have to be rejected ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Bad:
    """Fields of a call that break one keyword, and the rules that say so of it."""

    told: str
    fields: Mapping[str, Any]
    rules: tuple[str, ...]

    def __str__(self) -> str:
        return self.told


def _bad(trial: Trial, operation: Operation, things: Things, good: Mapping[str, Any]) -> list[_Bad]:
    """The fields with one that breaks a keyword, and without one that is needed, as far as there
    are such. The key stays, and what tells whose it is."""
    body, document = operation.body, things.api.openapi
    names = [n for n in good if body and n in body.fields and n != things.resource.key]
    if trial.names.owned(good):
        names = [n for n in names if trial.names.owned([v for m, v in good.items() if m != n])]
    breaking: list[tuple[str, str, Any]] = []
    for name in names:
        schema = joined(body.fields[name] if body else {}, document)
        place = Place(name, (), schema, text=False)
        for keyword in (word for word in _JUDGED if word in schema):
            breaking += [(name, keyword, v) for v in breaches(place, keyword, document)[:2]]
    lacking = [name for name in names if body and name in body.needed]
    trial.require(breaking or lacking, f"a keyword of {operation.given} that a field can break")
    found = []
    if breaking:
        name, keyword, value = trial.draw(st.sampled_from(breaking))
        rules = _rules(things, operation, f"/{name}/{keyword}")
        found.append(_Bad(f"{name} {shown(value)}", {**good, name: value}, rules))
    if lacking and body:
        name = trial.draw(st.sampled_from(lacking))
        rules = _rules(things, operation, f"/required/{body.needed.index(name)}")
        found.append(_Bad(f"no {name}", {n: v for n, v in good.items() if n != name}, rules))
    return found


def _rules(things: Things, operation: Operation, ending: str) -> tuple[str, ...]:
    """The rules of an operation whose keyword stands at a pointer that ends so."""
    own = (rule for rule in things.api.rulebook if rule.operation == operation.id)
    return tuple(rule.id for rule in own if (rule.pointer or "").endswith(ending))


LAWS = (
    *(answered_as_sent, read_as_made, others_unharmed, rejected_makes_nothing),
    *(read_after_removal, listed_after_removal, removed_again, removal_spares_others),
    *(reborn, children_go_too, update_shown, update_spares_others, rejected_update),
)
