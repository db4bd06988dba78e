"""An OpenAPI file as vendors write it, 3.0 or 3.1, read into operations and ways to sign in.

References are followed wherever OpenAPI lets them stand. What is said twice, by a path and by its
operation, is said by the operation. Every pointer leads from where a thing is used, through
references if need be (`schema.resolve` follows them), so that two operations never share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from streamproof.specs.dated import modern
from streamproof.specs.errors import SpecError
from streamproof.specs.operation import (
    Body,
    Envelope,
    Kind,
    Operation,
    Parameter,
    Response,
    SecurityScheme,
)
from streamproof.specs.schema import Validator, pointer, referenced

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_REPEATABLE = ("get", "head", "put")  # RFC 9110, 9.2.2; a second delete is answered otherwise
FORM = "application/x-www-form-urlencoded"
_VERSIONS = ("3.0", "3.1")
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_SAFE = ("get", "head", "options", "trace")  # RFC 9110, 9.2.1
_VARIABLE = re.compile(r"{([^{}]+)}")

Tokens = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """What an OpenAPI file says. `document` is it whole, with the schemas of 3.0 put in words of
    3.1; `servers` are the paths of its base URLs, with their variables in braces."""

    document: Mapping[str, Any]
    title: str
    version: str
    servers: tuple[str, ...]
    operations: Mapping[str, Operation]
    schemes: Mapping[str, SecurityScheme]
    envelope: Envelope | None


def read(document: Mapping[str, Any], file: str) -> Described:
    """Raises `SpecError` that names `file`, the place in it and the fault."""
    return _Reader(document, file).described()


class _Reader:
    """One file being read; every method takes the place that it looks at, to tell of it."""

    def __init__(self, document: Mapping[str, Any], file: str) -> None:
        self._file = file
        version = str(document.get("openapi", document.get("swagger")))
        if not version.startswith(_VERSIONS):
            raise self._fault((), f"OpenAPI 3.0 or 3.1 expected, got {version}; convert it first")
        self._document = modern(document) if version.startswith("3.0") else document

    def described(self) -> Described:
        info = self._mapping(self._document, "info", ())
        schemes = {scheme.name: scheme for scheme in self._schemes()}
        operations = {}
        for operation in self._operations(schemes):
            if operation.id in operations:
                raise self._fault(("paths", operation.path), f"{operation.id} stands twice")
            operations[operation.id] = operation
            self._check_schemas(operation)
        if not operations:
            raise self._fault(("paths",), "no operation in it")
        return Described(
            document=self._document,
            title=str(info.get("title", "")),
            version=str(info.get("version", "")),
            servers=tuple(dict.fromkeys(self._servers())) or ("",),
            operations=MappingProxyType(operations),
            schemes=MappingProxyType(schemes),
            envelope=self._envelope(),
        )

    # -- what stands around the operations -----------------------------------------------------

    def _servers(self) -> Iterator[str]:
        for at, server in enumerate(self._document.get("servers", ())):
            if not isinstance(server, Mapping) or not isinstance(server.get("url"), str):
                raise self._fault(("servers", at), "a mapping with an url expected")
            path = _ORIGIN.sub("", server["url"]).rstrip("/")
            yield path if path.startswith("/") or not path else f"/{path}"

    def _envelope(self) -> Envelope | None:
        try:
            spec = self._document.get("x-envelope")
            return None if spec is None else Envelope(**spec)
        except TypeError as fault:
            raise self._fault(("x-envelope",), str(fault)) from None

    def _schemes(self) -> Iterator[SecurityScheme]:
        """The ways to sign in that can be told in a text; others are left out."""
        components = self._document.get("components", {})
        for name, found in components.get("securitySchemes", {}).items():
            at: Tokens = ("components", "securitySchemes", name)
            spec = self._followed(found, at)
            module = spec.get("x-signature")
            kind: Kind | None = "signature" if module else _kind(spec)
            if kind is not None:
                own = {name: {"en": f"The credential of {name}.", "zh": f"{name} 的凭据。"}}
                yield SecurityScheme(
                    name=name,
                    kind=kind,
                    parameter=spec.get("name", "Authorization"),
                    credentials=spec.get("x-credentials", own),
                    module=module,
                )

    def _security(self, spec: Any, schemes: Mapping[str, Any], at: Tokens) -> tuple[str, ...]:
        """The schemes, any one of which lets in; () where none is needed."""
        options = spec.get("security", self._document.get("security", ()))
        if not options or {} in options:
            return ()
        known = tuple(
            name for option in options if len(option) == 1 for name in option if name in schemes
        )
        if not known:
            raise self._fault(
                (*at, "security"),
                "no way to sign in that can be used: one scheme alone, of type apiKey or http "
                "(basic, bearer), oauth2 or openIdConnect, expected",
            )
        return known

    # -- operations ----------------------------------------------------------------------------

    def _operations(self, schemes: Mapping[str, SecurityScheme]) -> Iterator[Operation]:
        for path, found in self._mapping(self._document, "paths", ()).items():
            at: Tokens = ("paths", path)
            item = self._followed(found, at)
            for method in (m for m in METHODS if m in item):
                yield self._operation(path, method, item, schemes)

    def _operation(
        self, path: str, method: str, item: Mapping[str, Any], schemes: Mapping[str, Any]
    ) -> Operation:
        at: Tokens = ("paths", path, method)
        spec = self._followed(item[method], at)
        given = spec.get("operationId") or f"{method} {path}"
        operation = Operation(
            id=snake(given),
            given=given,
            method=method.upper(),
            path=path,
            parameters=tuple(self._parameters(item, spec, path, at)),
            body=self._body(spec, at),
            responses=MappingProxyType(dict(self._responses(spec, at))),
            security=self._security(spec, schemes, at),
            repeatable=spec.get("x-repeatable", method in _REPEATABLE),
            safe=spec.get("x-safe", method in _SAFE) is True,
        )
        declared = {p.name for p in operation.parameters if p.place == "path"}
        for name in _VARIABLE.findall(path):
            if name not in declared:
                raise self._fault(at, f"no parameter describes {{{name}}} of the path")
        return operation

    def _parameters(
        self, item: Mapping[str, Any], spec: Mapping[str, Any], path: str, at: Tokens
    ) -> Iterator[Parameter]:
        """A path's parameters and an operation's own, which come first where both have one."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder, where in ((item, ("paths", path)), (spec, at)):
            for number, entry in enumerate(holder.get("parameters", ())):
                here: Tokens = (*where, "parameters", number)
                parameter = self._parameter(self._followed(entry, here), here)
                found[parameter.place, parameter.name] = parameter
        return iter(found.values())

    def _parameter(self, spec: Mapping[str, Any], at: Tokens) -> Parameter:
        name, place = spec.get("name"), spec.get("in")
        if not isinstance(name, str) or place not in ("path", "query", "header", "cookie"):
            raise self._fault(at, "a parameter needs a name, and in: path, query, header or cookie")
        if "schema" not in spec:  # a value in another notation, as a text: nothing to say of it
            spec = {**spec, "schema": {}}
        exploded = spec.get("explode", spec.get("style", "form") == "form")
        schema = self._followed(spec["schema"], (*at, "schema"))
        if isinstance(schema.get("items"), Mapping):  # what one of several texts spells
            schema = {**schema, "items": self._followed(schema["items"], (*at, "schema", "items"))}
        return Parameter(name, place, spec.get("required", False), schema, pointer(at), exploded)

    def _body(self, spec: Mapping[str, Any], at: Tokens) -> Body | None:
        if "requestBody" not in spec:
            return None
        at = (*at, "requestBody")
        body = self._followed(spec["requestBody"], at)
        media_type, content = _preferred(body.get("content", {}))
        if media_type is None:
            raise self._fault((*at, "content"), "a media type expected")
        here: Tokens = (*at, "content", media_type, "schema")
        schema = self._followed(content.get("schema", {}), here)
        parts = list(self._parts(schema, here))
        return Body(
            media_type,
            body.get("required", False),
            schema,
            pointer(here),
            fields=MappingProxyType(
                {
                    name: self._followed(field, (*where, "properties", name))
                    for part, where in parts
                    for name, field in part.get("properties", {}).items()
                }
            ),
            needed=tuple(name for part, _ in parts for name in part.get("required", ())),
            example=content["example"] if isinstance(content.get("example"), dict) else {},
        )

    def _parts(
        self, schema: Mapping[str, Any], at: Tokens
    ) -> Iterator[tuple[Mapping[str, Any], Tokens]]:
        """A schema and those that it is put together of, each with its place."""
        yield schema, at
        for number, part in enumerate(schema.get("allOf", ())):
            here: Tokens = (*at, "allOf", number)
            yield from self._parts(self._followed(part, here), here)

    def _responses(self, spec: Mapping[str, Any], at: Tokens) -> Iterator[tuple[str, Response]]:
        for status, found in self._mapping(spec, "responses", at).items():
            here: Tokens = (*at, "responses", str(status))
            response = self._followed(found, here)
            media_type, content = _preferred(response.get("content", {}))
            schema = content.get("schema")
            payload = response.get("x-payload", schema)
            where = pointer((*here, "content", str(media_type), "schema"))
            yield str(status), Response(str(status).upper(), schema, payload, where)

    def _check_schemas(self, operation: Operation) -> None:
        schemas = [p.schema for p in operation.parameters]
        schemas += [operation.body.schema] if operation.body else []
        schemas += [s for r in operation.responses.values() for s in (r.schema, r.payload) if s]
        for each in schemas:
            try:
                Validator(each, self._document)
            except ValueError as fault:
                told = " ".join(str(fault).split())
                raise self._fault((operation.given,), told) from None

    # -- small tools ---------------------------------------------------------------------------

    def _followed(self, node: Any, at: Tokens) -> Mapping[str, Any]:
        """What stands at a place, where a reference leads if there is one."""
        try:
            found = referenced(self._document, node)
        except LookupError as fault:
            raise self._fault(at, str(fault.args[0])) from None
        if not isinstance(found, Mapping):
            raise self._fault(at, "a mapping expected")
        return found

    def _mapping(self, holder: Mapping[str, Any], name: str, at: Tokens) -> Mapping[str, Any]:
        found = holder.get(name)
        if not isinstance(found, Mapping):
            raise self._fault((*at, name), "missing, or no mapping")
        return found

    def _fault(self, at: Tokens, told: str) -> SpecError:
        return SpecError(self._file, pointer(at).lstrip("/").replace("~1", "/"), told)


def snake(given: str) -> str:
    """The name of an operation in ids of rules: ``listDevices`` -> ``list_devices``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", given)
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "call"


def _kind(spec: Mapping[str, Any]) -> Kind | None:
    """The kind of a security scheme that takes a text as credential; None of all others."""
    match spec.get("type"), str(spec.get("scheme", "")).lower():
        case ("http", "basic"):
            return "basic"
        case ("http", "bearer") | ("oauth2" | "openIdConnect", _):
            return "bearer"
        case ("apiKey", _):
            places: Mapping[str, Kind] = {"header": "header", "query": "query", "cookie": "cookie"}
            return places.get(str(spec.get("in")))
    return None


def _preferred(content: Mapping[str, Any]) -> tuple[str | None, Mapping[str, Any]]:
    """Of several media types JSON, or else a form, or else the first."""

    def rank(media_type: str) -> int:
        essence = media_type.partition(";")[0].strip().lower()
        if essence == "application/json" or essence.endswith("+json"):
            return 0
        return 1 if essence == FORM else 2

    if not content:
        return None, {}
    best = min(content, key=rank)
    return best, content[best] or {}
