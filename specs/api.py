"""Load an API's specification: everything in its folder, checked and frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from streamproof.specs.dialect import Choice, DialectSpec, Point
from streamproof.specs.errors import SpecError
from streamproof.specs.operation import (
    Body,
    Envelope,
    Operation,
    Parameter,
    Response,
    SecurityScheme,
)
from streamproof.specs.rulebook import Document, Erratum, Excluded, Level, Rule, Rulebook, Source
from streamproof.specs.schema import JsonSchema, Validator, check_file, pointer, resolve

_ROOM = Path(__file__).parent
_METHODS = ("get", "put", "post", "delete", "patch")


class Checked(dict[str, Any]):
    """Fixtures that are known to have their API's shape: a check of many records takes long."""


@dataclass(frozen=True, slots=True)
class Api:
    """One API as its documents describe it.

    `openapi` and `fixtures` are plain data to be read, never written; `servers` are the base
    paths that the specification names; `sha256` is that of openapi.yaml and rules.yaml together.
    """

    name: str
    title_en: str
    title_zh: str
    version: str
    openapi: Mapping[str, Any]
    servers: tuple[str, ...]
    operations: Mapping[str, Operation]
    schemes: Mapping[str, SecurityScheme]
    envelope: Envelope | None
    rulebook: Rulebook
    dialect: DialectSpec
    fixtures: Mapping[str, Any]
    fixtures_schema: JsonSchema
    sha256: str

    def check_fixtures(self, fixtures: object, file: str) -> None:
        """Raise `SpecError` unless `fixtures` has the shape that this API's fixtures.yaml has."""
        if isinstance(fixtures, Checked):
            return
        check_file(fixtures, self.fixtures_schema, file)
        for key, schema in self.fixtures_schema["properties"].items():
            if schema.get("x-rising") and isinstance(fixtures, Mapping) and key in fixtures:
                _check_days(fixtures[key], file, key)

    @property
    def credentials(self) -> Mapping[str, Mapping[str, str]]:
        """The configuration keys that the security schemes need, each with its help texts."""
        return {k: v for scheme in self.schemes.values() for k, v in scheme.credentials.items()}


def names() -> tuple[str, ...]:
    """The APIs that this installation knows, one per folder."""
    return tuple(sorted(folder.parent.name for folder in _ROOM.glob("*/openapi.yaml")))


@cache
def load(name: str) -> Api:
    """The API `name`. Raises `SpecError` naming the file, the entry and the fault."""
    if name not in names():
        raise SpecError("specs", name, f"no such API; there are {', '.join(names())}")
    return load_folder(_ROOM / name)


def load_folder(folder: Path) -> Api:
    """Load a specification from any folder that has the five files."""
    openapi = _read_yaml(folder / "openapi.yaml")
    rules = _read_yaml(folder / "rules.yaml")
    points = _read_yaml(folder / "dialect.yaml")
    fixtures = _read_yaml(folder / "fixtures.yaml")
    fixtures_schema = read_json(folder / "fixtures.schema.json")
    check_file(rules, read_json(_ROOM / "rules.schema.json"), str(folder / "rules.yaml"))
    check_file(points, read_json(_ROOM / "dialect.schema.json"), str(folder / "dialect.yaml"))
    check_file(fixtures, fixtures_schema, str(folder / "fixtures.yaml"))
    try:
        operations = {op.id: op for op in _operations(openapi)}
        schemes = {scheme.name: scheme for scheme in _schemes(openapi)}
        servers = tuple(server["url"] for server in openapi["servers"])
        version = str(openapi["info"]["version"])
        envelope = Envelope(**openapi["x-envelope"]) if "x-envelope" in openapi else None
    except (KeyError, TypeError) as fault:
        raise SpecError(str(folder / "openapi.yaml"), str(fault), "missing or misshapen") from None
    dialect = DialectSpec(MappingProxyType({n: _point(n, p) for n, p in points["points"].items()}))
    rulebook = _rulebook(rules)
    _cross_check(folder, openapi, operations, rules, rulebook, dialect)
    return Api(
        name=rules["api"],
        title_en=rules["title"]["en"],
        title_zh=rules["title"]["zh"],
        version=version,
        openapi=openapi,
        servers=servers,
        operations=MappingProxyType(operations),
        schemes=MappingProxyType(schemes),
        envelope=envelope,
        rulebook=rulebook,
        dialect=dialect,
        fixtures=MappingProxyType(fixtures),
        fixtures_schema=fixtures_schema,
        sha256=hashlib.sha256(
            (folder / "openapi.yaml").read_bytes() + (folder / "rules.yaml").read_bytes()
        ).hexdigest(),
    )


def _check_days(days: Sequence[str], file: str, key: str) -> None:
    """Raise `SpecError` unless `days` are days of the calendar, the earlier one first."""
    for day in days:
        try:
            date.fromisoformat(day)
        except ValueError:
            raise SpecError(file, key, f"the calendar has no {day}") from None
    if not days[0] < days[-1]:
        raise SpecError(file, key, "has to give the earlier day first")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object of this package's own."""
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML that refuses a key that stands twice; in C where there is a C library."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if key != "<<" and keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{key} stands twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        data = yaml.load(path.read_text("utf-8"), Loader=_Loader)
    except OSError as fault:
        raise SpecError(str(path), "", fault.strerror or "can't be read") from None
    except (yaml.YAMLError, ValueError) as fault:
        raise SpecError(str(path), "", f"is no YAML: {' '.join(str(fault).split())}") from None
    if not isinstance(data, dict):
        raise SpecError(str(path), "", "a mapping expected")
    return data


def _operations(openapi: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in openapi["paths"].items():
        shared = [(p, ("paths", path, "parameters", i)) for i, p in _enumerate(item)]
        for method in (m for m in _METHODS if m in item):
            spec, at = item[method], ("paths", path, method)
            own = [(p, (*at, "parameters", i)) for i, p in _enumerate(spec)]
            yield Operation(
                id=spec["operationId"],
                method=method.upper(),
                path=path,
                parameters=tuple(
                    Parameter(
                        p["name"], p["in"], p.get("required", False), p["schema"], pointer(where)
                    )
                    for p, where in (*shared, *own)
                ),
                body=_body(spec["requestBody"], at) if "requestBody" in spec else None,
                responses=MappingProxyType(
                    {str(s): _response(str(s), r) for s, r in spec["responses"].items()}
                ),
                security=tuple(
                    scheme
                    for option in spec.get("security", openapi.get("security", []))
                    for scheme in option
                ),
            )


def _enumerate(item: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    return iter(enumerate(item.get("parameters", ())))


def _body(spec: Mapping[str, Any], at: tuple[str, ...]) -> Body:
    [(media_type, content)] = spec["content"].items()
    where = pointer((*at, "requestBody", "content", media_type, "schema"))
    return Body(media_type, spec.get("required", False), content["schema"], where)


def _response(status: str, spec: Mapping[str, Any]) -> Response:
    schema = next((c.get("schema") for c in spec.get("content", {}).values()), None)
    return Response(status, schema, spec.get("x-payload", schema))


def _schemes(openapi: Mapping[str, Any]) -> Iterator[SecurityScheme]:
    spec: Any
    for name, spec in openapi["components"]["securitySchemes"].items():
        module = spec.get("x-signature")
        yield SecurityScheme(
            name=name,
            kind="signature" if module else spec.get("scheme") or spec["in"],
            parameter=spec.get("name", "Authorization"),
            credentials=spec.get("x-credentials", {}),
            module=module,
        )


def _point(name: str, spec: Mapping[str, Any]) -> Point:
    return Point(
        name=name,
        en=spec["en"],
        zh=spec["zh"],
        choices=tuple(Choice(**choice) for choice in spec["choices"]),
        default=spec["default"],
        shows_en=spec["shows"]["en"],
        shows_zh=spec["shows"]["zh"],
        schema=spec.get("schema"),
        visible_when=spec.get("visible_when"),
        cost=spec.get("cost"),
        mock=spec.get("mock", True),
    )


def _rulebook(spec: Mapping[str, Any]) -> Rulebook:
    return Rulebook(
        documents=tuple(Document(**{**d, "level": Level(d["level"])}) for d in spec["documents"]),
        rules=MappingProxyType(
            {
                r["id"]: Rule(
                    id=r["id"],
                    level=Level(r["level"]),
                    en=r["en"],
                    zh=r["zh"],
                    sources=tuple(map(Source.parse, r["sources"])),
                    pointer=r.get("pointer"),
                    silent=tuple(r.get("silent", ())),
                    depends_on=tuple(r.get("depends_on", ())),
                    needs=tuple(r.get("needs", ())),
                )
                for r in spec["rules"]
            }
        ),
        excluded=tuple(
            Excluded(Source.parse(e["source"]), e["gist"], e["reason"]) for e in spec["excluded"]
        ),
        errata=tuple(
            Erratum(Source.parse(e["source"]), e["says"], e["reading"]) for e in spec["errata"]
        ),
    )


def _cross_check(
    folder: Path,
    openapi: Mapping[str, Any],
    operations: Mapping[str, Operation],
    spec: Mapping[str, Any],
    rulebook: Rulebook,
    dialect: DialectSpec,
) -> None:
    """What the files' own schemas can't see: ids that repeat, and references that lead nowhere."""
    for operation in operations.values():
        schemas = [p.schema for p in operation.parameters]
        schemas += [operation.body.schema] if operation.body else []
        schemas += [s for r in operation.responses.values() for s in (r.schema, r.payload) if s]
        try:
            for each in schemas:
                Validator(each, openapi)
        except ValueError as fault:
            told = " ".join(str(fault).split())
            raise SpecError(str(folder / "openapi.yaml"), operation.id, told) from None
    file = str(folder / "rules.yaml")
    documents = {document.id for document in rulebook.documents}
    seen: set[str] = set()
    for rule in map(rulebook.__getitem__, (entry["id"] for entry in spec["rules"])):
        if rule.id in seen:
            raise SpecError(file, rule.id, "stands twice")
        seen.add(rule.id)
        api, middle, _ = rule.id.split("/")
        if api != spec["api"] or middle not in {*operations, "any"}:
            raise SpecError(file, rule.id, "must begin with the API and one of its operations")
        for source in rule.sources:
            if source.document not in documents:
                raise SpecError(file, rule.id, f"unknown document {source.document!r} in sources")
        for needed in rule.depends_on:
            if needed not in rulebook.rules:
                raise SpecError(file, rule.id, f"depends on unknown rule {needed!r}")
        for name in rule.silent:
            if name not in dialect.points:
                raise SpecError(file, rule.id, f"names unknown silent point {name!r}")
        if rule.pointer is not None:
            try:
                resolve(openapi, rule.pointer)
            except LookupError:
                raise SpecError(
                    file, rule.id, f"pointer {rule.pointer} leads nowhere in openapi.yaml"
                ) from None
    try:
        rulebook.in_dependency_order()
    except ValueError as fault:
        raise SpecError(file, "depends_on", str(fault)) from None
    for point in dialect.points.values():
        point.check(point.default, str(folder / "dialect.yaml"))
        for other, value in (point.visible_when or {}).items():
            if other not in dialect.points:
                raise SpecError(
                    str(folder / "dialect.yaml"), point.name, f"visible_when: unknown {other!r}"
                )
            dialect.points[other].check(value, str(folder / "dialect.yaml"))
