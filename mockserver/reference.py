"""Calls from the page: Swagger UI's files, and the credentials of the mock put to a call.

Whoever may control the mock may see them; it has printed them at its start.
"""

from __future__ import annotations

import importlib
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

from flask import Flask, Response, request

from streamproof.mockserver.replies import bad, json, missing
from streamproof.mockserver.service import Service
from streamproof.specs.operation import SecurityScheme

ASSETS: Final = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}


def mount(app: Flask, services: Sequence[Service], now: Callable[[Service], datetime]) -> None:
    """Add the routes. `now` is the time of the current space, which a signature carries."""

    def asset(file: str) -> Response:
        if file not in ASSETS:
            return missing(f"there is no /_mock/reference/{file}")
        text = files("flask_swagger_ui").joinpath("dist", file).read_bytes()
        return Response(text, content_type=ASSETS[file], headers={"Cache-Control": "no-cache"})

    def authorize(name: str) -> Response:
        service = next((each for each in services if each.api.name == name), None)
        if service is None:
            return missing(f"there are {', '.join(each.api.name for each in services)}")
        fields = request.get_json(force=True, silent=True)
        if not isinstance(fields, Mapping):
            return bad("no JSON object of the call's form fields; send {} for none")
        return json(_authorized(service, fields, now(service)))

    app.add_url_rule("/_mock/reference/<file>", "reference", asset, methods=["GET"])
    app.add_url_rule("/_mock/authorize/<name>", "authorize", authorize, methods=["POST"])


def _authorized(service: Service, fields: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """What a call has to carry so that the mock lets it in, by place."""
    known: Mapping[str, str] = service.fixtures.get("credentials", {})
    for scheme in service.api.schemes.values():
        values = {key: known[key] for key in scheme.credentials if key in known}
        if values and len(values) == len(scheme.credentials):
            return _carried(service, scheme, values, fields, now)
    return {}


def _carried(
    service: Service,
    scheme: SecurityScheme,
    values: Mapping[str, str],
    fields: Mapping[str, Any],
    now: datetime,
) -> dict[str, Any]:
    value = next(iter(values.values()))
    match scheme.kind:
        case "signature":
            signer = importlib.import_module(
                f"streamproof.specs.{service.api.name}.{scheme.module}"
            )
            stamp = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
            return {
                "form": signer.signed(fields, **values, nonce=uuid.uuid4().hex, timestamp=stamp)
            }
        case "basic":
            return {"headers": {"Authorization": f"Basic {b64encode(value.encode()).decode()}"}}
        case "bearer":
            return {"headers": {"Authorization": f"Bearer {value}"}}
        case "query":
            return {"query": {scheme.parameter: value}}
        case "header":
            return {"headers": {scheme.parameter: value}}
        case _:
            return {}  # no page may set a cookie
