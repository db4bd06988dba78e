"""The two ways to a target: over HTTP, and into a WSGI application of this process."""

from __future__ import annotations

import http.client
import io
import re
import time
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from typing import Any, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import urllib3

from streamproof.contracts.connections import Http, Https, here
from streamproof.contracts.watchdog import Guard, Watchdog
from streamproof.contracts.wire import Answer

LARGEST = 2 * 1024 * 1024  # bytes of an answer: as values they take up to forty times as much
_HEADERS = {"User-Agent": "streamproof", "Accept": "application/json, */*;q=0.1"}
_CHUNK = 65536
_LEAST_S = 0.05  # for an exchange that begins at the horizon
_FAREWELL_S = 0.01  # what a server takes to close a connection that it has done with


class NoAnswer(Exception):
    """No whole answer came in time; the text says why."""


class TooLarge(NoAnswer):
    """There is an answer, of more bytes than are read: `size` came."""

    def __init__(self, most: int, size: int) -> None:
        super().__init__(f"an answer of more than {most:,} bytes")
        self.size = size


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
        self._pool.ConnectionCls = Https if secure or _is_https(proxy) else Http
        # A proxy of plain HTTP is told the whole URL; through one, TLS has a tunnel.
        self._origin = f"{parts.scheme}://{parts.netloc}" if self.proxied and not secure else ""

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        left = self._watchdog.horizon() - time.monotonic()
        seconds = max(_LEAST_S, min(self._timeout_s, left))
        with self._watchdog.guard(seconds) as guard:
            here.guard, here.stray = guard, b""
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
        content = self._read(response) or here.stray
        names = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, names, content)

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes:
        parts, size = [], 0
        try:
            while part := response.read1(_CHUNK):  # not stream(): that waits for whole chunks
                parts.append(part)
                size += len(part)
                if size > self._cap:
                    raise TooLarge(self._cap, size)
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


def _plainly(fault: BaseException) -> str:
    """A connection's failure in a few words, without addresses and numbers of this machine."""
    text = str(fault.args[-1] if fault.args else fault) or type(fault).__name__
    return re.sub(r"^.*[)>]: |\[Errno -?\d+\] ", "", text)
