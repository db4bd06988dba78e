"""Steps of Flask in less time: hosts, headers, hooks and sessions need no look at each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask.typing import ResponseReturnValue


class _NoSessions(SessionInterface):
    _none = NullSession()

    def open_session(self, _app: Flask, _request: Request) -> NullSession:
        return self._none


class Application(Flask):
    """Serves its paths at every host, without sessions; looks for hooks only once it has some."""

    session_interface = _NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What finds the view for a request."""
        if request is None:
            return super().create_url_adapter(request)
        return MapAdapter(
            self.url_map,
            server_name=request.environ.get("HTTP_HOST") or request.environ["SERVER_NAME"],
            script_name=request.root_path,
            subdomain=self.url_map.default_subdomain,
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.environ.get("QUERY_STRING", ""),
        )

    def preprocess_request(self) -> ResponseReturnValue | None:
        """What a hook answers in place of a view."""
        hooks = self.before_request_funcs or self.url_value_preprocessors
        return super().preprocess_request() if hooks else None

    def make_response(self, rv: Any) -> Response:
        """What a view returned, as a response that hooks can look into."""
        if isinstance(rv, Ready) and not self.after_request_funcs:
            return cast("Response", rv)  # nobody but the server sees it
        return super().make_response(rv)

    def process_response(self, response: Response) -> Response:
        """The response, after the hooks."""
        return super().process_response(response) if self.after_request_funcs else response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Run the hooks for the end of a request."""
        if self.teardown_request_funcs:
            super().do_teardown_request(exc)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: there are no coroutines among the views."""
        return func


class Ready:
    """A response that is sent as it stands. `headers` are ASCII; they tell the body's length."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._status, self._headers, self._body = status, headers, body

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start(_status_line(self._status), [*self._headers.items()])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self._body,)


@cache
def _status_line(status: int) -> str:
    return f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown')}"
