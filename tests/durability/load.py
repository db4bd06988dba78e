"""Writers that keep a ledger: what was acknowledged, and what was under way at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from threading import Thread
from typing import Any

import requests

from streamproof.specs import api
from tests.durability.target import Document, Refused, Target

ELEMENT, WALKED = (
    element if isinstance(element, str) else element["id"]
    for element in api.load("bge").fixtures["data_elements"][:2]
)
_LARGEST_BATCH = 6


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one writer knows.

    `streams` has by id the states that may be read: one, and while a change is under way two.
    `writes` has, by the number of a call, how many records it writes, and `answered` their ids
    once it is acknowledged. `refused` holds answers that no mock in good health gives.
    """

    writer: int
    streams: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    writes: dict[int, int] = field(default_factory=dict)
    answered: dict[int, Sequence[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """How many states of streams, and writes, are certain."""
        certain = [states for states in self.streams.values() if len(states) == 1]
        return len(certain) + len(self.answered)

    @property
    def under_way(self) -> int:
        """How many calls had no answer at the end."""
        open_changes = [states for states in self.streams.values() if len(states) > 1]
        return len(open_changes) + len(self.writes.keys() - self.answered.keys())


def tag(stream_id: str, version: int) -> str:
    """The tag that this version of a stream carries, and no other."""
    return f"{stream_id}.{version}"


def document(stream_id: str, version: int) -> dict[str, Any]:
    """A stream of which every field tells the version, so that a half one shows."""
    return {
        "name": str(version),
        "type": "number",
        "tags": [tag(stream_id, version), "all"],
        "properties": {"version": version},
    }


def data(writer: int, call: int, item: int) -> dict[str, int]:
    """What the record says of the call that wrote it."""
    return {"writer": writer, "call": call, "item": item}


def start(url: str, writers: int, seed: str) -> list[tuple[Thread, Ledger]]:
    """Writers that go on until the server is gone."""
    started = []
    for number in range(writers):
        ledger = Ledger(number)
        thread = Thread(target=_write, args=(Target(url), ledger, Random(f"{seed}/{number}")))
        thread.start()
        started.append((thread, ledger))
    return started


def _write(target: Target, ledger: Ledger, random: Random) -> None:
    try:
        for call in count():
            if random.random() < 0.5:
                _change_a_stream(target, ledger, random)
            else:
                _write_records(target, ledger, call, random)
    except Refused as fault:
        ledger.refused.append(str(fault))
    except requests.RequestException:
        return  # killed


def _change_a_stream(target: Target, ledger: Ledger, random: Random) -> None:
    here = [name for name, states in ledger.streams.items() if states[0] is not None]
    what = random.choice(["create", "update", "update", "delete"]) if here else "create"
    new = f"s{ledger.writer}-{len(ledger.streams)}"
    name = new if what == "create" else random.choice(here)
    ledger.versions[name] = version = ledger.versions.get(name, -1) + 1
    before = ledger.streams[name][0] if name in ledger.streams else None
    after = None if what == "delete" else document(name, version)
    ledger.streams[name] = (before, after)
    match after:
        case None:
            target.delete(name)
        case _ if before is None:
            target.create(name, after)
        case _:
            target.update(name, after)
    ledger.streams[name] = (after,)


def _write_records(target: Target, ledger: Ledger, call: int, random: Random) -> None:
    ledger.writes[call] = size = random.choice([1, random.randint(2, _LARGEST_BATCH)])
    start = datetime(1970 + ledger.writer, 1, 1, tzinfo=UTC) + timedelta(seconds=call)
    items: dict[str, object] = {
        f"{start:%Y-%m-%dT%H:%M:%S}.{item:06}Z": data(ledger.writer, call, item)
        for item in range(size)
    }
    if size == 1:
        [(instant, content)] = items.items()
        ledger.answered[call] = [target.write(ELEMENT, instant, content)]
    else:
        ledger.answered[call] = target.batch_write(ELEMENT, items)
