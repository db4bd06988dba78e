"""Which ways of sending and signing a call bge takes where the document is silent."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.seeing import (
    ACCEPTED,
    REJECTED,
    a_write,
    alike,
    free_key,
    shelf,
    taken,
    which,
    write,
)
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.observations import observe
from streamproof.contracts.wire import FORM, Request
from streamproof.specs.bge.signature import sign, signed

_TIMESTAMP: Final = "%Y-%m-%dT%H:%M:%SZ"
_EXPIRIES: Final = (60, 120, 180, 300, 600, 900, 1800, 3600, 86_400)  # seconds
_NEAR: Final = 15  # seconds between our clock and theirs that don't matter
_NEVER: Final = 366 * 86_400  # a timestamp of a year ago doesn't expire
_BOUNDARY: Final = "streamproof-parts"


Put = Callable[[Request, dict[str, str]], Request]


def _as_form(request: Request, fields: dict[str, str]) -> Request:
    return replace(request, form=tuple(fields.items()))


def _as_query(request: Request, fields: dict[str, str]) -> Request:
    return replace(request, query=tuple(fields.items()), form=None)


def _sent(
    trial: Trial,
    put: Put = _as_form,
    *,
    method: str = "POST",
    age_s: float = 0,
    nonce: str | None = None,
    lacking: str | None = None,
) -> bool:
    """Whether a good range is taken whose signed fields are `put` into it, with a timestamp of
    some age and one field lacking; taken like the documented one, which shows a record."""
    auth = next(iter(trial.client.auths.values()))

    def proof(request: Request) -> Request:
        fields = signed(
            dict(request.form or ()),
            **auth.credentials,
            nonce=nonce or uuid.uuid4().hex,
            timestamp=f"{datetime.now(UTC) - timedelta(seconds=age_s):{_TIMESTAMP}}",
        )
        if lacking is not None:
            fields = {name: fields[name] for name in fields.keys() - {lacking, "sign"}}
            fields["sign"] = sign(fields, auth.credentials["app_secret"])
        return put(request, fields)

    request = trial.client.request("range", **{**shelf(trial).query, "limit": 1})
    request = replace(request, operation=replace(request.operation, method=method), method=method)
    outcome = trial.client.send(request, auth=replace(auth, proof=proof), watched=False)
    if not trial.granted(outcome, "the range"):
        return False
    found = calls.page(outcome.payload).records
    trial.require(found, "a record in the answer, as to the documented call")
    return True


def _good(trial: Trial) -> None:
    """Raise `Unmet` unless a call is taken that is signed like those that are odd."""
    trial.require(_sent(trial), "a good range that is taken")


def _taken(trial: Trial, put: Put = _as_form, **odd: Any) -> str:
    trial.learn(_good)
    return ACCEPTED if _sent(trial, put, **odd) else REJECTED


@observe("bge/method_get")
def method_get(trial: Trial) -> str:
    """A range by GET, its signed fields in the query."""
    return _taken(trial, _as_query, method="GET")


@observe("bge/json_body")
def json_body(trial: Trial) -> str:
    """A range whose signed fields come as a JSON object."""

    def put(request: Request, fields: dict[str, str]) -> Request:
        kind = ("Content-Type", "application/json")
        return replace(request, form=None, body=json.dumps(fields).encode(), headers=(kind,))

    return _taken(trial, put)


@observe("bge/multipart_body")
def multipart_body(trial: Trial) -> str:
    """A range whose signed fields come as the parts of a multipart/form-data body."""

    def put(request: Request, fields: dict[str, str]) -> Request:
        parts = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        kind = ("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}")
        body = f"{parts}--{_BOUNDARY}--\r\n".encode()
        return replace(request, form=None, body=body, headers=(kind,))

    return _taken(trial, put)


@observe("bge/content_encoding")
def content_encoding(trial: Trial) -> str:
    """A range whose form is packed by gzip."""

    def put(request: Request, fields: dict[str, str]) -> Request:
        headers = (("Content-Type", FORM), ("Content-Encoding", "gzip"))
        body = gzip.compress(urlencode(fields).encode())
        return replace(request, form=None, body=body, headers=headers)

    return "decoded" if _taken(trial, put) == ACCEPTED else REJECTED


@observe("bge/query_fields")
def query_fields(trial: Trial) -> str:
    """A range by POST, its signed fields in the query and an empty body."""
    return _taken(trial, lambda request, fields: replace(_as_query(request, fields), body=b""))


@observe("bge/boolean_spelling", dear=True)
def boolean_spelling(trial: Trial) -> str:
    """`duplicate_enabled` as True and 1 in writes that repeat a record, and as yes in a new one."""
    record = trial.learn(a_write)
    plain = taken(trial, write(trial, record.key, record.data))
    trial.require(plain in (None, record.id), "a repeated write that stores nothing")

    def again(word: str) -> str:
        outcome = write(trial, record.key, record.data, duplicate_enabled=word)
        made = taken(trial, outcome)
        return "as false" if made in (None, record.id) else "as true"

    seen = again("True"), again("1")
    is_taken = taken(trial, write(trial, free_key(trial), duplicate_enabled="yes")) is not None
    # where a repeated write is answered by the older id, one that is rejected has a bad flag
    read = (*seen, ACCEPTED if is_taken else REJECTED)
    return which(
        read,
        {
            "lenient": ("as true", "as true", REJECTED),
            "strict": ("as false", "as false", REJECTED),
            "only_true": ("as false", "as false", ACCEPTED),
        },
    )


# -- the signature -------------------------------------------------------------------------------


@observe("bge/signature_expiry_s")
def signature_expiry_s(trial: Trial) -> int:
    """Rightly signed calls with older and older timestamps."""
    trial.learn(_good)
    if _sent(trial, age_s=_NEVER):
        return 0
    for expiry in _EXPIRIES:
        if _sent(trial, age_s=expiry + _NEAR):
            continue
        if _sent(trial, age_s=expiry - _NEAR):
            return expiry
        break
    raise Unmet(f"a time of expiry among {', '.join(map(str, _EXPIRIES))} seconds")


@observe("bge/future_timestamp")
def future_timestamp(trial: Trial) -> str:
    """A rightly signed call with a timestamp of tomorrow."""
    return _taken(trial, age_s=-86_400)


@observe("bge/nonce_replay")
def nonce_replay(trial: Trial) -> str:
    """Two rightly signed ranges with one nonce."""
    nonce = uuid.uuid4().hex
    trial.require(_sent(trial, nonce=nonce), "a good range that is taken")
    return _taken(trial, nonce=nonce)


@observe("bge/missing_nonce")
def missing_nonce(trial: Trial) -> str:
    """A range without `signature_nonce` and one without `timestamp`, signed over what remains."""
    seen = [_taken(trial, lacking=name) for name in ("signature_nonce", "timestamp")]
    return alike(seen, "without a nonce, and without a timestamp")


OBSERVERS = (
    *(method_get, json_body, multipart_body, content_encoding, query_fields, boolean_spelling),
    *(signature_expiry_s, future_timestamp, nonce_replay, missing_nonce),
)
