"""Who may reach what: `/_mock` is its owner's; pages of other origins reach the APIs at most."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import orjson

from streamproof.mockserver.credentials import same
from streamproof.mockserver.errors import UnusableConfig

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTROL: Final = "/_mock"
_HEALTH: Final = f"{CONTROL}/health"
_REFERENCE: Final = ("reference/swagger-ui.css", "reference/swagger-ui-bundle.js")
_PAGE: Final = tuple(f"{CONTROL}/{file}" for file in ("", "page.css", "page.js", *_REFERENCE))
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_ORIGIN: Final = re.compile(
    r"\*|https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?"
)
_NAMES: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~, -]*")
_EXPOSED: Final = "Location, Retry-After, Streamproof-Rule"
_METHODS: Final = "GET, HEAD, POST, PUT, PATCH, DELETE"


def check(token: str | None, origins: Iterable[str]) -> None:
    """Raise `UnusableConfig` for a token that no header carries, or what is no origin."""
    if token is not None and not _TOKEN.fullmatch(token):
        raise UnusableConfig("--control-token: visible ASCII characters without blanks expected")
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise UnusableConfig(
                f"--cors: {origin!r} is no origin; write scheme and host as a browser sends them, "
                "http://localhost:3000, or *"
            )


class Gate:
    """Refuses calls below `/_mock`: all without the token where there is one; else all on a server
    that others can reach, and those that a page of another origin sends. `health` is for all; so
    is the page, where there is a token: it knows nothing before it is given one."""

    def __init__(self, app: WSGIApplication, token: str | None, loopback: bool) -> None:
        self._app, self._token, self._loopback = app, token, loopback

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(CONTROL) and path != _HEALTH:
            if self._token is not None:
                if path not in _PAGE and not _bears(
                    environ.get("HTTP_AUTHORIZATION", ""), self._token
                ):
                    message = "send the control token: Authorization: Bearer TOKEN"
                    return _refuse(start, "401 UNAUTHORIZED", message)
            elif not self._loopback:
                message = (
                    "only on a server bound to loopback; start it with --host 127.0.0.1, or give "
                    "it a --control-token"
                )
                return _refuse(start, "403 FORBIDDEN", message)
            elif _is_foreign(environ):
                message = "a page of another origin may not control the mock"
                return _refuse(start, "403 FORBIDDEN", message)
        return self._app(environ, start)


def _bears(header: str, token: str) -> bool:
    kind, _, sent = header.partition(" ")
    return kind.lower() == "bearer" and same(sent.strip(), token)


def _is_foreign(environ: WSGIEnvironment) -> bool:
    """Whether a browser says that the call comes from a page of another origin."""
    origin = environ.get("HTTP_ORIGIN")
    return origin is not None and urlsplit(origin).netloc != environ.get("HTTP_HOST")


class Cors:
    """Lets pages of `origins` call the APIs and read the answers (Fetch standard, CORS protocol).

    Credentials that a browser adds by itself are not asked for; what a page sends as a header is.
    """

    def __init__(self, app: WSGIApplication, origins: Iterable[str]) -> None:
        self._app, self._origins = app, frozenset(origins)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or environ.get("PATH_INFO", "").startswith(CONTROL):
            return self._app(environ, start)
        allowed = "*" if "*" in self._origins else origin if origin in self._origins else None
        asked = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if environ["REQUEST_METHOD"] == "OPTIONS" and asked:
            return _preflight(environ, start, origin, allowed)

        def shared(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            more = [("Vary", "Origin")]
            if allowed is not None:
                more += [
                    ("Access-Control-Allow-Origin", allowed),
                    ("Access-Control-Expose-Headers", _EXPOSED),
                ]
            return start(status, [*headers, *more], *error)  # type: ignore[arg-type]

        return self._app(environ, shared)  # type: ignore[arg-type]


def _preflight(
    environ: WSGIEnvironment, start: StartResponse, origin: str, allowed: str | None
) -> Iterable[bytes]:
    if allowed is None:
        message = f"pages of {origin!r} may not call; start the mock with --cors and their origin"
        return _refuse(start, "403 FORBIDDEN", message)
    names = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    headers = [
        ("Access-Control-Allow-Origin", allowed),
        ("Access-Control-Allow-Methods", _METHODS),
        ("Access-Control-Max-Age", "600"),
        ("Vary", "Origin"),
    ]
    if names and _NAMES.fullmatch(names):
        headers.append(("Access-Control-Allow-Headers", names))
    start("204 NO CONTENT", headers)
    return ()


def _refuse(start: StartResponse, status: str, message: str) -> Iterable[bytes]:
    body = orjson.dumps({"message": message})
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    if status.startswith("401"):
        headers.append(("WWW-Authenticate", 'Bearer realm="streamproof mock"'))
    start(status, headers)
    return (body,)
