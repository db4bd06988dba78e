"""Two steps of Flask in less time: no host is parsed, and a whole answer is sent as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, request_finished
from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import MapAdapter

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Application(Flask):
    """Serves its paths at every host."""

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

    def make_response(self, rv: Any) -> Response:
        """What a view returned; as a response that can be looked into, where somebody does."""
        if not isinstance(rv, Ready):
            return super().make_response(rv)
        seen = self.after_request_funcs or request_finished.receivers
        return rv.opened() if seen else cast("Response", rv)

    def process_response(self, response: Response) -> Response:
        """The response after the hooks, if there are any for it."""
        return response if isinstance(response, Ready) else super().process_response(response)


class Ready:
    """A response that is sent as it stands. `headers` are ASCII; they tell the body's length."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._status, self._headers, self._body = status, headers, body

    @property
    def length(self) -> int:
        """How many bytes the body has."""
        return len(self._body)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start(_status_line(self._status), [*self._headers.items()])
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self._body,)

    def opened(self) -> Response:
        """The same, for hooks to read and change."""
        return _Opened([self._body], self._status, self._headers)


class _Opened(Response):
    """Its headers are sent as hooks left them: werkzeug would write a Location in its own way."""

    default_mimetype = None

    def get_wsgi_headers(self, _environ: WSGIEnvironment) -> Headers:
        return self.headers


@cache
def _status_line(status: int) -> str:
    return f"{status} {HTTP_STATUS_CODES.get(status, 'Unknown').upper()}"
