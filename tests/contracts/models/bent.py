"""Servers of fieldpost that keep a wrong state, each in one way; and runs against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Ruling
from tests.fieldpost.server import KEY, Answer, Fieldpost
from tests.fieldpost.test_declared import FULL

MODEL = "fieldpost/any/model"


def judged(server: Any, *only: str, seed: int = 1, max_examples: int = 20) -> Run:
    """A run over the rules `only`, without the API's name; over that of the model without any."""
    target = Target(FULL, WsgiTransport(server, "http://localhost/v1"), {"key": KEY})
    chosen = tuple(f"fieldpost/{rule}" for rule in only or ("any/model",))
    return run(target, Options(Selection(chosen), seed, "fieldpost", max_examples, 30))


def ruling(run: Run, rule: str = "any/model") -> Ruling:
    return next(each for each in run.rulings if each.rule.id == f"fieldpost/{rule}")


@dataclass(slots=True)
class Bent(Fieldpost):
    """Counts removals."""

    removals: int = 0

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        # not super(): a dataclass with slots is another class than the one that the body sees
        answer = Fieldpost._answer(self, environ)
        if environ["REQUEST_METHOD"] == "DELETE":
            self.removals += 1
            self.removed()
        return answer

    def removed(self) -> None:
        """Called after each removal."""

    def lose_all(self) -> None:
        self.devices.clear()
        self.readings.clear()


class Lossy(Bent):
    """Loses everything at each third removal."""

    def removed(self) -> None:
        if self.removals % 3 == 0:
            self.lose_all()


class LossyOnce(Bent):
    """Loses everything at one removal, and never again."""

    def removed(self) -> None:
        if self.removals == 8:
            self.lose_all()


@dataclass(slots=True)
class Crowded(Fieldpost):
    """Keeps a repeated reading once there are two others."""

    def _add(
        self, serial: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> dict[str, Any]:
        if len(self.readings[serial]) > 1:
            query = {"allow_duplicate": "true"}
        return Fieldpost._add(self, serial, query, body)


@dataclass(slots=True)
class Haunted(Fieldpost):
    """Gives a device that is made anew its old readings, if it wasn't the only one that stood."""

    old: dict[str, Any] = field(default_factory=dict)

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        serial = environ["PATH_INFO"].rpartition("/")[2]
        if environ["REQUEST_METHOD"] == "DELETE" and len(self.devices) > 1:
            self.old[serial] = self.readings.get(serial, [])
        return Fieldpost._answer(self, environ)

    def _register(self, body: Mapping[str, Any]) -> Answer:
        answer = Fieldpost._register(self, body)
        self.readings[body["serial"]] += self.old.pop(body["serial"], [])
        return answer


@dataclass(slots=True)
class Forgetful(Fieldpost):
    """Lists no device that was made just before one that has readings."""

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        made = [*self.devices]
        hidden = {a for a, b in pairwise(made) if self.readings[b]}
        kept = self.devices
        self.devices = {serial: kept[serial] for serial in made if serial not in hidden}
        try:
            return Fieldpost._list(self, query)
        finally:
            self.devices = kept


class Tired(Bent):
    """Takes no notice of `model` from the fifth removal on."""

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        if self.removals > 4:
            query = {name: value for name, value in query.items() if name != "model"}
        return Fieldpost._list(self, query)


@dataclass(slots=True)
class Ordered(Fieldpost):
    """Lists devices in the order in which they were made, the latest first."""

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        made = [*reversed(self.devices)]
        page = Fieldpost._list(self, query)
        page["devices"].sort(key=lambda row: made.index(row["serial"]))
        return page
