"""A target and its twin told the same: what one answers beside what the other does.

Ids, cursors and times that a target makes up differ between two of them. They are compared by
their form, and from then on each stands for its counterpart, in later calls too; times that nobody
sent have to be about the same. What callers sent
shows alike in both. What others keep at a target is nobody's matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from streamproof.contracts.auth import Auth
from streamproof.contracts.drivers import timeline
from streamproof.contracts.names import PREFIX
from streamproof.contracts.values import same
from streamproof.contracts.wire import SURROGATES, Outcome, Pairs, Request
from streamproof.specs.api import Api
from streamproof.specs.resources import Listing, Resource
from streamproof.specs.schema import pointer, resolve
from streamproof.specs.wording import shown

_WORD: Final = re.compile(r"[0-9A-Za-z]+")
_DIGIT: Final = re.compile(r"[0-9]")
_OFFSET: Final = re.compile(r"([Zz]|[+-]\d\d:?(?:\d\d)?(?::?\d\d)?)$")
_NO_NUMBER: Final = 8  # characters: shorter names may be numbers, which two give to other things
_NOW: Final = 60 * timeline.MINUTE  # what the clocks of two servers may be apart
_STATED: Final = ("content-type", "location")  # headers that are compared, by their form


@dataclass(slots=True)
class Mirror:
    """What calls of one API have sent, and which name of the twin (the second) stands for which
    name of the target (the first)."""

    api: Api
    _names: dict[str, str] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)
    _instants: set[int | None] = field(default_factory=set)  # that were sent
    _shared: set[str] = field(default_factory=set)  # texts that both have shown
    _members: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self._members = _described(self.api.openapi)

    def translated(self, request: Request) -> Request:
        """A request to the target, as it is to be sent to the twin."""
        new = {*_texts(request)} - self._sent
        self._sent |= new
        self._instants |= {*map(timeline.read, new)} - {None}
        return replace(
            request,
            path="/".join(map(self._segment, request.path.split("/"))),
            query=self._pairs(request.query),
            form=None if request.form is None else self._pairs(request.form),
            body=self._body(request.body),
            altered=tuple((n, v and self._listed(v)) for n, v in request.altered),
        )

    def proof(self, auth: Auth | None) -> Auth | None:
        """How a caller proves to the twin who it is: a token that the target gave has one there."""
        if auth is None:
            return None
        return auth.holding(**{n: self._names.get(v, v) for n, v in auth.credentials.items()})

    def difference(self, first: Outcome, second: Outcome) -> str | None:
        """How the answers to a request and to its translation differ; None where they are alike."""
        self._names.update(zip(first.marks, second.marks, strict=False))
        if first.status != second.status:
            return f"status {first.status}, in the twin {second.status}"
        if first.accepted != second.accepted:
            return f"{'accepted' if first.accepted else 'rejected'}, in the twin not"
        if (first.repeated is None) != (second.repeated is None):
            where = "in the twin" if first.repeated is None else "at the target"
            return f"the name {first.repeated or second.repeated} stands twice, {where} alone"
        if not first.accepted:
            return next(self._unlike(first.data, second.data, (), free=True), None)
        for name in _STATED if first.body else ("location",):
            one, other = (_form(each.headers.get(name), name) for each in (first, second))
            if one != other:
                return f"header {name}: {one}, in the twin {other}"
        listing = self._listing(first.request)
        if listing is None:
            told = next(self._unlike(first.payload, second.payload, ()), None)
        else:
            told = self._unlike_lists(listing, first.payload, second.payload)
        return told or self._elsewhere(first, second)

    def _elsewhere(self, first: Outcome, second: Outcome) -> str | None:
        """How the names differ at which two `Location`s end."""
        one, other = (_last(each.headers.get("location", "")) for each in (first, second))
        if self._stands_for(one, other):
            return None
        return f"header location: it ends in {shown(one)}, in the twin in {shown(other)}"

    def _unlike_lists(
        self, listing: tuple[Resource, Listing], first: Any, second: Any
    ) -> str | None:
        """Of lists that others share, the rows of this run are compared, where they stand whole."""
        resource, how = listing
        try:
            rows, others = resolve(first, how.rows), resolve(second, how.rows)
        except LookupError:
            return next(self._unlike(first, second, ()), None)
        if not (isinstance(rows, list) and isinstance(others, list)) or resource.key is None:
            return next(self._unlike(first, second, ()), None)
        others = self._aligned(rows, others, resource, how)
        if others is None:
            return None
        second = _with_rows(second, how.rows, others)
        mine = [row for row in rows if self._is_known(row, resource)]
        twins = [row for row in others if self._is_twin(row, resource)]
        if len(mine) == len(rows) and len(twins) == len(others):
            return next(self._unlike(first, second, ()), None)
        if how.pages is not None and _has_more(how, first):
            return None  # where a page ends depends on what others keep
        return next(self._unlike(mine, twins, ("rows of this run",)), None)

    def _aligned(
        self, rows: list[Any], twins: list[Any], resource: Resource, how: Listing
    ) -> list[Any] | None:
        """The rows of a twin in the order of those for which they stand, where made-up keys rank
        them; None where those alone settle which stand on a page."""
        if how.order is not None and resource.key not in how.order.by:
            return twins
        keys, theirs = ([_key(row, resource) for row in each] for each in (rows, twins))
        stand = [self._names.get(key, key) for key in keys]
        if stand == keys or len(rows) != len(twins) or not {*keys} <= {*self._names, *self._sent}:
            return twins
        if {*stand} != {*theirs} or len({*theirs}) < len(theirs):
            return None
        sent = [key for key in keys if key not in self._names]
        if sent != [key for key in theirs if key in sent]:
            return twins
        return [twins[theirs.index(key)] for key in stand]

    def _listing(self, request: Request) -> tuple[Resource, Listing] | None:
        for resource in self.api.resources.values():
            found = resource.listing
            if found is not None and found.operation == request.operation.id:
                return resource, found
        return None

    def _is_known(self, row: Any, resource: Resource) -> bool:
        return _key(row, resource) in self._names or self._is_ours(row, resource)

    def _is_twin(self, row: Any, resource: Resource) -> bool:
        return _key(row, resource) in self._names.values() or self._is_ours(row, resource)

    def _is_ours(self, row: Any, resource: Resource) -> bool:
        """Whether a row is of what was sent, by its key, by a name that is in it, or by a time that
        nobody else is likely to have."""
        if not isinstance(row, Mapping):
            return False
        at = timeline.read(row.get(resource.instant)) if resource.instant else None
        if at in self._instants and at is not None and at % timeline.MINUTE:
            return True
        return _key(row, resource) in self._sent or any(
            PREFIX in text and text in self._sent for text in _within(json.dumps(row))
        )

    def _unlike(
        self, first: Any, second: Any, at: tuple[str | int, ...], free: bool = False
    ) -> Iterator[str]:
        """The differences of two values. Texts are `free` where an API words a rejection."""
        if self._are_cursors(first, second, at):
            return
        match first, second:
            case (Mapping(), Mapping()):
                for name in (first.keys() ^ second.keys()) & (self._members | self._sent):
                    who = "target" if name in first else "twin"
                    yield f"{_at(at)}: {name} is shown by the {who} alone"
                for name in first.keys() & second.keys():
                    yield from self._unlike(first[name], second[name], (*at, name), free)
            case (list(), list()):
                if len(first) != len(second) and not free:
                    yield f"{_at(at)}: {len(first)} of them, in the twin {len(second)}"
                for index, (one, other) in enumerate(zip(first, second, strict=False)):
                    yield from self._unlike(one, other, (*at, index), free)
            case (str(), str()):
                if not free and not self._stands_for(first, second):
                    yield f"{_at(at)}: {shown(first)}, in the twin {shown(second)}"
            case _:
                if not same(first, second):
                    yield f"{_at(at)}: {shown(first)}, in the twin {shown(second)}"

    def _are_cursors(self, first: Any, second: Any, at: tuple[str | int, ...]) -> bool:
        """Whether two values are cursors of the next page, which each target makes in its own way.
        Each time it may make another."""
        nexts = {
            each.listing.pages.next
            for each in self.api.resources.values()
            if each.listing is not None and each.listing.pages is not None
        }
        if pointer(at) not in nexts or type(first) is not type(second):
            return False
        if not (first and second and isinstance(first, int | str)):
            return False
        self._names[str(first)] = str(second)
        return True

    def _stands_for(self, first: str, second: str) -> bool:
        if first in self._names:
            return self._names[first] == second
        if first == second:
            self._shared.add(first)
            return True
        one, other = timeline.read(first), timeline.read(second)
        if one is not None and other is not None:
            sent = one in self._instants or other in self._instants
            near = one == other if sent else abs(one - other) < _NOW
            return near and _form(first) == _form(second)
        if first in self._sent or second in self._sent or _form(first) != _form(second):
            return False
        if len(first) >= _NO_NUMBER and self._shared & {first, second}:
            return False  # it is said by both of them, so it is no name that one made up
        self._names[first] = second
        return True

    def _segment(self, segment: str) -> str:
        name = self._names.get(unquote(segment, errors=SURROGATES))
        return segment if name is None else quote(name, safe="", errors=SURROGATES)

    def _pairs(self, pairs: Pairs) -> Pairs:
        return tuple((name, self._listed(value)) for name, value in pairs)

    def _listed(self, value: str) -> str:
        if value in self._names:
            return self._names[value]
        return ",".join(self._names.get(part, part) for part in value.split(","))

    def _body(self, body: bytes | None) -> bytes | None:
        try:
            value = json.loads(body or b"")
        except ValueError:  # also what is no UTF-8
            return body
        told = self._told(value)
        return body if told == value else json.dumps(told, ensure_ascii=False).encode()

    def _told(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._told(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._told(member) for member in value]
        return self._names.get(value, value) if isinstance(value, str) else value


def _described(spec: Any) -> set[str]:
    """The names of all members that a specification describes; others are nobody's matter."""
    if isinstance(spec, list):
        return set().union(*map(_described, spec))
    if not isinstance(spec, Mapping):
        return set()
    properties = spec.get("properties")
    own = {*properties} if isinstance(properties, Mapping) else set()
    return own.union(*map(_described, spec.values()))


def _key(row: Any, resource: Resource) -> str:
    return str(row.get(resource.key)) if isinstance(row, Mapping) else ""


def _with_rows(payload: Any, at: str, rows: list[Any]) -> Any:
    """A payload with other rows, where they stand at its top or right in it."""
    if not at:
        return rows
    name = at.removeprefix("/")
    return {**payload, name: rows} if isinstance(payload, Mapping) and name in payload else payload


def _has_more(how: Listing, payload: Any) -> bool:
    """Whether a list may have gone on: all that is cut by a limit may."""
    pages = how.pages
    if pages is None or pages.next is None:
        return pages is not None and pages.limit is not None
    try:
        return resolve(payload, pages.next) not in (None, "")
    except LookupError:
        return False


def _last(location: str) -> str:
    """The last name in the path of a URL."""
    path = urlsplit(location).path.rstrip("/")
    return unquote(path.rpartition("/")[2], errors=SURROGATES)


def _form(text: str | None, header: str = "") -> str | None:
    """What two texts have in common that mean the same and were made up apart."""
    if text is None:
        return None
    if header == "content-type":
        return text.partition(";")[0].strip().lower()
    if header == "location":
        return "an absolute URL" if "://" in text else "a path"
    if timeline.read(text) is not None:
        moment, offset = _OFFSET.split(text)[:2]
        return _DIGIT.sub("0", moment) + offset
    return _WORD.sub("x", text)


def _texts(request: Request) -> Iterator[str]:
    """The texts that a request sends."""
    yield from (unquote(part, errors=SURROGATES) for part in request.path.split("/"))
    for _, value in (*request.query, *(request.form or ())):
        yield value
        yield from value.split(",")
        yield from _within(value)
    if request.body:
        yield from _within(request.body)


def _within(text: str | bytes) -> Iterator[str]:
    """The texts in JSON text."""
    try:
        left = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list):
            left += value


def _at(at: tuple[str | int, ...]) -> str:
    return pointer(at) if at else "the whole answer"
