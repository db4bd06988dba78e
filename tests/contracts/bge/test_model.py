"""The model of the bge API allows what stream.md says, and every choice that it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamproof.contracts.bge import differing, model
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
BOTH = {PAIR: {OLD_ROW, NEW_ROW}}
TOM = replace(NEW, data='{"name": "tom"}')


@pytest.mark.parametrize(
    ("state", "call", "answer", "around", "kind", "rule"),
    [
        (TAKEN, write(), ACCEPTED, BOTH, "stray-row", "write/duplicate-not-stored"),
        (BY_BATCH, write(), ACCEPTED, BOTH, "stray-row", "batch_write/seen-by-single-writes"),
        (TAKEN, write(), REJECTED, BOTH, "stray-row", "any/rejected-stores-nothing"),
        (
            TAKEN,
            write(TOM),
            Answer(True, (0,)),
            {PAIR: {replace(OLD_ROW, data=TOM.data)}},
            "other-row",
            "write/duplicate-keeps-older",
        ),
        (EMPTY, write(), ACCEPTED, {PAIR: set()}, "lost-row", "write/found-by-range"),
        (
            EMPTY,
            batch(STRANGER, replace(NEW, serial=2)),
            Answer(True, (None, None)),
            {PAIR: set()},
            "lost-row",
            "batch_write/partial-success",
        ),
        (
            EMPTY,
            batch(STRANGER),
            REJECTED,
            {},
            "answered-otherwise",
            "batch_write/unknown-entity-fails",
        ),
        (
            EMPTY,
            Call("retrieve"),
            Answer(True, rows=(OLD_ROW,)),
            {},
            "ghost",
            "retrieve/unknown-rejected",
        ),
        (TAKEN, Call("retrieve", serial=0), REJECTED, {}, "lost", "write/retrievable"),
        (
            EMPTY,
            Call("bind", entity="e"),
            Answer(True, entity="f"),
            {},
            "answered-otherwise",
            "bind/entity-of-sample",
        ),
    ],
)
def test_what_is_not_allowed_is_told_with_the_rules_that_speak_of_it(
    state: State,
    call: Call,
    answer: Answer,
    around: dict[tuple[str, str], set[Row]],
    kind: str,
    rule: str,
) -> None:
    seen = Seen(answer, around)

    mismatch = differing.mismatch(BGE.rulebook, [state], call, seen)

    assert model.follow([state], call, seen) == []
    assert mismatch.reason == kind
    assert f"bge/{rule}" in mismatch.rules


def test_only_the_states_that_explain_what_was_seen_remain() -> None:
    stored = model.follow([EMPTY, TAKEN], write(), Seen(Answer(True, (1,)), {PAIR: {NEW_ROW}}))
    assert stored == [EMPTY.having((NEW,), write())]
