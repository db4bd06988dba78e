"""Rules on all calls, lists and reads fail on a server that breaks just them.

Those that the mock has a fault for are tried with it.
"""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from streamproof.contracts.verdict import Verdict
from tests.contracts.dotide.targets import (
    NOT_FOUND,
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


@SERVERS.always_breaking("any/access-token")
def no_tokens(call: Call, proceed: Proceed) -> Answer:
    """Knows no access tokens."""
    by_token = call.authorization.startswith("Bearer") or "access_token" in call.query
    return NOT_FOUND if by_token else proceed(call)


@SERVERS.always_breaking("any/query-token")
def tokens_in_the_header_only(call: Call, proceed: Proceed) -> Answer:
    """Doesn't look for a token in the query."""
    return NOT_FOUND if "access_token" in call.query else proceed(call)


@SERVERS.always_breaking("any/id-in-path")
def paths_in_ascii(call: Call, proceed: Proceed) -> Answer:
    """Doesn't decode what is beyond ASCII in a path."""
    return proceed(call) if call.path.isascii() else NOT_FOUND


@SERVERS.always_breaking("any/updated-not-before-created")
def updated_first(call: Call, proceed: Proceed) -> Answer:
    """Shows an update from before the creation."""
    answer = proceed(call)
    return answer.showing(updated_at="2001-01-01T00:00:00.000+08:00") if answer.body else answer


@SERVERS.always_breaking("list/status")
def partial_content(call: Call, proceed: Proceed) -> Answer:
    """Answers a list with 206."""
    answer = proceed(call)
    return replace(answer, status=206) if call.operation == "list" else answer


@SERVERS.always_breaking("list/shape")
def tags_as_text(call: Call, proceed: Proceed) -> Answer:
    """Lists the tags as one text."""
    answer = proceed(call)
    return answer.showing(tags="a,b") if call.operation == "list" else answer


@SERVERS.always_breaking("list/example-accepted")
def short_lists(call: Call, proceed: Proceed) -> Answer:
    """Rejects the printed limit."""
    return REJECTED if call.query.get("limit") == "500" else proceed(call)


@SERVERS.breaking("list/shows-created")
def late_lists() -> Bend:
    """Lists a datastream only some time after its creation."""
    made: dict[str, float] = {}

    def bend(call: Call, proceed: Proceed) -> Answer:
        answer = proceed(call)
        if call.operation == "create" and answer.accepted:
            made[answer.body["id"]] = time.monotonic()
        if call.operation == "list" and answer.accepted:
            old = time.monotonic() - 0.3
            return replace(answer, body=[r for r in answer.body if made.get(r["id"], 0.0) < old])
        return answer

    return bend


@SERVERS.always_breaking("list/ids-with-tags-all")
def last_match_lost(call: Call, proceed: Proceed) -> Answer:
    """Loses the last match when there are two filters."""
    answer = proceed(call)
    return replace(answer, body=answer.body[:-1]) if {"ids", "tags"} <= {*call.query} else answer


@SERVERS.always_breaking("list/tz")
def lists_at_home(call: Call, proceed: Proceed) -> Answer:
    """Knows no `tz` in a list."""
    return proceed(call.asking(tz="Asia/Shanghai") if call.operation == "list" else call)


@SERVERS.always_breaking("list/tz-default")
def lists_in_utc(call: Call, proceed: Proceed) -> Answer:
    """Lists in UTC when no zone is sent."""
    plain = call.operation == "list" and "tz" not in call.query
    return proceed(call.asking(tz="UTC") if plain else call)


@SERVERS.always_breaking("read/status")
def second_hand(call: Call, proceed: Proceed) -> Answer:
    """Answers a read with 203."""
    answer = proceed(call)
    good_read = call.operation == "read" and answer.accepted
    return replace(answer, status=203) if good_read else answer


@SERVERS.always_breaking("read/shape")
def no_offset(call: Call, proceed: Proceed) -> Answer:
    """Reads times without their offset."""
    answer = proceed(call)
    if call.operation != "read" or not answer.accepted:
        return answer
    return answer.showing(updated_at=answer.body["updated_at"][:-6])


@pytest.mark.parametrize("rule", SERVERS)
def test_a_server_that_breaks_a_rule_fails_it(rule: str) -> None:
    done = judged(bent(SERVERS[rule]()), rule)
    assert list(by_verdict(done, Verdict.FAILED)) == [rule], done.rulings[0].message
