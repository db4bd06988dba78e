"""What the second dotide service keeps: datastreams, their datapoints, and access tokens."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.others import dotide_points as points
from tests.others import dotide_tokens as tokens
from tests.others.dotide_characters import Character
from tests.others.dotide_forms import EMPTY, Body, Rejected, Stream
from tests.others.dotide_points import EPOCH
from tests.others.dotide_tokens import Caller, Token


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be made: by whom, on which data base, and where its answer's URLs lead."""

    environ: Mapping[str, Any]
    base: str
    caller: Caller
    query: Mapping[str, str]
    body: bytes
    url: str
    headers: dict[str, str]

    @property
    def method(self) -> str:
        return str(self.environ["REQUEST_METHOD"])

    def locate(self, path: str) -> None:
        self.headers["Location"] = self.url.format(path=path)


class Store:
    """`keys` maps each data base to its Basic pair; `token` is good on the first, and anybody may
    read those of `public`."""

    def __init__(
        self,
        character: Character,
        keys: Mapping[str, str],
        token: str,
        public: Collection[str] = (),
    ) -> None:
        self.character, self._keys, self._public = character, keys, public
        self._bases: dict[str, dict[str, Stream]] = {base: {} for base in keys}
        self._tokens: dict[str, dict[str, Token]] = {base: {} for base in keys}
        first = self._tokens[next(iter(keys))]
        first[token] = Token(token, tokens.OWNER.scopes, self._now(), self._now())
        self._series: dict[tuple[str, str], points.Series] = {}
        self._graves: set[tuple[str, str]] = set()
        self._rivals: dict[
            tuple[str, str], int
        ] = {}  # ids that are being created: calls turned away
        self._store, self._writing = threading.Lock(), threading.Lock()

    # --- The five calls --------------------------------------------------------------------

    def listed(self, call: Call) -> list[Stream]:
        c, base, query = self.character, call.base, call.query
        if "" in (query.get("ids"), query.get("tags")) and "empty-filter" in c.refuses:
            raise Rejected("invalid")
        if c.token_lists == "rejected" and not call.caller.may_anywhere("read"):
            raise Rejected("denied")
        with self._store:
            found = [s for s in self._bases[base].values() if call.caller.may("read", s)]
        if query.get("ids"):
            ids = {c.fold(name) for name in query["ids"].split(",")}
            found = [stream for stream in found if c.fold(stream.id) in ids]
        if query.get("tags"):
            tags = {c.fold(tag) for tag in query["tags"].split(",")}
            found = [s for s in found if tags <= {c.fold(tag) for tag in s.tags or ()}]
        return self._page(call, sorted(found, key=lambda s: (c.collate(s.id), s.id)))

    def _page(self, call: Call, found: list[Any]) -> list[Any]:
        c, query = self.character, call.query
        if "limit" not in query and "offset" in query and "offset-alone" in c.refuses:
            raise Rejected("invalid")
        limits = [self._count(query, "limit") or c.default_limit, c.largest_limit]
        most = min((limit for limit in limits if limit is not None), default=None)
        return found[self._count(query, "offset") or 0 :][:most]

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

    def allowed(self, call: Call, need: str, name: str) -> Stream:
        """The datastream, for a call that needs this permission on it."""
        stream = self.read(call.base, name)
        if not call.caller.may(need, stream):
            raise Rejected("denied")
        return stream

    def read(self, base: str, name: str) -> Stream:
        key = self.character.fold(name)
        with self._store:
            if key in self._bases[base]:
                return self._bases[base][key]
            raise Rejected("gone" if (base, key) in self._graves else "unknown")

    def create(self, base: str, sent: Body, caller: Caller) -> Stream:
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
        fields = {key: sent.known[key] for key in ("type", *EMPTY) if key in sent.known}
        self._check_create(Stream(name, EPOCH, EPOCH, **fields), caller)
        with self._claim(base, c.fold(name)):
            now, moment_later = self._now(), self._now()
            stream = Stream(name, now, moment_later, **fields, kept=sent.unknown)
            self._put(base, stream)
        return stream

    def _check_create(self, stream: Stream, caller: Caller) -> None:
        """Raise `Rejected` unless the caller may create it."""
        match self.character.token_creates:
            case "all":
                may = caller.may_somewhere("write")
            case "none":
                may = caller.may_anywhere("write")
            case _:
                may = caller.may("write", stream)
        if not may:
            raise Rejected("denied")

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

    def update(self, base: str, name: str, sent: Body, caller: Caller) -> Stream:
        c, known = self.character, sent.known
        with self._writing:
            old = self.read(base, name)
            if not caller.may("write", old):
                raise Rejected("denied")
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

    def delete(self, base: str, name: str, caller: Caller) -> None:
        with self._writing:
            try:
                old = self.read(base, name)
            except Rejected:
                if "delete-unknown" in self.character.refuses:
                    raise
                return
            if not caller.may("delete", old):
                raise Rejected("denied")
            place = (base, self.character.fold(name))
            with self._store:
                del self._bases[base][place[1]]
                self._series.pop(place, None)
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
                    self.update(base, name, Body(fields, {}), tokens.OWNER)
                case 1:
                    self.delete(base, name, tokens.OWNER)
                case _:
                    self.create(base, Body(fields, {}), tokens.OWNER)
