"""What datastream.cn.md says of its five calls in any order, as a pure function.

A state holds the datastreams under ids of one example. `step` tells, for each call, every answer
that is allowed and the state that it leaves; where the document is silent there are several.
Times, pages, zones and the order of a list are left to checks of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

from streamproof.contracts.sequences import Allowed
from streamproof.contracts.values import same

FIELDS: Final = ("name", "tags", "properties")  # what a create and an update may carry


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A datastream; a field without a value is None or empty. Tags are a set. Two are equal where
    their fields are the same as JSON."""

    name: str | None = None
    type: str = "number"
    tags: frozenset[str] = frozenset()
    properties: Mapping[str, Any] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and all(
            same(getattr(self, name), getattr(other, name)) for name in (*FIELDS, "type")
        )


@dataclass(frozen=True, slots=True)
class State:
    """`streams` by id; `deleted` has by id what was deleted last, whatever stands there now."""

    streams: Mapping[str, Stream] = field(default_factory=dict)
    deleted: Mapping[str, Stream] = field(default_factory=dict)

    def having(self, stream: str, contents: Stream) -> State:
        return replace(self, streams={**self.streams, stream: contents})

    def lacking(self, stream: str) -> State:
        rest = {name: found for name, found in self.streams.items() if name != stream}
        return State(rest, {**self.deleted, stream: self.streams[stream]})


@dataclass(frozen=True, slots=True)
class Call:
    """`fields` are those of a body, or the filter of a list (`ids` or `tags`), which names no
    one `id`."""

    operation: str
    id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether no server can ask for more."""
        return all(name in self.fields for name in FIELDS)

    @property
    def well_named(self) -> bool:
        """Whether the names of properties are free of `$` and `.`."""
        return not any(set(name) & set("$.") for name in self.fields.get("properties", ()))

    def __str__(self) -> str:
        return f"{self.operation} of {self.id}" if self.id else f"{self.operation} by {self.fields}"


@dataclass(frozen=True, slots=True)
class Answer:
    """`shows` is the datastream that an accepted answer holds, or those of a list, by id."""

    accepted: bool
    shows: Stream | Mapping[str, Stream] | None = None

    def __str__(self) -> str:
        return "accepted" if self.accepted else "rejected"


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer, and what reads of some ids show right after it (None where they are rejected)."""

    answer: Answer
    around: Mapping[str, Stream | None] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.answer)


Outcome = Allowed[Answer, State]

_REJECTED = Answer(False)


def step(state: State, call: Call) -> Iterator[Outcome]:
    """Every answer that the document allows, each with the state that it leaves."""
    match call.operation:
        case "create":
            return _create(state, call)
        case "read":
            return _read(state, call)
        case "update":
            return _update(state, call)
        case "delete":
            return _delete(state, call)
        case _:
            return _list(state, call)


def fits(allowed: Outcome, seen: Seen) -> bool:
    """Whether the answer and all that is read afterwards are as allowed."""
    streams = allowed.state.streams
    return allowed.answer == seen.answer and all(
        streams.get(stream) == found for stream, found in seen.around.items()
    )


def made(fields: Mapping[str, Any]) -> Stream:
    """创建数据流 > 输入: what a create stores; the type is `number` unless told otherwise."""
    return _with(Stream(), fields)


def _create(state: State, call: Call) -> Iterator[Outcome]:
    """创建数据流: an id is unique in its data base, and property names are free of `$` and `.`.

    Silent: which fields are required, and whether the id of a deleted stream is free again.
    """
    possible = call.well_named and call.id not in state.streams
    if possible:
        stream = made(call.fields)
        yield Allowed(Answer(True, stream), state.having(call.id, stream))
    if not possible or not call.complete or call.id in state.deleted:
        yield Allowed(_REJECTED, state)


def _read(state: State, call: Call) -> Iterator[Outcome]:
    """读取数据流: the stream as created or last updated; an unknown id is rejected."""
    stream = state.streams.get(call.id)
    yield Allowed(_REJECTED if stream is None else Answer(True, stream), state)


def _update(state: State, call: Call) -> Iterator[Outcome]:
    """更新数据流: what is sent is stored, tags in place of the old ones; the type stays.

    Silent: whether a body may leave fields out, whether those keep their values or lose them,
    and whether properties are replaced whole or by name.
    """
    old = state.streams.get(call.id)
    possible = call.well_named and old is not None
    if possible and old is not None:
        for name, tags, properties in product(
            [call.fields["name"]] if "name" in call.fields else [old.name, None],
            [frozenset(call.fields["tags"])] if "tags" in call.fields else [old.tags, frozenset()],
            _properties(old, call.fields.get("properties")),
        ):
            stream = Stream(name, old.type, tags, properties)
            yield Allowed(Answer(True, stream), state.having(call.id, stream))
    if not possible or not call.complete:
        yield Allowed(_REJECTED, state)


def _properties(old: Stream, sent: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [old.properties, {}] if sent is None else [sent, {**old.properties, **sent}]


def _delete(state: State, call: Call) -> Iterator[Outcome]:
    """删除数据流: the stream is gone. Silent: what a delete of an unknown id answers."""
    if call.id in state.streams:
        yield Allowed(Answer(True), state.lacking(call.id))
    else:
        yield Allowed(_REJECTED, state)
        yield Allowed(Answer(True), state)


def _list(state: State, call: Call) -> Iterator[Outcome]:
    """罗列数据流 > 参数: the streams that `ids` names, or those that carry all of `tags`."""
    yield Allowed(Answer(True, listed(state, call)), state)


def listed(state: State, call: Call) -> dict[str, Stream]:
    """The streams that a list must hold."""
    ids, tags = call.fields.get("ids"), call.fields.get("tags", ())
    return {
        name: stream
        for name, stream in state.streams.items()
        if (ids is None or name in ids) and stream.tags.issuperset(tags)
    }


def _with(stream: Stream, fields: Mapping[str, Any]) -> Stream:
    known = {n: v for n, v in fields.items() if n in (*FIELDS, "type")}
    return replace(stream, **{**known, "tags": frozenset(fields.get("tags", stream.tags))})
