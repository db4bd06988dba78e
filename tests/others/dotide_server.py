"""A second dotide service, with no line of the mock's: it keeps the document and has other habits.

`Dotide(character)` is a WSGI application. A `Character` is what one operator chose where
datastream.cn.md leaves a choice; `CHARACTERS` are the operators that the suite has to get on with.
What a character can't choose, the document says, and the code does it without asking.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote
from zoneinfo import ZoneInfo

KINDS = {"id": str, "name": str, "type": str, "tags": list, "properties": dict, "tz": str}
TYPES = ("number", "string", "geojson")
EMPTY: Mapping[str, Any] = {"name": "", "tags": [], "properties": {}}


class Rejected(Exception):
    """The call is refused, for one of the reasons in `Character.statuses`."""


@dataclass(frozen=True, slots=True)
class Character:
    """One operator's choices. Words in `refuses` name what it takes no part in, all of it left
    open by the document; the defaults are those of the friendliest service."""

    name: str
    fraction: int = 3  # digits of a second: any precision is ISO 8601
    offset: str = "colon"  # colon, zulu (Z for zero) or compact (+0800): ISO 8601 writes all
    location: str = "http://{host}"  # before the path; "" is relative, as RFC 9110 permits
    path_safe: str = ""  # RFC 3986 lets a path segment hold some marks unescaped
    default_limit: int | None = None  # the document names no default
    largest_limit: int | None = None  # ... and no largest limit; 500 is taken, and clamped
    collate: Callable[[str], Any] = lambda text: text
    fold: Callable[[str], str] = lambda text: text  # when two ids or tags are one: not said
    tags_sorted: bool = False  # tags are a set
    row_properties: str = "properties"  # the printed list says `attributes`
    absent: str = "null"  # null, empty or omitted
    extra: Mapping[str, Any] = field(default_factory=dict)  # no answer is said to be closed
    new_id: Callable[[], str] = lambda: uuid.uuid4().hex[:24]  # form of a generated id: not said
    put: str = "merge"  # replace drops what a body leaves out; or is "partial" refused
    put_properties: str = "replace"  # or merge
    put_type: str = "ignored"  # or applied; or refused
    unchanged_moves: bool = True  # `updated_at` after an update that changed nothing: not said
    wrong_type: str = "refused"  # or coerced, or ignored
    unknown_fields: str = "dropped"  # or kept, or refused
    bad_number: str = "refused"  # limit and offset that are no counts: or ignored
    unknown_zone: str | None = None  # the zone taken in place of an unknown one; None refuses
    refuses: frozenset[str] = frozenset()
    statuses: Mapping[str, int] = field(default_factory=dict)
    problem: str = "message"  # form of a rejection's body: message, text or nothing
    open_reads: bool = False  # a public data base: anyone may read it
    race: str = "queue"  # creates of one id at once: queue, first (others 503), none (all 503)
    wait_s: float = 0.0  # between check and insert


@dataclass(frozen=True, slots=True)
class Stream:
    """A datastream as stored; `kept` holds fields that the document doesn't know."""

    id: str
    created: datetime
    updated: datetime
    type: str = "number"
    name: str | None = None
    tags: list[str] | None = None
    properties: dict[str, Any] | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)


STATUSES = {
    "hidden": 404,  # bad credentials: said by a linked page, so no character changes it
    "unknown": 404,
    "gone": 404,
    "taken": 409,
    "invalid": 422,
    "malformed": 400,
    "media": 415,
    "method": 405,
    "large": 413,
    "busy": 503,
}


class Dotide:
    """The service. `keys` maps each data base to its Basic pair, `token` belongs to the first."""

    def __init__(self, character: Character, keys: Mapping[str, str], token: str) -> None:
        self.character, self._keys, self._token = character, keys, token
        self._bases: dict[str, dict[str, Stream]] = {base: {} for base in keys}
        self._graves: set[tuple[str, str]] = set()
        self._creating: dict[tuple[str, str], list[str]] = {}  # id -> rivals met meanwhile
        self._store, self._writing = threading.Lock(), threading.Lock()

    # --- HTTP ------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            status, shown = self._answer(environ, headers)
            body = b"" if shown is None else json.dumps(shown).encode()
        except Rejected as refusal:
            status, body = self._refusal(str(refusal))
        start(f"{status} {status}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _refusal(self, reason: str) -> tuple[int, bytes]:
        bodies = {"message": json.dumps({"message": reason}), "text": f"No: {reason}", "nothing": ""}
        status = (STATUSES | dict(self.character.statuses))[reason]
        return status, bodies[self.character.problem].encode()

    def _answer(self, environ: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        query = {k: v[0] for k, v in parse_qs(environ["QUERY_STRING"], True).items()}
        method = environ["REQUEST_METHOD"]
        version, base, streams, *id_parts = (*path.lstrip("/").split("/", 3), "", "")[:4]
        if version not in ("v1", "v2") or base not in self._keys or streams != "datastreams":
            raise Rejected("unknown")
        self._authenticate(environ, base, method, query)
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if method in ("POST", "PUT"):
            if length > 65536:
                raise Rejected("large")  # the largest body isn't told
            media = environ.get("CONTENT_TYPE") or ""
            if "media" in self.character.refuses and "json" not in media:
                raise Rejected("media")
        zone = query.get("tz") if method == "GET" else None
        zone = zone or environ.get("HTTP_TIMEZONE")
        match method, "".join(id_parts):
            case "GET", "":
                return 200, [self.show(s, zone, row=True) for s in self.list(base, query)]
            case "POST", "":
                sent = self._take(body, update=False)
                stream = self.create(base, sent)
                host = self.character.location.format(host=environ["HTTP_HOST"])
                name = quote(stream.id, safe=self.character.path_safe)
                headers["Location"] = f"{host}/{version}/{base}/datastreams/{name}"
                return 201, self.show(stream, sent.get("tz") or zone)
            case "GET", id:
                return 200, self.show(self._find(base, id), zone)
            case "PUT", id if id:
                self._find(base, id)
                sent = self._take(body, update=True)
                return 200, self.show(self.update(base, id, sent), sent.get("tz") or zone)
            case "DELETE", id if id:
                self.delete(base, id)
                return 204, None
        raise Rejected("method")

    def _authenticate(
        self, environ: dict[str, Any], base: str, method: str, query: Mapping[str, str]
    ) -> None:
        if self.character.open_reads and method == "GET":
            return
        scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        token = given if scheme == "Bearer" else query.get("access_token")
        pair = base64.b64encode(self._keys[base].encode()).decode()
        own = base == next(iter(self._keys)) and token == self._token
        if not (own or (scheme == "Basic" and given == pair)):
            raise Rejected("hidden")

    # --- What is taken and shown -----------------------------------------------------------

    def _take(self, body: bytes, *, update: bool) -> dict[str, Any]:
        """The fields of a body; unknown ones stand together under the name ``""``."""
        c, taken = self.character, {"": {}}
        for name, value in _object(body).items():
            if name not in KINDS:
                if c.unknown_fields == "refused":
                    raise Rejected("invalid")
                taken[""][name] = value
            elif value is None:
                if "null" in c.refuses:
                    raise Rejected("invalid")
                if update and name in EMPTY:
                    taken[name] = None
            else:
                sound = self._sound(name, value)
                if sound is not None:
                    taken[name] = sound
        if c.unknown_fields != "kept":
            taken[""] = {}
        if taken.get("type", "number") not in TYPES:
            raise Rejected("invalid")
        self._check_properties(taken.get("properties") or {})
        if "partial" in c.refuses and not EMPTY.keys() <= taken.keys():
            raise Rejected("invalid")
        self._zone(taken.get("tz"))
        return taken

    def _sound(self, name: str, value: Any) -> Any:
        """`value` as a `name` may be stored, or None for one that is passed over."""
        kind, wrong = KINDS[name], self.character.wrong_type
        if isinstance(value, kind) and not (
            kind is list and not all(isinstance(tag, str) for tag in value)
        ):
            return list(dict.fromkeys(value)) if kind is list else value
        if wrong == "ignored":
            return None
        if wrong == "coerced" and isinstance(value, (int, float)) and kind is str:
            return str(value)
        if wrong == "coerced" and isinstance(value, str) and kind is list:
            return [value]
        raise Rejected("invalid")

    def _check_properties(self, properties: Mapping[str, Any]) -> None:
        for name, value in properties.items():
            if "$" in name or "." in name:
                raise Rejected("invalid")
            if "structure" in self.character.refuses and isinstance(value, (dict, list)):
                raise Rejected("invalid")

    def _zone(self, name: str | None) -> ZoneInfo:
        try:
            return ZoneInfo(name or "Asia/Shanghai")
        except (ValueError, OSError, KeyError):
            if self.character.unknown_zone is None:
                raise Rejected("invalid") from None
            return ZoneInfo(self.character.unknown_zone)

    def _time(self, instant: datetime, zone: ZoneInfo) -> str:
        c = self.character
        text = instant.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S.%f%z")
        seconds, micros, offset = text[:19], text[20:26], text[26:]
        if c.offset != "compact":
            offset = f"{offset[:3]}:{offset[3:]}"
        if c.offset == "zulu" and offset == "+00:00":
            offset = "Z"
        return f"{seconds}.{micros[: c.fraction]}{offset}" if c.fraction else seconds + offset

    def show(self, stream: Stream, zone: str | None, *, row: bool = False) -> dict[str, Any]:
        c, at = self.character, self._zone(zone)
        shown: dict[str, Any] = {"name": stream.name, "tags": stream.tags}
        shown["properties"] = stream.properties
        shown |= {"current_t": None, "current_v": None}
        for name in [name for name, value in shown.items() if value is None]:
            if c.absent == "omitted":
                del shown[name]
            elif c.absent == "empty":
                shown[name] = EMPTY.get(name, "")
        if c.tags_sorted and shown.get("tags"):
            shown["tags"] = sorted(shown["tags"])
        if row and "properties" in shown:
            shown[c.row_properties] = shown.pop("properties")
        known = {"id": stream.id, "type": stream.type}
        known["created_at"] = self._time(stream.created, at)
        known["updated_at"] = self._time(stream.updated, at)
        return {**stream.kept, **c.extra, **shown, **known}

    # --- The five calls --------------------------------------------------------------------

    def list(self, base: str, query: Mapping[str, str]) -> list[Stream]:
        c = self.character
        if ("limit" not in query and "offset" in query) and "offset-alone" in c.refuses:
            raise Rejected("invalid")
        limit, offset = self._count(query, "limit"), self._count(query, "offset") or 0
        limit = c.default_limit if limit is None else limit
        if c.largest_limit is not None:
            limit = c.largest_limit if limit is None else min(limit, c.largest_limit)
        with self._store:
            found = list(self._bases[base].values())
        if query.get("ids"):
            ids = {c.fold(id) for id in query["ids"].split(",")}
            found = [stream for stream in found if c.fold(stream.id) in ids]
        if query.get("tags"):
            tags = {c.fold(tag) for tag in query["tags"].split(",")}
            found = [s for s in found if tags <= {c.fold(tag) for tag in s.tags or ()}]
        found.sort(key=lambda stream: (c.collate(stream.id), stream.id))
        return found[offset:] if limit is None else found[offset : offset + limit]

    def _count(self, query: Mapping[str, str], name: str) -> int | None:
        text, c = query.get(name), self.character
        if text is None:
            return None
        if text.isascii() and text.isdigit() and not (int(text) == 0 and "zero" in c.refuses):
            if "over-500" in c.refuses and name == "limit" and int(text) > 500:
                raise Rejected("invalid")
            return int(text)
        if c.bad_number == "ignored":
            return None
        raise Rejected("invalid")

    def _find(self, base: str, id: str) -> Stream:
        key = self.character.fold(id)
        with self._store:
            if (stream := self._bases[base].get(key)) is not None:
                return stream
            raise Rejected("gone" if (base, key) in self._graves else "unknown")

    def create(self, base: str, sent: Mapping[str, Any]) -> Stream:
        c, id = self.character, sent.get("id")
        id = c.new_id() if id is None else id
        plain = id.isprintable() and id.strip() and id.encode("utf-8", "replace").decode() == id
        if not plain or (set(id) & set("/,.%? ") and "marks" in c.refuses) or len(id) > 255:
            raise Rejected("invalid")  # marks in ids, and their length, are left open
        with self._claim(base, c.fold(id)):
            now = datetime.now(UTC)
            stream = Stream(id, now, now, sent.get("type", "number"), kept=sent.get("", {}))
            stream = replace(stream, **{name: sent[name] for name in EMPTY if name in sent})
            with self._store:
                self._bases[base][c.fold(id)] = stream
        return stream

    @contextmanager
    def _claim(self, base: str, key: str) -> Any:
        """The right to store under `key`, which is free: of many at once one holds it at most."""
        c, place = self.character, (base, key)
        if c.race == "queue":
            with self._writing:
                self._check_free(base, key)
                time.sleep(c.wait_s)
                yield
            return
        with self._store:
            if place in self._creating:
                self._creating[place].append("rival")
                raise Rejected("busy")
            rivals = self._creating[place] = []
        try:
            self._check_free(base, key)
            time.sleep(c.wait_s)
            if rivals and c.race == "none":
                raise Rejected("busy")
            yield
        finally:
            with self._store:
                del self._creating[place]

    def _check_free(self, base: str, key: str) -> None:
        buried = (base, key) in self._graves and "reborn" in self.character.refuses
        if key in self._bases[base] or buried:
            raise Rejected("taken")

    def update(self, base: str, id: str, sent: Mapping[str, Any]) -> Stream:
        c = self.character
        if "put-id" in c.refuses and sent.get("id", id) != id:
            raise Rejected("invalid")
        if "put-type" in c.refuses and "type" in sent:
            raise Rejected("invalid")
        with self._writing:
            old = self._find(base, id)
            time.sleep(c.wait_s)
            changes: dict[str, Any] = dict.fromkeys(EMPTY) if c.put == "replace" else {}
            changes |= {name: sent[name] for name in EMPTY if name in sent}
            if c.put_properties == "merge" and changes.get("properties"):
                changes["properties"] = {**(old.properties or {}), **changes["properties"]}
            if c.put_type == "applied" and "type" in sent:
                changes["type"] = sent["type"]
            new = replace(old, **changes, kept={**old.kept, **sent[""]})
            if c.unchanged_moves or new != old:
                # a clock that steps back, or stands, moves no stream back
                new = replace(new, updated=max(datetime.now(UTC), old.updated))
            with self._store:
                self._bases[base][c.fold(id)] = new
        return new

    def delete(self, base: str, id: str) -> None:
        key = self.character.fold(id)
        with self._writing:
            try:
                self._find(base, id)
            except Rejected:
                if "delete-unknown" in self.character.refuses:
                    raise
                return
            with self._store:
                del self._bases[base][key]
                self._graves.add((base, key))
