"""Create: the answer, the fields, and what a rejected create leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, data, times
from streamproof.contracts.dotide.odd import JUDGED, MISTYPED, NOT_JSON, shows_documented_types
from streamproof.contracts.laws.clocks import shows_now
from streamproof.contracts.laws.round_trip import SHOWN_AGAIN, kept

_ACCEPTED: Final = "the printed body, accepted"
_ASCII: Final = "the URL of an id of ASCII letters"
_BEYOND_ASCII: Final = "the URL of an id beyond ASCII"
_CLOCK: Final = "a time of creation beside a clock"
_SHARED: Final = "two streams with one name"
_NESTED: Final = "nested properties, accepted"
_TWIN: Final = "a good create, accepted"
_REJECTED: Final = "a rejected create"


@check("dotide/create/example-accepted", _ACCEPTED)
def example_accepted(trial: Trial) -> None:
    """The values of the printed example, under a free id, are accepted.

    Whoever may only read is refused as a stranger is; that says nothing of the example.
    """
    body = {
        "id": trial.names.letters(),
        "name": "Demo Datastream",
        "type": "number",
        "tags": ["a", "b", "c"],
        "properties": {"prop1": 1},
    }
    another = calls.knock(trial)
    outcome = trial.client.call("create", **body)
    may_create = another.accepted or outcome.status not in calls.STRANGER
    trial.require(may_create, f"credentials that may create: {outcome}")
    trial.accepted(outcome, "the printed create")
    calls.ready(trial)
    trial.witness(_ACCEPTED)


@check("dotide/create/location", _ASCII)
def location(trial: Trial) -> None:
    """The path of `Location` ends in ``/datastreams/`` and the percent-encoded id."""
    calls.ready(trial)
    for witness, letters in ((_ASCII, ""), (_BEYOND_ASCII, "数据")):
        sent = calls.contents(trial, id=trial.names.letters() + letters)
        outcome = trial.client.call("create", **sent)
        if not outcome.accepted:
            continue  # whether such an id is accepted is a rule of its own
        url = outcome.headers.get("location", "")
        before, _, last = urlsplit(url).path.rpartition("/")
        trial.holds(
            before.endswith("/datastreams") and url.isascii() and unquote(last) == sent["id"],
            "location",
            expected=f"Location: …/datastreams/ and {sent['id']}, percent-encoded",
            actual=f"Location: {url}" if url else "no Location",
        )
        trial.witness(witness)


@check("dotide/create/echo", SHOWN_AGAIN)
def echo(trial: Trial) -> None:
    """A create answers with the values that were sent, tags as a set."""
    sent, answer = calls.create(
        trial,
        name=trial.draw(data.names),
        type=trial.draw(data.types),
        tags=trial.draw(data.tags),
        properties=trial.draw(data.plain_properties),
    )
    expected = {**sent, "tags": calls.tags(sent)}
    kept(trial, expected, {**answer, "tags": calls.tags(answer)}, "the answer to a create")


@check("dotide/create/created-at", _CLOCK)
def created_at(trial: Trial) -> None:
    """`created_at` is the time of the create, give or take what clocks differ."""
    calls.ready(trial)
    before = datetime.now(UTC)
    outcome = trial.client.call("create", **calls.contents(trial))
    answer = calls.row(trial, trial.given(outcome, "a create"))
    shown = times.parse(answer.get("created_at"))
    trial.require(shown is not None, "a time of creation")
    assert shown is not None
    shows_now(trial, shown, outcome, before, "created_at")
    trial.witness(_CLOCK)


@check("dotide/create/shared-name", _SHARED)
def shared_name(trial: Trial) -> None:
    """Two datastreams may have the same name."""
    name = calls.make(trial, name=trial.names.letters())["name"]
    second = calls.contents(trial, name=name)
    trial.accepted(trial.client.call("create", **second), "a second stream with the same name")
    trial.witness(_SHARED)


@check("dotide/create/properties-kept", SHOWN_AGAIN)
def properties_kept(trial: Trial) -> None:
    """Properties with plain values are read back equal as JSON."""
    sent = calls.make(trial, properties=trial.draw(data.properties))
    shown = calls.properties(calls.read(trial, sent["id"]))
    trial.equal(shown, sent["properties"], "properties read back", reason="not-as-sent")
    trial.witness(SHOWN_AGAIN)


@check("dotide/create/nested-properties-kept", _NESTED)
def nested_properties_kept(trial: Trial) -> None:
    """Properties with arrays and objects as values, if accepted, are read back equal as JSON."""
    calls.ready(trial)
    properties = {"prop1": trial.draw(data.nested), "prop2": [trial.draw(data.scalars)]}
    sent = calls.contents(trial, properties=properties)
    trial.given(trial.client.call("create", **sent), "a create with nested properties")
    shown = calls.properties(calls.read(trial, sent["id"]))
    trial.equal(shown, properties, "properties read back", reason="not-as-sent")
    trial.witness(_NESTED)


@check("dotide/create/field-types", JUDGED)
def field_types(trial: Trial) -> None:
    """Whatever types a create sends, no later answer shows a field in another type."""
    calls.ready(trial)
    for field, value in MISTYPED:
        trial.afresh()
        sent = calls.contents(trial, **{field: value})
        outcome = trial.client.send(trial.client.request("create", **sent), watched=False)
        shows_documented_types(trial, outcome, sent["id"], field)


@check("dotide/create/malformed-json", _TWIN)
def malformed_json(trial: Trial) -> None:
    """A create whose body is not JSON is rejected."""
    sent = calls.make(trial)
    request = trial.client.request("create", **{**sent, "id": trial.names.letters()})
    for body in NOT_JSON:
        trial.afresh()
        outcome = trial.client.send(replace(request, body=body))
        trial.rejected(outcome, f"a create with the body {body!r}")
    trial.witness(_TWIN)


_FORBIDDEN_BY: Final = {
    "type": "dotide/create/type-enum",
    "property name": "dotide/create/property-names",
    "end": "dotide/create/malformed-json",
}


@check("dotide/create/rejected-stores-nothing", _REJECTED)
def rejected_stores_nothing(trial: Trial) -> None:
    """A rejected create stores nothing: its id is neither readable nor listed, and free."""
    calls.ready(trial)
    good = calls.contents(trial)
    bad: dict[str, dict[str, Any]] = {
        "type": {**good, "type": "colour"},
        "property name": {**good, "properties": {"plain": 1, "a.b": 2}},
        "end": good,
    }
    what = trial.draw(st.sampled_from(sorted(bad)))
    request = trial.client.request("create", **bad[what])
    if what == "end":
        request = replace(request, body=json.dumps(good).encode()[:-1])
    outcome = trial.client.send(request, watched=False)
    trial.refused(outcome, f"a create with a bad {what}", _FORBIDDEN_BY[what])
    calls.settle(trial)
    trial.holds(
        not calls.exists(trial, good["id"]),
        "stored",
        expected="nothing is stored by a rejected create",
        actual=f"{good['id']} can be read or is listed",
    )
    trial.given(trial.client.call("create", **good), "the same create without the bad thing")
    trial.witness(_REJECTED)


CHECKS: Final = (
    example_accepted,
    location,
    echo,
    created_at,
    shared_name,
    properties_kept,
    nested_properties_kept,
    field_types,
    malformed_json,
    rejected_stores_nothing,
)
