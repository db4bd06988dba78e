"""What a run may spend: silences, signals, pauses that a target asks for, and a rate."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from streamproof.contracts.client import Client
from streamproof.contracts.meter import Limits, Meter, RunEnded
from streamproof.contracts.races import at_once
from streamproof.contracts.transport import NoAnswer
from streamproof.contracts.wire import Answer
from streamproof.specs import api
from tests.contracts.scripted import Scripted

DOTIDE = api.load("dotide")
OK = Answer(200, {}, b"[]")


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def client(respond: Callable[[], Answer], limits: Limits | None = None) -> Client:
    transport = Scripted(lambda *_: respond())
    return Client(DOTIDE, transport, {}, Meter(limits or Limits()))


def call_often(calling: Client) -> None:
    for _ in range(200):
        calling.call("list")


def in_(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "30"},
        {"retry-after": in_(3630), "date": in_(3600)},  # by the target's own clock
    ],
)
def test_a_pause_that_a_target_asks_for_is_kept(
    clock: Clock, status: int, headers: dict[str, str]
) -> None:
    answers = iter([Answer(status, headers, b""), OK, OK])
    calling, begun = client(lambda: next(answers)), clock.now
    calling.call("list")
    calling.call("list")
    assert 29 <= clock.now - begun <= 31


def test_a_pause_longer_than_the_budget_ends_the_run(clock: Clock) -> None:
    calling = client(
        lambda: Answer(429, {"retry-after": "3600"}, b""), Limits(deadline=clock.now + 60)
    )
    with pytest.raises(RunEnded, match="a pause of 3600 s, longer than is left"):
        calling.call("list")
    assert clock.now == 1000


def test_racers_keep_a_pause_too(clock: Clock) -> None:
    answers = iter([Answer(503, {"retry-after": "9"}, b""), *[OK] * 20])
    calling = client(lambda: next(answers))
    calling.call("list")
    at_once(calling, [calling.request("list")] * 8)
    assert 9 <= clock.now - 1000 <= 10


def test_in_no_second_go_more_than_the_rate_says_races_included(clock: Clock) -> None:
    sent: list[float] = []

    def respond() -> Answer:
        sent.append(clock.now)
        return OK

    calling = client(respond, Limits(rate=20))
    for _ in range(3):
        for _ in range(15):
            calling.call("list")
        at_once(calling, [calling.request("list")] * 8)
    assert all(sum(at <= other < at + 0.999 for other in sent) <= 20 for at in sent)


def test_a_race_is_no_larger_than_the_rate(clock: Clock) -> None:
    calling = client(lambda: OK, Limits(rate=3))
    assert len(at_once(calling, [calling.request("list")] * 8)) == 3


def test_a_target_that_answers_every_second_time_only_ends_the_run(clock: Clock) -> None:
    turns = iter(range(1000))

    def respond() -> Answer:
        if next(turns) % 2:
            raise NoAnswer("reset")
        return OK

    calling = client(respond)
    with pytest.raises(RunEnded, match="the target answers too seldom"):
        call_often(calling)


def test_a_target_that_hangs_now_and_then_ends_the_run(clock: Clock) -> None:
    turns = iter(range(1000))

    def respond() -> Answer:
        if next(turns) % 6 == 5:
            clock.sleep(10)
            raise NoAnswer("no whole answer within 10 s")
        return OK

    calling = client(respond)
    with pytest.raises(RunEnded, match="the target hangs: 50 s of 50 s"):
        call_often(calling)


def test_who_never_answered_is_told_as_that_and_not_as_a_budget(clock: Clock) -> None:
    def respond() -> Answer:
        clock.sleep(6)
        raise NoAnswer("no whole answer within 6 s")

    calling = client(respond, Limits(deadline=clock.now + 5))
    calling.call("list")
    with pytest.raises(RunEnded, match="the target does not answer"):
        calling.call("list")


def test_told_to_end_nothing_more_is_sent_and_no_pause_is_slept_out(clock: Clock) -> None:
    calling = client(lambda: OK)
    calling.meter.stop.ask()
    with pytest.raises(RunEnded, match="interrupted"):
        calling.call("list")
    calling.meter.pause(60)
    assert clock.now == 1000
    assert calling.meter.requests == 0
    assert calling.meter.horizon() < 1000 + 60
