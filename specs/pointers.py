"""Where the pointers of a resources.yaml lead in the answers that openapi.yaml describes.

An answer of which nothing is said bears out any pointer; one whose members are listed, only those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamproof.specs.errors import SpecError
from streamproof.specs.examples import joined
from streamproof.specs.openapi import Described
from streamproof.specs.resources import Pages, Resource


def check(resources: Mapping[str, Resource], described: Described, file: str) -> None:
    """Raise `SpecError` that names `file`, the entry and the fault, for a pointer that leads to no
    member of its answer, and for rows that are described, but not as a list."""
    for resource in resources.values():
        for place, operation, pointer in _pointers(resource):
            at, told = f"resources/{resource.name}/{place}", described.operations[operation].given
            try:
                kinds = _follow(described, operation, pointer).get("type", "array")
            except LookupError as fault:
                names = f"the answer of {told} describes {fault}"
                raise SpecError(file, at, names) from None
            if place == "list/rows" and "array" not in kinds:
                names = f"the answer of {told} has no list there: it describes its type as {kinds}"
                raise SpecError(file, at, names)


def _pointers(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """The entry of each pointer, the operation into whose answer it leads, and the pointer."""
    if resource.shows:
        for deed in ("create", "read", "update"):
            if deed in resource.operations:
                yield "shows", resource.operations[deed], resource.shows
    listing = resource.listing
    if listing is not None:
        yield "list/rows", listing.operation, listing.rows
        pages = listing.pages or Pages()
        for name, pointer in (("next", pages.next), ("count", pages.count)):
            if pointer is not None:
                yield f"list/page/{name}", listing.operation, pointer


def _follow(described: Described, operation: str, pointer: str) -> Mapping[str, Any]:
    """The schema to which a pointer leads; an empty one where nothing is said of it.

    Raises LookupError that says what is described in its place.
    """
    schema = _open(described, described.operations[operation].success.payload)
    for token in pointer.split("/")[1:]:
        name, members = token.replace("~1", "/").replace("~0", "~"), schema.get("properties")
        if not members or {"oneOf", "anyOf"} & schema.keys():
            return {}
        if name not in members:
            raise LookupError(f"no {name!r}; it has {', '.join(members)}")
        schema = _open(described, members[name])
    return schema


def _open(described: Described, schema: Any) -> Mapping[str, Any]:
    found = joined(schema, described.document)
    return found if isinstance(found, Mapping) else {}
