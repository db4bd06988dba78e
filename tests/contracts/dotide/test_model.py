"""The model of Dotide allows what datastream.cn.md says, and every choice that it leaves open."""

from __future__ import annotations

import pytest

from streamproof.contracts.dotide import blame, model
from streamproof.contracts.dotide.model import Answer, Call, Seen, State, Stream
from streamproof.specs import api

DOTIDE = api.load("dotide")
FULL = {"name": "Demo", "tags": ["a", "b"], "properties": {"p": 1}}
DEMO = Stream("Demo", "number", frozenset("ab"), {"p": 1})
NEVER, LIVE, DELETED = State(), State({"x": DEMO}), State(deleted={"x": DEMO})
YES, NO = True, False


def answers(state: State, call: Call) -> list[bool]:
    return [allowed.answer.accepted for allowed in model.step(state, call)]


def left(state: State, call: Call) -> list[Stream | None]:
    """What may stand under the id after the call was accepted."""
    allowed = [found for found in model.step(state, call) if found.answer.accepted]
    return [found.state.streams.get(call.id) for found in allowed]


@pytest.mark.parametrize(
    ("state", "call", "expected"),
    [
        (NEVER, Call("create", "x", FULL), [YES]),
        (LIVE, Call("create", "x", FULL), [NO]),
        (DELETED, Call("create", "x", FULL), [YES, NO]),
        (NEVER, Call("create", "x", {"name": "Demo"}), [YES, NO]),
        (NEVER, Call("create", "x", {**FULL, "properties": {"a.b": 1}}), [NO]),
        (NEVER, Call("read", "x"), [NO]),
        (DELETED, Call("read", "x"), [NO]),
        (LIVE, Call("read", "x"), [YES]),
        (NEVER, Call("update", "x", FULL), [NO]),
        (DELETED, Call("update", "x", {"name": "Demo"}), [NO]),
        (LIVE, Call("update", "x", {**FULL, "properties": {"$": 1}}), [NO]),
        (LIVE, Call("delete", "x"), [YES]),
        (NEVER, Call("delete", "x"), [NO, YES]),
        (DELETED, Call("delete", "x"), [NO, YES]),
    ],
)
def test_what_each_call_may_be_answered(state: State, call: Call, expected: list[bool]) -> None:
    assert answers(state, call) == expected


def test_a_create_stores_what_it_sends_and_numbers_by_default() -> None:
    assert left(NEVER, Call("create", "x", FULL)) == [DEMO]
    assert left(NEVER, Call("create", "x", {"type": "string"})) == [Stream(type="string")]


def test_an_update_may_keep_or_clear_what_it_leaves_out() -> None:
    call = Call("update", "x", {"tags": ["c"]})
    streams = [stream for stream in left(LIVE, call) if stream is not None]
    assert {stream.tags for stream in streams} == {frozenset("c")}
    assert {stream.name for stream in streams} == {"Demo", None}
    assert [dict(s.properties) for s in streams if s.name == "Demo"] == [{"p": 1}, {}]
    assert NO in answers(LIVE, call)


def test_an_update_may_replace_properties_or_merge_them() -> None:
    call = Call("update", "x", {**FULL, "properties": {"q": 2}})
    found = [dict(stream.properties) for stream in left(LIVE, call) if stream is not None]
    assert found == [{"q": 2}, {"p": 1, "q": 2}]
    assert NO not in answers(LIVE, call)


@pytest.mark.parametrize(
    ("filters", "listed"),
    [({"ids": ["x", "z"]}, "x"), ({"tags": ["a"]}, "xy"), ({"tags": ["a", "b"]}, "x")],
)
def test_a_list_holds_what_its_filter_takes(filters: dict[str, list[str]], listed: str) -> None:
    state = LIVE.having("y", Stream(tags=frozenset("a")))
    assert sorted(model.listed(state, Call("list", fields=filters))) == list(listed)


def test_nothing_is_changed_by_what_a_step_makes_of_it() -> None:
    for call in (Call("create", "y", FULL), Call("update", "x", FULL), Call("delete", "x")):
        after = [allowed.state for allowed in model.step(LIVE, call)]
        assert State({"x": DEMO}) == LIVE
        assert LIVE not in after or call.operation == "update"


OTHER = Stream("Other", "number", frozenset("ab"), {"p": 1})


@pytest.mark.parametrize(
    ("state", "call", "answer", "around", "rule"),
    [
        (LIVE, Call("create", "x", FULL), Answer(YES, DEMO), {"x": DEMO}, "create/unique-id"),
        (LIVE, Call("create", "x", FULL), Answer(NO), {"x": OTHER}, "create/taken-id-unharmed"),
        (NEVER, Call("create", "x", FULL), Answer(YES, OTHER), {"x": DEMO}, "create/echo"),
        (NEVER, Call("create", "x", FULL), Answer(YES, DEMO), {"x": OTHER}, "read/as-created"),
        (DELETED, Call("create", "x"), Answer(YES, DEMO), {"x": DEMO}, "create/reborn-is-new"),
        (NEVER, Call("read", "x"), Answer(YES, DEMO), {"x": DEMO}, "read/unknown-id"),
        (LIVE, Call("update", "x", FULL), Answer(YES, DEMO), {"x": OTHER}, "update/name"),
        (LIVE, Call("update", "x", FULL), Answer(YES, OTHER), {"x": DEMO}, "update/answers-new"),
        (LIVE, Call("update", "y", FULL), Answer(NO), {"x": OTHER}, "update/others-untouched"),
        (DELETED, Call("update", "x", FULL), Answer(NO), {"x": DEMO}, "delete/stays-deleted"),
        (LIVE, Call("delete", "x"), Answer(YES), {"x": DEMO}, "delete/not-readable"),
        (LIVE, Call("delete", "y"), Answer(YES), {"x": None}, "delete/others-stay"),
        (
            NEVER,
            Call("update", "x", FULL),
            Answer(NO),
            {"x": DEMO},
            "update/unknown-id-creates-nothing",
        ),
        (
            DELETED,
            Call("list", fields={"ids": ["x"]}),
            Answer(YES, {"x": DEMO}),
            {},
            "delete/not-listed",
        ),
        (LIVE, Call("list", fields={"ids": ["x"]}), Answer(YES, {}), {}, "list/shows-created"),
        (
            LIVE,
            Call("list", fields={"ids": ["x"]}),
            Answer(YES, {"x": OTHER}),
            {},
            "list/shows-latest",
        ),
        (
            LIVE,
            Call("list", fields={"tags": ["c"]}),
            Answer(YES, {"x": DEMO}),
            {},
            "list/tags-only",
        ),
        (LIVE, Call("list", fields={"tags": ["a"]}), Answer(YES, {}), {}, "list/tags-all"),
    ],
)
def test_what_is_not_allowed_is_told_as_the_rule_that_it_breaks(
    state: State, call: Call, answer: Answer, around: dict[str, Stream | None], rule: str
) -> None:
    seen = Seen(answer, around)
    assert not any(model.fits(allowed, seen) for allowed in model.step(state, call))
    mismatch = blame.forbids(state, call, seen)
    assert mismatch is not None
    assert mismatch.rules[0] == f"dotide/{rule}"
    assert mismatch.rules[0] in blame.RULES
    assert DOTIDE.rulebook.rules.keys() >= set(mismatch.rules)


def test_what_no_rule_forbids_is_not_judged() -> None:
    assert blame.forbids(LIVE, Call("delete", "x"), Seen(Answer(NO), {"x": DEMO})) is None
    assert blame.forbids(NEVER, Call("create", "x", FULL), Seen(Answer(NO), {"x": None})) is None


def test_every_rule_that_may_be_blamed_is_in_the_rulebook() -> None:
    assert DOTIDE.rulebook.rules.keys() >= blame.RULES
