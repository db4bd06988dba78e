"""JSON values: read at any depth, and compared as JSON compares them."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamproof.contracts import values
from streamproof.contracts.check import Broken, Trial
from streamproof.contracts.names import Names
from streamproof.contracts.values import difference, parse, same, spelled
from streamproof.specs.wording import brief, shown, written
from tests.others.numbers import ecmascript, go, jsonb

UNHURRIED = settings(deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DEPTHS = [5000, 100_000]
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "number", [6.021104008349646e16, 1e23, 1.7976931348623157e308, 1e-9, 2**53]
)
@pytest.mark.parametrize("spell", [ecmascript, go, jsonb])
def test_one_number_in_another_spelling_is_the_same(number: float, spell: Any) -> None:
    told = parse(f'{{"a": [{spell(number)}]}}'.encode()).value
    assert same(told, {"a": [number]})
    assert spelled(told) == spelled({"a": [number]})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (True, 1),
        (False, 0),
        (1, "1"),
        (0.1, 0.10000000000000002),
        ([1], [1, 1]),
        ({}, []),
        (None, 0),
    ],
    ids=str,
)
def test_what_differs_is_not_the_same(left: Any, right: Any) -> None:
    assert not same(left, right)
    assert spelled(left) != spelled(right)


@UNHURRIED
@given(TREES)
def test_both_ways_to_read_agree(value: Any) -> None:
    text = json.dumps(value, indent=1)
    assert values._unrolled(text, dict) == json.loads(text)
    assert written(value) == json.dumps(value, ensure_ascii=False)


@UNHURRIED
@given(TREES, st.integers(0), st.sampled_from('[]{},:"1a '))
def test_both_ways_to_read_refuse_the_same(value: Any, at: int, mark: str) -> None:
    text = json.dumps(value)
    at %= len(text)
    spoilt = text[:at] + mark + text[at + 1 :]
    assert _read(values._unrolled, spoilt, dict) == _read(json.loads, spoilt)


def _read(reader: Any, *arguments: Any) -> Any:
    try:
        return reader(*arguments)
    except ValueError:
        return "refused"


@pytest.mark.parametrize("depth", DEPTHS)
def test_depth_stops_nothing(depth: int) -> None:
    text = '{"a": ' + "[" * depth + "]" * depth + "}"
    value, other = parse(text.encode()).value, parse(text.replace("[]", "[1]").encode()).value
    assert same(value, value)
    assert not same(value, other)
    assert difference(value, value) == ("", {}, {})
    assert spelled(value) == text
    assert shown(value) == f'{{"a": ({depth:,} nested arrays)}}'
    assert shown(other) == f'{{"a": ({depth:,} nested arrays) 1}}'


def test_thousands_of_digits_are_a_number() -> None:
    assert same(parse(b"9" * 5000).value, float("inf"))


def test_a_name_that_stands_twice_is_told() -> None:
    assert parse(b'[{"a": 1, "b": 2, "a": 3}]') == values.Parsed([{"a": 3, "b": 2}], "a")
    deep = b"[" * 5000 + b'{"a": 1, "a": 3}' + b"]" * 5000
    assert parse(deep).repeated == "a"


def test_long_text_is_cut_and_counted() -> None:
    assert brief("x" * 5000, 10) == "xxxxxxxxx… (5,000 characters)"
    assert brief("a=" + "%5B" * 5000 + "%5D" * 5000, 10_000) == "a=(5,000 nested arrays)"


@pytest.mark.parametrize(
    ("actual", "expected", "told"),
    [
        ([1, [2]], [1, [3]], ("data, at /1/0: 2", "data, at /1/0: 3")),
        ({"a": 1, "b": 2}, {"a": 1}, ('data: {"b": 2}', "data: {}")),
        (
            {"a": 60211040083496464},
            {"a": 6.021104008349647e16},
            (
                "data, at /a: 60211040083496464, the number 6.021104008349646e+16",
                "data, at /a: 6.021104008349647e+16, the number 6.021104008349647e+16",
            ),
        ),
    ],
    ids=str,
)
def test_a_mismatch_points_to_what_differs(
    actual: Any, expected: Any, told: tuple[str, str]
) -> None:
    trial = Trial(None, Names("abcdefgh"), {}, lambda _: None, [])  # type: ignore[arg-type]
    with pytest.raises(Broken) as broken:
        trial.equal(actual, expected, "data", reason="data")
    assert (broken.value.mismatch.actual, broken.value.mismatch.expected) == told
