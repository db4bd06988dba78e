"""How a call arrives: as a signed form, or in another way that the dialect takes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from sqlalchemy import bindparam, insert
from sqlalchemy.exc import IntegrityError

from streamproof.mockserver import encodings
from streamproof.mockserver.bge.tables import nonces
from streamproof.mockserver.call import Call, Request
from streamproof.mockserver.context import Context
from streamproof.mockserver.credentials import same
from streamproof.mockserver.parsing import FORM, read_json
from streamproof.mockserver.problems import Rejected
from streamproof.mockserver.tables import identity
from streamproof.specs.bge import signature

SIGNATURE_FIELDS = ("app_key", "signature_nonce", "timestamp", "sign")
_LONGEST_SHOWN = 4_000  # characters of a text to sign
_TIMESTAMP = "%Y-%m-%dT%H:%M:%SZ"
_REMEMBER = insert(nonces).values(space=bindparam("space"), nonce=bindparam("nonce"))


def as_form(context: Context, request: Request) -> Request:
    """The request with its fields in the body as a form, however they were sent.

    Raises `Rejected` for a way that the dialect doesn't take, and `Unreadable`.
    """
    query = request.query.encode("latin-1", "replace")
    if request.method != "POST":
        _take(context, "method_get", f"{request.method} isn't taken here; use POST", 405)
        return replace(request, body=query)
    request = replace(request, body=encodings.plain(request, context.dialect, "bge"))
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if media_type.startswith("multipart/"):
        detail = f"the body is {media_type}; send {FORM}"
        raise Rejected("bge/dialect/multipart_body", detail, 415)
    if media_type == "application/json":
        _take(context, "json_body", "a JSON body isn't taken; send the fields as a form", 415)
        return replace(request, body=_json_as_form(request.body))
    if query and context.dialect["query_fields"] == "accepted":
        return replace(request, body=b"&".join(part for part in (query, request.body) if part))
    if query and not request.body:
        _take(context, "query_fields", "fields in the query aren't taken; send them in the body")
    return request


def authenticate(context: Context, call: Call) -> None:
    """Raise `Rejected` unless the call is signed by the app that the fixtures name.

    Source: bge-private-sdk 0.1a1 › private_sdk/signature.py.
    """
    sent = as_form(context, call.request).form_fields
    fields = dict(sent)
    if len(fields) < len(sent):
        counts = Counter(name for name, _ in sent)
        name, times = next(field for field in counts.items() if field[1] > 1)
        detail = f"{name} stands {times} times, but a signature covers one; send it once"
        raise _unauthentic("bge/any/changed-field-rejected", detail)
    credentials = context.fixtures["credentials"]
    if not same(fields.get("app_key", ""), credentials["app_key"]):
        detail = "app_key is missing or unknown; send the key of an app that this server knows"
        raise _unauthentic("bge/any/unknown-key-rejected", detail)
    if not fields.get("sign"):
        detail = "sign is missing; sign all other fields and send the signature in the body"
        raise _unauthentic("bge/any/unsigned-rejected", detail)
    for name in ("signature_nonce", "timestamp"):
        if not fields.get(name) and context.dialect["missing_nonce"] == "rejected":
            detail = f"{name} is missing; send it and sign it"
            raise _unauthentic("bge/dialect/missing_nonce", detail)
    if not same(fields["sign"], signature.sign(fields, credentials["app_secret"])):
        raise _unauthentic("bge/any/wrong-signature-rejected", _wrong(context, fields))
    _check_age(context, fields.get("timestamp", ""))
    _check_nonce(context, fields.get("signature_nonce", ""))


def _take(context: Context, point: str, detail: str, status: int = 400) -> None:
    if context.dialect[point] == "rejected":
        raise Rejected(f"bge/dialect/{point}", detail, status)


def _json_as_form(body: bytes) -> bytes:
    """The form of a JSON object: text as it is, any other value as its JSON text, null absent."""
    fields = read_json(body, "body")
    if not isinstance(fields, dict):
        raise Rejected("bge/dialect/json_body", "the body is no JSON object; send one of fields")
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in fields.items()
        if value is not None
    }
    return urlencode(texts).encode()


def _wrong(context: Context, fields: Mapping[str, str]) -> str:
    """What is wrong with a signature; the signed text only where no one else can ask for it."""
    detail = "sign doesn't fit the fields and the app's secret"
    if context.loopback:
        text = signature.canonical(fields)
        if len(text) > _LONGEST_SHOWN:  # a batch may have megabytes; its end tells nobody anything
            text = f"{text[:_LONGEST_SHOWN]}… ({len(text)} characters in all)"
        detail += f"; the text to sign, with the secret and & as key, is {text}"
    return detail


def _check_age(context: Context, timestamp: str) -> None:
    """Raise `Rejected` for a timestamp that the dialect calls too old or too far ahead."""
    expiry = context.dialect["signature_expiry_s"]
    if not expiry or not timestamp:
        return
    try:
        stamped = datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        detail = "timestamp can't be read; send UTC as 2021-03-10T02:24:14Z"
        raise _unauthentic("bge/dialect/signature_expiry_s", detail) from None
    age = context.now() - stamped
    if age > timedelta(seconds=expiry):
        detail = f"timestamp is older than {expiry} seconds; sign the call anew"
        raise _unauthentic("bge/dialect/signature_expiry_s", detail)
    if -age > timedelta(seconds=expiry) and context.dialect["future_timestamp"] == "rejected":
        detail = f"timestamp lies more than {expiry} seconds ahead; send UTC"
        raise _unauthentic("bge/dialect/future_timestamp", detail)


def _check_nonce(context: Context, nonce: str) -> None:
    """Raise `Rejected` for a nonce that came before, where the dialect says so."""
    if not nonce or context.dialect["nonce_replay"] == "accepted":
        return
    try:
        with context.transaction() as connection:
            connection.execute(_REMEMBER, {"space": context.space.name, "nonce": identity(nonce)})
    except IntegrityError:
        detail = "signature_nonce was used before; send a new one with each call"
        raise _unauthentic("bge/dialect/nonce_replay", detail) from None


def _unauthentic(rule: str, detail: str) -> Rejected:
    return Rejected(rule, detail, HTTPStatus.UNAUTHORIZED)
