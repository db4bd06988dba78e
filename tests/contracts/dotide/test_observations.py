"""What the mock is told to choose where the document is silent, the observers see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from streamproof.contracts import observations
from streamproof.contracts.check import Trial
from streamproof.contracts.client import Client
from streamproof.contracts.dotide.observations import UNSEEN
from streamproof.contracts.names import Names
from streamproof.contracts.observations import Observation, Observer, Observing, observers_of
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.specs.dialect import Value
from tests.contracts.dotide.targets import (
    DOTIDE,
    REJECTED,
    Answer,
    Bend,
    Call,
    Proceed,
    bent,
    good,
)

POINTS = DOTIDE.dialect.points
OBSERVERS = observers_of(DOTIDE)
# What can't be told from a limit that is out of reach.
OUT_OF_REACH: dict[str, tuple[Value, ...]] = {
    "default_limit": ("none",),
    "largest_limit": ("none", 500, 1000),
    "id_longest": ("none",),
    "largest_body": (16_777_216,),
}
ALSO: dict[str, tuple[Value, ...]] = {
    "default_limit": (2, 7),
    "largest_limit": (3,),
    "id_longest": (40,),
    "duplicate_id_status": (418,),
    "unknown_id_status": (410,),
    "invalid_status": (418,),
    "malformed_json_status": (418,),
    "wrong_method": (418,),
}


def seen(app: WsgiApp, *points: str) -> dict[str, Observation]:
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    client = Client(DOTIDE, transport, DOTIDE.fixtures["credentials"])
    observing = Observing(client, Names("observing"), DOTIDE.fixtures, dear=POINTS)
    return {each.point: each for each in observing.all(points or None)}


def choices(point: str) -> Iterable[Value]:
    """What the mock can be told, and an observer can see."""
    if POINTS[point].mock:
        yield from (choice.value for choice in POINTS[point].choices)
        yield from ALSO.get(point, ())
    else:
        yield POINTS[point].default


@pytest.mark.parametrize(
    ("point", "choice"), [(point, choice) for point in OBSERVERS for choice in choices(point)]
)
def test_every_choice_is_seen(point: str, choice: Value) -> None:
    found = seen(good(**{point: choice}), point)[point]
    if choice in OUT_OF_REACH.get(point, ()):
        assert not found.seen
        assert found.why
    else:
        assert (found.seen, found.choice, found.why) == (True, choice, "")
        assert found.consistent
        assert " -> " in found.evidence


def test_every_point_has_an_observer_or_a_reason_for_none() -> None:
    found = seen(good(), *UNSEEN)
    assert {*OBSERVERS, *UNSEEN} == {*POINTS}
    assert {point: each.why for point, each in found.items()} == UNSEEN


def answering(status: int, body: Any) -> WsgiApp:
    """A server that answers everything with this."""
    content = json.dumps(body).encode()

    def serve(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start(f"{status} Null", [("Content-Type", "application/json")])
        return [content]

    return serve


@pytest.mark.parametrize(
    ("status", "body"), [(500, None), (404, {"message": "no"}), (200, {}), (200, []), (422, "")]
)
def test_a_server_that_answers_all_alike_shows_no_choice(status: int, body: Any) -> None:
    found = seen(answering(status, body))
    assert found.keys() == POINTS.keys()
    assert not any(each.seen for each in found.values())
    assert all(each.why for each in found.values())


# -- servers unlike the mock ---------------------------------------------------------------------


def plain_text_is_a_bad_request(app: WsgiApp) -> WsgiApp:
    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_TYPE") == "text/plain":
            start("400 Bad Request", [("Content-Type", "application/json")])
            return [b'{"message": "no"}']
        return app(environ, start)

    return serve


def test_what_is_no_choice_is_told_as_that() -> None:
    found = seen(plain_text_is_a_bad_request(good()), "other_content_type")["other_content_type"]
    assert (found.seen, found.odd) == (False, True)
    assert found.why == "none of the choices: 400"
    assert "-> 400" in found.evidence


def test_another_choice_at_the_second_look_is_not_consistent() -> None:
    asked = 0

    def bend(call: Call, proceed: Proceed) -> Answer:
        nonlocal asked
        if call.query.get("limit") != "0":
            return proceed(call)
        asked += 1
        return REJECTED if asked % 2 else proceed(call)

    found = seen(bent(bend), "limit_zero")["limit_zero"]
    assert (found.seen, found.choice, found.consistent) == (True, "rejected", False)


def test_a_server_that_pages_by_default_is_told_the_same() -> None:
    short = seen(good(default_limit=2, largest_limit=2))
    whole = seen(good())
    both = [point for point in POINTS if short[point].seen and whole[point].seen]
    assert not [point for point in both if short[point].choice != whole[point].choice]
    assert (short["default_limit"].choice, short["largest_limit"].choice) == (2, 2)


def test_a_point_that_another_hides_is_not_looked_at() -> None:
    found = seen(good(location_form="path"), "location_form", "location_host")
    assert not found["location_host"].seen
    assert "only where location_form is" in found["location_host"].why
    assert found["location_host"].evidence == ""


def test_a_fault_of_an_observer_is_told_and_harms_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_trial: Trial) -> Value:
        raise ZeroDivisionError("oh")

    broken = {**OBSERVERS, "limit_zero": Observer("limit_zero", fails)}
    monkeypatch.setattr(observations, "observers_of", lambda _api: broken)
    found = seen(good(), "limit_zero", "limit_negative")
    assert "the observer itself failed: ZeroDivisionError: oh" in found["limit_zero"].why
    assert "ZeroDivisionError" in found["limit_zero"].crash
    assert found["limit_negative"].seen


# -- points that the mock settles one way only -----------------------------------------------------


def _without(call: Call, *names: str) -> Call:
    return replace(call, query={n: v for n, v in call.query.items() if n not in names})


def no_end(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    if "end" not in call.query or not answer.accepted:
        return answer
    rows = [row for row in answer.body["datapoints"] if row["v"] != 2]
    return replace(answer, body={**answer.body, "datapoints": rows})


def lenient(call: Call, proceed: Proceed) -> Answer:
    odd = [n for n in ("start", "interval") if call.query.get(n) in ("yesterday", "-1")]
    return proceed(_without(call, *odd))


def in_seconds(call: Call, proceed: Proceed) -> Answer:
    if "interval" not in call.query:
        return proceed(call)
    return proceed(call.asking(interval=f"{call.query['interval']}000"))


def from_the_start(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    if "interval" not in call.query:
        return answer
    rows = [{**row, "t": call.query["start"]} for row in answer.body["datapoints"]]
    return answer.showing(datapoints=rows)


def in_the_middle(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    if "interval" not in call.query:
        return answer
    rows = [{**row, "t": "2014-01-03T20:02:00+08:00"} for row in answer.body["datapoints"]]
    return answer.showing(datapoints=rows)


def first_stays(call: Call, proceed: Proceed) -> Answer:
    return REJECTED if call.fields.get("v") == 2 else proceed(call)


def terse_scopes(call: Call, proceed: Proceed) -> Answer:
    answer = proceed(call)
    if call.method != "POST" or call.path != "/access_tokens":
        return answer
    scopes = [
        {n: v for n, v in each.items() if n not in ("global", "tags")}
        for each in answer.body["scopes"]
    ]
    return answer.showing(scopes=scopes)


@pytest.mark.parametrize(
    ("bend", "point", "choice"),
    [
        (no_end, "window_edges", "without_end"),
        (lenient, "instant_malformed", "ignored"),
        (lenient, "interval_malformed", "ignored"),
        (in_seconds, "interval_unit", "seconds"),
        (from_the_start, "interval_times", "of_the_window"),
        (in_the_middle, "interval_times", "otherwise"),
        (first_stays, "same_instant", "rejected"),
        (terse_scopes, "absent_scope_fields", "omitted"),
    ],
)
def test_a_choice_that_the_mock_lacks_is_seen(bend: Bend, point: str, choice: Value) -> None:
    found = seen(bent(bend), point)[point]
    assert (found.seen, found.choice, found.why) == (True, choice, "")
