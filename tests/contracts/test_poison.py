"""What may poison a store is known, at any depth and in any part of a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamproof.contracts.laws.poison import may_poison

DEEP: Any = json.loads("[" * 200 + "]" * 200)


@pytest.mark.parametrize(
    "value",
    [
        DEEP,
        {"a": {"b": DEEP}},
        "\ud800",
        ["a\0b"],
        {"\udc00": 1},
        10**40,
        [-(2**63)],
        1e999,
        -1e999,
    ],
    ids=repr,
)
def test_poison(value: Any) -> None:
    assert may_poison(value)


@pytest.mark.parametrize(
    "value", [None, True, 2**53, 1e308, "\U0001f600\u2028", [[[{"a": [1]}]]], {}], ids=repr
)
def test_plain_food(value: Any) -> None:
    assert not may_poison(value)
