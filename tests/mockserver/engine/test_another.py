"""The mock of fieldpost and another server, written from its document alone, answer any sequence
of calls alike: ids, times and cursors by their structure, all else to the letter."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from streamproof.mockserver.config import MockConfig
from tests.fieldpost.server import KEY, Fieldpost
from tests.fieldpost.test_declared import FOLDER
from tests.mockserver.databases import create_app
from tests.mockserver.engine.calls import Caller, Got

SERIALS = ("TH-1", "TH-2", "th-2", "A", "a", "x" * 64, "-")
ODD_SERIALS = ("", "a b", "x" * 65, "é", 5, None)
TIMES = (
    "2025-03-01T09:15:00Z",
    "2025-03-01T09:15:00.000Z",
    "2025-03-01T10:15:00+01:00",
    "2025-03-01T09:15:00.0004Z",
    "2025-03-01T09:15:00.001Z",
    "2025-03-01T03:44:59.999-05:30",
    "2025-02-28T23:59:59Z",
    "2024-02-29T00:00:00+00:00",
    "1969-12-31T23:59:59.9995Z",
)
ODD_TIMES = ("2025-03-01T09:15:00", "yesterday", "2025-02-30T00:00:00Z", "", 5, None)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class Two:
    """Both servers, each with its own cursors."""

    mock: Caller
    other: Caller
    known: Fieldpost
    ids: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))

    def call(self, *call: Any, **how: Any) -> tuple[Got, Got]:
        """What both answer, which has to be alike."""
        mine, others = self.mock(*call, **how), self.other(*call, **how)
        self.compare(call, mine, others)
        return mine, others

    def compare(self, call: Any, mine: Got, others: Got) -> None:
        assert mine.status == others.status, (call, mine, others)
        for got, ids in zip((mine, others), self.ids, strict=True):
            if got.status == 201 and "id" in got.body:
                assert got.body["id"] not in ids
                ids.add(got.body["id"])
        assert plain(mine.body) == plain(others.body), call
        assert mine.headers.get("Location") == others.headers.get("Location")

    def pages(self, path: str, query: dict[str, Any]) -> None:
        """All pages of a list."""
        mine = others = dict(query)
        for _ in range(20):
            got = self.mock("GET", path, mine), self.other("GET", path, others)
            self.compare((path, query), *got)
            if got[0].status != 200 or got[0].body["next_cursor"] is None:
                return
            mine, others = ({**query, "cursor": each.body["next_cursor"]} for each in got)
        raise AssertionError(f"{path} has no end")


def plain(value: Any) -> Any:
    """A body with what each server chooses itself in one form."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "error" in value:
        return {"error": sorted(value["error"])}
    shown = {name: plain(each) for name, each in value.items()}
    if "registered_at" in shown:
        assert _MOMENT.fullmatch(shown["registered_at"])
        shown["registered_at"] = "a time"
    for name in ("id", "next_cursor"):
        if shown.get(name) is not None:
            assert isinstance(shown[name], str)
            shown[name] = name
    return shown


class Dice(random.Random):
    """Draws calls."""

    def some(self, good: tuple[Any, ...], odd: tuple[Any, ...], share: float = 0.15) -> Any:
        return self.choice(odd if self.random() < share else good)

    def device(self) -> dict[str, Any]:
        body = {
            "serial": self.some(SERIALS, ODD_SERIALS),
            "model": self.some(("TH-20", "th-20", " "), ("", None, 7), 0.05),
            "label": self.some(("", "cold store", "é\0\U0001f600"), (None, 3), 0.05),
            "colour": "red",
        }
        for name in ("label", "colour", self.some(("label",), ("serial", "model"), 0.05)):
            if self.random() < 0.3:
                body.pop(name, None)
        return body

    def reading(self, *, good: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        odd = 0.0 if good else 0.1
        body = {
            "time": self.some(TIMES, ODD_TIMES, odd),
            "value": self.some((4.5, -1, 0, 1e300), ("4.5", None, True, []), odd),
        }
        if not good and self.random() < 0.05:
            body.pop(self.choice(("time", "value")))
        given = ("true", "true", "false", None)
        permitted = self.some(given, ("yes", ""), odd)
        return body, {} if permitted is None else {"allow_duplicate": permitted}

    def limits(self) -> dict[str, Any]:
        if self.random() < 0.3:
            return {}
        return {"limit": self.some((1, 2, 3, 100), (0, 101, -1, "x", "", "1.5"), 0.1)}

    def asked(self, *, good: bool) -> dict[str, Any]:
        """The arguments of a list of readings."""
        asked: dict[str, Any] = {"since": self.some(TIMES, ODD_TIMES[:4], 0 if good else 0.05)}
        if self.random() < 0.5:
            asked["until"] = self.some(TIMES, ODD_TIMES[:4], 0 if good else 0.05)
        if self.random() < 0.3:
            asked = {"last": self.some((1, 2, 100), (0, 101, "x"), 0 if good else 0.1)}
        if good:
            return asked
        if self.random() < 0.1:
            asked |= self.choice(({"last": 1}, {"since": TIMES[0]}, {"until": TIMES[0]}))
        if self.random() < 0.05:
            asked.pop(self.choice([*asked]))
        return asked | ({"cursor": "none such"} if self.random() < 0.05 else self.limits())


def step(two: Two, dice: Dice) -> None:
    """One call, or all pages of a list."""
    serial = dice.choice(SERIALS)
    there = serial in two.known.devices  # elsewhere two things would be wrong at once
    match dice.randrange(12):
        case 0 | 1:
            two.call("POST", "/devices", json=dice.device())
        case 2:
            two.pages("/devices", dice.choice(({}, {"model": "TH-20"})) | dice.limits())
        case 3:
            two.call("GET", f"/devices/{serial}")
        case 4 if dice.random() < 0.4:
            two.call("DELETE", f"/devices/{serial}")
        case 5:
            two.call("GET", "/devices", headers={"X-Api-Key": dice.choice(("", "another"))})
        case 6:
            broken = dice.choice((b"", b"{", b"[]", b'"x"', b"\xff", b'{"serial": NaN}'))
            two.call("POST", "/devices", data=broken, content_type="application/json")
        case 7 | 8:
            two.pages(f"/devices/{serial}/readings", dice.asked(good=not there))
        case _:
            body, query = dice.reading(good=not there)
            two.call("POST", f"/devices/{serial}/readings", query, json=body)


@pytest.fixture(scope="module")
def mock(database: str) -> Caller:
    return Caller(create_app(MockConfig((str(FOLDER),))), "/v1", {"X-Api-Key": KEY})


@pytest.mark.parametrize("seed", range(4))
def test_two_servers_answer_alike(mock: Caller, seed: int) -> None:
    other, dice = Fieldpost(), Dice(seed)
    two = Two(mock, Caller(other, "/v1", mock.headers), other)
    for serial in SERIALS:  # what an earlier seed has left
        two.mock("DELETE", f"/devices/{serial}")
    for _ in range(250):
        step(two, dice)
    assert any(other.readings.values())
