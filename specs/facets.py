"""Facets: the typed parts of a resource of which laws speak.

A facet is there when resources.yaml names it and the operations that show it exist: that a thing
is gone after its removal, say, takes a call that removes and one that reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from streamproof.specs.operation import Operation
from streamproof.specs.resources import Listing, Resource

FacetKind = Literal[
    "call",  # a call that makes something, with what it needs and no more
    "made",  # a thing is made, and can be read
    "answered",  # the answer to a create or an append shows what was made
    "unknown",  # a call by the key of something; `name` is the argument
    "removed",  # a thing can be removed, and read
    "removed-once",  # a removal says that what it is of may not be there
    "removed-listed",  # a thing can be removed, and listed
    "removed-parent",  # what stands in a thing that is removed; `name` is the inner resource
    "reborn",  # a removed thing can be made anew under its key
    "changed",  # a thing can be changed, and read
    "unique",  # the caller names a thing, by a key of its own
    "made-up",  # the server makes up a key
    "made-at",  # a time tells when a thing was made; `name` is the field
    "changed-at",  # a time tells when a thing was changed; `name` is the field
    "listed",  # what is made stands in a list
    "listed-read",  # what a list shows can be read by its key
    "kept-apart",  # a list shows what stands in one thing
    "order",  # a list is sorted; `name` is the first field
    "direction",  # an argument turns the order around; `name` is the argument
    "limit",  # an argument bounds a page; `name` is the argument
    "cursor",  # pages lead from one to the next
    "ties",  # pages lead from one to the next, through rows of equal rank
    "offset",  # pages by number, of things or of pages; `name` is the argument
    "filter",  # an argument lets some things through; `name` is the argument
    "window-start",  # an argument bounds times from below; `name` is the argument
    "window-end",
    "window",  # both bounds together
    "newest",  # an argument asks for the last so many; `name` is the argument
    "exactly-one",  # of some arguments a call has exactly one
    "only-with",  # an argument stands beside another only; `name` is that one, `other` the other
    "default",  # an argument has a default; `name` is the argument
    "instant",  # a record has a time; `name` is the field
    "duplicates",  # records that agree in some fields are not kept twice
    "permitted",  # an argument permits them; `name` is the argument
]


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet of a resource. The rules that laws of it become stand under `operation` (an id);
    `name`, and where needed `other`, tell it from others of its kind."""

    kind: FacetKind
    resource: Resource
    operation: str
    name: str = ""
    other: str = ""


def facets(
    resources: Mapping[str, Resource], operations: Mapping[str, Operation]
) -> Iterator[Facet]:
    """All facets of the resources, in the order of the operations' lives: made, shown, listed."""
    for resource in resources.values():
        if resource.kind == "collection":
            yield from _of_collection(resource, operations)
        elif resource.kind == "log":
            yield from _of_log(resource, operations)
        if resource.kind != "lookup":
            yield from _within(resource, resources, operations)
        if resource.listing is not None and {"create", "append"} & {*resource.operations}:
            yield from _of_list(resource, resource.listing, operations)


def kept(resources: Mapping[str, Resource]) -> tuple[Resource, ...]:
    """The resources that calls can both fill and show, along with all that stands around them."""

    def filled(resource: Resource) -> bool:
        around = (resources[name] for name in resource.within.values())
        return bool({"create", "append"} & {*resource.operations}) and all(map(filled, around))

    shows = (r for r in resources.values() if r.listing is not None or "read" in r.operations)
    return tuple(r for r in shows if r.kind != "lookup" and filled(r))


def _of_collection(resource: Resource, operations: Mapping[str, Operation]) -> Iterator[Facet]:
    calls, listing = resource.operations, resource.listing
    create, read, update, delete = (
        calls.get(deed) for deed in ("create", "read", "update", "delete")
    )
    if create is None:
        return
    yield Facet("call", resource, create)
    if _shows(operations[create]):
        yield Facet("answered", resource, create)
    if resource.keyed_by != "client":
        yield Facet("made-up", resource, create)
    if read is not None:
        yield Facet("made", resource, create)
        if resource.keyed_by != "server" and operations[create].method != "PUT":
            yield Facet("unique", resource, create)
        for name in resource.made_at:
            yield Facet("made-at", resource, create, name)
        yield Facet("unknown", resource, read, resource.named_in(operations[read]))
    if update is not None and read is not None:
        yield Facet("changed", resource, update)
        if _misses(operations[update]):
            yield Facet("unknown", resource, update, resource.named_in(operations[update]))
        for name in resource.changed_at:
            yield Facet("changed-at", resource, update, name)
    if delete is not None:
        if _misses(operations[delete]):
            yield Facet("unknown", resource, delete, resource.named_in(operations[delete]))
            yield Facet("removed-once", resource, delete)
        if read is not None:
            yield Facet("removed", resource, delete)
            if resource.keyed_by != "server":
                yield Facet("reborn", resource, delete)
        if listing is not None:
            yield Facet("removed-listed", resource, delete)
    if listing is not None and read is not None:
        yield Facet("listed-read", resource, listing.operation)


def _of_log(resource: Resource, operations: Mapping[str, Operation]) -> Iterator[Facet]:
    append = resource.operations.get("append")
    if append is None:
        return
    yield Facet("call", resource, append)
    if _shows(operations[append]):
        yield Facet("answered", resource, append)
        if resource.key is not None:
            yield Facet("made-up", resource, append)
    if resource.listing is None:
        return
    yield Facet("instant", resource, append, str(resource.instant))
    if resource.duplicates is not None:
        yield Facet("duplicates", resource, append)
        if resource.duplicates.permit is not None:
            yield Facet("permitted", resource, append, resource.duplicates.permit[0])


def _within(
    resource: Resource, resources: Mapping[str, Resource], operations: Mapping[str, Operation]
) -> Iterator[Facet]:
    """What holds because things stand in other things."""
    made = resource.operations.get("create") or resource.operations.get("append")
    listed = None if resource.listing is None else resource.listing.operation
    for argument, name in resource.within.items():
        parent = resources[name]
        for call in (made, listed):
            known = call is not None and argument in operations[call].arguments
            if call is not None and known and _misses(operations[call]):
                yield Facet("unknown", resource, call, argument)
        if made and listed:
            yield Facet("kept-apart", resource, listed, argument)
            if "delete" in parent.operations and parent.keyed_by != "server":
                yield Facet("removed-parent", resource, parent.operations["delete"], resource.name)


def _of_list(
    resource: Resource, listing: Listing, operations: Mapping[str, Operation]
) -> Iterator[Facet]:
    def of(kind: FacetKind, name: str = "", other: str = "") -> Facet:
        return Facet(kind, resource, listing.operation, name, other)

    order, window, pages = listing.order, listing.window, listing.pages
    yield of("listed")
    if order is not None:
        yield of("order", order.by[0])
        if order.direction is not None:
            yield of("direction", order.direction)
    if pages is not None:
        if pages.limit is not None:
            yield of("limit", pages.limit)
        if pages.cursor is not None or pages.link:
            yield of("cursor")
            if order is not None and resource.key not in order.by:
                yield of("ties", order.by[0])
        if (turned := pages.offset or pages.number) is not None:
            yield of("offset", turned)
    for each in listing.filters:
        yield of("filter", each.argument)
    if window is not None:
        if window.start is not None:
            yield of("window-start", window.start)
        if window.end is not None:
            yield of("window-end", window.end)
        if window.start is not None and window.end is not None:
            yield of("window")
    if listing.newest is not None:
        yield of("newest", listing.newest)
    if len(listing.exactly_one) > 1:
        yield of("exactly-one")
    for needed, others in listing.only_with.items():
        for other in others:
            yield of("only-with", needed, other)
    for name, schema in operations[listing.operation].schemas.items():
        if "default" in schema and name not in listing.exactly_one:
            yield of("default", name)


def _misses(operation: Operation) -> bool:
    """Whether an operation is described to answer that what it is about isn't there. Others may
    make it, or say that nothing is; `4XX` and `default` speak of any error."""
    return bool({"404", "410"} & operation.responses.keys())


def _shows(operation: Operation) -> bool:
    """Whether an accepted answer has a body that is described."""
    return operation.success.payload is not None
