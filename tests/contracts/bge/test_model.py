"""The model of the bge API allows what stream.md says, and every choice that it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamproof.contracts.bge import blame, model
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.model import OPEN, Answer, Call, Flag, Item, Row, Seen, State
from streamproof.specs import api

BGE = api.load("bge")
KEY = Key("entity", "element", "1971", 0)
LATER, ELSEWHERE = replace(KEY, time="1972", instant=1), replace(KEY, entity="other")
LEO = '{"name": "leo"}'
OLD, NEW = Item(0, KEY, LEO), Item(1, KEY, LEO)
STRANGER = Item(1, replace(KEY, entity="stranger"), LEO, known=False)
FIRST = Call("write", (OLD,))
EMPTY, TAKEN = State(), State().having((OLD,), FIRST)
PAIR = ("entity", "element")
OLD_ROW, NEW_ROW = Row(0, *PAIR, 0, LEO), Row(1, *PAIR, 0, LEO)


def write(item: Item = NEW, flag: Flag = Flag.FORBIDDEN) -> Call:
    return Call("write", (item,), flag)


def batch(*items: Item, flag: Flag = Flag.FORBIDDEN) -> Call:
    return Call("batch_write", items, flag)


def outcomes(state: State, call: Call) -> list[tuple[Answer, int]]:
    """Each allowed answer, and how many records then stand."""
    return [(found.answer, len(found.state.records)) for found in model.step(state, call)]


@pytest.mark.parametrize("flag", Flag)
def test_a_free_key_is_stored_whatever_the_flag(flag: Flag) -> None:
    assert outcomes(EMPTY, write(flag=flag)) == [(Answer(True, (1,)), 1)]
    assert outcomes(TAKEN, write(replace(NEW, key=LATER), flag)) == [(Answer(True, (1,)), 2)]
    assert outcomes(TAKEN, write(replace(NEW, key=ELSEWHERE), flag)) == [(Answer(True, (1,)), 2)]


def test_a_taken_key_is_stored_again_only_where_that_is_permitted() -> None:
    for flag in (Flag.FORBIDDEN, Flag.ABSENT):
        assert outcomes(TAKEN, write(flag=flag)) == [(Answer(None), 1)]
    assert outcomes(TAKEN, write(flag=Flag.PERMITTED)) == [(Answer(True, (1,)), 2)]


def test_a_forbidden_duplicate_may_be_rejected_or_answered_with_the_older_id() -> None:
    [allowed] = model.step(TAKEN, write())
    for answer in (Answer(False), Answer(True, (0,))):
        assert model.fits(allowed, Seen(answer, {PAIR: {OLD_ROW}}))
        assert not model.fits(allowed, Seen(answer, {PAIR: {OLD_ROW, NEW_ROW}}))


def test_an_unknown_entity_is_rejected_and_fails_in_a_batch_alone() -> None:
    assert outcomes(EMPTY, write(STRANGER)) == [(Answer(False), 0)]
    good = replace(NEW, serial=2)
    assert outcomes(EMPTY, batch(STRANGER, good)) == [(Answer(True, (None, 2)), 1)]


def test_of_equal_items_the_first_or_the_last_or_none_is_stored() -> None:
    twin = replace(NEW, serial=2)
    told = [answer.told for answer, _ in outcomes(EMPTY, batch(NEW, twin))]
    assert sorted(told) == [(OPEN, OPEN), (OPEN, 2), (1, OPEN)]
    permitted = outcomes(EMPTY, batch(NEW, twin, flag=Flag.PERMITTED))
    assert permitted == [(Answer(True, (1, 2)), 2)]
    assert outcomes(TAKEN, batch(NEW)) == [(Answer(True, (OPEN,)), 1)]


def test_range_and_retrieve_show_what_is_stored() -> None:
    state = TAKEN.having((replace(NEW, key=LATER),), write())
    later = Row(1, *PAIR, 1, LEO)
    [asc] = model.step(state, Call("range", pair=PAIR, ascending=True))
    [desc] = model.step(state, Call("range", pair=PAIR))
    assert (asc.answer.rows, desc.answer.rows) == ((OLD_ROW, later), (later, OLD_ROW))
    assert outcomes(state, Call("retrieve", serial=1)) == [(Answer(True, rows=(later,)), 2)]
    assert outcomes(state, Call("retrieve")) == [(Answer(False), 2)]


ACCEPTED, REJECTED = Answer(True, (1,)), Answer(False)
BY_BATCH = State().having((OLD,), batch(OLD))
FLAGGED = State().having((OLD,), write(OLD, Flag.PERMITTED))
BOTH = {PAIR: {OLD_ROW, NEW_ROW}}
TOM = replace(NEW, data='{"name": "tom"}')


@pytest.mark.parametrize(
    ("state", "call", "answer", "around", "rule"),
    [
        (TAKEN, write(), ACCEPTED, BOTH, "write/duplicate-not-stored"),
        (TAKEN, write(flag=Flag.ABSENT), ACCEPTED, BOTH, "write/duplicate-default"),
        (BY_BATCH, write(), ACCEPTED, BOTH, "batch_write/seen-by-single-writes"),
        (FLAGGED, write(), ACCEPTED, BOTH, "write/duplicate-of-flagged"),
        (TAKEN, write(), REJECTED, BOTH, "any/rejected-stores-nothing"),
        (
            TAKEN,
            write(TOM),
            ACCEPTED,
            {PAIR: {OLD_ROW, replace(NEW_ROW, data=TOM.data)}},
            "write/duplicate-despite-other-data",
        ),
        (
            TAKEN,
            write(TOM),
            Answer(True, (0,)),
            {PAIR: {replace(OLD_ROW, data=TOM.data)}},
            "write/duplicate-keeps-older",
        ),
        (
            TAKEN,
            write(flag=Flag.PERMITTED),
            REJECTED,
            {PAIR: {OLD_ROW}},
            "write/duplicate-allowed",
        ),
        (EMPTY, write(), ACCEPTED, {PAIR: set()}, "write/found-by-range"),
        (EMPTY, write(), ACCEPTED, {PAIR: {replace(NEW_ROW, serial=None)}}, "write/retrievable"),
        (EMPTY, write(STRANGER), ACCEPTED, {}, "write/unknown-entity-rejected"),
        (
            TAKEN,
            write(replace(NEW, key=LATER)),
            REJECTED,
            {PAIR: {OLD_ROW}},
            "write/other-time-no-duplicate",
        ),
        (TAKEN, batch(NEW), ACCEPTED, BOTH, "batch_write/sees-single-writes"),
        (BY_BATCH, batch(NEW), ACCEPTED, BOTH, "batch_write/duplicate-in-store-not-stored"),
        (
            EMPTY,
            batch(STRANGER, replace(NEW, serial=2)),
            Answer(True, (None, None)),
            {PAIR: set()},
            "batch_write/partial-success",
        ),
        (EMPTY, batch(NEW), Answer(True, (None,)), {PAIR: set()}, "batch_write/good-item-succeeds"),
        (EMPTY, batch(STRANGER), ACCEPTED, {}, "batch_write/unknown-entity-fails"),
        (EMPTY, batch(STRANGER), REJECTED, {}, "batch_write/unknown-entity-fails"),
        (EMPTY, Call("retrieve"), Answer(True, rows=(OLD_ROW,)), {}, "retrieve/unknown-rejected"),
        (TAKEN, Call("retrieve", serial=0), REJECTED, {}, "write/retrievable"),
        (EMPTY, Call("bind", entity="e"), Answer(True, entity="f"), {}, "bind/entity-of-sample"),
    ],
)
def test_what_is_not_allowed_is_told_as_the_rule_that_it_breaks(
    state: State, call: Call, answer: Answer, around: dict[tuple[str, str], set[Row]], rule: str
) -> None:
    seen = Seen(answer, around)
    assert not any(model.fits(allowed, seen) for allowed in model.step(state, call))
    mismatch = blame.forbids(state, call, seen)
    assert mismatch is not None
    assert mismatch.rules[0] == f"bge/{rule}"
    assert mismatch.rules[0] in blame.RULES
    assert BGE.rulebook.rules.keys() >= set(mismatch.rules)


def test_every_rule_that_may_be_blamed_is_in_the_rulebook() -> None:
    assert BGE.rulebook.rules.keys() >= blame.RULES
