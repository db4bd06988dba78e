"""A second bge platform, with no line of the mock's: it keeps the document and has other habits.

`Bge(character, fixtures)` is a WSGI application over dictionaries. Where the document leaves a
choice it asks its character (bge_characters.py); the rest the document says.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import string
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, quote
from zlib import crc32

from tests.others.bge_characters import Character
from tests.others.bge_forms import (
    Record,
    Rejected,
    moment,
    parsed,
    show,
    show_item,
    sound,
    without_empty,
)
from tests.others.bge_pages import Form, ordered, page_of, within
from tests.others.numbers import written

KEY = ("fundamental_entity_id", "data_element_id", "stream_generate_time")
SIGNED = {"app_key", "signature_nonce", "timestamp", "sign"}
FIELDS = {
    "range": {"namespace", "data_element_id", "fundamental_entity_id", "biosample_id", "start_time"}
    | {"end_time", "sort_direction", "next_page", "limit"},
    "write": {*KEY, "stream_data", "duplicate_enabled"},
    "batch_write": {"streams", "duplicate_enabled"},
    "retrieve": {"stream_id"},
    "bind": {"biosample_id"},
}


class Bge:
    """The platform. `fixtures` name its caller, namespace, elements, entities and samples."""

    def __init__(self, character: Character, fixtures: Mapping[str, Any]) -> None:
        self.character, self._credentials = character, fixtures["credentials"]
        self._namespace: str = fixtures["namespace"]
        elements = [{"id": e} if isinstance(e, str) else e for e in fixtures["data_elements"]]
        self._elements: dict[str, Mapping[str, str]] = {e["id"]: e for e in elements}
        self._entities: list[str] = fixtures["entities"]
        self._samples: Mapping[str, str] = fixtures["biosamples"]
        self._records: dict[str, Record] = {}  # in the order of writing
        self._taken: dict[tuple[Any, ...], str] = {}  # key -> the first record with it
        self._rivals: dict[tuple[Any, ...], int] = {}  # keys being written: calls turned away
        self._nonces: set[str] = set()
        self._reads = count()
        self._store, self._writing = threading.Lock(), threading.Lock()

    # --- HTTP ------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        c = self.character
        time.sleep(c.latency_s)
        media = "application/json"
        status = c.write_status if "write" in environ["PATH_INFO"] else 200
        try:
            data = {**c.extra(), **self._answer(environ)}
            shown = data if c.bare else {**c.extra(), "code": 0, "msg": "success", "data": data}
            body = written(shown, c.number).encode()
        except Rejected as refusal:
            status, code = c.rejections[str(refusal)]
            shown = {**c.extra(), "code": code, "msg": "no", "data": None}
            media = media if c.problem == "envelope" else "text/plain"
            body = json.dumps(shown).encode() if c.problem == "envelope" else b"refused"
        headers = [("Content-Type", media), ("Content-Length", str(len(body)))]
        start(f"{status} {status}", headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> dict[str, Any]:
        size = int(environ.get("CONTENT_LENGTH") or 0)
        sent = environ["wsgi.input"].read(size).decode("utf-8", "replace")
        operation = environ["PATH_INFO"].removeprefix("/openbge/stream/")
        if environ["REQUEST_METHOD"] != "POST" or operation not in FIELDS:
            raise Rejected("method")
        form = {name: values[0] for name, values in parse_qs(sent, keep_blank_values=True).items()}
        self._authenticate(form)
        refuses = self.character.refuses
        if "unknown-field" in refuses and not form.keys() <= FIELDS[operation] | SIGNED:
            raise Rejected("argument")
        if "empty-text" in refuses and "" in form.values():
            raise Rejected("argument")
        call: Callable[[Form], dict[str, Any]] = getattr(self, operation)
        return call({name: value for name, value in form.items() if value != ""})

    def _authenticate(self, form: Form) -> None:
        fields = sorted((name, value) for name, value in form.items() if name != "sign")
        # a name is quoted as in a form, a value as in a path: so the published client does
        pairs = "&".join(f"{quote(n, safe='')}={quote(v, safe='')}" for n, v in fields)
        message = f"{string.ascii_letters}&{quote(pairs, safe='')}"
        secret = f"{self._credentials['app_secret']}&".encode()
        sign = base64.b64encode(hmac.digest(secret, message.encode(), hashlib.sha1)).decode()
        if form.get("app_key") != self._credentials["app_key"] or form.get("sign") != sign:
            raise Rejected("signature")
        if "clock" in self.character.refuses:
            try:
                at = datetime.strptime(form.get("timestamp", ""), "%Y-%m-%dT%H:%M:%SZ")
            except ValueError:
                raise Rejected("signature") from None
            if abs((datetime.now(UTC) - at.replace(tzinfo=UTC)).total_seconds()) > 300:
                raise Rejected("signature")
        if "replay" in self.character.refuses:
            with self._store:
                if (nonce := form.get("signature_nonce", "")) in self._nonces | {""}:
                    raise Rejected("signature")
                self._nonces.add(nonce)

    # --- range -----------------------------------------------------------------------------

    def range(self, form: Form) -> dict[str, Any]:
        c = self.character
        namespace, element = _need(form, "namespace"), _need(form, "data_element_id")
        if ("fundamental_entity_id" in form) == ("biosample_id" in form):
            raise Rejected("argument")
        entity = form.get("fundamental_entity_id") or self._samples.get(form["biosample_id"])
        known = namespace == self._namespace and element in self._elements
        if not (known and entity in {*self._entities, *self._samples.values()}):
            if c.unknown_in_range == "rejected":
                raise Rejected("unknown")
            entity = None
        found = ordered(self._within(self._of(form, element, entity), form), form, c)
        if not found and "no-match" in c.refuses:
            raise Rejected("unknown")
        page, cursor = page_of(found, form, c)
        return {
            "result": [self._show(record) for record in page],
            **without_empty({"next_page": cursor}, c),
            "count": len(found) if c.count == "all" else len(page),
        }

    def _of(self, form: Form, element: str, entity: str | None) -> list[Record]:
        return [r for r in self._visible() if r.element == element and r.entity == entity]

    def _within(self, records: Sequence[Record], form: Form) -> list[Record]:
        return within(records, form, self.character)

    def _visible(self) -> list[Record]:
        lags = not self.character.replicas or next(self._reads) % 2
        since = time.monotonic()
        with self._store:
            return [
                record
                for record in self._records.values()
                if record.born + (self._lag(record) if lags else 0) <= since
            ]

    def _lag(self, record: Record) -> float:
        share = crc32(record.id.encode()) % 100 / 100 if self.character.uneven else 1
        return self.character.lag_s * share

    def _show(self, record: Record) -> dict[str, Any]:
        return show(record, self._namespace, self._elements.get(record.element, {}), self.character)

    # --- write and batch_write -------------------------------------------------------------

    def write(self, form: Form) -> dict[str, Any]:
        for name in FIELDS["write"] - {"duplicate_enabled"}:
            _need(form, name)
        data = parsed(form["stream_data"], self.character)
        return {"stream_id": self._write({**form, "stream_data": data}, self._flag(form))}

    def _flag(self, form: Form) -> bool:
        text = form.get("duplicate_enabled", "false")
        if "upper" not in self.character.refuses:
            text = text.lower()
        if text not in ("true", "false"):
            raise Rejected("argument")
        return text == "true"

    def _write(self, item: Mapping[str, Any], flag: bool) -> str:
        """Store an item with all four arguments and return its id, or the older one's."""
        c, data = self.character, item["stream_data"]
        entity, element = item["fundamental_entity_id"], item["data_element_id"]
        when = moment(item["stream_generate_time"], c, c.written_zone_h)
        if entity not in {*self._entities, *self._samples.values()}:
            raise Rejected("unknown")
        if element not in self._elements and "unknown-element" in c.refuses:
            raise Rejected("unknown")
        if "nul-data" in c.refuses and r"\u0000" in json.dumps(data):
            raise Rejected("argument")
        if "scalar-data" in c.refuses and not isinstance(data, (dict, list)):
            raise Rejected("argument")
        key = self._key(item)
        now = datetime.now(UTC) + timedelta(seconds=c.clock_s)
        record = Record(c.new_id(), entity, element, when, data, now, time.monotonic())
        with self._claim((*key, record.id) if flag else key):
            with self._store:
                older = self._taken.get(key)
            if older is not None and not flag:
                if c.duplicate == "rejected":
                    raise Rejected("duplicate")
                return older
            time.sleep(c.wait_s)
            with self._store:
                self._records[record.id] = record
                self._taken.setdefault(key, record.id)
        return record.id

    def _key(self, item: Mapping[str, Any]) -> tuple[Any, ...]:
        c, text = self.character, item["stream_generate_time"]
        when = text if c.same == "text" else moment(text, c, c.written_zone_h).at
        return item["fundamental_entity_id"], item["data_element_id"], when

    @contextmanager
    def _claim(self, key: tuple[Any, ...]) -> Iterator[None]:
        """The right to check and store under `key`: of many at once at most one has it."""
        if self.character.race == "queue":
            with self._writing:
                yield
            return
        with self._store:
            if key in self._rivals:
                self._rivals[key] += 1
                raise Rejected("busy")
            self._rivals[key] = 0
        try:
            time.sleep(self.character.wait_s)
            if self._rivals[key] and self.character.race == "none" and random.random() < 0.5:
                raise Rejected("busy")
            yield
        finally:
            with self._store:
                del self._rivals[key]

    def batch_write(self, form: Form) -> dict[str, Any]:
        c, items = self.character, parsed(_need(form, "streams"), self.character)
        flag = self._flag(form)
        if not isinstance(items, list) or (not items and "empty-batch" in c.refuses):
            raise Rejected("argument")
        if len(items) > 100 and "long-batch" in c.refuses:
            raise Rejected("argument")
        if "item" in c.refuses and not all(sound(item, c) for item in items):
            raise Rejected("argument")
        keys = [self._key(item) if sound(item, c) else (at,) for at, item in enumerate(items)]
        answers = []
        for at, item in enumerate(items):
            winner = {
                "first": at,  # the second finds the first in the store
                "last": len(keys) - 1 - keys[::-1].index(keys[at]),
                "none": at if keys.count(keys[at]) == 1 else -1,
            }[c.equal_items]
            answers.append(self._item(item, flag, stored=at < 100 and (flag or winner == at)))
        return {"result": answers}

    def _item(self, item: Any, flag: bool, *, stored: bool) -> dict[str, Any]:
        c, stream_id, fault = self.character, None, "not stored"
        sent = item if isinstance(item, dict) else {}
        if stored and sound(item, c):
            data = item["stream_data"]
            try:
                if isinstance(data, str) and c.text_in_item == "parsed":
                    data = parsed(data, c)
                stream_id, fault = self._write({**item, "stream_data": data}, flag), ""
            except Rejected as refusal:
                fault = str(refusal)
        if not (sound(item, c) or c.tells_bad_item):
            return {**c.extra(), "is_succeed": False, "message": fault}
        return show_item(sent, stream_id, fault, self._namespace, c)

    # --- retrieve and bind -----------------------------------------------------------------

    def retrieve(self, form: Form) -> dict[str, Any]:
        wanted = _need(form, "stream_id")
        for record in self._visible():
            if record.id == wanted:
                return self._show(record)
        raise Rejected("unknown")

    def bind(self, form: Form) -> dict[str, Any]:
        sample = _need(form, "biosample_id")
        if self._samples.get(sample) is None:
            raise Rejected("unknown")
        return {"fundamental_entity_id": self._samples[sample]}

    # --- Other people ----------------------------------------------------------------------

    def neighbour(self, dice: random.Random, years: tuple[int, int] = (1951, 2020)) -> None:
        """One write of somebody else's, to the same entities and elements, in another time."""
        item = {
            "fundamental_entity_id": dice.choice(self._entities),
            "data_element_id": dice.choice(list(self._elements)),
            "stream_generate_time": str(dice.randrange(*years)),
            "stream_data": {"name": dice.choice(["leo", "tom"])},
        }
        with suppress(Rejected):
            self._write(item, flag=dice.random() < 0.5)


def _need(form: Form, name: str) -> str:
    if name not in form:
        raise Rejected("argument")
    return form[name]
