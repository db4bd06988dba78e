"""Mocks in random dialects, each probed: `python -m tests.probed [API…] [--dialects N]`.

Prints for each API how many choices were seen as they are, how many points were hidden, and every
choice that was seen otherwise. The exit code is 1 if any was.
"""

from __future__ import annotations

import random
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping

from streamproof.contracts.probe import Probed, observe_all
from streamproof.contracts.run import Target
from streamproof.contracts.transport import WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.served import base_urls
from streamproof.specs import api as apis
from streamproof.specs.api import Api
from streamproof.specs.dialect import Value


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.probed")
    parser.add_argument("--dialects", type=int, default=30, help="for each API")
    parser.add_argument("apis", nargs="*", default=list(apis.names()))
    asked = parser.parse_args()
    return max(tell(apis.load(name), asked.dialects) for name in asked.apis)


def tell(api: Api, count: int) -> int:
    """Probe as many mocks of an API; 1 if a choice was seen otherwise than it is."""
    seen, hidden, requests, wrong = 0, Counter[str](), list[int](), list[str]()
    for seed in range(1, count + 1):
        dialect = drawn(api, seed)
        probed = probe(api, dialect)
        requests.append(probed.requests)
        for each in probed.observations:
            if each.point not in dialect:
                continue
            if not each.seen:
                hidden[each.point] += 1
            elif (each.choice, each.consistent) == (dialect[each.point], True):
                seen += 1
            else:
                wrong.append(f"{seed}: {each.point} is {dialect[each.point]}, seen {each.choice}")
    print(
        f"{api.name}: {count} dialects, {seen} choices seen as they are, {len(wrong)} otherwise, "
        f"{hidden.total()} hidden; {min(requests)} to {max(requests)} requests"
    )
    for line in (*wrong, *never(api, hidden, count)):
        print(f"  {line}")
    return int(bool(wrong))


def drawn(api: Api, seed: int) -> dict[str, Value]:
    """A choice at every point at which the mock has one."""
    chance = random.Random(seed)
    points = (point for point in api.dialect.points.values() if point.mock)
    return {point.name: chance.choice(point.choices).value for point in points}


def probe(api: Api, dialect: Mapping[str, Value]) -> Probed:
    app = create_app(MockConfig((api.name,), dialects={api.name: dialect}))
    try:
        transport = WsgiTransport(app, base_urls(api, "http://target", api.fixtures)[0])
        return observe_all(Target(api, transport, api.fixtures["credentials"], api.fixtures))
    finally:
        app.extensions["store"].close()


def never(api: Api, hidden: Mapping[str, int], count: int) -> Iterator[str]:
    """The points that were hidden each time."""
    names = [name for name in api.dialect.points if hidden.get(name) == count]
    if names:
        yield f"never seen: {', '.join(names)}"


if __name__ == "__main__":
    sys.exit(main())
