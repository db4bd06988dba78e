"""One call on its way through the server: the request as it came, the call, the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from streamproof.mockserver import parsing
from streamproof.specs.operation import Operation

if TYPE_CHECKING:
    from streamproof.mockserver.delivery import Delivery


@dataclass(frozen=True)
class Request:
    """A request as it came. Header names are in lower case.

    `mount` is the base path that it came by (``/v1/demo``), `variables` what that path fills in
    (``{"database": "demo"}``), `path` the operation's path parameters, decoded; `base_url` is
    scheme, host, space and mount, without a slash at the end.
    """

    method: str
    mount: str
    variables: Mapping[str, str]
    path: Mapping[str, str]
    query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    @cached_property
    def query_fields(self) -> list[tuple[str, str]]:
        """The fields of the query, in order. Raises `Unreadable`."""
        return parsing.query_fields(self.query)

    @cached_property
    def form_fields(self) -> list[tuple[str, str]]:
        """The fields of a body that is a form, in order. Raises `Unreadable`."""
        return parsing.form_fields(self.body)

    def header(self, name: str) -> str | None:
        return self.headers.get(name.lower().replace("_", "-"))  # WSGI tells them not apart


@dataclass(frozen=True)
class Call:
    """A request to one operation. `changes` are what a fault put in place of sent arguments."""

    operation: Operation
    request: Request
    changes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the body as sent. Raises `Unreadable`."""
        return parsing.fields(self.operation, self.request)

    @cached_property
    def without_body(self) -> dict[str, Any]:
        """The arguments outside the body, and those that a fault put in. Raises `Unreadable`."""
        sent = {**parsing.parameters(self.operation, self.request), **self.changes}
        return {name: value for name, value in sent.items() if value is not ABSENT}

    @cached_property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments by the specification's names, read at first use, not yet validated.

        A parameter hides a field of its name. Raises `Unreadable`.
        """
        return self.merged(self.fields)

    def merged(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with `fields` as those of the body."""
        outside = self.without_body
        hidden = outside.keys() | self.changes.keys()
        return {name: value for name, value in fields.items() if name not in hidden} | outside

    def to(self, operation: Operation, **arguments: Any) -> Call:
        """A call to another operation by the same caller, with these arguments."""
        request = replace(self.request, method=operation.method, path={}, body=b"")
        return Call(operation, request, arguments)

    def changed(self, **changes: Any) -> Call:
        """The same request with other arguments; `ABSENT` takes one away."""
        return replace(self, changes={**self.changes, **changes})


class Json(str):
    """JSON text, as a body that is sent as it stands."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back: `body` is JSON-able, text that is sent as it stands, or None for an
    empty body.

    `rule` names what the call broke, and is None in the answer to an accepted call; `touched` the
    faults that changed the call or the answer. `delivery` is how it goes over the wire, where that
    isn't as usual.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    rule: str | None = None
    touched: tuple[str, ...] = ()
    delivery: Delivery | None = None

    @property
    def accepted(self) -> bool:
        return self.rule is None

    @property
    def parsed(self) -> Answer:
        """The same answer with a body that can be looked into."""
        if not isinstance(self.body, Json):
            return self
        return replace(self, body=orjson.loads(self.body.encode()))


class _Absent:
    """The value of an argument that isn't there."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
