"""Two steps of Flask in less time: hosts and headers need no second look here."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Request, Response
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


class Ready(Response):
    """A response that is sent as it stands: its length is in its headers, and they are ASCII."""

    default_mimetype = None

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if self._on_close or self.status_code == HTTPStatus.NO_CONTENT:
            return super().__call__(environ, start)
        start(self.status, list(self.headers))
        return () if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()
