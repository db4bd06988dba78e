"""Create: ids, given and generated, unique and taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.client import Client
from streamproof.contracts.dotide import calls, times
from streamproof.contracts.laws import unique
from streamproof.contracts.races import CLIENTS
from streamproof.contracts.wire import Request
from streamproof.specs.wording import shown

_GENERATED: Final = "a generated id, read"
_TWO_KEYS: Final = "two generated keys"
_IN_BOTH: Final = "one id in two data bases"
_SHOWN: Final = "an id beyond ASCII, shown"
_ADDRESSED: Final = "read, update and delete by such an id"
_REBORN: Final = "a stream under the id of a deleted one"

# Letters of several scripts, one of them of four bytes, none with a second spelling in Unicode.
_BEYOND_ASCII: Final = st.text("数据ж𠀀λ", min_size=1, max_size=3)


@check("dotide/create/generated-id", _GENERATED)
def generated_id(trial: Trial) -> None:
    """A create without an id is accepted, and the stream is read under the id it answers."""
    calls.read(trial, calls.make(trial)["id"])
    outcome = trial.client.call("create", **calls.contents(trial, id=None))
    answer = calls.row(trial, trial.accepted(outcome, "a create without an id"))
    made = answer.get("id")
    trial.holds(
        isinstance(made, str) and made,
        "no-id",
        expected="a generated id",
        actual=f"id {shown(made)}",
    )
    read = trial.accepted(trial.client.call("read", id=made), "a read of the generated id")
    trial.equal(calls.row(trial, read).get("id"), made, "the id read", reason="another-id")
    trial.witness(_GENERATED)


@check("dotide/create/generated-ids-differ", _TWO_KEYS)
def generated_ids_differ(trial: Trial) -> None:
    """Every generated id is a new one."""
    calls.ready(trial)

    def create() -> str:
        outcome = trial.client.call("create", **calls.contents(trial, id=None))
        return str(calls.row(trial, trial.given(outcome, "a create without an id")).get("id"))

    unique.keys_are_new(trial, create, 8)


@check("dotide/create/unique-per-database", _IN_BOTH)
def unique_per_database(trial: Trial) -> None:
    """An id that is taken in one data base is free in another one."""
    sent = calls.contents(trial, id=calls.make(trial)["id"])
    outcome = other_database(trial).call("create", **sent)
    trial.accepted(outcome, "the same id in another data base")
    trial.witness(_IN_BOTH)


def other_database(trial: Trial) -> Client:
    """A client of the fixture's second data base. What is made there stands in the journal with
    its place, like all else."""
    return elsewhere(trial.client, trial.fixtures["other_database"])


def elsewhere(client: Client, fixture: Mapping[str, Any]) -> Client:
    """A client of the data base that a fixture describes."""
    above = urlsplit(client.transport.url).path.rpartition("/")[0]
    return client.at(f"{above}/{quote(fixture['database'], safe='')}", fixture["credentials"])


def _racers(trial: Trial) -> Sequence[Request]:
    """Creates of one new id, each with a name of its own."""
    stream = trial.names.letters()
    return [
        trial.client.request("create", **calls.contents(trial, id=stream, name=f"{stream}{number}"))
        for number in range(CLIENTS)
    ]


@check("dotide/create/race-retry", unique.WON_IN_THE_END)
def race_retry(trial: Trial) -> None:
    """If none of several simultaneous creates with a free id is accepted, one more is."""
    calls.ready(trial)
    racers: Sequence[Request] = ()

    def requests() -> Sequence[Request]:
        nonlocal racers
        racers = _racers(trial)
        return racers

    for contest in unique.contests(trial, requests):
        unique.retry_wins(trial, contest, lambda: trial.client.send(racers[0]))


@check("dotide/create/utf8-id", _SHOWN)
def utf8_id(trial: Trial) -> None:
    """An id of letters beyond ASCII is accepted and shown unchanged."""
    calls.ready(trial)
    sent = calls.contents(trial, id=trial.names.letters() + trial.draw(_BEYOND_ASCII))
    outcome = trial.client.call("create", **sent)
    answer = calls.row(trial, trial.accepted(outcome, f"a create with the id {sent['id']}"))
    trial.equal(answer.get("id"), sent["id"], "the id shown", reason="another-id")
    trial.witness(_SHOWN)


@check("dotide/any/id-in-path", _ADDRESSED)
def id_in_path(trial: Trial) -> None:
    """An id beyond ASCII, percent-encoded in the path, is read, updated and deleted."""
    stream = calls.make(trial, id=trial.names.letters() + trial.draw(_BEYOND_ASCII))["id"]
    plain = calls.make(trial)["id"]
    for operation, arguments in (("read", {}), ("update", calls.updated()), ("delete", {})):
        twin = trial.client.call(operation, id=plain, **arguments)
        trial.given(twin, f"{operation} of an id of letters a-z")
        outcome = trial.client.call(operation, id=stream, **arguments)
        shown = trial.accepted(outcome, f"{operation} of the id {stream}")
        if isinstance(shown, dict):
            trial.equal(shown.get("id"), stream, "the id shown", reason="another-id")
    trial.witness(_ADDRESSED)


@check("dotide/create/reborn-is-new", _REBORN)
def reborn_is_new(trial: Trial) -> None:
    """A datastream under the id of a deleted one carries nothing of the old one."""
    old, answer = calls.create(trial, name="Old", tags=["old"], properties={"old": 1})
    times.let_pass(answer.get("created_at"))
    trial.given(trial.client.call("delete", id=old["id"]), "a delete")
    gone = not calls.exists(trial, old["id"])
    trial.require(gone, "a stream that is gone once it is deleted", "dotide/delete/not-readable")
    bare = {"id": old["id"], "type": "number"}
    outcome = trial.client.call("create", **bare)
    if not outcome.accepted:  # a server may ask for the other fields
        new = {"name": "New", "tags": ["new"], "properties": {"new": 2}}
        outcome = trial.client.call("create", **bare, **new)
    trial.given(outcome, "a create under the id of a deleted stream")
    shown = calls.look(trial, old["id"])
    before = calls.view(answer)
    remains = {
        "name": shown["name"] == old["name"],
        "tags": "old" in shown["tags"],
        "properties": "old" in shown["properties"],
        "created_at": shown["created_at"] == before["created_at"],
    }
    trial.holds(
        not any(remains.values()),
        "old-contents",
        expected="nothing of the deleted stream in the new one",
        actual=f"its {', '.join(name for name, stays in remains.items() if stays)}",
    )
    trial.witness(_REBORN)


CHECKS: Final = (
    generated_id,
    generated_ids_differ,
    unique_per_database,
    race_retry,
    utf8_id,
    id_in_path,
    reborn_is_new,
)
