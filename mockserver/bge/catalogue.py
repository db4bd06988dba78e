"""What exists apart from records: namespaces, entities, data elements, biosamples. No call of the
API changes any of it; it comes from the fixtures, and from the records among them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, select

from streamproof.mockserver.bge.tables import elements, entities, namespaces, samples
from streamproof.mockserver.quick import Quick

_DETAILS = ("name", "description", "source_domain", "source_id")
_SAMPLE = select(samples.c.entity).where(
    samples.c.space == bindparam("space"), samples.c.id == bindparam("id")
)


class _Known:
    """The statements that look ids up in a table. Most calls have one: SQLAlchemy writes a
    statement anew for each list of several."""

    def __init__(self, table: Table) -> None:
        here = table.c.space == bindparam("space")
        self._one = Quick(select(table.c.id).where(here, table.c.id == bindparam("id")))
        several = table.c.id.in_(bindparam("ids", expanding=True))
        self._several = select(table.c.id).where(here, several)

    def among(self, connection: Connection, space: str, ids: Iterable[str]) -> Collection[str]:
        wanted = list(ids)
        if len(wanted) == 1:
            found = self._one.rows(connection, {"space": space, "id": wanted[0]})
            return [known for (known,) in found]
        return set(connection.scalars(self._several, {"space": space, "ids": wanted}))


_NAMESPACES, _ENTITIES, _ELEMENTS = map(_Known, (namespaces, entities, elements))


class UnknownSample(LookupError):
    """There is no biosample of this id."""


def known_namespaces(connection: Connection, space: str, ids: Iterable[str]) -> Collection[str]:
    """Those of `ids` that are namespaces: the caller's own, and those of the seed's records."""
    return _NAMESPACES.among(connection, space, ids)


def known_entities(connection: Connection, space: str, ids: Iterable[str]) -> Collection[str]:
    """Those of `ids` that are entities."""
    return _ENTITIES.among(connection, space, ids)


def known_elements(connection: Connection, space: str, ids: Iterable[str]) -> Collection[str]:
    """Those of `ids` that are data elements."""
    return _ELEMENTS.among(connection, space, ids)


def entity_of(connection: Connection, space: str, sample: str) -> str | None:
    """The entity that a sample is bound to; None if to none. Raises `UnknownSample`."""
    found = connection.execute(_SAMPLE, {"space": space, "id": sample}).first()
    if found is None:
        raise UnknownSample(sample)
    entity: str | None = found.entity
    return entity


def seed(connection: Connection, space: str, fixtures: Mapping[str, Any]) -> None:
    """Fill a new space with what the fixtures name."""
    named, owners = {fixtures["namespace"]}, {*fixtures["entities"]}
    owners |= {*fixtures["biosamples"].values()} - {None}
    described = {}
    for stream in fixtures["streams"]:
        named.add(stream["stream_meta"]["namespace"])
        owners.add(stream["stream_meta"]["fundamental_entity_id"])
        element = _of_record(stream)
        described[element["id"]] = element
    described |= {e["id"]: e for e in map(_of_fixture, fixtures["data_elements"])}
    for table, rows in (
        (namespaces, [{"id": each} for each in sorted(named)]),
        (entities, [{"id": owner} for owner in sorted(owners)]),
        (
            elements,
            [{name: e.get(name, "") for name in ("id", *_DETAILS)} for e in described.values()],
        ),
        (samples, [{"id": s, "entity": e} for s, e in fixtures["biosamples"].items()]),
    ):
        if rows:
            connection.execute(insert(table), [{"space": space, **row} for row in rows])


def everything(connection: Connection, space: str) -> dict[str, Any]:
    """What exists, in the form of fixtures; namespaces are told by records."""

    def of(table: Table) -> Sequence[Mapping[str, Any]]:
        found = select(table).where(table.c.space == space).order_by(table.c.id)
        return [dict(row) for row in connection.execute(found).mappings()]

    return {
        "data_elements": [
            {name: row[name] for name in ("id", *_DETAILS) if row[name]} for row in of(elements)
        ],
        "entities": [row["id"] for row in of(entities)],
        "biosamples": {row["id"]: row["entity"] for row in of(samples)},
    }


def _of_record(stream: Mapping[str, Any]) -> dict[str, str]:
    return {n.removeprefix("data_element_"): v for n, v in stream["data_element"].items()}


def _of_fixture(element: str | dict[str, str]) -> dict[str, str]:
    return {"id": element} if isinstance(element, str) else element
