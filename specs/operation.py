"""Operations: where each argument goes, and what counts as accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from streamproof.specs.schema import JsonSchema

Place = Literal["path", "query", "header", "cookie", "body"]
PLACES: tuple[Place, ...] = ("path", "query", "header", "cookie", "body")
Kind = Literal["basic", "bearer", "header", "query", "cookie", "signature"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument outside the body; `pointer` leads to it in openapi.yaml.

    The members of one that is an array stand each by itself where it is `exploded`, otherwise
    joined by commas.
    """

    name: str
    place: Place
    required: bool
    schema: JsonSchema
    pointer: str
    exploded: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A request body; `pointer` leads to its schema in openapi.yaml.

    `fields` are the schemas of its members, by name, `needed` the names without which it is none,
    `example` the members of one that is given as an example.
    """

    media_type: str
    required: bool
    schema: JsonSchema
    pointer: str
    fields: Mapping[str, JsonSchema]
    needed: tuple[str, ...]
    example: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that the specification describes.

    `schema` describes the body, `payload` what is left when the API's envelope is taken off
    (the same where there is none); both None where the body is empty. `pointer` leads to the
    schema in openapi.yaml.
    """

    status: str
    schema: JsonSchema | None
    payload: JsonSchema | None
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The wrapping of every answer: member names, and the code that means success."""

    code: str
    message: str
    data: str
    success: int


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """A way to prove who calls; `credentials` names the configuration keys that it needs.

    `word` is what a header calls the scheme, where that isn't the usual one.
    """

    name: str
    kind: Kind
    parameter: str
    credentials: Mapping[str, Mapping[str, str]]
    module: str | None = None
    word: str | None = None


@dataclass(frozen=True)
class Operation:
    """One call of an API.

    `id` stands in the ids of rules, `given` is the operationId as its file has it. `security`
    names the schemes, any one of which is enough. Where a call is `repeatable`, a second one is
    answered as the first was. A `safe` call reads and changes nothing (RFC 9110, 9.2.1).
    """

    id: str
    given: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: Mapping[str, Response]
    security: tuple[str, ...]
    repeatable: bool = False
    safe: bool = False

    @cached_property
    def success(self) -> Response:
        """The documented successful answer; where none is described, any."""
        described = (r for status, r in self.responses.items() if status.startswith("2"))
        return next(described, Response("2XX", None, None))

    @cached_property
    def _places(self) -> Mapping[str, Place]:
        return {p.name: p.place for p in self.parameters}

    @cached_property
    def arguments(self) -> frozenset[str]:
        """The names of the documented arguments, wherever they go."""
        return frozenset((*self._places, *(self.body.fields if self.body else ())))

    @cached_property
    def schemas(self) -> Mapping[str, JsonSchema]:
        """The schemas of the documented arguments, wherever they go."""
        fields = self.body.fields if self.body else {}
        return {**fields, **{p.name: p.schema for p in self.parameters}}

    @cached_property
    def exploded(self) -> frozenset[str]:
        """The names of the arguments whose members stand each by itself."""
        return frozenset(p.name for p in self.parameters if p.exploded)

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the arguments without which a call is none."""
        outside = (p.name for p in self.parameters if p.required)
        return frozenset((*outside, *(self.body.needed if self.body else ())))

    def locate(self, argument: str) -> Place:
        """Where an argument goes; a name that the specification doesn't know goes to the body,
        or to the query of an operation without one."""
        return self._places.get(argument, "body" if self.body else "query")


def accepted(envelope: Envelope | None, status: int, body: Any) -> bool:
    """Whether an answer grants the call: 2xx, and no envelope that says otherwise.

    Only an API with an envelope looks into the body (bge: wire facts of the published client).
    """
    if not 200 <= status < 300:
        return False
    if envelope is None or not isinstance(body, Mapping) or envelope.code not in body:
        return True
    code = body[envelope.code]
    return type(code) is int and code == envelope.success


def payload(envelope: Envelope | None, body: Any) -> Any:
    """What an accepted answer carries: the envelope's data, or the bare body."""
    if envelope is not None and isinstance(body, Mapping) and envelope.code in body:
        return body.get(envelope.data)
    return body
