"""What the operations of an API are about: its resources, and the facets of each.

`openapi.yaml` says how to talk. That `create` makes what `read` shows, or that `limit` cuts what
`list` orders, stands in resources.yaml alone, and is checked against the operations here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from streamproof.specs.errors import SpecError
from streamproof.specs.operation import Operation

Kind = Literal["collection", "log", "lookup"]
How = Literal["equals", "one_of", "all_of"]
Deed = Literal["create", "append", "read", "update", "delete"]
DEEDS: tuple[Deed, ...] = ("create", "append", "read", "update", "delete")


@dataclass(frozen=True, slots=True)
class Order:
    """The fields that a list is sorted by, the weightiest first. `direction` is the argument that
    turns it around, if there is one."""

    by: tuple[str, ...]
    direction: str | None = None
    default: Literal["asc", "desc"] = "asc"


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument of a list that lets through what has its value, or all or one of its values."""

    argument: str
    field: str
    how: How


@dataclass(frozen=True, slots=True)
class Window:
    """The arguments that bound a list in time; a bound is None where there is no such argument."""

    start: str | None
    end: str | None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Pages:
    """How a list is cut: by `offset`, by page `number` from `first` on, by a `cursor` that stands
    at the JSON pointer `next` or in the header `next_header`, or by the header Link. At the JSON
    pointer `count` stands how many rows the page has, or all of them together."""

    limit: str | None = None
    largest: int | None = None
    offset: str | None = None
    number: str | None = None
    first: int = 1
    cursor: str | None = None
    next: str | None = None
    next_header: str | None = None
    link: bool = False
    count: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of a resource. `rows` is the JSON pointer of its rows in the payload; `newest` the
    argument that asks for the last so many of all, on one page; `aliases` the fields that a row may
    show under another name, `columns` those of a row that is an array, in its order."""

    operation: str
    rows: str
    order: Order | None = None
    filters: tuple[Filter, ...] = ()
    window: Window | None = None
    pages: Pages | None = None
    newest: str | None = None
    exactly_one: tuple[str, ...] = ()
    only_with: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Records that agree in the fields `same` are not kept twice, unless `permit` is sent."""

    same: tuple[str, ...]
    permit: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of thing that an API keeps.

    `key` is the field that names a thing (of a log: by which the server tells records apart).
    `within` leads from an argument to the resource that it names. `operations` are ids, by what
    they do; `shows` is where in their answers the thing stands, a JSON pointer.
    """

    name: str
    kind: Kind
    key: str | None
    keyed_by: Literal["client", "server", "either"]
    fields: Mapping[str, str]
    within: Mapping[str, str]
    operations: Mapping[Deed, str]
    shows: str
    listing: Listing | None
    instant: str | None
    duplicates: Duplicates | None
    made_at: tuple[str, ...]
    changed_at: tuple[str, ...]

    def named_in(self, operation: Operation) -> str:
        """The argument of an operation that names a thing: called as the key is, or else the
        path's last that names nothing around it."""
        places = (p.name for p in operation.parameters if p.place == "path")
        own = [name for name in places if name not in self.within]
        if self.key in operation.arguments or not own:
            return str(self.key)
        return own[-1]

    @property
    def calls(self) -> tuple[str, ...]:
        """The ids of all operations on it."""
        listed = () if self.listing is None else (self.listing.operation,)
        return (*self.operations.values(), *listed)


def read(
    spec: Mapping[str, Any], operations: Mapping[str, Operation], file: str
) -> Mapping[str, Resource]:
    """The resources of a resources.yaml that has the form of its schema.

    Raises `SpecError` that names `file`, the resource and the fault, for what the operations
    don't bear out.
    """
    ids = {name: op.id for op in operations.values() for name in (op.id, op.given)}
    reader = _Reader(operations, ids, file)
    found = {name: reader.resource(name, entry) for name, entry in spec["resources"].items()}
    for resource in found.values():
        for parent in resource.within.values():
            if parent not in found or found[parent].kind != "collection":
                raise SpecError(file, resource.name, f"within: no collection {parent!r}")
        if resource.name in _around(resource, found):
            raise SpecError(file, resource.name, "within: it would stand in itself")
    return MappingProxyType(found)


def _around(resource: Resource, resources: Mapping[str, Resource]) -> set[str]:
    """The names of all that a resource stands in, however far out."""
    found: set[str] = set()
    left = [*resource.within.values()]
    while left:
        name = left.pop()
        if name not in found and name in resources:
            found.add(name)
            left += resources[name].within.values()
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """`ids` leads from the names of operations, as given or in rules, to their ids."""

    operations: Mapping[str, Operation]
    ids: Mapping[str, str]
    file: str

    def resource(self, name: str, spec: Mapping[str, Any]) -> Resource:
        at = f"resources/{name}"
        deeds = {
            deed: self._operation(spec[deed], f"{at}/{deed}") for deed in DEEDS if deed in spec
        }
        maker = deeds.get("create") or deeds.get("append")
        key = spec.get("key", spec.get("id"))
        for argument in spec.get("within", {}):
            for deed, operation in deeds.items():
                if spec["kind"] != "log" or deed == "append":  # an id alone may name a record
                    self._argument(operation, argument, f"{at}/within")
        duplicates, instant = spec.get("duplicates"), spec.get("instant")
        known = {key, instant, *spec.get("fields", {}), *spec.get("within", {})}
        known |= self.operations[maker].arguments if maker else set()
        listed = spec.get("list", {})
        for part, names in (
            ("duplicates/same", duplicates["same"] if duplicates else ()),
            ("list/aliases", listed.get("aliases", {}).values()),
            ("list/columns", listed.get("columns", ())),
        ):
            for named in names:
                if named not in known:
                    told = f"no field {named!r}; name it in `fields` with what it holds"
                    raise SpecError(self.file, f"{at}/{part}", told)
        if duplicates and maker:
            for argument in duplicates.get("permit", {}):
                self._argument(maker, argument, f"{at}/duplicates/permit")
        if spec["kind"] == "log" and instant is None:
            raise SpecError(self.file, at, "a log needs `instant`: the field that holds the time")
        timed = {} if instant is None else {instant: "instant"}
        return Resource(
            name=name,
            kind=spec["kind"],
            key=key,
            keyed_by=spec.get("keyed_by") or self._keyed_by(maker, key),
            fields=MappingProxyType({**timed, **spec.get("fields", {})}),
            within=MappingProxyType(dict(spec.get("within", {}))),
            operations=MappingProxyType(deeds),
            shows=spec.get("shows", ""),
            listing=self._listing(spec["list"], f"{at}/list") if "list" in spec else None,
            instant=instant,
            duplicates=None if duplicates is None else _duplicates(duplicates),
            made_at=tuple(spec.get("made_at", ())),
            changed_at=tuple(spec.get("changed_at", ())),
        )

    def _keyed_by(
        self, maker: str | None, key: str | None
    ) -> Literal["client", "server", "either"]:
        """Who names a thing, by what the call that makes one takes."""
        operation = self.operations[maker] if maker else None
        if operation is None or key not in operation.arguments:
            return "server"
        return "client" if key in operation.required else "either"

    def _listing(self, spec: Mapping[str, Any], at: str) -> Listing:
        operation = self._operation(spec["call"], f"{at}/call")
        order, window, page = (spec.get(part) for part in ("order", "window", "page"))
        asked = [*spec.get("filters", {}), *spec.get("exactly_one", ())]
        asked += [window[side] for side in ("start", "end") if side in window] if window else []
        asked += [page[by] for by in ("limit", "offset", "number", "cursor") if page and by in page]
        asked += [spec["newest"]] if "newest" in spec else []
        asked += [order["direction"]] if isinstance(order, Mapping) and "direction" in order else []
        asked += [a for one, others in spec.get("only_with", {}).items() for a in (one, *others)]
        for argument in asked:
            self._argument(operation, argument, at)
        if page and "cursor" in page and not {"next", "next_header"} & page.keys():
            told = "a cursor needs `next` or `next_header`: where the one of the next page stands"
            raise SpecError(self.file, f"{at}/page", told)
        if isinstance(order, list):
            order = {"by": order}
        return Listing(
            operation=operation,
            rows=spec["rows"],
            order=None if order is None else Order(**{**order, "by": tuple(order["by"])}),
            filters=tuple(_filters(spec.get("filters", {}))),
            window=None
            if window is None
            else Window(window.get("start"), window.get("end"), window.get("closed", True)),
            pages=None if page is None else Pages(**page),
            newest=spec.get("newest"),
            exactly_one=tuple(spec.get("exactly_one", ())),
            only_with=MappingProxyType(
                {one: tuple(others) for one, others in spec.get("only_with", {}).items()}
            ),
            aliases=MappingProxyType(dict(spec.get("aliases", {}))),
            columns=tuple(spec.get("columns", ())),
        )

    def _operation(self, given: str, at: str) -> str:
        if given not in self.ids:
            names = ", ".join(op.given for op in self.operations.values())
            raise SpecError(self.file, at, f"no operation {given!r}; there are {names}")
        return self.ids[given]

    def _argument(self, operation: str, argument: str, at: str) -> None:
        known = self.operations[operation].arguments
        if argument not in known:
            names = ", ".join(sorted(known)) or "none"
            raise SpecError(
                self.file,
                at,
                f"{self.operations[operation].given} has no argument {argument!r}; it has {names}",
            )


def _filters(spec: Mapping[str, Any]) -> Iterator[Filter]:
    for argument, how in spec.items():
        if isinstance(how, str):
            how = {"field": argument, "how": how}
        yield Filter(argument, how["field"], how["how"])


def _duplicates(spec: Mapping[str, Any]) -> Duplicates:
    permit = next(iter(spec.get("permit", {}).items()), None)
    return Duplicates(tuple(spec["same"]), permit)
