"""Arguments that schemathesis makes up from a specification: odd but valid ones, and invalid ones.

The only module that imports schemathesis, at the first use: loading it takes half a second, and
one check needs it. It makes arguments and sends nothing, so that credentials, limits, journal,
transcript and names stay those of our own client.

Answers are not judged here. `Case.validate_response` takes 160 to 230 µs for each, `schema` 4 to
12, and over all faults of the mock it told nothing of an answer that some rule on status, shape,
media type or server errors had not told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, Final
from urllib.parse import unquote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from streamproof.specs.operation import Body, Operation

SERIES: Final = "4.32"  # each minor version of schemathesis draws otherwise


class Unsuited(Exception):
    """Another schemathesis would make other calls of the same seed, or none."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """What a call may send.

    `path` holds texts by name, `arguments` those of query, headers and body. `body`, unless it is
    None, takes the place of the whole body: one that is empty or no object.
    """

    path: dict[str, str]
    arguments: dict[str, Any]
    body: bytes | None


def made_up(
    operation: Operation,
    without: Collection[str] = (),
    components: Mapping[str, Any] = MappingProxyType({}),
) -> SearchStrategy[MadeUp]:
    """What may be sent to `operation`, valid or not; no body field is named in `without`, and
    references lead into `components`.

    Raises `Unsuited`.
    """
    schemathesis = _schemathesis()
    config = schemathesis.Config()  # or it would look for a file in the folder of the user
    # All that UTF-8 can encode is what it draws without a codec, too; with one it first tries each
    # of a million characters, in every run.
    config.projects.default.generation.codec = None
    schema = schemathesis.openapi.from_dict(
        _specification(operation, without, components), config=config
    )
    source = schema[operation.path][operation.method]
    modes = [source.as_strategy(mode) for mode in schemathesis.GenerationMode]
    headers = [p.name for p in operation.parameters if p.place == "header"]

    def whole(body: Any) -> bytes | None:
        if operation.body is None or isinstance(body, dict):
            return None
        if body is schemathesis.core.NOT_SET:
            return b""
        return body if isinstance(body, bytes) else json.dumps(body).encode()

    def plain(case: Any) -> MadeUp:
        path = {name: unquote(str(value)) for name, value in case.path_parameters.items()}
        known = {name: case.headers[name] for name in headers if name in case.headers}
        fields = case.body if isinstance(case.body, dict) else {}
        return MadeUp(path, {**case.query, **known, **fields}, whole(case.body))

    return st.one_of(modes).map(plain)


def _schemathesis() -> ModuleType:
    import schemathesis

    found = schemathesis.__version__
    if not found.startswith(f"{SERIES}."):
        remedy = "pip install 'streamproof[check]'"
        raise Unsuited(f"schemathesis {SERIES}.x is needed, {found} is installed: {remedy}")
    return schemathesis


def _specification(
    operation: Operation, without: Collection[str], components: Mapping[str, Any]
) -> dict[str, Any]:
    """A specification of one operation: what it takes, without credentials and examples.

    An example names things that may be somebody's.
    """
    described: dict[str, Any] = {
        "parameters": [
            {"name": p.name, "in": p.place, "required": p.required, "schema": dict(p.schema)}
            for p in operation.parameters
        ],
        "responses": {"default": {"description": "any"}},
    }
    if operation.body is not None:
        content = {operation.body.media_type: {"schema": _fields(operation.body, without)}}
        described["requestBody"] = {"required": operation.body.required, "content": content}
    return {
        "openapi": "3.1.0",
        "info": {"title": operation.id, "version": "1"},
        "paths": {operation.path: {operation.method.lower(): described}},
        "components": {"schemas": components.get("schemas", {})},
    }


def _fields(body: Body, without: Collection[str]) -> dict[str, Any]:
    """The schema of a body, with JSON text in a field described as the value that it stands for."""
    fields = {
        name: dict(schema.get("contentSchema", schema))
        for name, schema in body.schema["properties"].items()
        if name not in without
    }
    for schema in fields.values():
        if "x-item" in schema:
            schema["items"] = schema.pop("x-item")
    return {**body.schema, "properties": fields}
