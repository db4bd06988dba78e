"""Update: what changes, what stays, and what a rejected update leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, data, times
from streamproof.contracts.dotide.odd import JUDGED, MISTYPED, NOT_JSON, shows_documented_types
from streamproof.contracts.laws.round_trip import SHOWN_AGAIN, kept
from streamproof.contracts.laws.stays import (
    LOOKED_TWICE,
    REJECTED,
    rejected_changes_nothing,
    stays,
)
from streamproof.contracts.values import same
from streamproof.contracts.wire import Outcome

_ACCEPTED: Final = "the printed body, accepted"
_ANSWERED: Final = "something sent and stored, answered"
_REPLACED: Final = "new tags in place of old ones"
_UPDATED: Final = "an accepted update"
_TWIN: Final = "a good update, accepted"
_LOOKED_FOR: Final = "the unknown id, looked for"


@check("dotide/update/example-accepted", _ACCEPTED)
def example_accepted(trial: Trial) -> None:
    """The values of the printed example are accepted for an existing datastream."""
    stream = calls.make(trial)["id"]
    body = {"name": "Demo", "tags": ["a", "b", "c", "d"], "properties": {"prop1": 2}}
    trial.accepted(trial.client.call("update", id=stream, **body), "the printed update")
    trial.witness(_ACCEPTED)


def _fields(trial: Trial) -> dict[str, Any]:
    return {
        "name": trial.draw(data.names),
        "tags": trial.draw(data.tags),
        "properties": trial.draw(data.properties),
    }


@check("dotide/update/answers-new", _ANSWERED)
def answers_new(trial: Trial) -> None:
    """An update answers with the datastream as it is afterwards, with the values that were sent.

    A value that wasn't stored is the matter of the rule on its field.
    """
    stream, fields = calls.make(trial)["id"], _fields(trial)
    answer, after = calls.view(calls.update(trial, stream, **fields)), calls.look(trial, stream)
    sent = calls.view({**fields, "id": stream})
    stored = {name: sent[name] for name in ("id", "name", "tags") if same(after[name], sent[name])}
    kept(trial, stored, answer, "the answer to an update")
    properties = {
        n: v for n, v in fields["properties"].items() if same(after["properties"].get(n), v)
    }
    kept(trial, properties, answer["properties"], "properties in the answer to an update")
    if stored.keys() - {"id"} or properties:
        trial.witness(_ANSWERED)


def _stream(trial: Trial, **fields: Any) -> str:
    """A stream that a read shows as it was sent: else no read could tell what an update does."""
    sent = calls.make(trial, **fields)
    shown, wanted = calls.look(trial, sent["id"]), calls.view(sent)
    as_sent = all(same(shown[n], wanted[n]) for n in ("name", "tags", "properties"))
    rules = ("dotide/read/as-created", "dotide/create/properties-kept")
    trial.require(as_sent, "a stream, read as it was sent", *rules)
    return str(sent["id"])


@check("dotide/update/name", SHOWN_AGAIN)
def name_kept(trial: Trial) -> None:
    """The name that an update sends is read back."""
    stream, sent = _stream(trial), trial.draw(data.names)
    calls.update(trial, stream, name=sent)
    trial.equal(calls.read(trial, stream).get("name"), sent, "the name", reason="not-as-sent")
    trial.witness(SHOWN_AGAIN)


@check("dotide/update/tags-replaced", _REPLACED)
def tags_replaced(trial: Trial) -> None:
    """The tags that an update sends are read back in place of the old ones."""
    old = trial.draw(data.tags)
    new = trial.draw(st.one_of(data.tags, st.just(old[:1])))
    stream = _stream(trial, tags=old)
    calls.update(trial, stream, tags=new)
    shown = calls.tags(calls.read(trial, stream))
    trial.lacks(shown, set(old) - set(new), "the tags after an update")
    trial.equal(shown, sorted(new), "the tags after an update", reason="not-as-sent")
    if set(old) - set(new) and set(new) - set(old):
        trial.witness(_REPLACED)


@check("dotide/update/properties", SHOWN_AGAIN)
def properties_kept(trial: Trial) -> None:
    """The properties that an update sends are read back with their new values.

    What becomes of those that it leaves out is open.
    """
    stream = _stream(trial, properties=trial.draw(data.plain_properties))
    sent = trial.draw(data.properties)
    calls.update(trial, stream, properties=sent)
    kept(trial, sent, calls.properties(calls.read(trial, stream)), "the properties that were sent")


@check("dotide/update/updated-at-moves", _UPDATED)
def updated_at_moves(trial: Trial) -> None:
    """`updated_at` becomes later when something changes and enough time has passed."""
    stream = calls.make(trial, name="Before")["id"]
    shown = calls.read(trial, stream)
    before = after = shown.get("updated_at")
    for attempt in range(2):  # the second waits for a clock that ticks once a second
        times.let_pass(before if attempt == 0 else None)
        calls.update(trial, stream, name=f"After {attempt}")
        shown = calls.read(trial, stream)
        after = shown.get("updated_at")
        if after != before:
            break
    changed = after != before or shown.get("name") != "Before"
    trial.require(changed, "an update that a read shows", "dotide/update/name")
    earlier, later = times.parse(before), times.parse(after)
    trial.require(earlier and later, f"times of update that can be read: {before}, {after}")
    assert earlier is not None
    assert later is not None
    trial.holds(
        later > earlier,
        "not-moved",
        expected=f"updated_at after {before}",
        actual=f"updated_at {after}",
    )
    trial.witness(_UPDATED)


@check("dotide/update/type-stays", LOOKED_TWICE)
def type_stays(trial: Trial) -> None:
    """An update without `type` leaves the type as it was."""
    stream = calls.make(trial, type=trial.draw(data.types))["id"]
    stays(
        trial,
        lambda: calls.read(trial, stream).get("type"),
        lambda: calls.update(trial, stream, **_fields(trial)),
        "the type after an update",
        reason="changed",
    )


@check("dotide/update/id-stays", _UPDATED)
def id_stays(trial: Trial) -> None:
    """No update changes the id of a datastream, not even one that sends another.

    Whether such an update is rejected is open.
    """
    stream, other = calls.make(trial)["id"], trial.names.letters()
    calls.update(trial, stream)
    calls.read(trial, stream)
    request = trial.client.build(
        "update", path={"id": stream}, body={**calls.updated(), "id": other}
    )
    outcome = trial.client.send(request)
    if trial.granted(outcome, "an update with another id"):
        answered = calls.row(trial, outcome.payload).get("id")
        trial.equal(answered, stream, "the id in the answer", reason="renamed")
    read = trial.client.call("read", id=stream)
    trial.judged(read, "a read")
    shown = calls.row(trial, read.payload).get("id") if read.accepted else None
    trial.equal(shown, stream, "the id read under the old id", reason="renamed")
    trial.holds(
        not calls.exists(trial, other),
        "renamed",
        expected=f"no stream under {other}",
        actual="it can be read or is listed",
    )
    trial.witness(_UPDATED)


@check("dotide/update/created-at-stays", _UPDATED)
def created_at_stays(trial: Trial) -> None:
    """No update changes `created_at`, not even one that sends another."""
    stream = calls.make(trial)["id"]
    before = calls.read(trial, stream)
    times.let_pass(before.get("created_at"))
    answers = [calls.update(trial, stream)]
    fields = {**calls.updated(), "created_at": "2014-01-03T00:00:00.001+08:00"}
    other = trial.client.call("update", id=stream, **fields)  # it may be rejected
    if other.accepted:
        answers.append(calls.row(trial, other.payload))
    for shown in (*answers, calls.read(trial, stream)):
        trial.equal(
            times.utc(shown.get("created_at")),
            times.utc(before.get("created_at")),
            "created_at after an update",
            reason="changed",
        )
    trial.witness(_UPDATED)


@check("dotide/update/updated-at-not-back", _UPDATED)
def updated_at_not_back(trial: Trial) -> None:
    """No update makes `updated_at` earlier than it was."""
    stream = calls.make(trial)["id"]
    latest = times.parse(calls.read(trial, stream).get("updated_at"))
    for zone in (None, "UTC", "Asia/Tokyo", None):
        fields = {} if zone is None else {"tz": zone}
        calls.update(trial, stream, name=trial.names.letters(), **fields)
        now = times.parse(calls.read(trial, stream).get("updated_at"))
        trial.require(now and latest, "times of update that can be read")
        assert now is not None
        assert latest is not None
        trial.holds(
            now >= latest,
            "gone-back",
            expected=f"updated_at not before {latest.isoformat()}",
            actual=now.isoformat(),
        )
        latest = now
    trial.witness(_UPDATED)


@check("dotide/update/field-types", JUDGED)
def field_types(trial: Trial) -> None:
    """Whatever types an update sends, no later answer shows a field in another type."""
    stream = calls.make(trial)["id"]
    for field, value in MISTYPED:
        request = trial.client.request("update", id=stream, **calls.updated(**{field: value}))
        shows_documented_types(trial, trial.client.send(request, watched=False), stream, field)


@check("dotide/update/malformed-json", _TWIN)
def malformed_json(trial: Trial) -> None:
    """An update whose body is not JSON is rejected."""
    stream = calls.make(trial)["id"]
    request = trial.client.request("update", id=stream, **calls.updated())
    for body in NOT_JSON:
        outcome = trial.client.send(replace(request, body=body))
        trial.rejected(outcome, f"an update with the body {body!r}")
    trial.given(trial.client.send(request), "the same update with JSON")
    trial.witness(_TWIN)


@check("dotide/update/rejected-changes-nothing", REJECTED)
def rejected_leaves_as_was(trial: Trial) -> None:
    """A rejected update leaves the datastream as it was, `updated_at` included."""
    stream, answer = calls.create(trial)
    times.let_pass(answer.get("updated_at"))
    good = trial.client.request("update", id=stream["id"], **calls.updated())
    named = trial.client.request(
        "update", id=stream["id"], **calls.updated(properties={"prop1": 3, "a.b": 1})
    )
    cut = replace(good, body=(good.body or b"")[:-1])
    request, rule = trial.draw(
        st.sampled_from(
            ((named, "dotide/update/property-names"), (cut, "dotide/update/malformed-json"))
        )
    )

    def update() -> Outcome:
        return trial.client.send(request, watched=False)

    rejected_changes_nothing(
        trial,
        lambda: calls.look(trial, stream["id"]),
        update,
        "a stream after a rejected update",
        rule,
    )


@check("dotide/update/unknown-id", _TWIN)
def unknown_id(trial: Trial) -> None:
    """An update of an id that doesn't exist is rejected."""
    stream = calls.make(trial)["id"]
    outcome = trial.client.call("update", id=trial.names.letters(), **calls.updated())
    trial.rejected(outcome, "an update of an unknown id")
    calls.update(trial, stream)
    trial.witness(_TWIN)


@check("dotide/update/unknown-id-creates-nothing", _LOOKED_FOR)
def unknown_id_creates_nothing(trial: Trial) -> None:
    """After an update of an id that doesn't exist, no datastream exists under it."""
    calls.ready(trial)
    stream = trial.names.letters()
    outcome = trial.client.call("update", id=stream, **calls.updated())
    trial.granted(outcome, "an update of an unknown id")
    calls.settle(trial)
    trial.holds(
        not calls.exists(trial, stream),
        "created",
        expected="no stream under an id that was only updated",
        actual="it can be read or is listed",
    )
    trial.witness(_LOOKED_FOR)


CHECKS: Final = (
    example_accepted,
    answers_new,
    name_kept,
    tags_replaced,
    properties_kept,
    updated_at_moves,
    type_stays,
    id_stays,
    created_at_stays,
    updated_at_not_back,
    field_types,
    malformed_json,
    rejected_leaves_as_was,
    unknown_id,
    unknown_id_creates_nothing,
)
