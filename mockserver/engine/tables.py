"""Tables of an API's resources: for each the space, what it stands in, its key, its document, and
a column for every field that a list or a constraint looks at.

`number` counts all that was ever made in a space. `home` is the number of the thing that a thing
stands in, 0 where it stands in none: a thing that is made anew has a new number, and nothing in it.
`copy` is 0 for the first of several duplicates, and for each further one its own number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Double, Index, MetaData, Table, UniqueConstraint

from streamproof.mockserver.engine.schemas import fields_of
from streamproof.mockserver.engine.values import Kind, kind_of
from streamproof.mockserver.tables import Text, space_column
from streamproof.specs.api import Api
from streamproof.specs.resources import Resource

_TYPES: Final[Mapping[Kind, Any]] = {"text": Text, "number": Double, "instant": BigInteger}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a resource is kept: `columns` by field, the `kinds` of fields, the columns that are the
    `same` in duplicates, which fields hold `sets` whose members a filter looks for, and the
    resources that stand right in it."""

    resource: Resource
    table: Table
    columns: Mapping[str, Column[Any]]
    kinds: Mapping[str, Kind]
    same: tuple[Column[Any], ...]
    sets: tuple[str, ...]
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of an API. `numbers` counts in each space, `members` holds those of sets."""

    metadata: MetaData
    numbers: Table
    members: Table
    shapes: Mapping[str, Shape]


def build(api: Api) -> Tables:
    """The tables of an API. Their names tell those of another resources.yaml apart."""
    metadata = MetaData()
    plans = {name: _plan(api, resource) for name, resource in api.resources.items()}
    digest = sha256(repr([*plans.items()]).encode()).hexdigest()[:8]

    def name(of: str) -> str:
        return f"{api.name[:24]}_{of[:24]}_{digest}"

    numbers = Table(
        name("numbers"), metadata, space_column(), Column("number", BigInteger, nullable=False)
    )
    members = Table(
        name("members"),
        metadata,
        space_column(),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("field", Text, primary_key=True),
        Column("member", Text, primary_key=True),
        Index(f"{name('members')}_found", "space", "field", "member", "number"),
    )
    shapes = {
        resource.name: _shape(api, resource, plans[resource.name], name(resource.name), metadata)
        for resource in api.resources.values()
    }
    return Tables(metadata, numbers, members, shapes)


def _plan(api: Api, resource: Resource) -> tuple[dict[str, Kind], tuple[str, ...], tuple[str, ...]]:
    """The fields that need a column with their kinds, those that are the same in duplicates, and
    those that a list is sorted by."""
    described = fields_of(api, resource)
    instants = {*resource.made_at, *resource.changed_at, resource.instant}

    def kind(field: str) -> Kind:
        declared = "instant" if field in instants else resource.fields.get(field)
        return kind_of(declared, described.get(field, {}))

    listing = resource.listing
    same = resource.duplicates.same if resource.duplicates else ()
    order = listing.order.by if listing and listing.order else ()
    filters = tuple(each.field for each in listing.filters) if listing else ()
    window = tuple(filter(None, [moment_of(resource)])) if listing and listing.window else ()
    fields = {field: kind(field) for field in dict.fromkeys((*order, *window, *same, *filters))}
    fields |= {field: "text" for field in same if fields[field] == "set"}  # the same as a whole
    return fields, same, order


def moment_of(resource: Resource) -> str | None:
    """The field that a window is about."""
    return resource.instant or next(iter(resource.made_at), None)


def _shape(
    api: Api, resource: Resource, plan: tuple[Any, ...], name: str, metadata: MetaData
) -> Shape:
    kinds, same, order = plan
    columns: dict[str, Column[Any]] = {
        field: Column(f"field_{at}", _TYPES[kind], nullable=False)
        for at, (field, kind) in enumerate(kinds.items())
        if kind != "set"
    }
    table = Table(
        name,
        metadata,
        space_column(),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("home", BigInteger, nullable=False),
        Column("key", Text, nullable=False),
        Column("copy", BigInteger, nullable=False),
        Column("document", Text, nullable=False),
        *columns.values(),
        UniqueConstraint("space", "home", "key", name=f"{name}_key"),
    )
    alike = tuple(columns[field] for field in same)
    if alike:
        table.append_constraint(
            UniqueConstraint(table.c.space, table.c.home, *alike, table.c.copy, name=f"{name}_same")
        )
    sorted_by = [columns[field] for field in order if field in columns]
    Index(f"{name}_order", table.c.space, table.c.home, *sorted_by, table.c.number)
    sets = tuple(field for field, kind in kinds.items() if kind == "set")
    return Shape(resource, table, columns, kinds, alike, sets, tuple(_inside(api, resource)))


def _inside(api: Api, resource: Resource) -> Iterator[str]:
    """The resources that stand right in this one."""
    for other in api.resources.values():
        if other.within and innermost(api, other) == resource.name:
            yield other.name


def outwards(api: Api, resource: Resource) -> list[tuple[str, Resource]]:
    """Argument and resource of all that a resource stands in, the outermost first."""
    around = [(argument, api.resources[name]) for argument, name in resource.within.items()]
    return sorted(around, key=lambda each: len(each[1].within))


def innermost(api: Api, resource: Resource) -> str:
    return outwards(api, resource)[-1][1].name
