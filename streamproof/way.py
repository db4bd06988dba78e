"""The way to a target beside its URL: whom TLS trusts, by what we are known to it, and a proxy."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from streamproof.files import secret
from streamproof.specs.errors import SpecError

Place = Callable[[str], tuple[str, str]]
"""Where an entry of a target stands, for messages: its key -> file and entry."""

FILES = ("ca_file", "client_cert", "client_key")  # named from where the configuration stands
KEYS: Mapping[str, Mapping[str, Any]] = {
    "ca_file": {"type": "string", "description": "a file of certificates in PEM"},
    "client_cert": {"type": "string", "description": "a file with our certificate in PEM"},
    "client_key": {"type": "string", "description": "a file with its key in PEM"},
    "insecure": {"type": "boolean", "description": "true to trust whatever certificate is shown"},
    "proxy": {
        "type": "string",
        "writeOnly": True,
        "description": "the URL of a proxy, http://host:port, or env:NAME of a variable with it",
    },
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a target is reached. `insecure` trusts any certificate; `proxy` may hold a password."""

    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    insecure: bool = False
    proxy: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no report may show of it."""
        password = urlsplit(self.proxy or "").password
        return (unquote(password),) if password else ()


def way(entry: Mapping[str, Any], url: str, place: Place) -> Way:
    """The way that the entries `KEYS` of a target describe, its files tried."""
    found = Way(**{key: entry[key] for key in KEYS if key in entry})
    if found.ca_file is not None:
        _check_ca_file(found.ca_file, place)
    if found.client_key is not None and found.client_cert is None:
        raise SpecError(*place("client_cert"), "is missing; client_key needs it")
    if found.client_cert is not None:
        _check_client_cert(found.client_cert, found.client_key, place)
    if found.insecure and found.ca_file is not None:
        raise SpecError(*place("insecure"), "leave it out, or ca_file: one trusts, one checks")
    if not url.startswith("https://"):
        for key in (*FILES, "insecure"):
            if getattr(found, key):
                raise SpecError(*place(key), "is of no use without https://; leave it out")
    if found.proxy is None:
        return found
    return Way(
        found.ca_file,
        found.client_cert,
        found.client_key,
        found.insecure,
        _proxy(found.proxy, place),
    )


def _check_ca_file(ca_file: str, place: Place) -> None:
    if not Path(ca_file).exists():
        raise SpecError(*place("ca_file"), f"no such file: {ca_file}")
    try:
        ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError):
        raise SpecError(*place("ca_file"), f"{ca_file} holds no certificate in PEM") from None


def _check_client_cert(cert: str, key: str | None, place: Place) -> None:
    for name, file in (("client_cert", cert), ("client_key", key)):
        if file is not None and not Path(file).exists():
            raise SpecError(*place(name), f"no such file: {file}")

    def no_password() -> str:
        raise SpecError(*place("client_key" if key else "client_cert"), "its key has a password")

    try:
        ssl.create_default_context().load_cert_chain(cert, key, no_password)
    except (OSError, ValueError):
        which = f"{cert} and {key} hold" if key else f"{cert} holds"
        fault = f"{which} no certificate in PEM with the key that belongs to it"
        raise SpecError(*place("client_cert"), fault) from None


def _proxy(given: str, place: Place) -> str:
    url = secret(given, *place("proxy"))
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise SpecError(*place("proxy"), "a URL like http://proxy.example:3128 expected")
    return url
