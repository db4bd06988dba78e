"""Our server beside the bare one and Prism: the rounds as tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.calls import CALLS, Call
from tests.bench.rounds import Results
from tests.bench.servers import BARE, OURS, PRISM
from tests.bench.table import Spread, table, verdict


def report(results: Results) -> Iterator[str]:
    """Rates and what an answer costs the server, then the ratios and whether they suffice."""
    yield from table(
        ("call", "server", "answers a second", "CPU of the server, µs an answer"),
        [
            (
                call,
                server,
                f"{_rates(results, call, server):.0f}",
                f"{_cpu(results, call, server):.0f}",
            )
            for call, server in results
        ],
    )
    yield ""
    yield from table(
        ("ratio of answers a second, round by round", "measured", "at least", ""),
        [row for call in CALLS for row in _ratios(results, call)],
    )
    every = [each for rounds in results.values() for each in rounds]
    shares, others = Spread.of(x.load.share for x in every), Spread.of(x.others for x in every)
    yield (
        f"\nOf one processor the load generator took {shares:.0%}, "
        f"and what isn't measured here {others:.0%}."
    )


def _ratios(results: Results, call: Call) -> Iterator[tuple[str, str, str, str]]:
    for other, target in ((BARE, call.of_bare), (PRISM, call.of_prism)):
        if target is None or (call.name, other) not in results:
            continue
        ratio = _rates(results, call.name, OURS).over(_rates(results, call.name, other))
        met = verdict(ratio.middle, target)
        yield (f"{call.name}, ours to {other}", f"{ratio:.2f}", f"{target:.2f}", met)


def _rates(results: Results, call: str, server: str) -> Spread:
    return Spread.of(each.load.rate for each in results[call, server])


def _cpu(results: Results, call: str, server: str) -> Spread:
    return Spread.of(each.cpu_us for each in results[call, server])
