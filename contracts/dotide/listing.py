"""List: what it holds, in which order, and how fresh it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls, data
from streamproof.contracts.dotide.found import found
from streamproof.contracts.dotide.shelves import ready, shelf
from streamproof.contracts.laws.orders import IN_BOTH, in_order, one_order
from streamproof.contracts.laws.stays import LOOKED_TWICE, stays
from streamproof.contracts.values import same

_ACCEPTED: Final = "the printed call, accepted"
_TWO_KEYS: Final = "two distinct keys"
_LISTED_AT_ONCE: Final = "a new stream, listed"
_AFTER_UPDATE: Final = "a row after an update"
_UNTAGGED: Final = "a stream without tags"
_PATIENCE_S: Final = 2.0
_UNCHANGED: Final = ("dotide/list/changes-nothing", "dotide/read/changes-nothing")
_AS_SENT: Final = (
    "dotide/read/as-created",
    "dotide/update/name",
    "dotide/update/tags-replaced",
)


@check("dotide/list/example-accepted", _ACCEPTED, reads=True)
def example_accepted(trial: Trial) -> None:
    """The printed call, with two tags and ``limit=500``, is accepted."""
    if not trial.reads_only:
        calls.knock(trial)
    outcome = trial.client.call("list", **calls.PRINTED_LIST)
    calls.known(trial, outcome)
    trial.accepted(outcome, "the printed list")
    ready(trial)
    trial.witness(_ACCEPTED)


@check("dotide/list/ascending-by-id", _TWO_KEYS, reads=True)
def ascending_by_id(trial: Trial) -> None:
    """Ids of equal length, all of letters or all of digits, stand in ascending order.

    How letters stand to digits is open, so the two kinds are judged apart.
    """
    kept = trial.once(shelf)
    named = trial.draw(st.permutations(kept.members))
    for filters in (kept.query, {"ids": named}):
        rows = calls.listed(trial, seek=kept.members, **filters)
        for kind in kept.comparable:
            listed = [stream for stream in calls.ids(rows) if stream in kind]
            in_order(trial, listed, key=str, descending=False)


@check("dotide/list/one-order", IN_BOTH, reads=True)
def any_two_in_one_order(trial: Trial) -> None:
    """Two datastreams stand in the same order in every list that holds both.

    Whatever its filters, and whatever its pages, put end to end.
    """
    kept = trial.once(shelf)
    whole = calls.ids(calls.listed(trial, seek=kept.members, **kept.query))
    if trial.draw(st.booleans()):
        named = trial.draw(st.permutations(kept.members))[
            : trial.draw(st.integers(2, len(kept.members)))
        ]
        other = calls.ids(calls.listed(trial, seek=named, ids=named))
        what = "the order of a list by ids"
    else:
        limit = trial.draw(st.integers(1, len(kept.members) - 1))
        other = []
        for offset in range(0, len(kept.members), limit):
            page = calls.page(trial, **kept.query, limit=limit, offset=offset)
            other += calls.ids(calls.rows_of(trial, page))
        what = f"the order of pages of {limit}"
    one_order(trial, whole, other, what)


@check("dotide/list/shows-created", _LISTED_AT_ONCE)
def shows_created(trial: Trial) -> None:
    """A datastream is in the lists that it matches as soon as its create is answered.

    A list that never holds it is the fault of its filter; all of them, or any of them too late,
    break this rule.
    """
    tag = trial.names.letters()
    stream = calls.make(trial, tags=[tag])["id"]
    kinds = ({"ids": [stream]}, {"tags": [tag]})
    missing = [kind for kind in kinds if stream not in calls.ids(calls.listed(trial, **kind))]
    if missing:
        found, begun = False, time.monotonic()
        while not found and time.monotonic() - begun < _PATIENCE_S:
            time.sleep(0.1)
            found = any(stream in calls.ids(calls.listed(trial, **kind)) for kind in missing)
        trial.holds(
            not found and len(missing) < len(kinds),
            "late" if found else "never-listed",
            expected="a new datastream is listed at once",
            actual="listed later" if found else f"not listed within {_PATIENCE_S:g} s",
        )
    trial.witness(_LISTED_AT_ONCE)


@check("dotide/list/shows-latest", _AFTER_UPDATE, reads=True)
def shows_latest(trial: Trial) -> None:
    """A row of a list shows a datastream as a read does, also right after an update."""
    if trial.reads_only:
        for stream, view in trial.once(found).items():
            _row_as_read(trial, stream, "others' calls")
            if view["updated_at"] != view["created_at"]:
                trial.witness(_AFTER_UPDATE)
        return
    sent = calls.make(trial)
    stream = sent["id"]
    calls.settle(trial)
    fields = {
        "name": trial.draw(data.names),
        "tags": trial.draw(data.tags),
        "properties": trial.draw(data.plain_properties),
    }
    for after in ("its creation", "an update"):
        if after == "an update":
            calls.update(trial, stream, **fields)
            sent = {**sent, **fields}
        _row_as_read(trial, stream, after, calls.view(sent))
    trial.witness(_AFTER_UPDATE)


def _row_as_read(
    trial: Trial, stream: str, after: str, wanted: Mapping[str, Any] | None = None
) -> None:
    """The row of a stream is as a read shows it, which is as it was sent where that is known."""
    rows = calls.listed(trial, seek=[stream], ids=[stream])
    shown = [calls.view(row) for row in rows if row.get("id") == stream]
    created = () if trial.reads_only else ("dotide/list/shows-created",)
    trial.require(shown, "a stream that is there, in a list by its id", *created)
    read = calls.look(trial, stream)
    as_sent = wanted is None or all(same(read[n], wanted[n]) for n in ("name", "tags"))
    trial.require(as_sent, f"a stream after {after}, read as it was sent", *_AS_SENT)
    trial.promised(
        any("properties" in found or "attributes" in found for found in rows)
        or not read["properties"],
        "dotide/list/shape",
        "without-properties",
        expected="a row with its properties (or attributes), which it has",
        actual=f"members {', '.join(sorted(rows[0]))}",
    )
    if not same(shown[0], read):
        calls.listed(trial, ids=[stream])
        trial.require(
            same(calls.look(trial, stream), read), "a stream that no list changes", *_UNCHANGED
        )
    trial.equal(shown[0], read, f"the row after {after}, as it is read", reason="stale-row")


@check("dotide/list/untagged", _UNTAGGED)
def untagged(trial: Trial) -> None:
    """A datastream without tags is listed when `tags` is not sent.

    It is looked for by its id, and among all: where the first page holds a stream that comes
    after it, it has to stand there too.
    """
    calls.ready(trial)
    sent = calls.contents(trial, id=trial.names.digits(), tags=None)
    outcome = trial.client.call("create", **sent)
    if not outcome.accepted:  # a server may ask for the field
        outcome = trial.client.call("create", **{**sent, "tags": []})
    trial.given(outcome, "a create without tags")
    later = calls.make(trial, id=trial.names.digits())["id"]
    calls.settle(trial)
    listed = calls.ids(calls.listed(trial, seek=[sent["id"]], ids=[sent["id"]]))
    trial.contains(listed, [sent["id"]], "the list by the id of a stream without tags")
    first_page = calls.ids(calls.rows_of(trial, calls.page(trial, limit=calls.PAGE)))
    if later in first_page:
        trial.contains(first_page, [sent["id"]], "the list of all")
    trial.witness(_UNTAGGED)


@check("dotide/list/changes-nothing", LOOKED_TWICE, reads=True)
def changes_nothing(trial: Trial) -> None:
    """A list changes no datastream."""
    stream = next(iter(found(trial))) if trial.reads_only else calls.make(trial)["id"]
    tags = calls.look(trial, stream)["tags"]

    def lists() -> None:
        calls.listed(trial, ids=[stream])
        if tags:
            calls.page(trial, tags=tags[:1], tz="UTC", limit=calls.PAGE)
        calls.page(trial, limit=calls.PAGE)

    stays(trial, lambda: calls.look(trial, stream), lists, "a stream after lists", reason="changed")


CHECKS: Final = (
    example_accepted,
    ascending_by_id,
    any_two_in_one_order,
    shows_created,
    shows_latest,
    untagged,
    changes_nothing,
)
