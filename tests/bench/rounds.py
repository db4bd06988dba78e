"""Rounds of load, every server in turn, so that a drift of the machine hits all alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice

from tests.bench.calls import CALLS, Call
from tests.bench.load import Load, put
from tests.bench.processes import busy_s
from tests.bench.servers import Contestant

CONNECTIONS = 16
_WARM_UP_S = 0.5
_DIFFERENT = 1_000  # requests of a call that changes nothing


@dataclass(frozen=True, slots=True)
class Round:
    """One round of one call at one server. `cpu_us` is the server's time for one answer, `others`
    what neither it nor the load generator took, as a share of one processor."""

    load: Load
    cpu_us: float
    others: float


Progress = Callable[[str], object]
"""Is told what is measured next."""

Results = Mapping[tuple[str, str], Sequence[Round]]
"""The rounds by call and server, by their names."""


def measure(
    contestants: Sequence[Contestant],
    rounds: int,
    seconds: float,
    progress: Progress,
) -> Results:
    """The rounds of each call at each server that answers it, after one to warm up."""
    results: dict[tuple[str, str], list[Round]] = {}
    for call in CALLS:
        able = [each for each in contestants if call in each.calls]
        supplies = {each.name: _Supply(call, each.base) for each in able}
        for number in range(rounds + 1):
            for each in able if number % 2 else reversed(able):
                warm_up = number == 0
                progress(f"{call.name}, {each.name}, round {number} of {rounds}")
                done = _round(each, supplies[each.name], _WARM_UP_S if warm_up else seconds)
                if not warm_up:
                    results.setdefault((call.name, each.name), []).append(done)
    return results


class _Supply:
    """The requests of a call to a server: built before each round, new ones if it writes."""

    def __init__(self, call: Call, base: str) -> None:
        self.call = call
        self.rate = 5_000.0  # the last known, a guess at first
        self._new = (call.request(base, number) for number in count())
        self._same = [] if call.writes else list(islice(self._new, _DIFFERENT))

    def requests(self, seconds: float) -> Iterator[bytes]:
        """Enough requests for a round."""
        if self._same:
            return cycle(self._same)
        return iter(list(islice(self._new, int(2 * self.rate * seconds))))


def _round(contestant: Contestant, supply: _Supply, seconds: float) -> Round:
    requests = supply.requests(seconds)
    server = contestant.server
    server_s, busy = server.cpu_s, busy_s()
    load = put(server.address, requests, {supply.call.status}, seconds, CONNECTIONS)
    server_s, busy = server.cpu_s - server_s, busy_s() - busy
    supply.rate = load.rate
    others = max(0.0, busy - server_s - load.cpu_s) / load.seconds
    return Round(load, server_s / load.answers * 1e6, others)
