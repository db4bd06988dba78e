"""Rules on creates, updates and deletes fail on a server that breaks just them.

Those that the mock has a fault for are tried with it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.dotide.targets import (
    REJECTED,
    Answer,
    Bend,
    BentServers,
    Call,
    Proceed,
    bent,
    by_verdict,
    judged,
)

SERVERS = BentServers()


@SERVERS.always_breaking("create/shape")
def seconds_since_1970(call: Call, proceed: Proceed) -> Answer:
    """Answers a create with its time as a number."""
    answer = proceed(call)
    return answer.showing(created_at=1_700_000_000) if call.operation == "create" else answer


@SERVERS.always_breaking("create/example-accepted")
def two_tags_at_most(call: Call, proceed: Proceed) -> Answer:
    """Takes no three tags of one letter."""
    return REJECTED if call.fields.get("tags") == ["a", "b", "c"] else proceed(call)


@SERVERS.always_breaking("create/generated-id")
def an_id_is_a_must(call: Call, proceed: Proceed) -> Answer:
    """Generates no ids."""
    missing = call.operation == "create" and "id" not in call.fields
    return REJECTED if missing else proceed(call)


@SERVERS.breaking("create/unique-per-database")
def one_world() -> Bend:
    """Takes an id for taken if another data base has it."""
    taken: dict[object, str] = {}

    def bend(call: Call, proceed: Proceed) -> Answer:
        if call.operation != "create":
            return proceed(call)
        if taken.get(str(call.fields.get("id")), call.database) != call.database:
            return REJECTED
        answer = proceed(call)
        if answer.accepted:
            taken[answer.body["id"]] = call.database
        return answer

    return bend


@SERVERS.breaking("create/race-retry")
def burnt_ids() -> Bend:
    """Rejects all of several simultaneous creates, and their id for ever after."""
    present: list[str] = []
    burnt: set[str] = set()
    lock = threading.Lock()

    def bend(call: Call, proceed: Proceed) -> Answer:
        stream = str(call.fields.get("id"))
        if call.operation != "create" or not stream.startswith("sproof"):
            return proceed(call)
        with lock:
            present.append(stream)
            if present.count(stream) > 1:
                burnt.add(stream)
        time.sleep(0.03)
        with lock:
            present.remove(stream)
        return REJECTED if stream in burnt else proceed(call)

    return bend


@SERVERS.always_breaking("create/utf8-id")
def ids_in_ascii(call: Call, proceed: Proceed) -> Answer:
    """Takes no id beyond ASCII."""
    return proceed(call) if str(call.fields.get("id", "")).isascii() else REJECTED


def mistyped(operation: str) -> Bend:
    """Stores, and shows in every read, a name that is a number."""
    names: dict[str, Any] = {}

    def bend(call: Call, proceed: Proceed) -> Answer:
        name = call.fields.get("name")
        if call.operation == operation and isinstance(name, int):
            answer = proceed(call.sending(name="text"))
            if answer.accepted:
                names[answer.body["id"]] = name
            return answer
        answer = proceed(call)
        known = call.operation == "read" and call.id in names
        return answer.showing(name=names[call.id]) if known else answer

    return bend


SERVERS.breaking("create/field-types")(lambda: mistyped("create"))
SERVERS.breaking("update/field-types")(lambda: mistyped("update"))


@SERVERS.always_breaking("update/shape")
def listed_properties(call: Call, proceed: Proceed) -> Answer:
    """Answers an update with its properties as an array."""
    answer = proceed(call)
    return answer.showing(properties=[["prop1", 2]]) if call.operation == "update" else answer


@SERVERS.always_breaking("update/example-accepted")
def three_tags_at_most(call: Call, proceed: Proceed) -> Answer:
    """Takes no four tags of one letter."""
    return REJECTED if call.fields.get("tags") == ["a", "b", "c", "d"] else proceed(call)


@SERVERS.always_breaking("update/id-stays")
def renames(call: Call, proceed: Proceed) -> Answer:
    """Takes an id in an update for a new name of the datastream."""
    other = call.fields.get("id")
    if call.operation != "update" or not isinstance(other, str):
        return proceed(call)
    proceed(replace(call, method="POST", path="/datastreams"))
    proceed(replace(call, method="DELETE", body=b""))
    return proceed(replace(call, method="GET", path=f"/datastreams/{other}", body=b""))


@SERVERS.breaking("update/updated-at-not-back")
def back_in_time() -> Bend:
    """Shows every other update an hour earlier than it was."""
    updates: dict[str, int] = {}

    def bend(call: Call, proceed: Proceed) -> Answer:
        if call.operation == "update":
            updates[call.id] = updates.get(call.id, 0) + 1
        answer = proceed(call)
        if call.operation == "read" and answer.accepted and updates.get(call.id, 0) % 2:
            return answer.showing(updated_at=answer.body["created_at"].replace("20", "19", 1))
        return answer

    return bend


@SERVERS.always_breaking("update/malformed-json")
def whatever(call: Call, proceed: Proceed) -> Answer:
    """Takes a body that it can't read for an empty one."""
    return proceed(call if call.fields else replace(call, body=b"{}"))


@SERVERS.always_breaking("update/tz-default")
def updates_in_utc(call: Call, proceed: Proceed) -> Answer:
    """Answers an update in UTC when no zone is sent."""
    plain = call.operation == "update" and "tz" not in call.fields and call.fields
    return proceed(call.sending(tz="UTC") if plain else call)


@SERVERS.breaking("update/tz-not-remembered")
def remembers() -> Bend:
    """Reads a datastream in the zone of its last update."""
    zones: dict[str, str] = {}

    def bend(call: Call, proceed: Proceed) -> Answer:
        zone = call.fields.get("tz")
        if call.operation == "update" and isinstance(zone, str):
            zones[call.id] = zone
        plain = call.operation == "read" and call.id in zones and "tz" not in call.query
        return proceed(call.asking(tz=zones[call.id]) if plain else call)

    return bend


@SERVERS.always_breaking("delete/empty-body")
def says_goodbye(call: Call, proceed: Proceed) -> Answer:
    """Answers a delete with a body."""
    answer = proceed(call)
    gone = call.operation == "delete" and answer.accepted
    return replace(answer, body={"message": "deleted"}) if gone else answer


@pytest.mark.parametrize("rule", SERVERS)
def test_a_server_that_breaks_a_rule_fails_it(rule: str) -> None:
    done = judged(bent(SERVERS[rule]()), rule)
    assert list(by_verdict(done, Verdict.FAILED)) == [rule], done.rulings[0].message
