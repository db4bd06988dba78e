"""Which two rows stand in an order that every server has to keep."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from streamproof.contracts.check import Broken, Trial
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.laws.orders import DISTINCT, settled_in_order
from streamproof.specs.resources import Order
from tests.contracts.laws.tiny import API

NOON = "2026-01-01T12:00:00Z"


def jars(*by: str) -> Lists:
    """A list of jars that is ordered by these fields."""
    resource = API.resources["jars"]
    assert resource.listing is not None
    listing = replace(resource.listing, order=Order(by))
    return Lists(API, replace(resource, listing=listing))


@pytest.mark.parametrize(
    ("one", "other", "settled"),
    [
        ({"name": "abc"}, {"name": "abd"}, True),
        ({"name": "ab1"}, {"name": "ab2"}, True),
        ({"name": "AB"}, {"name": "AC"}, True),
        ({"name": "ab10"}, {"name": "ab9"}, False),  # as text or as a number
        ({"name": "ab"}, {"name": "abc"}, False),
        ({"name": "a1"}, {"name": "aa"}, False),
        ({"name": "a"}, {"name": "B"}, False),
        ({"name": "a-b"}, {"name": "aab"}, False),
        ({"name": "é"}, {"name": "f"}, False),
        ({"name": "a"}, {}, False),
        ({"name": "a"}, {"name": 1}, False),
        ({"weight": 9}, {"weight": 10.5}, True),
        ({"weight": 9}, {"weight": None}, False),
        ({"made": "2026-01-01T12:00:00Z"}, {"made": "2026-01-01T13:00:01+01:00"}, True),
        ({"made": NOON, "name": "b"}, {"made": NOON, "name": "a"}, False),  # may be known finer
        ({"weight": 1, "name": "b"}, {"weight": 1, "name": "a"}, True),
    ],
)
def test_an_order_is_settled_where_no_server_may_have_another(
    one: dict[str, Any], other: dict[str, Any], settled: bool
) -> None:
    lists = jars(*{**one, **other})
    assert lists.settled(lists.rank(one), lists.rank(other)) is settled


def test_only_what_is_settled_is_judged() -> None:
    nothing: Any = None
    trial, lists = Trial(nothing, nothing, {}, nothing, []), jars("name")

    def judge(*names: str) -> None:
        rows = [{"name": name} for name in names]
        settled_in_order(trial, rows, key=lists.rank, settled=lists.settled, descending=False)

    judge("b", "A", "é", "")
    assert DISTINCT not in trial.seen
    judge("a", "Z", "b")
    assert DISTINCT in trial.seen
    with pytest.raises(Broken):
        judge("b", "Z", "a")
