"""The datastreams of one data base, within one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count, islice
from secrets import randbits
from typing import Any

import orjson
from sqlalchemy import Connection

from streamproof.mockserver.call import ABSENT
from streamproof.mockserver.dotide import fields, ids, tables
from streamproof.mockserver.dotide.datapoints import Datapoints
from streamproof.mockserver.dotide.times import microseconds, utc
from streamproof.mockserver.dotide.tokens import Rights
from streamproof.mockserver.dotide.views import Stream, View, parsed
from streamproof.mockserver.quick import Row
from streamproof.mockserver.tables import AT_ONCE, indexed
from streamproof.specs.dialect import Dialect

_ALL = 2**62
_TIMES = ("created_at", "updated_at")
_MANY = 5_000  # streams; counting further costs more than it may gain
_BESIDE = ("extra", "datapoints")  # of a stream in a seed
_NOT_EXTRA = fields.SHOWN | {"tz"}


class TakenError(Exception):
    """The id belongs to another datastream."""


@dataclass(frozen=True, slots=True)
class Database:
    """The data base `name` of a space. `now` is the time of the transaction, in microseconds."""

    connection: Connection
    space: str
    name: str
    dialect: Dialect
    now: int

    def list(
        self,
        named: Sequence[str] | None,
        tagged: Sequence[str] | None,
        limit: int,
        offset: int,
        view: View,
        reach: Rights | None = None,
    ) -> Sequence[str]:
        """A page of the streams with one of the ids `named` that carry all tags `tagged`, and are
        within `reach`, if there is one."""
        if reach is not None:
            rows = filter(partial(self._is_within, reach), self._rows(named, tagged, _ALL, 0))
            return view.texts(islice(rows, offset, offset + limit))
        if named is None and tagged is None:
            wanted = {**self._place(), "limit": limit, "offset": offset}
            known = view.known(tables.stamps.rows(self.connection, wanted))
            if known is not None:
                return known
        return view.texts(self._rows(named, tagged, limit, offset))

    def _is_within(self, reach: Rights, row: Row) -> bool:
        stream = parsed(row)
        return reach.covers(stream["id"], stream["tags"], self.dialect)

    def _rows(
        self,
        named: Sequence[str] | None,
        tagged: Sequence[str] | None,
        limit: int,
        offset: int,
    ) -> Iterable[Row]:
        wanted: dict[str, Any] = {**self._place(), "limit": limit, "offset": offset}
        if named is None and tagged is None:
            return tables.page.rows(self.connection, wanted)
        if [] in (named, tagged):
            return ()
        page = tables.filtered[named is not None, tagged is not None]
        if named is not None:
            wanted["ids"] = list({ids.key(each, self.dialect) for each in named})
        if tagged is not None:
            rarest, *others = self._rarest_first(tagged)
            wanted |= {"tag": rarest, "tags": others, "tag_count": len(others)}
        return self.connection.execute(page, wanted).all()

    def read(self, sent_id: str) -> Row | None:
        return tables.read.first(self.connection, self._place(sent_id))

    def create(self, sent: Mapping[str, Any]) -> Stream:
        """A new stream of the fields `sent`. Raises `TakenError`; the constraint decides."""
        if "id" in sent:
            return self._insert(ids.admitted(sent["id"], self.dialect), sent)
        for attempt in count():  # a user may have taken the id that comes next
            try:
                return self._insert(ids.generated(self.now + attempt, self.dialect), sent)
            except TakenError:
                continue
        raise AssertionError("a count has no end")

    def fill(self, sent: Iterable[Mapping[str, Any]]) -> None:
        """New streams of many fields, ids among them. Raises `TakenError`."""
        remaining = iter(sent)
        while part := list(islice(remaining, AT_ONCE)):
            new = [self._filled(each) for each in part]
            spots = [self._spot(each["id"]) for each in new]
            rows = [self._row(each, spot) for each, spot in zip(new, spots, strict=True)]
            if tables.add.insert_all(self.connection, rows) < len(new):
                raise TakenError
            tagged = [
                row
                for each, spot in zip(new, spots, strict=True)
                for row in self._tag_rows(each["tags"], spot)
            ]
            tables.add_tag.insert_all(self.connection, tagged)

    def all(self) -> Iterator[dict[str, Any]]:
        """All streams, in order of their ids, each as `fill` takes it."""
        everything = {**self._place(), "limit": _ALL, "offset": 0}
        for row in tables.page.rows(self.connection, everything):
            stream = parsed(row)
            content = {name: stream[name] for name in ("id", "name", "type", *tables.DOCUMENTS)}
            told = {name: value for name, value in content.items() if value not in (None, {})}
            times = {name: utc(stream[name]) for name in _TIMES}
            yield {**told, **times}

    def update(self, sent_id: str, sent: Mapping[str, Any]) -> Stream | None:
        """The stream after its update, or None if there is none to update."""
        found = self.read(sent_id)
        if found is None:
            return None
        old = parsed(found)
        new = {**old, **self._content(sent, old)}
        if new != old or self.dialect["put_unchanged"] == "moves":
            new["updated_at"] = max(self.now, old["updated_at"])
        place = self._place(sent_id)
        changed = {name: new[name] for name in ("name", "type", "updated_at")}
        documents = {name: _text(new[name]) for name in tables.DOCUMENTS}
        written = changed | documents | {"stamp": _stamp()}
        self.connection.execute(tables.change, place | written)
        if new["tags"] != old["tags"]:
            self.connection.execute(tables.remove_tags, place)
            self._tag(new["tags"], self._spot(old["id"]))
        return new

    def delete(self, sent_id: str) -> bool:
        """Whether there was a stream to delete."""
        place = self._place(sent_id)
        forget = self.dialect["recreate_deleted"] == "accepted"
        done = self.connection.execute(tables.remove if forget else tables.bury, place)
        self.connection.execute(tables.remove_tags, place)
        self.connection.execute(tables.remove_datapoints, place)
        return bool(done.rowcount)

    def datapoints(self, stream_id: str) -> Datapoints:
        """Those of a stream that is there."""
        return Datapoints(self.connection, self._place(stream_id), _stamp())

    def _insert(self, new_id: str, sent: Mapping[str, Any]) -> Stream:
        stream, spot = self._new(new_id, sent), self._spot(new_id)
        if not tables.add.insert(self.connection, self._row(stream, spot)):
            raise TakenError
        self._tag(stream["tags"], spot)
        return stream

    def _filled(self, sent: Mapping[str, Any]) -> Stream:
        """A stream of a seed, which may tell when it was made, and what no document knows."""
        told = {name: value for name, value in sent.items() if name not in _BESIDE}
        new = self._new(ids.admitted(sent["id"], self.dialect), {**sent.get("extra", {}), **told})
        times = {n: microseconds(datetime.fromisoformat(sent[n])) for n in _TIMES if n in sent}
        return {**new, "updated_at": times.get("created_at", new["updated_at"]), **times}

    def _new(self, new_id: str, sent: Mapping[str, Any]) -> Stream:
        content = self._content(sent, {**dict.fromkeys(fields.CONTENT), "extra": {}})
        times = {"created_at": self.now, "updated_at": self.now}
        newest = dict.fromkeys(("current_t", "current_v"))
        return {"id": new_id, "type": sent["type"], **times, **content, **newest}

    def _spot(self, stream_id: str) -> dict[str, Any]:
        """Where a stream and its tags stand, in the columns that both have."""
        return {
            "space": self.space,
            "database": self.name,
            "key": ids.key(stream_id, self.dialect),
            "place": indexed(ids.rank(stream_id, self.dialect) or stream_id),
        }

    def _row(self, stream: Stream, spot: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **stream,
            **{name: _text(stream[name]) for name in tables.DOCUMENTS},
            **spot,
            "rank": ids.rank(stream["id"], self.dialect),
            "gone": False,
            "stamp": _stamp(),
        }

    def _content(self, sent: Mapping[str, Any], old: Stream) -> dict[str, Any]:
        """What `sent` makes of the fields of `old`."""
        replaces = self.dialect["put_body"] == "replace"
        content: dict[str, Any] = {}
        for name in fields.CONTENT:
            value = sent.get(name, None if replaces else old[name])
            content[name] = None if value is ABSENT else value
        if "properties" in sent and content["properties"] is not None:
            content["properties"] = _merged(
                old["properties"] or {}, content["properties"], self.dialect["put_properties"]
            )
        if "type" in sent:
            content["type"] = sent["type"]
        extra = {name: value for name, value in sent.items() if name not in _NOT_EXTRA}
        content["extra"] = extra if replaces else {**old["extra"], **extra}
        return content

    def _tag(self, tags: Sequence[str] | None, spot: Mapping[str, Any]) -> None:
        tables.add_tag.insert_all(self.connection, self._tag_rows(tags, spot))

    def _tag_rows(
        self, tags: Sequence[str] | None, spot: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        keys = {fields.tag_key(tag, self.dialect) for tag in tags or ()}
        return [{**spot, "tag": key} for key in keys]

    def _rarest_first(self, tags: Sequence[str]) -> Sequence[str]:
        """The keys of tags, the one that the fewest streams have before the others."""
        keys = {fields.tag_key(tag, self.dialect) for tag in tags}
        if len(keys) == 1:
            return [*keys]
        return sorted(keys, key=lambda key: (self._carriers(key), key))

    def _carriers(self, tag_key: str) -> int:
        """How many streams have a tag, up to where it makes no difference."""
        counted = {**self._place(), "tag": tag_key, "limit": _MANY, "offset": 0}
        ((count,),) = tables.carriers.rows(self.connection, counted)
        return int(count)

    def _place(self, sent_id: str | None = None) -> dict[str, Any]:
        place = {"in_space": self.space, "in_database": self.name}
        return place if sent_id is None else place | {"of_key": ids.key(sent_id, self.dialect)}


def _merged(old: Mapping[str, Any], new: dict[str, Any], how: str) -> dict[str, Any]:
    match how:
        case "merge":
            return {**old, **new}
        case "deep_merge":
            both_objects = {
                name: _merged(old[name], value, how)
                for name, value in new.items()
                if isinstance(value, dict) and isinstance(old.get(name), dict)
            }
            return {**old, **new, **both_objects}
        case _:
            return new


def _text(document: Any) -> str | None:
    return None if document is None else orjson.dumps(document).decode()


def _stamp() -> int:
    """Nobody makes the same twice: of many bits, and of no source that a test can seed."""
    return randbits(62)
