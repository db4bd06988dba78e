"""What goes over the wire, and what became of it: requests, answers, outcomes.

A `Request` never holds a secret: credentials are added on the way out (`auth.py`), behind the
point where transcripts are taken.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode

from streamproof.specs.operation import Operation, SecurityScheme
from streamproof.specs.wording import brief

if TYPE_CHECKING:
    from streamproof.contracts.auth import Auth

Pairs = tuple[tuple[str, str], ...]
FORM = "application/x-www-form-urlencoded"
SURROGATES = "surrogatepass"  # how half a surrogate pair, which JSON may name, goes into a URL
_KEPT = 16 * 1024  # bytes of an answer that a step keeps
_FEW = 20  # members of a large answer's lists and objects that a step keeps
_LEAST_MARK = 24  # characters: a time has fewer, a digest more
_LONGEST_BODY = 300  # characters of an answer in a message


@dataclass(frozen=True, slots=True)
class Request:
    """A request before its credentials are added.

    `path` is percent-encoded and relative to the target's base URL. A body is either `form`
    (fields, encoded when sent, so that a signature can join them) or `body` (bytes as they go).
    `altered` are fields of a form that are set, or with None taken away, once it is signed.
    """

    operation: Operation
    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    form: Pairs | None = None
    body: bytes | None = None
    altered: tuple[tuple[str, str | None], ...] = ()

    @property
    def target(self) -> str:
        """Path and query as they stand in the request line."""
        if not self.query:
            return self.path
        return f"{self.path}?{urlencode(self.query, quote_via=quote, errors=SURROGATES)}"

    @property
    def content(self) -> bytes | None:
        if self.form is None:
            return self.body
        return urlencode(self.form, errors=SURROGATES).encode()

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: bytes and nothing read into them. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """A request and what became of it.

    `status` is None when no whole answer was read (`trouble` says why); `sent` is False when the
    target can't have seen the request. `data` is the parsed body
    (None when it is no JSON), `payload` what an accepted answer carries. `trouble` with a status
    says why a 2xx can't be read, `repeated` is a name that stands twice in an object of the body.
    `doubtful` says that an earlier try of a call that may write was answered 503: it may have had
    its effect.

    `auth` is how the caller proved who it is, with `proofs` in place of credentials: for each how
    a shell spells it between double quotes; `by` is the same with credentials, to be sent again.
    `url` is the base URL of the place that was asked, `race` the number that calls sent at once
    have in common, `size` the bytes of the whole body, and `packed` that body, where `body` is
    its beginning only; or `size` those that came of an answer that is too large. It was sent `at`
    some time and answered `took_s` seconds later; `added` are the fields that a signature put
    into its form.
    """

    request: Request
    status: int | None
    accepted: bool
    payload: Any = None
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    trouble: str | None = None
    repeated: str | None = None
    sent: bool = True
    doubtful: bool = False
    auth: SecurityScheme | None = None
    proofs: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    race: int | None = None
    size: int | None = None
    packed: bytes | None = field(default=None, repr=False)
    at: datetime | None = None
    took_s: float = 0.0
    added: Pairs = field(default=(), repr=False)
    by: Auth | None = field(default=None, repr=False, compare=False)

    def kept(self) -> Outcome:
        """What a step keeps of it: a large answer in little space, so that many fit into memory."""
        if len(self.body) <= _KEPT:
            return self
        outline = _outline(self.data)
        cut, packed = self.body[:_KEPT], zlib.compress(self.body, 1)
        return replace(
            self, payload=None, data=outline, body=cut, size=len(self.body), packed=packed
        )

    @property
    def marks(self) -> tuple[str, ...]:
        """What proves this call alone: the signature, and its nonce."""
        return tuple(value for _, value in self.added if len(value) >= _LEAST_MARK)

    @property
    def whole(self) -> bytes:
        """The body, or as much of it as was kept."""
        return self.body if self.packed is None else zlib.decompress(self.packed)

    @property
    def answered(self) -> bool:
        return self.status is not None

    @property
    def too_large(self) -> bool:
        """Whether there is an answer, of more bytes than are read."""
        return self.status is None and self.size is not None

    @property
    def rejected(self) -> bool:
        """A refusal by the API: 4xx, or a 2xx whose envelope says no. A 5xx is none."""
        if self.status is None or self.unavailable or self.accepted or self.trouble:
            return False
        return 200 <= self.status < 300 or 400 <= self.status < 500

    @property
    def unreadable(self) -> bool:
        """A 2xx whose body is none that the operation may answer: no JSON, or nothing."""
        return self.answered and self.trouble is not None

    @property
    def unavailable(self) -> bool:
        """Nobody judged the call: no answer, throttled, or a gateway spoke for the service."""
        return self.status in (None, 429, 502, 503, 504)

    def __str__(self) -> str:
        if self.status is None:
            return str(self.trouble) if self.too_large else f"no answer: {self.trouble}"
        text = brief(self.body.decode("utf-8", "replace"), _LONGEST_BODY)
        if self.size is not None:
            text = f"{text[: text.rfind('… (')]}… ({self.size:,} bytes; the report keeps these)"
        return f"{self.status} {text}".rstrip() + (f" ({self.trouble})" if self.trouble else "")


def _outline(value: Any, levels: int = 4) -> Any:
    """A JSON value without what is long or deep in it."""
    match value:
        case dict() if levels:
            few = list(value.items())[:_FEW]
            return {name: _outline(member, levels - 1) for name, member in few}
        case list() if levels:
            return [_outline(member, levels - 1) for member in value[:_FEW]]
        case str() if len(value) <= _LONGEST_BODY:
            return value
        case bool() | int() | float():
            return value
    return None


class _Headers(Protocol):
    def get(self, name: str, default: str, /) -> str: ...


def length(headers: _Headers) -> int:
    """The length of a body that the head of an answer tells; 0 if it tells none."""
    told = headers.get("content-length", "").strip()
    return int(told[:20]) if told.isascii() and told.isdigit() else 0
