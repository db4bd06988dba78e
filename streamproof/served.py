"""What a running mock offers to those who call it: an address and credentials for each API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamproof.specs.api import Api

_VARIABLE = re.compile(r"{([^{}]+)}")


def base_urls(api: Api, root: str, fixtures: Mapping[str, Any]) -> tuple[str, ...]:
    """Where `api` is found on a server at `root`: the base paths that its specification names,
    with the fixtures of the same names filled in, or else their defaults."""
    usual = {
        name: variable.get("default", name)
        for server in api.openapi.get("servers", ())
        for name, variable in server.get("variables", {}).items()
    }

    def filled(variable: re.Match[str]) -> str:
        name = variable[1]
        return str(fixtures.get(name, usual.get(name, name)))

    return tuple(root + _VARIABLE.sub(filled, path).rstrip("/") for path in api.servers)


@dataclass(frozen=True)
class Served:
    """One API of a running mock.

    `urls` are its base URLs, `url` the first of them. Every credential is an attribute, by the
    name that it has in a configuration file: ``mock.bge.app_key``. `fixtures` tell what is there
    at the start: ``mock.bge.fixtures["entities"]``.
    """

    name: str
    urls: tuple[str, ...]
    credentials: Mapping[str, str] = field(repr=False)
    fixtures: Mapping[str, Any] = field(repr=False)

    @classmethod
    def at(cls, root: str, api: Api, fixtures: Mapping[str, Any]) -> Served:
        """`api` as a mock with these fixtures serves it at the URL `root`."""
        return cls(api.name, base_urls(api, root, fixtures), fixtures["credentials"], fixtures)

    @property
    def url(self) -> str:
        return self.urls[0]

    def __getattr__(self, credential: str) -> str:
        credentials: Mapping[str, str] = self.__dict__.get("credentials", {})
        if credential in credentials:
            return credentials[credential]
        raise AttributeError(f"no {credential!r} here; credentials are {', '.join(credentials)}")
