"""The credentials that a request carries. Whether they are good is for the API to say."""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error

from werkzeug.http import parse_cookie

from streamproof.mockserver.call import Call, Request
from streamproof.mockserver.parsing import Unreadable
from streamproof.specs.api import Api
from streamproof.specs.operation import SecurityScheme


def sent(api: Api, call: Call) -> dict[str, str]:
    """By kind of security scheme, the credentials sent for those that the operation admits.

    A header of another or an unreadable form gives an empty text, which equals no credentials.
    """
    found: dict[str, str] = {}
    for name in call.operation.security:
        scheme = api.schemes[name]
        value = of(scheme, call.request)
        if value is not None:
            found[scheme.kind] = value
    return found


def same(sent: str, known: str | None) -> bool:
    """Whether two credentials are equal, in a time that tells nothing about where they differ."""
    return known is not None and hmac.compare_digest(sent.encode(), known.encode())


def of(scheme: SecurityScheme, request: Request) -> str | None:
    """The credential that a request carries for a scheme, None where it has none."""
    if scheme.kind == "query":
        return _query(request).get(scheme.parameter)
    if scheme.kind == "cookie":
        return parse_cookie(request.header("Cookie")).get(scheme.parameter)
    header = request.header(scheme.parameter)
    if header is None or scheme.kind == "header":
        return header
    kind, _, value = header.strip().partition(" ")
    if kind.lower() != scheme.kind:
        return None
    return _decoded(value.strip()) if scheme.kind == "basic" else value.strip()


def _query(request: Request) -> dict[str, str]:
    try:
        return dict(request.query_fields)
    except Unreadable:
        return {}


def _decoded(text: str) -> str:
    try:
        return b64decode(text, validate=True).decode()
    except (Error, UnicodeDecodeError, ValueError):
        return ""
