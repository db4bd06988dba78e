"""What the command does to hostile servers, and what it lets be done to itself."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from streamproof.contracts.wire import Answer
from tests.hostile.servers import HOSTILE, Behaviour, Call, Hostile
from tests.hostile.trials import Trial, alive, trial

CREATES = ("--only", "dotide/create/*")


def behaviour(name: str) -> Hostile:
    return next(hostile for hostile in HOSTILE if hostile.name == name)


def good() -> Behaviour:
    return lambda call: call.forward()


GOOD = Hostile("good", "keeps the rules", good)


def made(done: Trial) -> list[Call]:
    return [call for call in done.heard if call.method == "POST"]


def deleted(done: Trial) -> list[Call]:
    return [call for call in done.heard if call.method == "DELETE"]


# -- nothing but our own -----------------------------------------------------------------------


def test_a_target_that_cant_delete_is_told_so_after_one_object() -> None:
    done = trial(behaviour("no delete"), "dotide")
    assert len(made(done)) == 1
    assert done.exit == 1
    assert "the target can't delete, so nothing more is made: 405" in done.first + done.output
    assert "FAILED dotide/any/basic" in done.output
    assert "1 created, 0 deleted, 1 left: sproof" in done.output


def test_a_refused_delete_may_be_a_lack_of_rights() -> None:
    done = trial(behaviour("delete forbidden"), "dotide")
    assert len(made(done)) == 1
    assert done.exit == 3
    assert "these credentials may create, but not delete" in done.output


def test_a_target_that_keeps_what_it_deletes_is_told_so() -> None:
    done = trial(behaviour("keeps what it deletes"), "dotide")
    assert len(made(done)) == 1
    assert done.exit == 1
    assert "FAILED dotide/delete/not-readable" in done.output


def test_somebody_elses_object_is_neither_changed_nor_deleted() -> None:
    done = trial(behaviour("somebody else's"), "dotide")
    assert done.exit == 1
    assert "gives out an id of somebody else's object as new (production-data)" in done.output
    touched = [c.method for c in done.heard if c.target.endswith("/production-data")]
    assert set(touched) == {"GET"}
    assert len(made(done)) == 2


# -- ends when told ----------------------------------------------------------------------------


def after(requests: int, *signals: int) -> Callable[[subprocess.Popen[str], list[Call]], None]:
    """Send signals once the target has had so many requests, one a second."""

    def told(process: subprocess.Popen[str], heard: list[Call]) -> None:
        while len(heard) < requests and alive(process):
            time.sleep(0.01)
        for number in signals:
            process.send_signal(number)
            time.sleep(1)

    return told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_which_cleans_up(number: int) -> None:
    done = trial(GOOD, "dotide", told=after(100, number))
    assert done.exit == 3
    assert "INCONCLUSIVE: interrupted" in done.output
    assert ", 0 left" in done.output
    assert "then what was made is removed" in done.errors
    assert done.journals == ()


def test_before_the_run_begins_a_signal_ends_it_without_a_word() -> None:
    done = trial(GOOD, "dotide", told=after(0, signal.SIGINT))
    assert done.exit in (130, -signal.SIGINT)  # the latter before Python itself has begun
    assert (done.output, done.errors) == ("", "")


def test_a_second_one_leaves_the_rest_and_names_it() -> None:
    slow = Hostile("slow deletes", "", lambda: lambda call: _slowly(call))
    done = trial(slow, "dotide", *CREATES, told=after(100, signal.SIGINT, signal.SIGINT))
    assert "interrupted" in done.first
    assert "stay on the target" in done.errors
    assert "sproof" in next(line for line in done.output.splitlines() if "clean-up" in line)
    [journal] = done.journals
    head, *lines = map(json.loads, journal.splitlines())
    assert head["api"] == "dotide"
    assert head["target"].endswith("/v1/demo")
    assert {line["key"] for line in lines} - {line["key"] for line in lines if "gone" in line}


def _slowly(call: Call) -> Answer:
    if call.method == "DELETE":
        time.sleep(0.5)
    return call.forward()


def test_a_budget_bounds_a_run_whose_target_hangs() -> None:
    begun = time.monotonic()
    done = trial(behaviour("hangs now and then"), "bge", "--timeout", "60", budget_s=5)
    assert done.exit in (1, 3)
    assert time.monotonic() - begun < 60  # which a single request might take


# -- clean-up that holds -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "examples"), [("busy at deletes", 3), ("restarts", 8)])
def test_what_is_away_or_busy_is_asked_again(name: str, examples: int) -> None:
    done = trial(behaviour(name), "dotide", *CREATES, "--max-examples", str(examples))
    assert len(done.heard) > 200  # so it was away, too
    line = next(line for line in done.output.splitlines() if line.startswith("clean-up"))
    assert line.endswith(", 0 left")


# -- limits of a body --------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["bge", "dotide"])
@pytest.mark.parametrize("name", ["huge ids", "many rows"])
def test_memory_stays_whatever_a_target_sends(name: str, api: str) -> None:
    done = trial(behaviour(name), api, budget_s=8)
    assert done.exit in (1, 3)
    assert done.memory_mb < 300
    assert "Traceback" not in done.output + done.errors
