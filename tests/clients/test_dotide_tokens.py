"""The published client `dotide` manages access tokens, and is let in with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dotide import Dotide  # type: ignore[import-untyped]
from requests.exceptions import HTTPError

from tests.clients.dotide_examples import CHANGES, FIXTURES, TOKEN, Connect

ALL = ["read", "write", "delete"]
SCOPE = {"permissions": ALL, "global": False, "ids": ["id0"], "tags": ["tag0"]}


def test_a_token_is_created_read_listed_changed_and_deleted(dotide: Dotide) -> None:
    made = dotide.access_tokens.create({"scopes": [SCOPE]})
    text = made["access_token"]

    assert len(text) == 64
    assert made["scopes"] == [SCOPE]
    assert made["created_at"] == made["updated_at"]
    assert dotide.access_tokens.get(text) == made
    assert dotide.access_tokens.filter({"limit": 10, "offset": 0}) == [made]
    wider = dotide.access_tokens.update(text, {"scopes": [{"permissions": ALL, "global": True}]})
    assert wider["scopes"] == [{"permissions": ALL, "global": True, "ids": [], "tags": []}]
    assert dotide.access_tokens.delete(text) is True
    assert dotide.access_tokens.filter() == []
    with pytest.raises(HTTPError, match="no such access token"):
        dotide.access_tokens.get(text)


def test_a_token_manages_no_tokens(connect: Connect) -> None:
    with pytest.raises(HTTPError, match="no-credentials"):
        connect(access_token=TOKEN).access_tokens.filter()


@pytest.fixture
def streams(dotide: Dotide) -> Dotide:
    """Datastreams: id0 of no tags, `both` of two, `one` of one of them."""
    for name, tags in {"id0": [], "both": ["tag0", "tag1"], "one": ["tag1"]}.items():
        dotide.datastreams.create({"id": name, "tags": tags})
        dotide.datapoints.create(name, [["2014-01-03T00:00:00Z", 1]])
    return dotide


def let_in(connect: Connect, owner: Dotide, *scopes: dict[str, Any]) -> Dotide:
    """A client by a new token of these scopes."""
    made = owner.access_tokens.create({"scopes": [*scopes]})
    return connect(access_token=made["access_token"])


def may(client: Dotide, name: str) -> set[str]:
    """What a client may do with a datastream; what it may delete is gone then."""
    deeds: dict[str, Callable[[], Any]] = {
        "read": lambda: client.datastreams.get(name),
        "points": lambda: client.datapoints.filter(name),
        "write": lambda: client.datastreams.update(name, CHANGES | {"tags": ["tag0", "tag1"]}),
        "add": lambda: client.datapoints.create(name, [["2014-01-04T00:00:00Z", 1]]),
        "clear": lambda: client.datapoints.delete(name, {"start": "2014", "end": "2015"}),
        "delete": lambda: client.datastreams.delete(name),
    }
    done = set()
    for deed, act in deeds.items():
        try:
            act()
        except HTTPError as fault:
            if fault.response is not None and fault.response.status_code != 404:
                done.add(deed)  # let in, and refused for something else
        else:
            done.add(deed)
    return done


READING, WRITING, DELETING = {"read", "points"}, {"write", "add"}, {"clear", "delete"}


@pytest.mark.parametrize(
    ("permission", "deeds"), [("read", READING), ("write", WRITING), ("delete", DELETING)]
)
def test_a_permission_lets_in_its_calls(
    connect: Connect, streams: Dotide, permission: str, deeds: set[str]
) -> None:
    client = let_in(connect, streams, {"permissions": [permission], "global": True})

    assert may(client, "both") == deeds


def test_a_scope_reaches_its_ids_and_what_carries_all_its_tags(
    connect: Connect, streams: Dotide
) -> None:
    scope = {"permissions": ["read"], "ids": ["id0"], "tags": ["tag0", "tag1"]}
    client = let_in(connect, streams, scope)

    assert [row["id"] for row in client.datastreams.filter()] == ["both", "id0"]
    assert [row["id"] for row in client.datastreams.filter({"limit": 1, "offset": 1})] == ["id0"]
    assert {name: may(client, name) for name in ("id0", "both", "one")} == {
        "id0": READING,
        "both": READING,
        "one": set(),
    }


def test_scopes_stay_apart(connect: Connect, streams: Dotide) -> None:
    one = {"permissions": ["read"], "ids": ["one"]}
    other = {"permissions": ["delete"], "ids": ["both"]}
    client = let_in(connect, streams, one, other)

    assert may(client, "one") == READING
    assert may(client, "both") == DELETING


def test_a_create_is_let_in_by_its_id_or_its_tags(connect: Connect, dotide: Dotide) -> None:
    client = let_in(connect, dotide, {"permissions": ["write"], "ids": ["mine"], "tags": ["own"]})

    assert client.datastreams.create({"id": "mine"})["id"] == "mine"
    assert client.datastreams.create({"tags": ["own"]})["tags"] == ["own"]
    with pytest.raises(HTTPError, match="token-ids"):
        client.datastreams.create({"id": "other"})


def test_other_rights_hold_at_once_and_a_deleted_token_has_none(
    connect: Connect, streams: Dotide
) -> None:
    made = streams.access_tokens.create({"scopes": [{"permissions": ["read"], "global": True}]})
    client = connect(access_token=made["access_token"])
    assert may(client, "one") == READING

    streams.access_tokens.update(made["access_token"], {"scopes": [{**SCOPE, "ids": ["one"]}]})
    assert may(client, "both") == READING | WRITING | DELETING
    streams.access_tokens.delete(made["access_token"])

    with pytest.raises(HTTPError, match="unknown-token"):
        client.datastreams.get("one")


def test_a_token_is_one_of_its_data_base(connect: Connect, dotide: Dotide) -> None:
    client = let_in(connect, dotide, {"permissions": ALL, "global": True})
    client.client.database = FIXTURES["other_database"]["database"]

    with pytest.raises(HTTPError, match="unknown-token"):
        client.datastreams.filter()


def test_anybody_reads_a_public_data_base_and_nobody_writes_there(connect: Connect) -> None:
    public = FIXTURES["public_database"]
    name, secret = public["credentials"]["basic"].split(":")
    owner = connect(public["database"], client_id=name, client_secret=secret)
    owner.datastreams.create({"id": "open"})
    anybody = connect(public["database"], access_token="")
    anybody.client.access_token = None

    assert [row["id"] for row in anybody.datastreams.filter()] == ["open"]
    assert may(anybody, "open") == READING
