"""What the observers of Dotide have in common: own streams to ask about, and how to ask oddly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import calls
from streamproof.contracts.observations import OtherChoice
from streamproof.contracts.wire import Outcome, Pairs
from streamproof.specs.wording import shown

REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Own streams under a tag that nobody else has, in the order of a list; `plain` are the ids
    that a list by that tag shows without limit and offset, which may be cut short."""

    tag: str
    ids: tuple[str, ...]
    plain: tuple[str, ...]


def shelf(trial: Trial) -> Shelf:
    """Three streams, of which a list shows two at least. For `Trial.once`."""
    tag = trial.names.letters()
    ids = tuple(calls.make(trial, tags=[trial.names.mark, tag])["id"] for _ in range(3))
    calls.settle(trial)
    plain = tuple(calls.ids(calls.rows_of(trial, trial.client.call("list", tags=tag))))
    whole = len(plain) >= 2 and plain == ids[: len(plain)]
    trial.require(whole, f"a list by a tag that shows the first of its three streams: {len(plain)}")
    return Shelf(tag, ids, plain)


def a_list(trial: Trial, *extra: tuple[str, str], **filters: Any) -> tuple[str, ...] | None:
    """The ids of a list, with `extra` parameters in its query; None if it is rejected."""
    request = trial.client.request("list", **filters)
    request = replace(request, query=(*request.query, *extra))
    outcome = trial.client.send(request, watched=False)
    if not trial.granted(outcome, "the list"):
        return None
    return tuple(calls.ids(calls.rows_of(trial, outcome)))


def posted(trial: Trial, body: Mapping[str, Any], **query: Any) -> Outcome:
    """A create that sends just these members, also those that the document doesn't know."""
    request = trial.client.build("create", query=query, body=body)
    return trial.client.send(request, watched=False)


def put(trial: Trial, stream: str, body: Mapping[str, Any], **query: Any) -> Outcome:
    """An update that sends just these members, also those that the document doesn't know."""
    request = trial.client.build("update", path={"id": stream}, query=query, body=body)
    return trial.client.send(request, watched=False)


def put_oddly(
    trial: Trial, stream: str, content: bytes | None, headers: Pairs | None = None
) -> Outcome:
    """An update with such a body, and with `headers` in place of the usual ones."""
    request = trial.client.build("update", path={"id": stream}, body={})
    headers = request.headers if headers is None else headers
    return trial.client.send(replace(request, body=content, headers=headers), watched=False)


def made(trial: Trial, **fields: Any) -> calls.Row | None:
    """What a create answers, with the usual fields but for `fields`; None if it is rejected."""
    outcome = posted(trial, {**calls.contents(trial), **fields})
    if not trial.granted(outcome, "the create"):
        return None
    return calls.row(trial, outcome.payload)


def refusal(trial: Trial, outcome: Outcome, what: str) -> int:
    """The status of a call that has to be rejected."""
    if trial.granted(outcome, what):
        raise OtherChoice(f"{what} is accepted")
    assert outcome.status is not None
    return outcome.status


def which(seen: Any, choices: Mapping[str, Any]) -> str:
    """The choice under which this is to be seen. Raises `OtherChoice` if there is none."""
    for choice, expected in choices.items():
        if type(seen) is type(expected) and seen == expected:
            return choice
    raise OtherChoice(shown(seen))


def empty(row: Mapping[str, Any], name: str) -> bool:
    """Whether a field is without a value: null, empty, or not there."""
    return row.get(name) in (None, "", [], {})


def own(rows: Sequence[str], ids: Sequence[str]) -> tuple[str, ...]:
    """Those of a list that are among `ids`."""
    return tuple(each for each in rows if each in ids)
