"""Mocks with a fault each, and their twins: `python -m tests.twinned [FAULT…]`.

Each is probed, and compared with a mock in the dialect that was seen. Prints for every fault
whether the twin was told from it, and at the end how many of each operation were, and why the
others were not. With `--dialects N` mocks in as many random dialects follow, which nobody may tell
from their twins, and with `--others` the services of tests/others. The exit code is 1 if a twin was
told from its like.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

from streamproof.contracts import twin
from streamproof.contracts.bind import checks_of
from streamproof.contracts.observations import Observation
from streamproof.contracts.probe import observe_all
from streamproof.contracts.run import Options, Target
from streamproof.contracts.transport import WsgiTransport
from streamproof.mockserver import domain
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.faults import Fault
from streamproof.served import base_urls
from streamproof.specs import api as apis
from streamproof.specs.api import Api
from streamproof.specs.dialect import Value
from tests.others.trials import CASES, server_of
from tests.probed.__main__ import drawn

_RACES = "it shows in a race alone, and races are not compared"
_HARM = "it shows in calls alone that may do harm, and those are not sent"
_UNSEEN = "the calls that were told don't show it"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one: the difference, or why there is none."""

    difference: str | None
    why: str = ""
    compared: int = 0


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.twinned")
    parser.add_argument("--sequences", type=int, default=10, help="in each comparison")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialects", type=int, default=0, help="random ones for each API")
    parser.add_argument("--others", action="store_true", help="the services of tests/others, too")
    parser.add_argument("faults", nargs="*", default=["*"], help="names or patterns")
    asked = parser.parse_args()
    options = Options(seed=asked.seed, max_examples=asked.sequences, shrink_requests=0)
    alike = True
    for api in map(apis.load, apis.names()):
        found: dict[str, Told] = {}
        usual = _choices(api, {})
        for fault in domain.faults(api.home.key):
            if any(fnmatchcase(fault.name, pattern) for pattern in asked.faults):
                found[fault.name] = told = _faulty(api, fault, usual, options)
                print(f"{fault.name}: {told.difference or f'NOT SEEN: {told.why}'}", flush=True)
        if found:
            print("\n".join(_table(api, found)))
        for seed in range(1, asked.dialects + 1):
            dialect = drawn(api, seed)
            with _mock(api, dialect) as target, _mock(api, dialect) as other:
                told = _compared(target, other, options)
            alike = alike and told.difference is None
            print(f"{api.name} dialect {seed}: {_said(told)}", flush=True)
    for case in CASES if asked.others else ():
        told = _service(str(case), apis.load(case.api), server_of(case, hurry=True), options)
        print(f"{case}: {_said(told)}", flush=True)
    return int(not alike)


@contextmanager
def _mock(api: Api, dialect: Mapping[str, Value], *faults: str) -> Iterator[Target]:
    app = create_app(MockConfig((api.name,), dialects={api.name: dialect}, faults=faults))
    try:
        yield _target(api, WsgiTransport(app, base_urls(api, "http://target", api.fixtures)[0]))
    finally:
        app.extensions["store"].close()


def _target(api: Api, transport: WsgiTransport) -> Target:
    return Target(api, transport, api.fixtures["credentials"], api.fixtures)


def _faulty(api: Api, fault: Fault, usual: Mapping[str, Value], options: Options) -> Told:
    choices = _choices(api, {}, fault.name)
    with _mock(api, {}, fault.name) as target, _mock(api, choices) as other:
        told = _compared(target, other, options)
    if told.difference is not None:
        return told
    otherwise = [name for name in choices if choices[name] != usual.get(name)]
    harms = fault.rule in {check.rule for check in checks_of(api)[0] if check.last}
    if otherwise:
        why = f"a probe takes it for a choice ({', '.join(otherwise)})"
    elif any(word in fault.rule for word in ("race", "concurrent")):
        why = _RACES
    else:
        why = _HARM if harms else _UNSEEN
    return Told(None, why, told.compared)


def _service(name: str, api: Api, server: object, options: Options) -> Told:
    target = _target(api, WsgiTransport(server, base_urls(api, "http://target", api.fixtures)[0]))  # type: ignore[arg-type]
    choices = _learnt(api, observe_all(target).observations)
    with _mock(api, choices) as other:
        return _compared(target, other, options)


def _choices(api: Api, dialect: Mapping[str, Value], *faults: str) -> dict[str, Value]:
    """What a probe takes a mock to choose."""
    with _mock(api, dialect, *faults) as target:
        return _learnt(api, observe_all(target, Options(run_id="twinned")).observations)


def _learnt(api: Api, seen: Sequence[Observation]) -> dict[str, Value]:
    points = api.dialect.points
    return {o.point: o.choice for o in seen if o.seen and o.consistent and points[o.point].mock}


def _compared(target: Target, other: Target, options: Options) -> Told:
    found = twin.compare(target, other, options)
    why = "" if found.ended is None else f"ended: {found.ended}"
    return Told(found.difference, why, found.compared)


def _said(told: Told) -> str:
    return told.difference or f"not to be told apart, {told.compared} calls; {told.why}".rstrip(
        "; "
    )


def _table(api: Api, found: Mapping[str, Told]) -> Iterator[str]:
    """How many faults of each operation are seen, and why the others are not."""
    yield ""
    yield f"| {api.name} | faults | seen |"
    yield "| --- | ---: | ---: |"
    of = Counter(name.split("/")[1] for name in found)
    seen = Counter(name.split("/")[1] for name, told in found.items() if told.difference)
    for operation, count in of.items():
        yield f"| {operation} | {count} | {seen[operation]} |"
    yield f"| all | {of.total()} | {seen.total()} |"
    yield ""
    for why in dict.fromkeys(told.why for told in found.values() if told.difference is None):
        names = [n for n, told in found.items() if not told.difference and told.why == why]
        yield f"- {why} ({len(names)}): {', '.join(f'`{name}`' for name in names)}"


if __name__ == "__main__":
    sys.exit(main())
