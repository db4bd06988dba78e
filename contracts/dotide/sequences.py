"""Sequences of all five calls on three ids, one of which begins with another.

After each call every id that the sequence has used is read. What a call may send is drawn from
so little that names, tags and properties collide.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from streamproof.contracts.check import Trial
from streamproof.contracts.dotide import blame, calls, model
from streamproof.contracts.dotide.model import Answer, Call, Seen, State, Stream
from streamproof.contracts.sequences import Model, Sequences
from streamproof.contracts.wire import Outcome

_LENGTH: Final = 6  # calls of a sequence; each is followed by reads
_OPERATIONS: Final = ("create", "update", "delete", "list", "read")
_PLENTY: Final = 2  # datastreams
_OPERATIONS_WHERE_SCARCE: Final = (*_OPERATIONS, "create", "create")
_TYPES: Final[tuple[dict[str, str], ...]] = ({"type": "number"}, {"type": "string"}, {})
_BAD: Final = {"prop1": 3, "a.b": 1}
_PROPERTIES: Final = (*({"prop1": 1}, {"prop1": 2}, {"prop2": 1}) * 2, _BAD)
_MODEL: Final = Model(model.step, model.fits, blame.forbids)


@dataclass(frozen=True, slots=True)
class _Draws:
    """What the calls of one example are drawn from; what stands first is the simplest."""

    ids: tuple[str, ...]
    tags: tuple[str, ...]

    def call(self, trial: Trial, state: State) -> Call:
        """A call; it concerns a datastream that exists more often than not."""
        scarce = len(state.streams) < _PLENTY
        operation = trial.draw(st.sampled_from(_OPERATIONS_WHERE_SCARCE if scarce else _OPERATIONS))
        if operation == "list":
            return Call(operation, fields=trial.draw(self._filters(state)))
        live = () if operation == "create" else tuple(state.streams)
        some_id = trial.draw(st.sampled_from((*live, *live, *self.ids)))
        match operation:
            case "create":
                more = trial.draw(st.sampled_from(_TYPES))
                return Call(operation, some_id, {**trial.draw(self._bodies), **more})
            case "update":
                return Call(operation, some_id, trial.draw(self._bodies))
            case _:
                return Call(operation, some_id)

    def _filters(self, state: State) -> st.SearchStrategy[dict[str, Any]]:
        """One id, all of them (those that don't exist behind the others), or a tag."""
        one = ({"ids": [stream]} for stream in self.ids)
        unknown = [stream for stream in self.ids if stream not in state.streams]
        tagged = ({"tags": [tag]} for tag in self.tags)
        return st.sampled_from((*one, {"ids": [*state.streams, *unknown]}, *tagged))

    @property
    def _bodies(self) -> st.SearchStrategy[dict[str, Any]]:
        fields = {
            "name": st.sampled_from(("Demo", "Demo 2")),
            "tags": st.sampled_from(([self.tags[0]], [self.tags[1]], list(self.tags))),
            "properties": st.sampled_from(_PROPERTIES),
        }
        left_out = st.sampled_from((*(None,) * 9, *model.FIELDS))
        return st.builds(_without, st.fixed_dictionaries(fields), left_out)


def run(trial: Trial) -> None:
    """Whatever is called in whatever order, answers and reads are as the model allows."""
    calls.ready(trial)
    first, second, *tags = (trial.names.letters() for _ in range(4))
    draws = _Draws((first, first + "a", second), tuple(tags))
    states, used = [State()], dict[str, None]()
    for _ in range(_LENGTH):
        call = draws.call(trial, states[0])
        used |= dict.fromkeys([call.id] if call.id else call.fields.get("ids", ()))
        answer = _answer(trial, call, model.listed(states[0], call))
        seen = Seen(answer, {stream: _read(trial, stream) for stream in used})
        states = _MODEL.judge(trial, states, call, seen)


def _without(fields: dict[str, Any], left_out: str | None) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != left_out}


def _answer(trial: Trial, call: Call, seek: Collection[str]) -> Answer:
    """Make a call, and read its answer: of a list as many pages as it takes to show `seek`.

    Raises `Unmet` where the answer tells nothing.
    """
    if call.operation == "list":
        rows = calls.listed(trial, seek, **call.fields)
        return Answer(True, {str(found.get("id")): _stream(found) for found in rows})
    outcome = trial.client.call(call.operation, id=call.id, **call.fields)
    if not _taken(trial, outcome):
        return Answer(False)
    if call.operation == "delete":
        return Answer(True)
    return Answer(True, _stream(calls.row(trial, outcome.payload)))


def _read(trial: Trial, stream: str) -> Stream | None:
    """The datastream that a read shows, None where it is rejected."""
    outcome = trial.client.call("read", id=stream)
    return _stream(calls.row(trial, outcome.payload)) if _taken(trial, outcome) else None


def _taken(trial: Trial, outcome: Outcome) -> bool:
    return trial.granted(outcome, outcome.request.operation.id)


def _stream(found: calls.Row) -> Stream:
    shown = calls.view(found)
    return Stream(shown["name"], shown["type"], frozenset(shown["tags"]), shown["properties"])


SEQUENCES: Final = Sequences(blame.RULES, run)
