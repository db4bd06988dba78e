"""A first streamproof.toml, with what each entry means beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from streamproof.config import DEFAULT_TIMEOUT_S
from streamproof.served import base_urls
from streamproof.specs.api import Api

_MOCK = "http://127.0.0.1:8080"
_HEAD = """\
# The targets of streamproof: `streamproof doctor --target NAME` sees whether one is told rightly,
# `streamproof plan --target NAME` what a run would do, `streamproof check --target NAME` judges it.
# Lines that begin with # and a key show what else may be given. Credentials: env:NAME reads the
# environment variable NAME, so that no secret stands here.
"""


def text(targets: Mapping[str, tuple[Api, str | None, Mapping[str, str]]]) -> str:
    """The file: by the target's name its API, its URL (else our mock's) and the credentials."""
    blocks = [_HEAD.rstrip()]
    for name, (api, url, credentials) in targets.items():
        blocks.append("\n".join(_target(name, api, url, credentials)))
    return "\n\n".join(blocks) + "\n"


def variable(api: Api, key: str) -> str:
    """The environment variable that a credential is read from, if nothing else is said."""
    return f"{api.name}_{key}".upper()


def _target(name: str, api: Api, url: str | None, credentials: Mapping[str, str]) -> Iterator[str]:
    yield f"[targets.{_key(name)}]"
    yield f"api = {_toml(api.name)}  # {api.title_en}"
    yield "# Where the API's paths begin."
    yield f"url = {_toml(url or base_urls(api, _MOCK, api.fixtures)[0])}"
    ways = [{*scheme.credentials} for scheme in api.schemes.values() if scheme.credentials]
    needed = {key for way in ways if way & credentials.keys() for key in way} or ways[0]
    for key, told in api.credentials.items():
        yield f"# {told['en']}"
        value = credentials.get(key, f"env:{variable(api, key)}")
        yield f"{'' if key in needed else '#'}{key} = {_toml(value)}"
    parts = "".join(f", {part}" for part in api.rulebook.parts)
    yield f"# Fixture keys{parts} of what the target doesn't offer: rules about them don't apply."
    yield "#lacks = []"
    yield "# Headers to send along, what a gateway asks for, say."
    yield '#headers = { X-Tenant = "env:TENANT" }'
    yield "# Certificates to trust, in PEM, where the target's authority is your own."
    yield '#ca_file = "ca.pem"'
    yield "# Our own certificate and its key, in PEM, where the target asks for one; and a proxy."
    yield '#client_cert = "client.pem"'
    yield '#client_key = "client.key"'
    yield '#proxy = "http://proxy.example:3128"'
    yield "# Seconds that a whole answer may take."
    yield f"#timeout = {DEFAULT_TIMEOUT_S:g}"
    yield from _fixtures(name, api)


def _fixtures(name: str, api: Api) -> Iterator[str]:
    needed = {need for rule in api.rulebook for need in rule.needs} - {*api.rulebook.parts}
    if not needed:
        return
    yield "# What the target holds and the suite may use; without this table what is printed here,"
    yield "# less what holds credentials."
    yield f"#[targets.{_key(name)}.fixtures]"
    for key, schema in api.fixtures_schema["properties"].items():
        if key in needed:
            yield f"# {schema.get('description', key)}"
            yield f"#{key} = {_toml(api.fixtures[key])}"


def _key(name: str) -> str:
    """A key of TOML, in quotes where it has to be."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else json.dumps(name, ensure_ascii=False)


def _toml(value: Any) -> str:
    """A value of a fixture in TOML; of an object with an id only the id."""
    if isinstance(value, Mapping):
        members = (f"{_key(k)} = {_toml(v)}" for k, v in value.items() if v is not None)
        return f"{{ {', '.join(members)} }}"
    if isinstance(value, list):
        ids = (v["id"] if isinstance(v, Mapping) and "id" in v else v for v in value)
        return f"[{', '.join(map(_toml, ids))}]"
    return json.dumps(value, ensure_ascii=False)
