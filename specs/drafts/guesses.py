"""What a draft of resources.yaml is made of, and what it is read off: names, schemas and prose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamproof.specs.drafts.vocabulary import IDS, MOMENTS, ROWS
from streamproof.specs.examples import joined
from streamproof.specs.openapi import snake
from streamproof.specs.operation import Operation
from streamproof.specs.schema import pointer, referenced, resolve

Schemas = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A guess: `value` is plain data, or the parts below it."""

    key: str
    value: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What can't be guessed, and the lines that would answer it in its place."""

    asks: str
    lines: tuple[str, ...] = ()


Part = Entry | Question


def plain(parts: Iterable[Part]) -> dict[str, Any]:
    """What the guesses say, without their reasons and without the questions."""
    return {
        part.key: plain(part.value) if isinstance(part.value, tuple) else part.value
        for part in parts
        if isinstance(part, Entry)
    }


# -- names ---------------------------------------------------------------------------------------


def words(name: str) -> tuple[str, ...]:
    """``createdAt``, ``created_at`` and ``page[created-at]`` in words."""
    return tuple(snake(name).split("_"))


def singular(word: str) -> str:
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            return word.removesuffix(ending) + instead
    return word


def matching(wanted: str, names: Iterable[str]) -> str | None:
    """The first of `names` that is the wanted one, however its words are joined."""
    known = {snake(name): name for name in reversed([*names])}
    return known.get(snake(wanted))


# -- schemas -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fields:
    """The schemas of an OpenAPI file, put together wherever they refer to others."""

    document: Mapping[str, Any]

    def whole(self, schema: Any, deep: int = 8) -> Mapping[str, Any]:
        """A schema in one piece; of one that may also be null, what it else is."""
        found = joined(schema, self.document)
        if not isinstance(found, Mapping):
            return {}
        for several in ("anyOf", "oneOf"):
            options = [joined(each, self.document) for each in found.get(several, ())]
            real = [o for o in options if isinstance(o, Mapping) and o.get("type") != "null"]
            if real and deep and not found.get("properties"):
                rest = {name: value for name, value in found.items() if name != several}
                return {**rest, **self.whole(real[0], deep - 1)}
        return found

    def of(self, schema: Any) -> Schemas:
        """The members of an object."""
        described = self.whole(schema).get("properties")
        if not isinstance(described, Mapping):
            return {}
        return {str(name): self.whole(member) for name, member in described.items()}

    def body(self, operation: Operation | None) -> Schemas:
        """The members of what an operation takes."""
        if operation is None or operation.body is None:
            return {}
        sent = {name: self.whole(schema) for name, schema in operation.body.fields.items()}
        return {n: schema for n, schema in sent.items() if schema.get("readOnly") is not True}

    def rows(self, operation: Operation, noun: str) -> tuple[str, Schemas, str] | None:
        """Where rows stand in an answer, the members of one, and how that is known; None of what
        shows no rows."""
        payload = self.whole(operation.success.payload or {})
        if is_a("array", payload):
            return "", self.of(payload.get("items", {})), "the answer is an array"
        arrays = dict(self._arrays(payload, ""))
        for name in (noun, *ROWS):
            for at in arrays:
                if snake(at.rpartition("/")[2]) == name:
                    return at, self.of(arrays[at].get("items", {})), "the array in the answer"
        held = {at: rows for at, each in arrays.items() if (rows := self.of(each.get("items", {})))}
        if len(held) == 1 and not any(snake(name) in IDS for name in self.of(payload)):
            [(at, rows)] = held.items()
            return at, rows, "the only array of objects in the answer"
        return None

    def _arrays(
        self, schema: Mapping[str, Any], at: str, deep: int = 2
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        members = self.of(schema)
        for name, member in members.items():
            if is_a("array", member):
                yield at + pointer([name]), member
        for name, member in members.items():
            if deep > 1 and is_a("object", member):
                yield from self._arrays(member, at + pointer([name]), deep - 1)

    def thing(self, operation: Operation, noun: str) -> tuple[str, Schemas]:
        """Where an answer shows one thing, and its members: the whole, or what wraps it alone."""
        payload = operation.success.payload or {}
        members = self.of(payload)
        for name, member in members.items():
            named = snake(name) in (singular(noun), "data", "result")
            inside = self.of(member)
            if inside and is_a("object", member) and (named or len(members) == 1):
                return pointer([name]), inside
        return "", members


def is_a(kind: str, schema: Mapping[str, Any]) -> bool:
    """Whether the values of a schema are of that kind, null aside."""
    said = schema.get("type")
    if said is None:
        marks = {"array": "items", "object": "properties"}
        return marks.get(kind, "enum") in schema
    return kind in (said if isinstance(said, list) else [said])


def is_time(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether a field holds an instant in words: by its format, or else by its name."""
    if schema.get("format") is not None or not is_a("string", schema):
        return schema.get("format") == "date-time"
    return snake(name) in MOMENTS or words(name)[-1] in ("at", "time", "timestamp")


def instants(fields: Schemas) -> list[str]:
    """The fields that hold an instant, those first whose name says no more than that."""

    def rank(name: str) -> int:
        return MOMENTS.index(snake(name)) if snake(name) in MOMENTS else len(MOMENTS)

    return sorted((name for name in fields if is_time(name, fields[name])), key=rank)


# -- prose ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prose:
    """The descriptions of an OpenAPI file, each on one line."""

    document: Mapping[str, Any]

    def operation(self, operation: Operation) -> str:
        """What is said of an operation, and of its accepted answer."""
        at = pointer(["paths", operation.path, operation.method.lower()])
        return ". ".join(filter(None, (*self._said(at), *_told(self._answer(operation)))))

    def argument(self, operation: Operation, name: str) -> str:
        """What is said of an argument, where it is described and in its schema."""
        at = next((p.pointer for p in operation.parameters if p.name == name), None)
        said = self._said(at) if at is not None else []
        schema = joined(operation.schemas.get(name, {}), self.document)
        more = schema.get("description") if isinstance(schema, Mapping) else None
        return " ".join([*said, " ".join(str(more or "").split())]).strip()

    def headers(self, operation: Operation) -> tuple[str, ...]:
        """The headers that an accepted answer is described with."""
        found = self._answer(operation).get("headers")
        return tuple(map(str, found)) if isinstance(found, Mapping) else ()

    def _answer(self, operation: Operation) -> Mapping[str, Any]:
        """What is said of an operation's accepted answer; YAML may have read its status as a
        number."""
        at = pointer(["paths", operation.path, operation.method.lower(), "responses"])
        answers = self._at(at)
        status = next((s for s in answers if str(s).upper() == operation.success.status), None)
        try:
            found = referenced(self.document, answers.get(status))
        except LookupError:
            return {}
        return found if isinstance(found, Mapping) else {}

    def _said(self, at: str) -> list[str]:
        return _told(self._at(at))

    def _at(self, at: str) -> Mapping[Any, Any]:
        try:
            found = referenced(self.document, resolve(self.document, at))
        except LookupError:
            return {}
        return found if isinstance(found, Mapping) else {}


def _told(found: Mapping[str, Any]) -> list[str]:
    """Summary and description, each on one line."""
    return [" ".join(str(found.get(key) or "").split()) for key in ("summary", "description")]


def names_in(text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names of `known` that stand in a text as words of their own, in its order."""
    found = {name: _standing(name, text) for name in known}
    return tuple(sorted((n for n, at in found.items() if at >= 0), key=lambda n: found[n]))


def _standing(name: str, text: str) -> int:
    found = re.search(rf"(?<![\w$]){re.escape(name)}(?!\w)", text, re.ASCII)
    return found.start() if found else -1
