"""How a list is cut into pages, as far as its arguments and its answer tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from streamproof.specs.drafts import vocabulary
from streamproof.specs.drafts.guesses import Entry, Fields, Part, Prose, Question, is_a, matching
from streamproof.specs.openapi import snake
from streamproof.specs.operation import Operation
from streamproof.specs.schema import pointer

_LARGEST: Final = re.compile(
    r"(?:max(?:imum)?(?: [a-z]+)?(?: is| of|:)?|at most|up to|no more than|1 (?:to|and|-)"
    r"|最大\D{0,5}|最多|不超过) ?(\d{1,6})\b",
    re.I,
)
_LEADS_TO_URL: Final = re.compile(r"\bur[il]\b|http|/\w+\?", re.I)
_FROM_ZERO: Final = re.compile(
    r"(starts?|begin\w*|from|counts?)( at| from| with)? 0\b|zero.based|从 ?0", re.I
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list can be asked with, in query or body."""

    call: Operation
    schemas: Fields
    prose: Prose

    @property
    def arguments(self) -> Mapping[str, Mapping[str, Any]]:
        outside = {p.name for p in self.call.parameters if p.place != "query"}
        schemas = self.call.schemas
        return {n: self.schemas.whole(s) for n, s in schemas.items() if n not in outside}

    def named(self, wanted: Sequence[str], *kinds: str) -> str | None:
        """The first argument that is called as wanted and is of such a kind."""
        arguments = self.arguments
        for name in wanted:
            found = matching(name, arguments)
            if found and (not kinds or any(is_a(kind, arguments[found]) for kind in kinds)):
                return found
        return None

    def said(self, argument: str) -> str:
        """What the file says of an argument."""
        return self.prose.argument(self.call, argument)

    @property
    def described(self) -> str:
        """What the file says of the list."""
        return self.prose.operation(self.call)


@dataclass(frozen=True, slots=True)
class Paging:
    """`rows` is where the rows stand in an answer."""

    asked: Asked
    rows: str

    def parts(self) -> tuple[list[Part], set[str]]:
        """How the list is cut, and the arguments that do it."""
        limit = self.asked.named(vocabulary.LIMITS, "integer", "number")
        page: list[Part] = []
        used = {limit} if limit else set()
        if limit:
            page.append(Entry("limit", limit, "by its name"))
            if largest := self._largest(limit):
                page.append(largest)
        ways, more = self._ways_on()
        page += ways
        used |= more
        if not any(isinstance(part, Entry) for part in page):
            return page, used
        if not ways:
            page.append(
                Question(
                    "What leads to the next page?",
                    ("offset: ARGUMENT", "number: ARGUMENT", "cursor: ARGUMENT", "next: /POINTER"),
                )
            )
        return [Entry("page", tuple(page))], used

    def _largest(self, limit: str) -> Entry | None:
        most = self.asked.arguments[limit].get("maximum")
        if isinstance(most, int | float) and most >= 1:
            return Entry("largest", int(most), f"maximum of {limit}")
        said = _LARGEST.search(self.asked.said(limit))
        return Entry("largest", int(said[1]), f'"{said[0]}"') if said and int(said[1]) else None

    def _ways_on(self) -> tuple[list[Part], set[str]]:
        cursor = self.asked.named(vocabulary.CURSORS, "string")
        after = [a for n in vocabulary.LAST_KEYS if (a := self.asked.named([n]))]
        if cursor and (nexts := self._next()):
            key, value, why = nexts
            return [Entry("cursor", cursor, "by its name"), Entry(key, value, why)], {
                cursor,
                *after,
            }
        if offset := self.asked.named(vocabulary.OFFSETS, "integer", "number"):
            return [Entry("offset", offset, "by its name")], {offset, *filter(None, [cursor])}
        if number := self.asked.named(vocabulary.NUMBERS, "integer", "number"):
            ways: list[Part] = [Entry("number", number, "by its name")]
            if (first := self._first(number)) != 1:
                ways.append(Entry("first", first, f"as {number} begins"))
            ways += self._link()
            return ways, {number, *filter(None, [cursor])}
        if link := self._link():
            return list(link), {*filter(None, [cursor])}
        if after:
            asks = f"{after[0]} takes the key of the last row: no entry here says that yet."
            return [Question(asks)], {*after}
        if cursor and cursor not in ("after", "offset", "page"):
            asks = f"{cursor} looks like a cursor: where in the answer does the next one stand?"
            return [Question(asks, (f"cursor: {cursor}", "next: /POINTER"))], {cursor}
        return [], set()

    def _next(self) -> tuple[str, str, str] | None:
        """Where an answer tells the cursor of the next page."""
        payload = self.asked.call.success.payload or {}
        members = self.asked.schemas.of(payload)
        places = [(pointer([n]), n, s) for n, s in members.items()]
        for outer, schema in members.items():
            if is_a("object", schema):
                inner = self.asked.schemas.of(schema)
                places += [(pointer([outer, n]), n, s) for n, s in inner.items()]
        for wanted in vocabulary.NEXTS:
            for at, name, schema in places:
                plain = is_a("string", schema) and schema.get("format") not in ("uri", "url")
                outer = at.split("/")[1]
                led = wanted not in vocabulary.AMBIGUOUS_NEXTS or at.count("/") > 1
                told = " ".join(str(schema.get(k, "")) for k in ("description", "example"))
                if snake(name) == wanted and plain and led and not _LEADS_TO_URL.search(told):
                    if outer.lower().startswith("prev") or self.rows == at:
                        continue
                    return "next", at, "in the answer, by its name"
        for header in self._headers():
            if snake(header).endswith(vocabulary.NEXT_HEADERS):
                return "next_header", header, "a header of the answer"
        return None

    def _first(self, number: str) -> int:
        schema = self.asked.arguments[number]
        for said in (schema.get("default"), schema.get("minimum")):
            if isinstance(said, int) and not isinstance(said, bool):
                return said
        zero = _FROM_ZERO.search(self.asked.said(number))
        return 0 if zero else 1

    def _link(self) -> list[Part]:
        link = any(header.lower() == "link" for header in self._headers())
        return [Entry("link", True, "the answer has a header Link")] if link else []

    def _headers(self) -> tuple[str, ...]:
        return self.asked.prose.headers(self.asked.call)
