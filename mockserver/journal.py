"""What arrived at a space: its last calls, without secrets."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from threading import Lock
from time import time
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from streamproof.mockserver import parsing
from streamproof.mockserver.call import Answer, Call, Request
from streamproof.mockserver.parsing import Unreadable
from streamproof.specs.api import Api
from streamproof.specs.operation import Operation

MOST: Final = 1_000  # calls that are kept
MOST_BYTES: Final = 4 * 1024 * 1024  # of what was sent with them
_OF_A_BODY: Final = 16 * 1024  # bytes
HIDDEN: Final = "***"
_SECRET_NAMES: Final = {"authorization", "proxy-authorization", "cookie", "sign", "signature"}
_SECRET_PARTS: Final = re.compile(r"secret|token|password|api-?_?key", re.IGNORECASE)
_SHORTEST_SECRET: Final = 6  # characters of one that is masked wherever it stands
FILTERS: Final = ("api", "operation", "status", "rule", "fault", "after")


class Entry(NamedTuple):
    """One call, `seconds` after the epoch. `raw_path` is what stood in the URL, as WSGI has it,
    `found` what it fills in; `body` may be cut.

    A call that no operation took has neither `api` nor `operation`. `faults` are those that
    changed the call or its answer. `status` is 0 where there was no answer.
    """

    number: int
    seconds: float
    api: Api | None
    operation: Operation | None
    method: str
    raw_path: str
    found: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes
    length: int
    status: int
    rule: str | None
    faults: tuple[str, ...]

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    @property
    def path(self) -> str:
        return self.raw_path.encode("latin-1").decode(errors="replace")


@dataclass(slots=True)
class Journal:
    """The last calls of a space, `MOST` of them and `MOST_BYTES` of what they sent, at most.

    Each is kept as its size and the values of an `Entry`, which is made when somebody asks.
    """

    _entries: deque[tuple[int, tuple[Any, ...]]] = field(default_factory=deque)
    _number: int = 0
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def add(
        self,
        api: Api | None,
        operation: Operation | None,
        request: Request,
        raw_path: str,
        answer: Answer,
    ) -> tuple[Any, ...]:
        """Note a call; the oldest make room for it."""
        body, headers = request.body, request.headers
        kept = body if len(body) <= _OF_A_BODY else body[:_OF_A_BODY]
        size = len(raw_path) + len(request.query) + len(kept) + sum(map(len, headers.values()))
        with self._lock:
            self._number += 1
            entry = (
                self._number, time(), api, operation, request.method, raw_path, request.path,
                request.query, headers, kept, len(body),
                answer.status, answer.rule, answer.touched,
            )  # fmt: skip
            self._entries.append((size, entry))
            self._bytes += size
            while self._bytes > MOST_BYTES or len(self._entries) > MOST:
                self._bytes -= self._entries.popleft()[0]
        return entry

    def clear(self) -> None:
        """Forget all calls; the next one has the next number."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def find(self, wanted: Mapping[str, str]) -> list[Entry]:
        """The calls that all filters of `wanted` let through, the oldest first.

        Raises ValueError for filters that can't be used.
        """
        _check(wanted)
        with self._lock:
            entries = [Entry._make(values) for _, values in self._entries]
        return [entry for entry in entries if all(_fits(entry, *each) for each in wanted.items())]


def _check(wanted: Mapping[str, str]) -> None:
    for name, value in wanted.items():
        if name not in FILTERS:
            raise ValueError(f"no filter {name!r}; there are {', '.join(FILTERS)}, and count")
        if name == "status" and not re.fullmatch(r"[1-5](?:[0-9]{2}|xx)", value):
            raise ValueError(f"status: a status or a class of them (201, 4xx) expected: {value!r}")
        if name == "after" and not re.fullmatch("[0-9]{1,18}", value):
            raise ValueError(f"after: the number of a call expected: {value!r}")


def _fits(entry: Entry, name: str, value: str) -> bool:
    match name:
        case "api":
            return entry.api is not None and entry.api.name == value
        case "operation":
            return entry.operation is not None and value in (
                entry.operation.id,
                entry.operation.given,
            )
        case "status" if value.endswith("xx"):
            return entry.status // 100 == int(value[0])
        case "status":
            return entry.status == int(value)
        case "rule":
            return entry.rule is not None and fnmatchcase(entry.rule, value)
        case "fault":
            return any(fnmatchcase(each, value) for each in entry.faults)
    return entry.number > int(value)


class Recorder:
    """Notes calls in the journals of their spaces, and prints a line for each where `log` is."""

    def __init__(self, masks: Masks, log: bool) -> None:
        self._masks, self._log = masks, log

    def note(
        self,
        journal: Journal,
        api: Api | None,
        operation: Operation | None,
        request: Request,
        raw_path: str,
        answer: Answer,
    ) -> None:
        """Note a call to an operation, or to none, and how it was answered."""
        values = journal.add(api, operation, request, raw_path, answer)
        if self._log:
            print(line(Entry._make(values), self._masks), flush=True)


class Masks:
    """Takes the secrets out of what is told of calls.

    A secret is known by the name that it has, or by its text, where it is one of `credentials`.
    """

    def __init__(self, apis: Iterable[Api], fixtures: Iterable[Mapping[str, Any]]) -> None:
        schemes = [scheme for api in apis for scheme in api.schemes.values()]
        named = {scheme.parameter.lower() for scheme in schemes if scheme.kind != "signature"}
        given = {name.lower() for scheme in schemes for name in scheme.credentials}
        self._names = frozenset(_SECRET_NAMES | named | given)
        texts = {text for each in fixtures for text in _secrets(each)}
        longest_first = sorted(map(re.escape, texts), key=len, reverse=True)
        self._texts = re.compile("|".join(longest_first)) if texts else None

    def text(self, text: str) -> str:
        """`text` without known secrets."""
        return self._texts.sub(HIDDEN, text) if self._texts else text

    def path(self, entry: Entry) -> str:
        """The path of a call without secrets: known ones, and those that have a secret's name."""
        path = entry.path
        for name, value in entry.found.items():
            if value and self._is_secret(name):
                path = path.replace(value, HIDDEN)
        return self.text(path)

    def value(self, value: Any, name: str = "") -> Any:
        """A value without secrets; all of one that stands under a secret's name."""
        if name and self._is_secret(name):
            return self._hidden(value, name)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(each, str(key)) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(each) for each in value]
        return value

    def _is_secret(self, name: str) -> bool:
        return name.lower() in self._names or bool(_SECRET_PARTS.search(name))

    @staticmethod
    def _hidden(value: Any, name: str) -> str:
        """What stands for a secret: a header for credentials still tells which kind it carries."""
        word, blank, rest = str(value).strip().partition(" ")
        kind = name.lower().endswith("authorization") and blank and rest and word.isalpha()
        return f"{word} {HIDDEN}" if kind else HIDDEN


def _secrets(fixtures: Mapping[str, Any]) -> Iterator[str]:
    """The texts of all credentials in fixtures, as they are and as headers carry them."""
    for name, value in fixtures.items():
        if name == "credentials":
            for whole in map(str, value.values()):
                for text in (whole, whole.partition(":")[2]):
                    if len(text) >= _SHORTEST_SECRET:
                        yield from (text, quote(text, safe=""), b64encode(text.encode()).decode())
        elif isinstance(value, Mapping):
            yield from _secrets(value)


def told(entry: Entry, masks: Masks) -> dict[str, Any]:
    """A call as JSON."""
    whole = entry.length == len(entry.body)
    return {
        "number": entry.number,
        "time": entry.moment.isoformat().replace("+00:00", "Z"),
        "api": entry.api.name if entry.api else None,
        "operation": entry.operation.id if entry.operation else None,
        "method": entry.method,
        "path": masks.path(entry),
        "arguments": masks.value(_arguments(entry)),
        "headers": masks.value(entry.headers),
        "bytes": entry.length,
        **({} if whole else {"cut": f"of the body {len(entry.body)} bytes are kept"}),
        "status": entry.status or None,
        "rule": entry.rule,
        "faults": list(entry.faults),
    }


def line(entry: Entry, masks: Masks) -> str:
    """A call on one line."""
    facts = [
        f"{entry.moment:%H:%M:%S.%f}"[:-3],
        entry.method,
        quote(masks.path(entry), safe="/%*:@,;=+$!~"),
        str(entry.status or "no answer"),
        entry.rule or "-",
        *(f"[{name}]" for name in entry.faults),
    ]
    return " ".join(facts)


def _arguments(entry: Entry) -> dict[str, Any]:
    """All that was sent, by its names: also what the specification doesn't know."""
    request = Request(
        entry.method, "", {}, entry.found, entry.query, entry.headers, entry.body, base_url=""
    )
    found: dict[str, Any] = {}
    try:
        found |= parsing.first_of_each(request.query_fields)
    except Unreadable as fault:
        found["query"] = str(fault)
    if entry.operation is None:
        return found
    try:
        return {**found, **Call(entry.operation, request).arguments}
    except Unreadable as fault:
        return {**found, **entry.found, "body": str(fault)}
