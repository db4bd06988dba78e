"""Arguments that schemathesis makes up from a specification: odd but valid ones, and invalid ones.

The only module that imports schemathesis, at the first use: loading it takes half a second, and
one check needs it. It makes arguments and sends nothing, so that credentials, limits, journal,
transcript and names stay those of our own client.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from streamproof.specs.operation import Body, Operation

SERIES: Final = "4.32"  # each minor version of schemathesis draws otherwise


class Unsuited(Exception):
    """Without the series of schemathesis that is known, the same seed makes other calls."""


@dataclass(frozen=True, slots=True)
class MadeUp:
    """What a call may send: values by place and name.

    A `body` that is no object is the whole body, as a JSON value or as bytes; None is no body.
    """

    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any


def made_up(operation: Operation, without: Collection[str] = ()) -> SearchStrategy[MadeUp]:
    """What may be sent to `operation`, as often valid as not; no body field is one of `without`.

    Raises `Unsuited`.
    """
    schemathesis = _schemathesis()
    schema = schemathesis.openapi.from_dict(
        _specification(operation, without),
        config=schemathesis.Config(),  # or it would look for a file in the folder of the user
    )
    known = {parameter.name for parameter in operation.parameters}

    def plain(case: Any) -> MadeUp:
        return MadeUp(
            {name: unquote(text) for name, text in case.path_parameters.items()},
            case.query,
            {name: text for name, text in case.headers.items() if name in known},
            None if type(case.body).__name__ == "NotSet" else case.body,
        )

    source = schema[operation.path][operation.method]
    modes = schemathesis.GenerationMode
    return st.one_of([source.as_strategy(mode) for mode in modes]).map(plain)


def _schemathesis() -> ModuleType:
    import schemathesis

    found = schemathesis.__version__
    if not found.startswith(f"{SERIES}."):
        raise Unsuited(f"schemathesis {SERIES}.x is needed to make up calls, {found} is installed")
    return schemathesis


def _specification(operation: Operation, without: Collection[str]) -> dict[str, Any]:
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
