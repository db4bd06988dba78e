"""For people: the page at `/_mock/`, and an API's document with the mock's own address in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from flask import Flask, Response

from streamproof.mockserver.replies import json, missing
from streamproof.mockserver.service import Service

PAGE = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
_FOLDER = Path(__file__).parent / "page"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_VARIABLE = re.compile(r"{([^{}]+)}")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def mount(app: Flask, services: Sequence[Service], root: Callable[[], str]) -> None:
    """Add the route. `root()` is scheme, host and space of the current request's URL."""

    def openapi(name: str, form: str) -> Response:
        service = next((each for each in services if each.api.name == name), None)
        if service is None or form not in ("yaml", "json"):
            files = ", ".join(f"{each.api.name}.yaml, {each.api.name}.json" for each in services)
            return missing(f"there are {files}")
        document = _at(service, root())
        if form == "json":
            return json(document)
        text = yaml.dump(document, Dumper=_Plain, allow_unicode=True, sort_keys=False)
        return Response(text, content_type="application/yaml; charset=utf-8")

    def dialect() -> Response:
        return json({service.api.name: dict(service.dialect) for service in services})

    def page(file: str = "index.html") -> Response:
        if file not in PAGE:
            return missing(f"there is no /_mock/{file}")
        text = (_FOLDER / file).read_bytes()
        return Response(text, content_type=PAGE[file], headers=_HEADERS)

    app.add_url_rule("/_mock/", "page", page, methods=["GET"])
    app.add_url_rule("/_mock/<file>", "page_file", page, methods=["GET"])
    app.add_url_rule("/_mock/dialect", "dialect", dialect, methods=["GET"])
    app.add_url_rule("/_mock/openapi/<name>.<form>", "openapi", openapi, methods=["GET"])


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True


def _at(service: Service, root: str) -> dict[str, Any]:
    """The document with the servers at `root`, and with no others, of a path or an operation."""
    document = service.api.openapi
    variables = {
        name: {
            **variable,
            "default": str(service.fixtures.get(name, variable.get("default", name))),
        }
        for server in document.get("servers", ())
        for name, variable in server.get("variables", {}).items()
    }
    servers = []
    for path in service.api.servers:
        own = {name: variables[name] for name in _VARIABLE.findall(path) if name in variables}
        servers.append({"url": root + path, **({"variables": own} if own else {})})
    paths = {path: _without_servers(item) for path, item in document.get("paths", {}).items()}
    return {**document, "servers": servers, "paths": paths}


def _without_servers(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {k: v for k, v in value.items() if k != "servers"}
        if name in _METHODS and isinstance(value, Mapping)
        else value
        for name, value in item.items()
        if name != "servers"
    }
