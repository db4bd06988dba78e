"""Credentials: kept out of every repr, put onto a request at the last moment."""

from __future__ import annotations

import base64
import importlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, assert_never

from streamproof.contracts.shell import quoted
from streamproof.contracts.wire import Request
from streamproof.specs.api import Api
from streamproof.specs.operation import Operation, SecurityScheme


class Secret(str):
    """Text that shows itself to nobody who only prints it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(***)"


def spelled(value: str, own: Mapping[str, str]) -> str:
    """How a shell spells a credential between double quotes: one that is made up as it is, the
    user's own, or one made of it, by the variable that `own` has for it."""
    for secret, variable in own.items():
        changed = {
            secret: f"${variable}",
            secret[:-1]: f"${{{variable}%?}}",
            secret.swapcase(): f"${{{variable}~~}}",
        }
        if value and value in changed:
            return changed[value]
        if secret and secret in value:
            before, after = value.split(secret, 1)
            return f"{quoted(before)}${{{variable}}}{quoted(after)}"
    return quoted(value)


def unspelled(text: str, own: Mapping[str, str]) -> str:
    """The credential that `spelled` wrote so; `own` gives the user's by variable.

    Raises KeyError for a variable that isn't there.
    """

    def value(found: re.Match[str]) -> str:
        if found["sign"]:
            return found["sign"]
        secret = own[found["name"] or found["plain"]]
        return {"%?": secret[:-1], "~~": secret.swapcase()}.get(found["change"] or "", secret)

    return _SPELLED.sub(value, text)


_SPELLED = re.compile(
    r"\\(?P<sign>[\"$`\\])|\$\{(?P<name>\w+)(?P<change>%\?|~~)?\}|\$(?P<plain>\w+)"
)


@dataclass(frozen=True, slots=True)
class Auth:
    """A security scheme with the credentials that it takes, by configuration key.

    `proof`, where it is set, puts them onto a request in a way of its own: an odd one, which no
    transcript may show either.
    """

    scheme: SecurityScheme
    credentials: Mapping[str, Secret]
    proof: Callable[[Request], Request] | None = field(default=None, repr=False, compare=False)

    def holding(self, **other: str) -> Auth:
        """The same scheme with other credentials: a wrong secret, an unknown key."""
        changed = {name: Secret(value) for name, value in other.items()}
        return replace(self, credentials={**self.credentials, **changed})

    def called(self, word: str) -> Auth:
        """The same credentials, their scheme under another name in the header."""
        return replace(self, scheme=replace(self.scheme, word=word))


def available(api: Api, credentials: Mapping[str, str]) -> dict[str, Auth]:
    """The schemes whose credentials are all there, by the name of the scheme."""
    return {
        scheme.name: Auth(scheme, {k: Secret(credentials[k]) for k in scheme.credentials})
        for scheme in api.schemes.values()
        if scheme.credentials and all(credentials.get(k) for k in scheme.credentials)
    }


def default(operation: Operation, auths: Mapping[str, Auth]) -> Auth | None:
    """The first way to prove who calls that the operation takes and we can."""
    return next((auths[name] for name in operation.security if name in auths), None)


def authorised(request: Request, auth: Auth, api: Api) -> Request:
    """`request` with the proof of `auth` added.

    A signature covers form fields; a request that carries none goes out unsigned.
    """
    if auth.proof is not None:
        return auth.proof(request)
    values = list(auth.credentials.values())
    match auth.scheme.kind:
        case "basic":
            token = base64.b64encode(values[0].encode()).decode()
            proof = f"{auth.scheme.word or 'Basic'} {token}"
            return replace(request, headers=(*request.headers, ("Authorization", proof)))
        case "bearer":
            proof = f"{auth.scheme.word or 'Bearer'} {values[0]}"
            return replace(request, headers=(*request.headers, ("Authorization", proof)))
        case "header":
            return replace(
                request, headers=(*request.headers, (auth.scheme.parameter, str(values[0])))
            )
        case "cookie":
            others = tuple(h for h in request.headers if h[0].lower() != "cookie")
            cookies = (request.header("Cookie"), f"{auth.scheme.parameter}={values[0]}")
            cookie = "; ".join(filter(None, cookies))  # RFC 6265, 5.4: one header for all
            return replace(request, headers=(*others, ("Cookie", cookie)))
        case "query":
            return replace(request, query=(*request.query, (auth.scheme.parameter, str(values[0]))))
        case "signature":
            if request.form is None:
                return request
            fields = _signer(api, auth.scheme).signed(
                dict(request.form),
                **auth.credentials,
                nonce=uuid.uuid4().hex,
                timestamp=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            )
            for name, value in request.altered:
                fields = {**fields, name: value}
            form = tuple((n, str(v)) for n, v in fields.items() if v is not None)
            return replace(request, form=form)
        case other:
            assert_never(other)


def _signer(api: Api, scheme: SecurityScheme) -> Any:
    return importlib.import_module(f"streamproof.specs.{api.name}.{scheme.module}")
