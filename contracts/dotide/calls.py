"""How the checks speak to Dotide: make a datastream, look at one, list some."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.dotide import times
from streamproof.contracts.values import spelled
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

Row = Mapping[str, Any]
Filters = dict[str, Any]

PAGE = 100  # a limit that every server admits: the document prints a larger one
PRINTED_LIST: Filters = {"tags": "a,b", "limit": 500}
STRANGER = (401, 403, 404)  # how a call is refused for its credentials
_LONGEST_LAG_S = 2.0
_MOST_ROWS = 5000


def contents(trial: Trial, **fields: Any) -> dict[str, Any]:
    """What a create of a new id sends: all optional fields, because a server may ask for them.

    `fields` come in place of the usual ones, those that are None are left out.
    """
    usual = {
        "id": trial.names.letters(),
        "name": trial.names.letters(),
        "type": "number",
        "tags": [trial.names.mark],
        "properties": {"prop1": 1, "run": trial.names.mark},
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def make(trial: Trial, **fields: Any) -> dict[str, Any]:
    """Create a datastream that other rules answer for; gives what was sent."""
    return create(trial, **fields)[0]


def create(trial: Trial, **fields: Any) -> tuple[dict[str, Any], Row]:
    """Create a datastream that other rules answer for; gives what was sent and answered."""
    ready(trial)
    sent = contents(trial, **fields)
    return sent, row(trial, trial.given(trial.client.call("create", **sent), "a create"))


def read(trial: Trial, stream: str, **arguments: Any) -> Row:
    """Read a datastream that other rules answer for."""
    outcome = trial.client.call("read", id=stream, **arguments)
    return row(trial, trial.given(outcome, "a read of a stream that was created"))


def update(trial: Trial, stream: str, **fields: Any) -> Row:
    """Update a datastream, which other rules answer for, with all fields that an update takes."""
    outcome = trial.client.call("update", **{"id": stream, **updated(**fields)})
    return row(trial, trial.given(outcome, "an update"))


def updated(**fields: Any) -> dict[str, Any]:
    """What an update sends: all fields, because a server may replace or refuse what is left out."""
    return {"name": "Demo 2", "tags": ["d"], "properties": {"prop1": 2}, **fields}


def listed(trial: Trial, seek: Collection[str] = (), **filters: Any) -> list[Row]:
    """A list that other rules answer for: its first page, and as many more as `seek` takes.

    A server may cut a list short at any length, so what is missing on one page may stand on the
    next: read on while one of the ids `seek` is missing and something new comes. The first page
    is asked for without a limit, so that limits and pages break no other rule.
    """
    rows = rows_of(trial, page(trial, **filters))
    new = rows
    while new and set(seek).difference(ids(rows)) and len(rows) < _MOST_ROWS:
        outcome = page(trial, limit=PAGE, offset=len(rows), **filters)
        new = [found for found in rows_of(trial, outcome) if identify(found) not in ids(rows)]
        rows = rows + new
    missing = set(seek).difference(ids(rows))
    trial.require(not missing or len(rows) < _MOST_ROWS, "the end of a list within 5,000 streams")
    return rows


def page(trial: Trial, *, offset: int = 0, **filters: Any) -> Any:
    """One list call. Whether an offset of 0 may be sent is open, so it is left out."""
    return trial.client.call("list", **query(**filters), **({"offset": offset} if offset else {}))


def query(**filters: Any) -> dict[str, Any]:
    """Arguments of a list: lists of ids and of tags become text."""
    return {
        name: ",".join(value) if isinstance(value, list | tuple) else value
        for name, value in filters.items()
    }


def rows_of(trial: Trial, outcome: Any) -> list[Row]:
    """The rows of a list that other rules answer for."""
    payload = trial.given(outcome, "a list")
    trial.require(isinstance(payload, list), f"a list as an array: {outcome}")
    return [row(trial, found) for found in payload]


def row(trial: Trial, payload: Any) -> Row:
    """`payload`, which has to be an object."""
    trial.require(isinstance(payload, Mapping), f"a datastream as an object: {shown(payload)}")
    found: Row = payload
    return found


def ids(rows: Sequence[Row]) -> list[str]:
    return [identify(found) for found in rows]


def identify(found: Row) -> str:
    """The id of a row; one that is no text as JSON, so that it can be told apart."""
    told = found.get("id")
    return told if isinstance(told, str) else spelled(told)


def view(found: Row) -> dict[str, Any]:
    """A datastream in one form, whichever answer it comes from.

    Tags are a set, a list row may call its properties attributes, a field without a value may be
    null, empty or left out, and times are instants. Datapoints are left aside.
    """
    return {
        "id": found.get("id"),
        "name": found.get("name") or None,
        "type": found.get("type"),
        "tags": tags(found),
        "properties": properties(found),
        "created_at": times.utc(found.get("created_at")),
        "updated_at": times.utc(found.get("updated_at")),
    }


def tags(found: Row) -> list[str]:
    """The tags as a set, sorted; empty where there are none."""
    listed_tags = found.get("tags")
    if not isinstance(listed_tags, list):
        return []
    return sorted({tag if isinstance(tag, str) else spelled(tag) for tag in listed_tags})


def properties(found: Row) -> Any:
    """The properties, by either of their names; empty where there are none."""
    return found.get("properties") or found.get("attributes") or {}


def look(trial: Trial, stream: str) -> dict[str, Any]:
    """A datastream as a read shows it, in one form."""
    return view(read(trial, stream))


def exists(trial: Trial, stream: str) -> bool:
    """Whether a datastream is listed, or can be read where only existing ones can be."""
    if stream in ids(listed(trial, ids=[stream])):
        return True
    outcome = trial.client.call("read", id=stream)
    trial.judged(outcome, "a read")
    return outcome.accepted and not trial.learn(_anything_can_be_read)


def _anything_can_be_read(trial: Trial) -> bool:
    return trial.client.call("read", id=trial.names.letters()).accepted


def known(trial: Trial, listed: Outcome) -> None:
    """Raise `Unmet` where a list is refused as a stranger's is, one that asks for less too: that
    whoever calls is known is the sentence of the rule on these credentials."""
    scheme = listed.auth
    if scheme is None or not listed.rejected or listed.status not in STRANGER:
        return
    if not trial.client.call("list", limit=1).accepted:
        rule = "dotide/any/basic" if scheme.kind == "basic" else "dotide/any/access-token"
        raise Unmet(f"a list by {scheme.name}: {listed}", rule)


def knock(trial: Trial) -> Outcome:
    """A list and a create, whatever they are answered: whoever is refused both is a stranger,
    and whoever is granted one can be judged by the other. Gives the create's outcome."""
    trial.client.call("list", **PRINTED_LIST)
    return trial.client.call("create", **contents(trial))


def ready(trial: Trial) -> None:
    """Raise `Unmet` unless the target keeps what it is given.

    A server that says yes to everything and keeps nothing passes no rule.
    """
    trial.learn(_keeps)


def _keeps(trial: Trial) -> None:
    sent = contents(trial)
    answer = row(trial, trial.given(trial.client.call("create", **sent), "a create"))
    trial.promised(
        answer.get("id", sent["id"]) == sent["id"],
        "dotide/create/echo",
        "another-id",
        expected=f"a create answers with the id that was sent, {sent['id']}",
        actual=f"id {shown(answer.get('id'))}",
    )
    deadline = time.monotonic() + _LONGEST_LAG_S
    while not _shown(trial, sent["id"]):
        trial.promised(
            time.monotonic() < deadline,
            "dotide/read/as-created",
            "not-kept",
            expected=f"a read answers the stream {sent['id']}, which was created",
            actual="it can neither be read nor is it listed",
        )
        time.sleep(0.1)


def _shown(trial: Trial, stream: str) -> bool:
    """Whether a stream can be read or listed."""
    found = trial.client.call("read", id=stream)
    shown = isinstance(found.payload, Mapping) and found.payload.get("id") == stream
    return shown or stream in ids(listed(trial, ids=[stream]))


def settle(trial: Trial) -> None:
    """Wait for as long as this server takes until a new stream is listed.

    That no time may pass is a rule of its own, and its breach must break no other.
    """
    lag_s = trial.learn(_lag_s)
    if lag_s:
        time.sleep(lag_s)


def _lag_s(trial: Trial) -> float:
    stream, begun = make(trial)["id"], time.monotonic()
    if stream in ids(listed(trial, ids=[stream])):
        return 0.0
    while time.monotonic() - begun < _LONGEST_LAG_S:
        time.sleep(0.1)
        if stream in ids(listed(trial, ids=[stream])):
            return 1.5 * (time.monotonic() - begun)
    return 0.0  # it is never listed: waiting longer won't help
