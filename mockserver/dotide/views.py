"""Datastreams as answers show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from streamproof.mockserver.dotide import fields, tables, times
from streamproof.mockserver.quick import Row
from streamproof.specs.dialect import Dialect

Stream = Mapping[str, Any]
"""What is read of a stream, by the names of `tables.COLUMNS`, its documents parsed."""

_LARGEST = 100_000  # characters of a text that is remembered
_MOST = 4_000_000  # characters that a view remembers in all
_NO_VALUE: Mapping[str, Mapping[str, Any]] = {
    "typical": {"name": None, "tags": [], "properties": {}},
    "null": dict.fromkeys(fields.CONTENT),
    "empty": {"name": "", "tags": [], "properties": {}},
    "omitted": {},
}
_NO_DATAPOINT: Mapping[str, Mapping[str, Any]] = {
    "null": {"current_t": None, "current_v": None},
    "empty": {"current_t": "", "current_v": ""},
    "omitted": {},
}


@dataclass(frozen=True, slots=True)
class View:
    """Streams with their times in `zone`, and their properties under a name.

    It remembers the texts of streams by their stamps: they are read far oftener than they change,
    and to find local times and write JSON takes ten times as long as to know it again.
    """

    zone: str
    dialect: Dialect
    properties: str = "properties"

    def render(self, stream: Stream) -> dict[str, Any]:
        """A stream as it is shown."""
        no_value, names = _NO_VALUE[self.dialect["absent_fields"]], {"properties": self.properties}
        shown = {
            names.get(name, name): no_value.get(name) if stream[name] is None else stream[name]
            for name in ("id", "name", "type", "tags", "properties")
            if stream[name] is not None or name in no_value
        }
        return {
            **stream["extra"],
            **shown,
            **self._newest(stream),
            "created_at": times.render(stream["created_at"], self.zone, self.dialect),
            "updated_at": times.render(stream["updated_at"], self.zone, self.dialect),
        }

    def _newest(self, stream: Stream) -> Mapping[str, Any]:
        """Time and value of a stream's newest datapoint."""
        if stream["current_t"] is None:
            return _NO_DATAPOINT[self.dialect["absent_current"]]
        at = times.render(stream["current_t"], self.zone, self.dialect)
        return {"current_t": at, "current_v": stream["current_v"]}

    def texts(self, rows: Iterable[Row]) -> list[str]:
        """The JSON text of each stream."""
        memory = _memory(self)
        return [memory.texts.get(row[-1]) or self._remembered(row, memory) for row in rows]

    def known(self, rows: Iterable[Row]) -> list[str] | None:
        """The JSON texts of the streams with the stamps in `rows`, if it remembers all of them."""
        texts = _memory(self).texts
        try:
            return [texts[stamp] for (stamp,) in rows]
        except KeyError:
            return None

    def _remembered(self, row: Row, memory: _Memory) -> str:
        text = orjson.dumps(self.render(parsed(row))).decode()
        if len(text) <= _LARGEST:
            memory.add(row[-1], text)
        return text


@dataclass(slots=True)
class _Memory:
    """Texts by stamps, and how many characters they have."""

    texts: dict[int, str] = field(default_factory=dict)
    characters: int = 0

    def add(self, stamp: int, text: str) -> None:
        if self.characters + len(text) > _MOST:
            self.texts.clear()
            self.characters = 0
        self.texts[stamp] = text
        self.characters += len(text)


@lru_cache(maxsize=8)
def _memory(view: View) -> _Memory:  # noqa: ARG001 - what it is kept by
    """What a view remembers."""
    return _Memory()


def parsed(row: Row) -> dict[str, Any]:
    """What is read of a stream."""
    stream = dict(zip(tables.COLUMNS, row, strict=True))
    for name in (*tables.DOCUMENTS, "current_v"):
        stream[name] = stream[name] and orjson.loads(stream[name])
    return stream
