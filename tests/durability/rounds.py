"""One round: load, a kill at a random time, a start on the same data base, a check."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests import command
from tests.durability import check, load
from tests.durability.load import WALKED, Ledger
from tests.durability.target import Refused, Target

_WRITERS = 4
_EARLIEST_S, _LATEST_S = 0.05, 1.0
_WALKED, _PAGE = 7, 3


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round. `after_s` is when the mock was killed, in seconds of load."""

    number: int
    after_s: float
    ledgers: Sequence[Ledger]
    faults: Sequence[str]

    @property
    def acknowledged(self) -> int:
        return sum(ledger.acknowledged for ledger in self.ledgers)

    @property
    def under_way(self) -> int:
        return sum(ledger.under_way for ledger in self.ledgers)


def play(number: int, seed: int, *arguments: str) -> Round:
    """Kill a mock that is started with these arguments."""
    random = Random(f"{seed}/{number}")
    after_s = random.uniform(_EARLIEST_S, _LATEST_S)

    with command.running(*arguments) as mock:
        target = Target(_space(mock, number))
        walk = [target.write(WALKED, f"1980-01-0{day + 1}", {}) for day in range(_WALKED)]
        page = target.page(WALKED, limit=_PAGE)
        started = load.start(target.url, _WRITERS, f"{seed}/{number}")
        time.sleep(after_s)
        mock.kill()
        for thread, _ in started:
            thread.join()

    ledgers = [ledger for _, ledger in started]
    with command.running(*arguments) as mock:
        target = Target(_space(mock, number))
        faults = list(check.faults(target, ledgers))
        try:
            rest = target.walk(WALKED, page["next_page"], _PAGE)
        except Refused as fault:
            faults.append(f"a cursor of before the kill: {fault}")
            rest = []
    walked = [record["stream_id"] for record in (*page["result"], *rest)]
    if sorted(walked) != sorted(walk):
        faults.append(f"a walk that the kill broke off found {walked}, not {walk}")
    return Round(number, after_s, ledgers, faults)


def play_on(database_url: str, number: int, seed: int) -> Round:
    """Every second round has two workers."""
    workers = str(1 + number % 2)
    return play(number, seed, "--database-url", database_url, "--workers", workers)


def check_again(database_url: str, rounds: Sequence[Round]) -> list[str]:
    """What later rounds have done to the state of earlier ones."""
    with command.running("--database-url", database_url) as mock:
        return [
            f"round {each.number}, in the end: {fault}"
            for each in rounds
            for fault in check.faults(Target(_space(mock, each.number)), each.ledgers)
        ]


def _space(mock: command.Command, number: int) -> str:
    return f"{mock.url}/_space/round-{number}"
