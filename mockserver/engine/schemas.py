"""What the described answers of an operation say of the things in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from streamproof.specs.api import Api
from streamproof.specs.examples import joined
from streamproof.specs.resources import Resource


def at(schema: Any, pointer: str, api: Api) -> Any:
    """The schema of what stands at a JSON pointer in the values of `schema`."""
    found = joined(schema, api.openapi)
    for token in pointer.split("/")[1:]:
        if not isinstance(found, Mapping):
            return {}
        found = joined(found.get("properties", {}).get(token, {}), api.openapi)
    return found


def shown(api: Api, resource: Resource) -> Iterable[Mapping[str, Any]]:
    """The schemas by which answers show a thing, as far as they are described."""
    for operation in resource.operations.values():
        payload = api.operations[operation].success.payload
        yield at(payload or {}, resource.shows, api)
    if resource.listing is not None:
        payload = api.operations[resource.listing.operation].success.payload
        yield of_row(at(payload or {}, resource.listing.rows, api), api)


def of_row(rows: Any, api: Api) -> Any:
    """The schema of a member of an array."""
    return joined(rows.get("items", {}) if isinstance(rows, Mapping) else {}, api.openapi)


def fields_of(api: Api, resource: Resource) -> dict[str, Mapping[str, Any]]:
    """The schemas of a thing's fields, by answers and by what makes one."""
    found: dict[str, Mapping[str, Any]] = {}
    bodies = [api.operations[name].body for name in resource.operations.values()]
    sources = [body.fields for body in bodies if body is not None]
    sources += [s.get("properties", {}) for s in shown(api, resource) if isinstance(s, Mapping)]
    for source in sources:
        for field, schema in source.items():
            known = joined(schema, api.openapi)
            if isinstance(known, Mapping):
                found.setdefault(field, known)
    return found
