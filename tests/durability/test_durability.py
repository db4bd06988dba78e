"""A few kills of each kind; `python -m tests.durability` makes fifty."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import serve_in_thread
from tests.durability import check
from tests.durability.load import ELEMENT, Ledger, data, document
from tests.durability.rounds import check_again, play, play_on
from tests.durability.target import Target

ROUNDS = 2


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_a_kill_loses_nothing_and_leaves_no_half(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "file":
        url = f"sqlite:///{tmp_path / 'mock.db'}"
    else:
        url = request.getfixturevalue("postgresql")
    played = [play_on(url, number, seed=1) for number in range(ROUNDS)]
    assert [fault for each in played for fault in each.faults] == []
    assert check_again(url, played) == []
    assert all(each.acknowledged for each in played)


def test_it_shows_when_everything_is_lost() -> None:
    faults = play(0, 1).faults  # a mock that keeps its state in memory
    for lost in ("stream s0-", "acknowledged {", "a cursor of before the kill"):
        assert any(fault.startswith(lost) for fault in faults), faults


def test_it_shows_when_something_is_there_by_halves() -> None:
    with serve_in_thread(MockConfig()) as server:
        target = Target(server.url)
        target.create("a", document("a", 0) | {"tags": ["a.1", "all"]})
        target.write(ELEMENT, "1971", data(0, 0, 0))
        target.write(ELEMENT, "1972", data(0, 9, 0))
        ledger = Ledger(
            writer=0,
            streams={"a": (None, document("a", 0)), "b": (None,)},
            versions={"a": 0, "b": 0},
            writes={0: 3, 1: 1},
            refused=["update: 500"],
        )
        faults = list(check.faults(target, [ledger]))
    expected = ["update: 500", "stream a is {", "records of (0, 9)", "1 of the 3 records of"]
    assert [e for e, f in zip(expected, faults, strict=True) if not f.startswith(e)] == []
