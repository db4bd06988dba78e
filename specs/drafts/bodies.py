"""What a call that makes a thing takes, as far as a check may fill it in; and its duplicates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from streamproof.specs.drafts.guesses import (
    Entry,
    Fields,
    Part,
    Prose,
    Question,
    Schemas,
    is_a,
    is_time,
    words,
)
from streamproof.specs.drafts.vocabulary import FREE, NO_WORDS
from streamproof.specs.openapi import snake
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Deed

_SHORTEST: Final = 32  # characters that a text has room for, so that a run's mark fits in
_FLAG: Final = re.compile(r"(allow|permit|accept|keep)\w*?_dup|dup\w*_(allowed|permitted)", re.I)
_SAME: Final = re.compile(r"same (instant|time|timestamp|moment)|同一(时间|时刻)", re.I)


@dataclass(frozen=True, slots=True)
class Sent:
    """Of the operation that makes a thing, whose deed is `deed`; `shown` are a thing's fields."""

    schemas: Fields
    prose: Prose
    maker: Operation | None
    deed: Deed
    shown: Schemas

    def fields(self, key: str | None, filtered: Collection[str]) -> Iterator[Part]:
        """What a check may put where."""
        if self.maker is None:
            return
        needed = self.maker.required
        found: dict[str, str] = {}
        left: list[str] = []
        for name, schema in self.schemas.body(self.maker).items():
            if name not in self.shown:
                continue
            kind = self._kind(name, schema, name == key, name in needed or name in filtered)
            if kind is not None:
                found[name] = kind
            elif name in needed:
                left.append(name)
        if found:
            yield Entry("fields", found, f"of the body of {self.maker.given}, by their schemas")
        if left:
            asks = f"{', '.join(left)}: what may a check put there? Examples of the file, if not"
            kinds = "name, word, text, number, integer, boolean, json, object, set, enum, instant"
            yield Question(f"{asks} said; kinds of fields are {kinds}.")

    def _kind(self, name: str, schema: Any, is_key: bool, wanted: bool) -> str | None:
        """A kind of `resources.yaml`; None where it could be no more than a wild guess."""
        if "enum" in schema:
            return "enum"
        if "const" in schema:
            return None
        if is_time(name, schema):
            return "instant"
        if is_a("string", schema):
            return self._text(name, schema, is_key, wanted)
        for kind in ("integer", "number", "boolean"):
            if is_a(kind, schema):
                return kind
        if is_a("array", schema):
            return "set" if is_a("string", self.schemas.whole(schema.get("items", {}))) else None
        free = is_a("object", schema) and not schema.get("properties")
        return "object" if free else None

    def _text(self, name: str, schema: Any, is_key: bool, wanted: bool) -> str | None:
        if is_key:
            return "name"
        if schema.get("format") or schema.get("pattern") or {*words(name)} & NO_WORDS:
            return None
        short = schema.get("maxLength", _SHORTEST) < _SHORTEST
        if wanted or short:
            free = snake(name) in FREE and not short and not schema.get("minLength")
            return "text" if free else "word" if not short else None
        return "text" if snake(name) in FREE else None

    def duplicates(self, instant: str) -> Iterator[Part]:
        """Whether records of one instant are kept twice, and what permits it."""
        if self.maker is None:
            return
        flag = next((name for name in self.maker.arguments if _FLAG.search(snake(name))), None)
        said = self.prose.operation(self.maker)
        refused = "409" in self.maker.responses
        if flag is not None:
            in_body = self.maker.locate(flag) == "body"
            permit = {flag: True if in_body else "true"}
            value = {"same": [instant], "permit": permit}
            yield Entry("duplicates", value, f"{flag} permits a second one, of the same {instant}")
        elif refused and (why := _SAME.search(said)):
            yield Entry("duplicates", {"same": [instant]}, f'"{why[0]}", and it may answer 409')
        elif refused:
            asks = f"{self.maker.given} may answer 409: because one of the same {instant} is there?"
            yield Question(asks, (f"duplicates: {{same: [{instant}]}}",))
