"""What goes over the wire: requests, outcomes, and the two ways to a target.

A `Request` never holds a secret: credentials are added on the way out (`auth.py`), behind the
point where transcripts are taken.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, unquote, unquote_to_bytes, urlencode, urlsplit

import urllib3

from streamproof.contracts.watchdog import Guard, Watchdog
from streamproof.specs.operation import Operation, SecurityScheme
from streamproof.specs.wording import brief

Pairs = tuple[tuple[str, str], ...]
FORM = "application/x-www-form-urlencoded"
SURROGATES = "surrogatepass"  # how half a surrogate pair, which JSON may name, goes into a URL
_HEADERS = {"User-Agent": "streamproof", "Accept": "application/json, */*;q=0.1"}
LARGEST = 2 * 1024 * 1024  # bytes of an answer: as values they take up to forty times as much
_KEPT = 16 * 1024  # bytes of an answer that a step keeps
_CHUNK = 65536
_FEW = 20  # members of a large answer's lists and objects that a step keeps
_LONGEST_BODY = 300  # characters of an answer in a message
_STRAY_S = 0.005  # for a body that may stand behind an answer that has none
_ANNOUNCED_S = 0.05  # and for one whose length the answer's head tells
_CHUNKED_S = 1.0  # and for one that comes in chunks, as the head tells
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
_LEAST_S = 0.05  # for an exchange that begins at the horizon
_FAREWELL_S = 0.01  # what a server takes to close a connection that it has done with


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

    `status` is None when no whole answer came (`trouble` says why); `sent` is False when the
    target can't have seen the request. `data` is the parsed body
    (None when it is no JSON), `payload` what an accepted answer carries. `trouble` with a status
    says why a 2xx can't be read, `repeated` is a name that stands twice in an object of the body.
    `doubtful` says that an earlier try of a call that may write was answered 503: it may have had
    its effect.

    `auth` is how the caller proved who it is, with `proofs` in place of credentials: for each how
    a shell spells it between double quotes. `url` is the base URL of the place that was asked,
    `race` the number that calls sent at once have in common, `size` the bytes of the whole body.
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

    def kept(self) -> Outcome:
        """What a step keeps of it: a large answer's beginning, so that many fit into memory."""
        if len(self.body) <= _KEPT:
            return self
        outline = _outline(self.data)
        cut = self.body[:_KEPT]
        return replace(self, payload=None, data=outline, body=cut, size=len(self.body))

    @property
    def answered(self) -> bool:
        return self.status is not None

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
            return f"no answer: {self.trouble}"
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


class NoAnswer(Exception):
    """No whole answer came in time; the text says why."""


class TooLarge(NoAnswer):
    """There is an answer, of more bytes than are read."""


class NotSent(NoAnswer):
    """There was nobody to send to."""


class Transport(Protocol):
    """Carries bytes to a target. Raises `NoAnswer`."""

    url: str

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer: ...

    def at(self, path: str) -> Transport:
        """The same server under another base path."""
        ...

    def bound(self, horizon: Callable[[], float]) -> None:
        """From now on no exchange goes on beyond `horizon()`, a `time.monotonic()` instant, as
        far as that can be helped."""
        ...

    def close(self) -> None: ...


class _Headers(Protocol):
    def get(self, name: str, default: str, /) -> str: ...


class _Guarded(threading.local):
    guard: Guard | None = None
    stray: bytes = b""  # what came behind an answer that has no body


_here = _Guarded()  # the exchange that this thread is at


class _Watched:
    """Tells the watchdog which socket an answer is read from."""

    def getresponse(self) -> Any:
        if _here.guard is not None:
            _here.guard.sock = getattr(self, "sock", None)
        return super().getresponse()  # type: ignore[misc]


class _Final(http.client.HTTPResponse):
    """Passes over all interim answers, as http.client itself does over a 100 only (RFC 9110,
    15.2), and sees a body behind a 204 or 304, which have none (6.4.1).

    Where such a body ends nobody can tell, so the connection is closed.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._sock = sock

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            told: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
            if not HTTPStatus.SWITCHING_PROTOCOLS < told[1] < HTTPStatus.OK:
                return told
            http.client.parse_headers(self.fp)

    def begin(self) -> None:
        super().begin()
        if self.status in _BODILESS:
            self.chunked, self.length = False, 0
            _here.stray = self._stray()
            self.will_close = True

    def _stray(self) -> bytes:
        """The beginning of what comes behind the head, if it comes soon; blank lines don't count,
        nor does the end of a chunked body."""
        chunked = "Transfer-Encoding" in self.headers
        announced = chunked or length(self.headers)
        self._sock.settimeout(_CHUNKED_S if chunked else _ANNOUNCED_S if announced else _STRAY_S)
        try:
            found: bytes = self.fp.read1(_CHUNK).strip(b"\r\n")
        except (OSError, ValueError):  # nothing came
            return b""
        return b"" if chunked and found == b"0" else found


class _Http(_Watched, urllib3.connection.HTTPConnection):
    response_class = _Final


class _Https(_Watched, urllib3.connection.HTTPSConnection):
    response_class = _Final


def _is_https(proxy: str | None) -> bool:
    return proxy is not None and proxy.startswith("https:")


def _through(
    proxy: str, scheme: str, host: str, port: int | None, settings: Mapping[str, Any]
) -> urllib3.HTTPConnectionPool:
    """Connections through a proxy, to which a user and a password of its URL are told."""
    parts = urlsplit(proxy)
    known = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    proof = urllib3.make_headers(proxy_basic_auth=known) if parts.username else None
    bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    manager = urllib3.ProxyManager(bare, proxy_headers=proof, **settings)
    return manager.connection_from_host(host, port, scheme)


class HttpTransport:
    """Speaks HTTP to a base URL: keeps connections, follows no redirect.

    Nothing is sent twice, but a GET on a kept connection that the server had just closed.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        cap_bytes: int = LARGEST,
        headers: Mapping[str, str] | None = None,
        ca_file: str | None = None,
        client_cert: str | None = None,
        client_key: str | None = None,
        insecure: bool = False,
        proxy: str | None = None,
        connections: int = 16,
    ) -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._timeout_s, self._cap = timeout_s, cap_bytes
        given = headers or {}
        usual = {n: v for n, v in _HEADERS.items() if n.lower() not in map(str.lower, given)}
        self._headers = {**usual, **given}
        self._watchdog = Watchdog()
        self._hangs_up = False  # whether it closes kept connections without a word
        self.proxied = proxy is not None
        secure = parts.scheme == "https"
        settings: dict[str, Any] = {"maxsize": connections}
        if secure:
            settings |= {"ca_certs": ca_file, "cert_file": client_cert, "key_file": client_key}
        if insecure:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            settings |= {"cert_reqs": "CERT_NONE", "assert_hostname": False}
        host, port = parts.hostname or "", parts.port
        self._pool: urllib3.HTTPConnectionPool
        if proxy is not None:
            self._pool = _through(proxy, parts.scheme, host, port, settings)
        elif secure:
            self._pool = urllib3.HTTPSConnectionPool(host, port, **settings)
        else:
            self._pool = urllib3.HTTPConnectionPool(host, port, **settings)
        self._pool.ConnectionCls = _Https if secure or _is_https(proxy) else _Http
        # A proxy of plain HTTP is told the whole URL; through one, TLS has a tunnel.
        self._origin = f"{parts.scheme}://{parts.netloc}" if self.proxied and not secure else ""

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        left = self._watchdog.horizon() - time.monotonic()
        seconds = max(_LEAST_S, min(self._timeout_s, left))
        with self._watchdog.guard(seconds) as guard:
            _here.guard, _here.stray = guard, b""
            try:
                answer = self._exchange(guard, method, target, headers, body, seconds)
            except urllib3.exceptions.NewConnectionError as fault:  # a timeout by its class
                raise NotSent(_plainly(fault)) from None
            except urllib3.exceptions.TimeoutError:
                raise NoAnswer(self._too_late(seconds)) from None
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as fault:
                raise NoAnswer(self._too_late(seconds) if guard.cut else _plainly(fault)) from None
        if guard.cut:  # what came may look whole: a header that breaks off is one
            raise NoAnswer(self._too_late(seconds))
        return answer

    def _too_late(self, seconds: float) -> str:
        if time.monotonic() > self._watchdog.horizon():
            return "no whole answer before the run had to end"
        return f"no whole answer within {seconds:g} s"

    def _exchange(
        self,
        guard: Guard,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
    ) -> Answer:
        if self._hangs_up:  # else its farewell may come after the next request has gone out
            time.sleep(_FAREWELL_S)
        for last_try in (method != "GET", True):
            try:
                response = self._pool.urlopen(
                    method,
                    self._origin + self._prefix + target,
                    body=body,
                    headers={**self._headers, **headers},
                    retries=False,
                    redirect=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(total=seconds),
                    assert_same_host=False,
                )
                break
            except urllib3.exceptions.ProtocolError as fault:
                hung_up = isinstance(fault.args[-1], http.client.RemoteDisconnected)
                self._hangs_up |= hung_up
                if last_try or guard.cut or not hung_up:
                    raise
        content = self._read(response) or _here.stray
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, names, content)

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        parts, size = [], 0
        try:
            while part := response.read1(_CHUNK):  # not stream(): that waits for whole chunks
                parts.append(part)
                size += len(part)
                if size > self._cap:
                    raise TooLarge(f"the answer is larger than {self._cap} bytes")
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return b"".join(parts)

    def at(self, path: str) -> Transport:
        other = copy(self)
        other.url, other._prefix = f"{self.url.removesuffix(self._prefix)}{path}", path
        return other

    def bound(self, horizon: Callable[[], float]) -> None:
        self._watchdog.horizon = horizon

    def close(self) -> None:
        self._pool.close()


WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiTransport:
    """Calls a WSGI application in this process, as if mounted at `url`."""

    def __init__(self, app: WsgiApp, url: str = "http://localhost") -> None:
        parts = urlsplit(url)
        self.url = url.rstrip("/")
        self._app, self._host = app, parts.netloc
        self._prefix = parts.path.rstrip("/")

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        raw, _, query = (self._prefix + target).partition("?")
        content = body or b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self._prefix + target,
            "RAW_URI": self._prefix + target,
            "SERVER_NAME": self._host.partition(":")[0],
            "SERVER_PORT": self._host.partition(":")[2] or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": self._host,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(content),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "CONTENT_LENGTH": str(len(content)),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        started: list[Any] = []
        chunks = self._app(environ, lambda *answer: started.extend(answer))
        try:
            content = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return Answer(int(started[0][:3]), {n.lower(): v for n, v in started[1]}, content)

    def at(self, path: str) -> Transport:
        other = copy(self)
        other.url, other._prefix = f"{self.url.removesuffix(self._prefix)}{path}", path
        return other

    def bound(self, horizon: Callable[[], float]) -> None:
        """A call in this process can't be cut short."""

    def close(self) -> None:
        """Nothing is held."""


def length(headers: _Headers) -> int:
    """The length of a body that the head of an answer tells; 0 if it tells none."""
    told = headers.get("content-length", "").strip()
    return int(told[:20]) if told.isascii() and told.isdigit() else 0


def _plainly(fault: BaseException) -> str:
    """A connection's failure in a few words, without addresses and numbers of this machine."""
    text = str(fault.args[-1] if fault.args else fault) or type(fault).__name__
    return re.sub(r"^.*[)>]: |\[Errno -?\d+\] ", "", text)
