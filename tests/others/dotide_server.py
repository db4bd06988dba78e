"""A second dotide service, with no line of the mock's: it keeps the document and has other habits.

`Dotide(character, keys, token)` is a WSGI application over dictionaries. Where the document leaves
a choice it asks its character (dotide_characters.py); the rest the document says.
"""

from __future__ import annotations

import base64
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

from tests.others.dotide_characters import STATUSES, Character
from tests.others.dotide_forms import EMPTY, Body, Rejected, Stream, show, take, zone

PARAMETERS = {"ids", "tags", "limit", "offset", "tz", "access_token"}


class Dotide:
    """The service. `keys` maps each data base to its Basic pair; `token` is good on the first."""

    def __init__(self, character: Character, keys: Mapping[str, str], token: str) -> None:
        self.character, self._keys, self._token = character, keys, token
        self._bases: dict[str, dict[str, Stream]] = {base: {} for base in keys}
        self._graves: set[tuple[str, str]] = set()
        self._rivals: dict[
            tuple[str, str], int
        ] = {}  # ids that are being created: calls turned away
        self._store, self._writing = threading.Lock(), threading.Lock()

    # --- HTTP ------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(self.character.latency_s)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        headers["Date"] = format_datetime(self._now(), usegmt=True)
        try:
            status, shown = self._answer(environ, headers)
            body = b"" if shown is None else json.dumps(shown).encode()
        except Rejected as refusal:
            status, body = self._refusal(str(refusal))
        start(f"{status} {status}", [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    def _refusal(self, reason: str) -> tuple[int, bytes]:
        bodies = {
            "message": json.dumps({"message": reason}),
            "text": f"No: {reason}",
            "nothing": "",
        }
        status = {**STATUSES, **self.character.statuses}[reason]
        return status, bodies[self.character.problem].encode()

    def _answer(self, environ: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        c, method = self.character, environ["REQUEST_METHOD"]
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        version, base, streams, name = (*path.lstrip("/").split("/", 3), "", "", "")[:4]
        if version not in ("v1", "v2") or base not in self._keys or streams != "datastreams":
            raise Rejected("unknown")
        query = {k: v[0] for k, v in parse_qs(environ["QUERY_STRING"], True).items()}
        self._authenticate(environ, base, method, query)
        if "query" in c.refuses and not query.keys() <= PARAMETERS:
            raise Rejected("invalid")
        body = self._body(environ)
        named = [environ.get("HTTP_TIMEZONE"), query.get("tz") if method == "GET" else None]
        if method in ("POST", "PUT"):
            sent = take(body, c, update=method == "PUT")
            named[1] = sent.known.get("tz")
        at = zone(named[0] or named[1] if c.zone_first == "header" else named[1] or named[0], c)
        match method, name:
            case "GET", "":
                return 200, [show(stream, at, c, row=True) for stream in self.list(base, query)]
            case "POST", "":
                stream = self.create(base, sent)
                path = f"/{version}/{base}/datastreams/{c.escape(stream.id)}"
                headers["Location"] = c.location.format(host=environ["HTTP_HOST"], path=path)
                return 201, show(stream, at, c)
            case "GET", _:
                return 200, show(self.read(base, name), at, c)
            case "PUT", _ if name:
                return 200, show(self.update(base, name, sent), at, c)
            case "DELETE", _ if name:
                self.delete(base, name)
                return 204, None
        raise Rejected("method")

    def _body(self, environ: dict[str, Any]) -> bytes:
        """All that was sent. How large it may be, and of which media type, is not said."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body: bytes = environ["wsgi.input"].read(size)
        if size > self.character.largest_body:
            raise Rejected("large")
        media = environ.get("CONTENT_TYPE") or ""
        if body and "media" in self.character.refuses and "application/json" not in media:
            raise Rejected("media")
        return body

    def _authenticate(
        self, environ: dict[str, Any], base: str, method: str, query: Mapping[str, str]
    ) -> None:
        if self.character.open_reads and method == "GET":
            return
        scheme, _, given = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        pair = base64.b64encode(self._keys[base].encode()).decode()
        scheme = scheme.lower()  # its case doesn't count (RFC 9110, 11.1)
        if scheme == "basic" and given == pair:
            return
        tokens = {given if scheme == "bearer" else ""}
        if method in ("GET", "DELETE"):
            tokens.add(query.get("access_token", ""))
        if self._token not in tokens or base != next(iter(self._keys)):
            raise Rejected("hidden")

    # --- The five calls --------------------------------------------------------------------

    def list(self, base: str, query: Mapping[str, str]) -> list[Stream]:
        c = self.character
        if "" in (query.get("ids"), query.get("tags")) and "empty-filter" in c.refuses:
            raise Rejected("invalid")
        if "limit" not in query and "offset" in query and "offset-alone" in c.refuses:
            raise Rejected("invalid")
        limits = [self._count(query, "limit") or c.default_limit, c.largest_limit]
        most = min((limit for limit in limits if limit is not None), default=None)
        offset = self._count(query, "offset") or 0
        with self._store:
            found = [*self._bases[base].values()]
        if query.get("ids"):
            ids = {c.fold(name) for name in query["ids"].split(",")}
            found = [stream for stream in found if c.fold(stream.id) in ids]
        if query.get("tags"):
            tags = {c.fold(tag) for tag in query["tags"].split(",")}
            found = [s for s in found if tags <= {c.fold(tag) for tag in s.tags or ()}]
        found.sort(key=lambda stream: (c.collate(stream.id), stream.id))
        return found[offset:][:most]

    def _count(self, query: Mapping[str, str], name: str) -> int | None:
        """The parameter as a number; None when it is absent, ignored, or a limit of zero."""
        text, c = query.get(name), self.character
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            if c.bad_number == "ignored":
                return None
            raise Rejected("invalid")
        if int(text) == 0 and "zero" in c.refuses:
            raise Rejected("invalid")
        if int(text) > 500 and name == "limit" and "over-500" in c.refuses:
            raise Rejected("invalid")
        return int(text)

    def read(self, base: str, name: str) -> Stream:
        key = self.character.fold(name)
        with self._store:
            if key in self._bases[base]:
                return self._bases[base][key]
            raise Rejected("gone" if (base, key) in self._graves else "unknown")

    def create(self, base: str, sent: Body) -> Stream:
        c, name = self.character, sent.known.get("id")
        name = c.new_id() if name is None else c.id_kept(name)
        # which ids beyond UTF-8 letters are taken is left open
        sound = (
            name.isprintable()
            and name.strip()
            and len(name) <= c.longest_id
            and name not in (".", "..")
        )
        if not sound or ("marks" in c.refuses and set(name) & set("/,.%? ")):
            raise Rejected("invalid")
        with self._claim(base, c.fold(name)):
            now, moment_later = self._now(), self._now()
            fields = {key: sent.known[key] for key in ("type", *EMPTY) if key in sent.known}
            stream = Stream(name, now, moment_later, **fields, kept=sent.unknown)
            self._put(base, stream)
        return stream

    @contextmanager
    def _claim(self, base: str, key: str) -> Iterator[None]:
        """The right to store under a free `key`: of many at once at most one gets it."""
        c, place = self.character, (base, key)
        if c.race == "queue":
            with self._writing:
                self._check_free(base, key)
                time.sleep(c.wait_s)
                yield
            return
        with self._store:
            if place in self._rivals:
                self._rivals[place] += 1
                raise Rejected("busy")
            self._rivals[place] = 0
        try:
            self._check_free(base, key)
            time.sleep(c.wait_s)
            if self._rivals[place] and c.race == "none" and random.random() < 0.5:
                raise Rejected("busy")
            yield
        finally:
            with self._store:
                del self._rivals[place]

    def _check_free(self, base: str, key: str) -> None:
        with self._store:
            buried = (base, key) in self._graves and "reborn" in self.character.refuses
            if key in self._bases[base] or buried:
                raise Rejected("taken")

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.character.clock_s)

    def _put(self, base: str, stream: Stream) -> None:
        with self._store:
            self._bases[base][self.character.fold(stream.id)] = stream

    def update(self, base: str, name: str, sent: Body) -> Stream:
        c, known = self.character, sent.known
        with self._writing:
            old = self.read(base, name)
            if "put-id" in c.refuses and known.get("id", old.id) != old.id:
                raise Rejected("invalid")
            if "put-type" in c.refuses and "type" in known:
                raise Rejected("invalid")
            time.sleep(c.wait_s)
            changes: dict[str, Any] = dict.fromkeys(EMPTY) if c.put == "replace" else {}
            changes |= {key: known[key] for key in EMPTY if key in known}
            if c.put_properties == "merge" and changes.get("properties"):
                changes["properties"] = {**(old.properties or {}), **changes["properties"]}
            if c.put_type == "applied" and "type" in known:
                changes["type"] = known["type"]
            new = replace(old, **changes, kept={**old.kept, **sent.unknown})
            if c.unchanged_moves or new != old:
                new = replace(new, updated=max(self._now(), old.updated))
            self._put(base, new)
        return new

    def delete(self, base: str, name: str) -> None:
        with self._writing:
            try:
                self.read(base, name)
            except Rejected:
                if "delete-unknown" in self.character.refuses:
                    raise
                return
            place = (base, self.character.fold(name))
            with self._store:
                del self._bases[base][place[1]]
                self._graves.add(place)

    # --- Other people ----------------------------------------------------------------------

    def neighbour(self, dice: random.Random) -> None:
        """One thing that somebody else does on the same data base: create, change or delete."""
        base = next(iter(self._keys))
        name = dice.choice(["", "Neighbour-", "邻居", "0", "zz"]) + str(dice.randrange(40))
        tags = dice.sample(["a", "b", "c", "own", "邻"], dice.randrange(4))
        fields = {"id": name, "name": "Demo", "tags": tags, "properties": {"prop1": dice.random()}}
        with suppress(Rejected):
            match dice.randrange(3):
                case 0:
                    self.update(base, name, Body(fields, {}))
                case 1:
                    self.delete(base, name)
                case _:
                    self.create(base, Body(fields, {}))
