"""The facets of a list, as far as its arguments, its answer and its description tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streamproof.specs.drafts import vocabulary
from streamproof.specs.drafts.guesses import (
    Entry,
    Part,
    Question,
    Schemas,
    is_a,
    matching,
    names_in,
    singular,
    words,
)
from streamproof.specs.drafts.paging import Asked, Paging
from streamproof.specs.openapi import snake

_ABOUT_TIME: Final = re.compile(
    r"\b(time|date|timestamp|instant)|RFC ?3339|ISO ?8601|时间|日期", re.I
)
_NUMERIC_TIME: Final = re.compile(r"epoch|unix|milliseconds|seconds|时间戳", re.I)
_CLOSED: Final = re.compile(
    r"or (later|earlier|after|before|equal)|inclusive|(on|at) or (after|before)|[<>]=|[≤≥]|含", re.I
)
_OPEN: Final = re.compile(r"exclusive|strictly|不含|不包括", re.I)
_ALL: Final = re.compile(r"\b(all|every|each)\b|全部|所有|同时", re.I)
_SEVERAL: Final = re.compile(r"comma.separated|separated by commas|逗号|多个", re.I)
_SORTED: Final = re.compile(
    r"(?P<way>ascending|descending) order (?:of|by) [`'\"]?(?P<by>[\w-]+)"
    r"|(?:sort|order)ed (?:by|on) (?:the )?[`'\"]?(?P<by2>[\w-]+)[`'\"]?"
    r"(?:[ ,(]*(?:in )?(?P<way2>asc|desc)\w*)?"
    r"|按照?\s*`?(?P<by3>[\w-]+?)`?\s*(?P<way3>升序|降序)",
    re.I,
)
_NEWEST_FIRST: Final = re.compile(
    r"(newest|latest|most recent(ly \w+)?)( \w+)? first|reverse chronological|最新.{0,4}在前", re.I
)
_OLDEST_FIRST: Final = re.compile(
    r"(oldest|earliest)( \w+)? first|(?<!reverse )chronological", re.I
)
_EXACTLY_ONE: Final = re.compile(
    r"exactly one of ([^.;:]+)|either ([^.;:]+?),? (?:but|and)? ?not both|([^。；，,]+)(?:二选一)",
    re.I,
)
_ONLY_WITH: Final = re.compile(r"([^.;:]*?)\bonly (?:together )?with [`'\"]?([\w$\[\]-]+)", re.I)


@dataclass(frozen=True, slots=True)
class Lister:
    """Reads the list that is `asked` for things: `fields` are theirs, `moment` the one, if any,
    that tells when a record was, or when another thing was made."""

    asked: Asked
    rows: tuple[str, Schemas, str]
    fields: Schemas
    key: str | None
    moment: str | None
    is_log: bool

    def parts(self) -> Iterator[Part]:
        at, _, why = self.rows
        yield Entry(
            "call", self.asked.call.given, f"{self.asked.call.method} {self.asked.call.path}"
        )
        yield Entry("rows", at, why)
        yield from self._order()
        pages, paging = Paging(self.asked, at).parts()
        window, bounds = self._window(paging)
        newest = self._newest()
        used = {*paging, *bounds, *(str(p.value) for p in newest if isinstance(p, Entry))}
        yield from self._filters(used)
        yield from window
        yield from pages
        yield from newest
        yield from self._together()

    # -- order ---------------------------------------------------------------------------------

    def _order(self) -> Iterator[Part]:
        turned = next(
            (
                n
                for n in vocabulary.ORDERS
                if (a := self.asked.named([n])) and self._ways(a) == {"asc", "desc"}
            ),
            None,
        )
        direction = self.asked.named([turned]) if turned else None
        default = (
            str(self.asked.arguments[direction].get("default", "")).lower() if direction else ""
        )
        by, way, why = self._told() or ("", "", "")
        if not by and (sort := self.asked.named(vocabulary.SORTS)) is not None:
            chosen = matching(
                str(self.asked.arguments[sort].get("default", "")).lstrip("-+"), self.fields
            )
            by, why = chosen or "", f"the default of {sort}"
            way = (
                "desc" if str(self.asked.arguments[sort].get("default", "")).startswith("-") else ""
            )
        if not by:
            likely = self.moment or self.key or next(iter(self.fields), "FIELD")
            lines = (
                f"order: {{by: [{likely}], direction: {direction}}}"
                if direction
                else f"order: [{likely}]"
            )
            yield Question("Is the list sorted? By which field? The file doesn't say.", (lines,))
        elif direction or way == "desc":
            order = [Entry("by", [by], why)]
            order += [Entry("direction", direction, "asc or desc")] if direction else []
            if (default or way) == "desc":
                order.append(Entry("default", "desc", "default" if default else "as described"))
            yield Entry("order", tuple(order))
        else:
            yield Entry("order", [by], why)

    def _ways(self, argument: str) -> set[str]:
        return {str(each).lower() for each in self.asked.arguments[argument].get("enum", ())}

    def _told(self) -> tuple[str, str, str] | None:
        """The field that the description names for the order, its way, and the words."""
        said = self.asked.described
        for found in _SORTED.finditer(said):
            word = found["by"] or found["by2"] or found["by3"]
            way = (found["way"] or found["way2"] or found["way3"] or "").lower()
            by = matching(word, self.fields)
            if by is None and (self._is_moment(word)):
                by = self.moment
            if by:
                return by, "desc" if way.startswith(("desc", "降")) else "", f'"{found[0].strip()}"'
        for pattern, way in ((_NEWEST_FIRST, "desc"), (_OLDEST_FIRST, "")):
            if self.moment and (seen := pattern.search(said)):
                return self.moment, way, f'"{seen[0]}"'
        return None

    def _is_moment(self, word: str) -> bool:
        if self.moment is None:
            return False
        return snake(word) in {*vocabulary.TIMES, "creation", "created"} or snake(word) in words(
            self.moment
        )

    # -- window --------------------------------------------------------------------------------

    def _window(self, taken: set[str]) -> tuple[list[Part], set[str]]:
        """The arguments that bound the list in time."""
        bounds: dict[str, dict[str, str]] = {}
        for name in self.asked.arguments:
            split = [*words(name)]
            for side, marks in (("start", vocabulary.STARTS), ("end", vocabulary.ENDS)):
                if name not in taken and (mark := next((w for w in split if w in marks), None)):
                    rest = "_".join(w for w in split if w != mark)
                    bounds.setdefault(rest, {}).setdefault(side, name)
        parts: list[Part] = []
        used: set[str] = set()
        for rest, sides in bounds.items():
            if not all(self._is_bound(rest, name) for name in sides.values()):
                continue
            used |= {*sides.values()}
            both = " and ".join(sides.values())
            said = " ".join(map(self.asked.said, sides.values()))
            plain = ", ".join(f"{side}: {name}" for side, name in sides.items())
            line = f"window: {{{plain}}}"
            numeric = any(not is_a("string", self.asked.arguments[n]) for n in sides.values())
            if numeric:
                asks = f"{both} bound a time in numbers; a window is of times in words (RFC 3339)."
                parts.append(Question(asks))
            elif parts or not self._about_moment(rest):
                moment = self.moment or "nothing known"
                asks = f"{both} bound a time. A window here is about {moment}: is it about that?"
                parts.append(Question(asks, (line,)))
            else:
                window: list[Part] = [Entry(s, n, "by its name") for s, n in sides.items()]
                if _OPEN.search(said) and not _CLOSED.search(said):
                    window.append(Entry("closed", False, "as described"))
                elif not _CLOSED.search(said):
                    asks = "An edge lies inside, unless you say otherwise; the file doesn't say."
                    window.append(Question(asks, ("closed: false",)))
                parts.append(Entry("window", tuple(window)))
        return parts, used

    def _is_bound(self, rest: str, name: str) -> bool:
        schema, said = self.asked.arguments[name], self.asked.said(name)
        if schema.get("format") in ("date-time", "date"):
            return True
        if is_a("string", schema):
            left = {*filter(None, rest.split("_"))}
            return bool(_ABOUT_TIME.search(said)) or bool(left & vocabulary.TIMES)
        return bool(_NUMERIC_TIME.search(said)) or bool({*rest.split("_")} & {"time", "timestamp"})

    def _about_moment(self, rest: str) -> bool:
        if self.moment is None:
            return False
        about = {*filter(None, rest.split("_"))} - vocabulary.TIMES
        stems = {w[:6] for w in words(self.moment)}
        return {w[:6] for w in about} <= stems and (self.is_log or bool(about))

    def _newest(self) -> list[Part]:
        found = self.asked.named(vocabulary.NEWEST, "integer") if self.is_log else None
        return [Entry("newest", found, "by its name")] if found else []

    # -- filters, and what goes together ---------------------------------------------------------

    def _filters(self, used: set[str]) -> Iterator[Part]:
        found: dict[str, Any] = {}
        asked: list[Part] = []
        for name, schema in self.asked.arguments.items():
            bare = re.sub(r"^filter\w*\[(.+)\]$", r"\1", name).removesuffix("[]")
            if (
                name in used
                or name in self.asked.call.required
                or not re.fullmatch(r"[\w.-]+", bare)
            ):
                continue
            field = matching(bare, self.fields) or matching(singular(snake(bare)), self.fields)
            dated = [
                s.get("format") in ("date-time", "date")
                for s in (schema, self.fields.get(field or "", {}))
            ]
            if field is None or any(dated):
                continue
            how = self._how(name, schema, self.fields[field])
            if how is None and not is_a("array", self.fields[field]):
                asks = f"Does {name} let through the rows whose {field} it is?"
                asked.append(Question(asks, (f"filters: {{{name}: equals}}",)))
            elif how is None:
                one = name if name == field else "{field: " + field + ", how: all_of}"
                asked.append(
                    Question(
                        f"{name} filters by {field}: by one of its values, or by all of them?",
                        (f"filters: {{{name}: {'all_of' if one == name else one}}}",),
                    )
                )
            else:
                found[name] = how if name == field else {"field": field, "how": how}
        if found:
            yield Entry("filters", found, "arguments called as fields of the rows")
        yield from asked

    def _how(self, name: str, schema: Mapping[str, Any], field: Mapping[str, Any]) -> str | None:
        said = self.asked.said(name)
        several = is_a("array", schema) or bool(_SEVERAL.search(said))
        if is_a("array", field):
            return "all_of" if _ALL.search(said) else None
        if is_a("object", field) or is_a("number", field):
            return None
        return "one_of" if several else "equals"

    def _together(self) -> Iterator[Part]:
        names, said = self.asked.arguments, self.asked.described
        one = next((s for m in _EXACTLY_ONE.finditer(said) if (s := names_in(m[0], names))), ())
        why = "as described"
        if len(one) < 2 and self.asked.call.body is not None:
            options = self.asked.schemas.whole(self.asked.call.body.schema).get("oneOf", ())
            needs = [each.get("required", ()) for each in options if isinstance(each, Mapping)]
            one = tuple(n[0] for n in needs if len(n) == 1 and n[0] in names)
            why = "oneOf in the body"
        if len(one) > 1:
            yield Entry("exactly_one", [*one], why)
        beside: dict[str, list[str]] = {}
        for found in _ONLY_WITH.finditer(said):
            with_ = names_in(found[2], names)
            for name in names_in(found[1], names):
                if with_ and name not in beside.setdefault(with_[0], []):
                    beside[with_[0]].append(name)
        for name in names:
            only = _ONLY_WITH.search(self.asked.said(name))
            for with_name in names_in(only[2], names)[:1] if only else ():
                if name != with_name and name not in beside.setdefault(with_name, []):
                    beside[with_name].append(name)
        if found_ := {with_: few for with_, few in beside.items() if few}:
            yield Entry("only_with", found_, "as described")
