"""Load an API's specification: everything in its folder, checked and frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from streamproof.specs import declared, pointers, resources, written
from streamproof.specs.dialect import Choice, DialectSpec, Point
from streamproof.specs.errors import SpecError
from streamproof.specs.homes import Home, home, homes
from streamproof.specs.openapi import Described, read
from streamproof.specs.operation import Envelope, Operation, SecurityScheme
from streamproof.specs.resources import Resource
from streamproof.specs.rulebook import Rulebook
from streamproof.specs.schema import JsonSchema, check_file

_ROOM = Path(__file__).parent


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
    home: Home
    resources: Mapping[str, Resource] = field(default_factory=dict)

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
    """The APIs that are known by name: ours, and those of installed packages."""
    return tuple(homes())


@cache
def load(of: str) -> Api:
    """The API of that name, or in that folder.

    Raises `SpecError` naming the file, the entry and the fault.
    """
    return _load(home(of))


def _load(found: Home) -> Api:
    folder = found.folder
    openapi, rules = _read_yaml(folder / "openapi.yaml"), _rules(found)
    points = _optional(folder / "dialect.yaml", "dialect.schema.json") or {"points": {}}
    described = read(openapi, str(folder / "openapi.yaml"))
    dialect = DialectSpec(MappingProxyType({n: _point(n, p) for n, p in points["points"].items()}))
    kept = _resources(folder, described)
    rulebook = (
        written.rulebook(rules, described, kept, dialect, str(folder / "rules.yaml"))
        if rules
        else declared.rulebook(found.name, described, kept)
    )
    _check_points(folder, dialect)
    title = rules["title"] if rules else {"en": described.title, "zh": described.title}
    fixtures, fixtures_schema = _fixtures(found, described.schemes, kept)
    return Api(
        name=rules["api"] if rules else found.name,
        title_en=title["en"],
        title_zh=title["zh"],
        version=described.version,
        openapi=described.document,
        servers=described.servers,
        operations=described.operations,
        schemes=described.schemes,
        envelope=described.envelope,
        rulebook=rulebook,
        dialect=dialect,
        fixtures=MappingProxyType(fixtures),
        fixtures_schema=fixtures_schema,
        sha256=_digest(folder / "openapi.yaml", folder / "rules.yaml"),
        home=found,
        resources=kept,
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


def _rules(found: Home) -> dict[str, Any] | None:
    """What rules.yaml says; None where an API has none."""
    return _optional(found.folder / "rules.yaml", "rules.schema.json")


def _resources(folder: Path, described: Described) -> Mapping[str, Resource]:
    """What resources.yaml says the operations are about; nothing where there is none."""
    path = folder / "resources.yaml"
    spec = _optional(path, "resources.schema.json")
    if spec is None:
        return {}
    found = resources.read(spec, described.operations, str(path))
    pointers.check(found, described, str(path))
    return found


def _optional(path: Path, schema: str) -> dict[str, Any] | None:
    """What a file says that an API may do without."""
    if not path.exists():
        return None
    data = _read_yaml(path)
    check_file(data, read_json(_ROOM / schema), str(path))
    return data


def _fixtures(
    found: Home, schemes: Mapping[str, SecurityScheme], resources: Mapping[str, Resource]
) -> tuple[dict[str, Any], JsonSchema]:
    """What the mock holds at its start and the suite may use, and the form of a user's own."""
    form, path = found.folder / "fixtures.schema.json", found.folder / "fixtures.yaml"
    schema = read_json(form) if form.exists() else _fixtures_schema(schemes)
    if not found.ours:
        things = {"type": "array", "items": {"type": "object"}}
        members = {**dict.fromkeys(resources, things), **schema.get("properties", {})}
        schema = {**schema, "properties": members}
    if path.exists():
        fixtures = _read_yaml(path)
        check_file(fixtures, schema, str(path))
        return fixtures, schema
    keys = {k: scheme.kind for scheme in schemes.values() for k in scheme.credentials}
    made = {k: "demo:secret" if kind == "basic" else f"demo-{k}" for k, kind in keys.items()}
    return {"credentials": made, "arguments": {}}, schema


def _fixtures_schema(schemes: Mapping[str, SecurityScheme]) -> JsonSchema:
    """The form of fixtures of an API that gives none: credentials, and arguments of calls."""
    keys = [k for scheme in schemes.values() for k in scheme.credentials]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "credentials": {
                "type": "object",
                "additionalProperties": False,
                "properties": {key: {"type": "string", "minLength": 1} for key in keys},
            },
            "arguments": {"type": "object", "additionalProperties": {"type": "object"}},
        },
    }


def _digest(*files: Path) -> str:
    """The SHA-256 of those files together that are there."""
    return hashlib.sha256(b"".join(f.read_bytes() for f in files if f.exists())).hexdigest()


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


def _check_points(folder: Path, dialect: DialectSpec) -> None:
    """Whether each silent point can be what it says by default, and be seen where it says."""
    file = str(folder / "dialect.yaml")
    for point in dialect.points.values():
        point.check(point.default, file)
        for other, value in (point.visible_when or {}).items():
            if other not in dialect.points:
                raise SpecError(file, point.name, f"visible_when: unknown {other!r}")
            dialect.points[other].check(value, file)
