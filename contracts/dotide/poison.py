"""What was accepted can be read and listed, however deep or odd: each odd value in its own stream.

A server that takes what it can't show answers every list with an error, for everybody. So each
such stream is looked at and removed at once, and no further one is made if one has to stay.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from streamproof.contracts.check import Trial, check
from streamproof.contracts.dotide import calls
from streamproof.contracts.laws.malformed import Crash
from streamproof.contracts.parts import parts
from streamproof.contracts.wire import Outcome, Request

_SHOWN: Final = "an odd value, accepted, read and listed"
_TRIES: Final = 4  # how often a call is sent again that nobody judged


def _arrays(levels: int) -> str:
    return '{"deep": ' + "[" * levels + "]" * levels + "}"


def _objects(levels: int) -> str:
    return '{"deep": ' + '{"a":' * levels + "1" + "}" * levels + "}"


# Fields as JSON text: an encoder of ours couldn't write all of them. The mildest come first, so
# that the least that breaks a server is told.
_ODD: Final[Mapping[str, Mapping[str, str]]] = {
    "emoji and line separators": {"name": '"\\ud83d\\ude00\\u2028\\ufeff."'},
    "U+0000 in the name": {"name": '"a\\u0000b"'},
    "U+0000 in a tag": {"tags": '["a\\u0000b"]'},
    "U+0000 in a property": {"properties": '{"prop1": "a\\u0000b"}'},
    "U+0000 in the name of a property": {"properties": '{"a\\u0000b": 1}'},
    "half a surrogate pair in the name": {"name": '"a\\ud800b"'},
    "half a surrogate pair in a tag": {"tags": '["a\\ud800b"]'},
    "half a surrogate pair in a property": {"properties": '{"prop1": "a\\ud800b"}'},
    "half a surrogate pair in the name of a property": {"properties": '{"a\\ud800b": 1}'},
    "an integer of forty digits": {"properties": f'{{"prop1": {"9" * 40}}}'},
    "a number beyond a double": {"properties": '{"prop1": 1e999}'},
    "arrays nested 60 deep": {"properties": _arrays(60)},
    "arrays nested 300 deep": {"properties": _arrays(300)},
    "objects nested 300 deep": {"properties": _objects(300)},
    "arrays nested 5,000 deep": {"properties": _arrays(5000)},
    "objects nested 5,000 deep": {"properties": _objects(5000)},
}


@dataclass(frozen=True, slots=True)
class Case:
    """An odd value, what came of sending it, and of the looks at its stream afterwards."""

    what: str
    odd: Mapping[str, str]
    stream: str
    written: Outcome
    read: Outcome
    listed: Outcome
    removed: Outcome
    gone: bool

    @property
    def steps(self) -> tuple[Outcome, ...]:
        return self.written, self.read, self.listed, self.removed


def _cases(trial: Trial) -> tuple[Case, ...]:
    """All cases; the last is the first that couldn't be removed, if any."""
    calls.ready(trial)
    found = []
    for operation, build in _WRITES.items():
        building = [partial(build, odd=fields) for fields in _ODD.values()]
        built = [*parts(trial, f"an odd {operation}", building)]
        for (what, fields), (stream, request) in zip(_ODD.items(), built, strict=True):
            case = _case(trial, f"{operation} with {what}", fields, stream, request)
            found.append(case)
            if not case.gone:
                return tuple(found)
    return tuple(found)


def _create(trial: Trial, odd: Mapping[str, str]) -> tuple[str, Request]:
    sent = calls.contents(trial)
    request = trial.client.request("create", **sent)
    return sent["id"], replace(request, body=_text(sent, odd))


def _update(trial: Trial, odd: Mapping[str, str]) -> tuple[str, Request]:
    stream = calls.make(trial)["id"]
    request = trial.client.request("update", id=stream, **calls.updated())
    return stream, replace(request, body=_text(calls.updated(), odd))


_WRITES: Final[Mapping[str, Callable[..., tuple[str, Request]]]] = {
    "create": _create,
    "update": _update,
}


def _text(usual: Mapping[str, Any], odd: Mapping[str, str]) -> bytes:
    """The text of an object with the members `usual`, but for those that `odd` has as text."""
    texts = {**{name: json.dumps(value) for name, value in usual.items()}, **odd}
    return (
        f"{{{', '.join(f'{json.dumps(name)}: {text}' for name, text in texts.items())}}}".encode()
    )


def _case(trial: Trial, what: str, odd: Mapping[str, str], stream: str, request: Request) -> Case:
    """Send, look, remove; past the watchers, which judge answers to good calls."""
    client = trial.client
    written = client.send_raw(request)
    for _ in range(_TRIES):  # a service that is away for this call alone is broken by it
        if not (written.answered and written.unavailable):
            break
        calls.make(trial)
        written = client.send_raw(request)
    looks = client.request("read", id=stream), client.request("list", ids=stream)
    looking = [partial(_look, request=look) for look in looks]
    read, listed = parts(trial, "looks at an odd value", looking)
    removed = client.send(client.request("delete", id=stream), watched=False)
    for _ in range(_TRIES):
        if not removed.unavailable:
            break
        removed = client.send(client.request("delete", id=stream), watched=False)
    gone = removed.accepted or _is_gone(trial, stream)
    return Case(what, odd, stream, written, read, listed, removed, gone)


def _look(trial: Trial, request: Request) -> Outcome:
    return trial.client.send(request, watched=False)


def _is_gone(trial: Trial, stream: str) -> bool:
    return _look(trial, trial.client.request("read", id=stream)).rejected


def crashes(trial: Trial) -> Iterator[Crash]:
    """Those of such writes that are answered by a server error."""
    if not trial.reads_only:
        for case in trial.learn(_cases):
            yield from Crash.of(case.what, case.written, case.steps)


@check("dotide/any/accepted-readable", _SHOWN, last=True)
def accepted_readable(trial: Trial) -> None:
    """What a create or update has accepted can be read, listed and deleted."""
    for case in each(trial):
        if not case.written.accepted:  # whether there is anything to remove, nobody told
            trial.require(case.gone, f"to know that {case.stream} isn't there: {case.removed}")
            continue
        _judge(trial, case)
        trial.holds(
            case.gone,
            "stays",
            expected=f"the datastream can be deleted again after {case.what}",
            actual=f"{case.stream} is left behind: {case.removed}; no further one was made",
        )


def _judge(trial: Trial, case: Case) -> None:
    for outcome, what in ((case.read, "a read"), (case.listed, "a list")):
        if outcome.unavailable:
            return
        trial.holds(
            outcome.accepted,
            "breaks-a-read",
            expected=f"{what} is accepted after {case.what}, accepted",
            actual=str(outcome),
        )
    rows = case.listed.payload
    shown = isinstance(rows, list) and case.stream in calls.ids(
        [row for row in rows if isinstance(row, Mapping)]
    )
    trial.holds(
        shown,
        "unlisted",
        expected=f"a list with ids={case.stream} holds it after {case.what}, accepted",
        actual=str(case.listed),
    )
    trial.witness(_SHOWN)


def each(trial: Trial) -> Iterator[Case]:
    """Each case, tried once in a run, with its own steps as the transcript."""
    for case in trial.learn(_cases):
        trial.afresh()
        trial.transcript.extend(case.steps)
        yield case


CHECKS: Final = (accepted_readable,)
