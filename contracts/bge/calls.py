"""The five calls, and their answers taken apart.

Whatever a server may answer, reading it raises `Unmet` at worst: shapes have rules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from streamproof.contracts.bge import times
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers.walks import Page, Walk, walk
from streamproof.contracts.values import spelled
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import shown

Row = Mapping[str, Any]  # a record as range and retrieve show it
Bad = Callable[[Trial, Any], Iterable[str]]  # bad values of an argument, beside a good one

GOOD_TWIN = "the same call without the fault, accepted"

# The member without which an accepted answer says nothing.
CHIEF = {
    "range": "result",
    "write": "stream_id",
    "batch_write": "result",
    "retrieve": "stream_id",
    "bind": "fundamental_entity_id",
}

_ENVELOPE = "bge/any/envelope"

# The members of a record, and of the objects in it (stream.md > stream_retrieve > Output).
_ELEMENT = ("id", "name", "description", "source_domain", "source_id")
_OBJECTS = {
    "data_element": tuple(f"data_element_{name}" for name in _ELEMENT),
    "stream_meta": ("namespace", "fundamental_entity_id"),
}
_RECORD = {
    *("stream_id", "stream_generate_time", "stream_generate_time_mask"),
    *("stream_data", "create_time", "data_type"),
    *_OBJECTS,
}


@dataclass(frozen=True, slots=True)
class Key:
    """What makes two records duplicates; `time` is the instant (microseconds) as it is spelled."""

    entity: str
    element: str
    time: str
    instant: int

    def item(self, data: Any) -> dict[str, Any]:
        """The four arguments of a write, or an item of a batch."""
        return {
            "fundamental_entity_id": self.entity,
            "data_element_id": self.element,
            "stream_generate_time": self.time,
            "stream_data": data,
        }


def tells(outcome: Outcome) -> bool:
    """Whether an accepted answer holds what its call is for."""
    return (
        outcome.accepted
        and isinstance(outcome.payload, Mapping)
        and CHIEF[outcome.request.operation.id] in outcome.payload
    )


def rejects(
    operation: str, good: Callable[[Trial], dict[str, Any]], name: str, bad: Bad
) -> Callable[[Trial], None]:
    """What judges that a call is rejected for each bad value of the argument `name`."""

    def run(trial: Trial) -> None:
        """A good call with one bad argument is rejected; without the fault it is accepted."""
        sent = good(trial)
        for value in bad(trial, sent[name]):
            trial.afresh()
            outcome = trial.client.call(operation, **{**sent, name: value})
            trial.rejected(outcome, f"{operation} with {name}={value}")
        twin = trial.client.call(operation, **sent)
        trial.given(twin, f"{operation} with a good {name}")
        trial.require(tells(twin), f"an answer to {operation} with a good {name}")
        trial.witness(GOOD_TWIN)

    return run


def stream_id(payload: Any) -> str:
    """The id that a write answers."""
    found = _member(payload, "stream_id")
    if not isinstance(found, str) or not found:
        raise Unmet(f"a stream_id: got {shown(found)}", "bge/write/shape", _ENVELOPE)
    return found


def record(payload: Any) -> Row:
    """A record as retrieve answers it."""
    stream_id(payload)
    if "stream_data" not in payload:
        raise Unmet(f"a record with stream_data: got {shown(payload)}")
    return _documented(payload)


def page(payload: Any) -> Page:
    """A page of range."""
    rows = _member(payload, "result")
    if not isinstance(rows, list):
        raise Unmet(f"a page with result: got {shown(rows)}", "bge/range/shape", _ENVELOPE)
    for row in rows:
        stream_id(row)
    records = [_documented(row) for row in rows]
    return Page(records, payload.get("next_page"), payload.get("count"))


def answers(payload: Any) -> list[Mapping[str, Any]]:
    """The item-by-item answers of a batch."""
    result = _member(payload, "result")
    if not isinstance(result, list) or not all(isinstance(answer, Mapping) for answer in result):
        raise Unmet(f"a batch's result: got {shown(result)}", "bge/batch_write/shape", _ENVELOPE)
    return result


def told(answer: Mapping[str, Any], *path: str) -> Any:
    """What an item's answer tells of its record, None where it doesn't."""
    found: Any = answer.get("stream")
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def told_id(answer: Mapping[str, Any]) -> str | None:
    """The id of a record that an item's answer names, None if there is none."""
    found = told(answer, "stream_id")
    return found if isinstance(found, str) and found else None


def fixture(trial: Trial, name: str) -> Any:
    """What the target's fixtures hold under a key. Raises `Unmet` where they hold nothing."""
    if not trial.fixtures.get(name):
        raise Unmet(f"fixtures.{name}")
    return trial.fixtures[name]


def identify(row: Row) -> str:
    return str(row["stream_id"])


def ids(rows: Iterable[Row]) -> list[str]:
    return [identify(row) for row in rows]


def instant(row: Row) -> int:
    """When a record was generated, as it shows."""
    found = times.instant(row.get("stream_generate_time"))
    if found is None:
        raise Unmet(
            f"a readable stream_generate_time: got {shown(row.get('stream_generate_time'))}"
        )
    return found


def same_instant(trial: Trial, row: Row, key: Key) -> None:
    """A record shows the instant of its key."""
    shows, sent = times.told(instant(row)), times.told(key.instant)
    trial.equal(shows, sent, "the instant", reason="instant")


def entity(row: Row) -> str | None:
    return _text(row.get("stream_meta"), "fundamental_entity_id")


def element(row: Row) -> str | None:
    return _text(row.get("data_element"), "data_element_id")


def namespace(row: Row) -> str | None:
    return _text(row.get("stream_meta"), "namespace")


def walked(
    trial: Trial, *, stop_at: Collection[str] = (), judged: bool = False, **arguments: Any
) -> Walk:
    """Range with these arguments, page by page, or until all ids of `stop_at` were seen.

    With `judged` a cursor that is given out and then rejected breaks the rule at hand.

    Where nothing matches, a rejection of the first page is as good as an empty one (silent point
    no_match).
    """
    wanted = set(stop_at)

    def fetch(cursor: Any) -> Page:
        more = {} if cursor is None else {"next_page": cursor}
        outcome = trial.client.call("range", **arguments, **more)
        if cursor is None and outcome.rejected:
            return Page((), None, 0)
        take = trial.accepted if judged and cursor is not None else trial.given
        found = page(take(outcome, "range with the next_page of the page before"))
        wanted.difference_update(ids(found.records))
        return replace(found, cursor=None) if stop_at and not wanted else found

    return walk(fetch, identify)


def listed(trial: Trial, *, stop_at: Collection[str] = (), **arguments: Any) -> list[Row]:
    """The records that range answers, all pages (or as far as `stop_at` says), each once.

    Where pages go on and bring nothing new, all there are have been seen.
    """
    found = walked(trial, stop_at=stop_at, **arguments)
    over = found.ended or found.stalled
    trial.require(over, f"a walk that ends within {len(found.pages)} pages")
    return list({identify(row): row for row in found.records}.values())


def _documented(row: Row) -> Row:
    """A record without members of the server's own, which may change from answer to answer, and
    with those that it may leave out."""
    kept = {name: value for name, value in row.items() if name in _RECORD}
    for name, members in _OBJECTS.items():
        if isinstance(found := kept.get(name), Mapping):
            kept[name] = {member: found[member] for member in members if member in found}
    described = kept.get("data_element")
    if isinstance(described, dict):
        described["data_element_description"] = described.get("data_element_description") or ""
    return kept


def _member(payload: Any, name: str) -> Any:
    return payload.get(name) if isinstance(payload, Mapping) else None


def _text(payload: Any, name: str) -> str | None:
    """A member that ought to be text; anything else as JSON, so that it can be told apart."""
    found = _member(payload, name)
    return found if found is None or isinstance(found, str) else spelled(found)
