"""No verdict stands on broken ground: on a clock that is wrong, on what an earlier run left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from streamproof.contracts.client import Client
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Verdict
from tests.contracts.bge import servers as bge
from tests.contracts.dotide import targets as dotide


def _dotide_off_by(apart: timedelta) -> Run:
    def bend(call: dotide.Call, proceed: dotide.Proceed) -> dotide.Answer:
        answer = proceed(call)
        if call.operation != "create" or not answer.accepted:
            return answer
        shown = datetime.fromisoformat(answer.body["created_at"]) + apart
        return answer.showing(created_at=shown.isoformat(), updated_at=shown.isoformat())

    return dotide.judged(dotide.bent(bend), "dotide/create/created-at")


def _bge_off_by(apart: timedelta) -> Run:
    def after(operation: str, _form: bge.Form, data: Any) -> Any:
        if operation != "retrieve":
            return data
        shown = datetime.fromisoformat(data["create_time"]) + apart
        return {**data, "create_time": f"{shown:%Y-%m-%dT%H:%M:%S.%f%z}"}

    return bge.check(bge.altered(bge.mock(), after=after), "bge/any/create-time-is-now")


@pytest.mark.parametrize("off_by", [_dotide_off_by, _bge_off_by])
def test_a_clock_that_is_ten_minutes_off_is_told_as_that(
    off_by: Callable[[timedelta], Run],
) -> None:
    [ruling] = off_by(timedelta(minutes=10)).rulings

    assert ruling.verdict is Verdict.NOT_TESTED
    assert "is the clock of the target off by 10 min?" in ruling.message


@pytest.mark.parametrize("off_by", [_dotide_off_by, _bge_off_by])
@pytest.mark.parametrize(
    ("minutes", "verdict"), [(3, Verdict.PASSED), (-45, Verdict.FAILED), (480, Verdict.FAILED)]
)
def test_a_time_of_another_zone_is_none_of_now(
    off_by: Callable[[timedelta], Run], minutes: int, verdict: Verdict
) -> None:
    [ruling] = off_by(timedelta(minutes=minutes)).rulings

    assert ruling.verdict is verdict


@pytest.mark.parametrize("left", "abcdefghijklmnopqrstuvwxyz")
def test_what_an_earlier_run_left_breaks_no_rule_of_its_replay(left: str) -> None:
    app = dotide.good()
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    target = Target(
        dotide.DOTIDE, transport, dotide.DOTIDE.fixtures["credentials"], dotide.DOTIDE.fixtures
    )
    options = Options(Selection(("dotide/any/*-token", "dotide/any/basic")), 7, "leftover")
    _create(app, f"sproofleftoveraaaa{left}")

    done = run(target, replace(options, max_examples=3))

    assert dotide.by_verdict(done, Verdict.FAILED) == {}


def _create(app: Any, stream: str) -> None:
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    client = Client(dotide.DOTIDE, transport, dotide.DOTIDE.fixtures["credentials"])
    assert client.call("create", id=stream, name="Left").accepted
