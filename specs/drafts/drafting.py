"""A first resources.yaml out of an OpenAPI file: what its operations are about, as far as paths,
schemas, names and descriptions tell.

Every entry is a guess and carries its reason. What can't be guessed is a question, with the lines
that would answer it. Where two readings are as likely it is a question, too: a wrong facet makes
wrong verdicts, a missing one none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from streamproof.specs.drafts.bodies import Sent
from streamproof.specs.drafts.grouping import VARIABLE, Group, grouped, named, place_of
from streamproof.specs.drafts.guesses import (
    Entry,
    Fields,
    Part,
    Prose,
    Question,
    Schemas,
    instants,
    matching,
    plain,
    singular,
    words,
)
from streamproof.specs.drafts.listing import Lister
from streamproof.specs.drafts.paging import Asked
from streamproof.specs.drafts.vocabulary import CHANGED, IDS, MADE, RECORDS
from streamproof.specs.openapi import Described, snake
from streamproof.specs.operation import Operation
from streamproof.specs.resources import DEEDS, Deed, Kind


@dataclass(frozen=True, slots=True)
class Draft:
    """The resources by name, in the order of the file, and the operations that none speaks of."""

    resources: Mapping[str, tuple[Part, ...]]
    left: tuple[Operation, ...]

    @property
    def plain(self) -> dict[str, Any]:
        """What resources.yaml then says."""
        return {"resources": {name: plain(parts) for name, parts in self.resources.items()}}


def draft(described: Described) -> Draft:
    """The resources that an OpenAPI file seems to speak of."""
    things = {place: Thing(described, group) for place, group in grouped(described).items()}
    things = {place: thing for place, thing in things.items() if thing.is_kept}
    views = {place: whose for place in things if (whose := _whose(place, things)) is not None}
    asked = {whose: things[place].as_list() for place, whose in views.items()}
    things = {place: thing for place, thing in things.items() if place not in views}
    names = named(things)
    collections = {p: names[p] for p, thing in things.items() if thing.kind == "collection"}
    found = {
        names[place]: (*thing.parts(collections), *asked.get(place, ()))
        for place, thing in things.items()
    }
    spoken = {op.id for thing in things.values() for op in thing.calls}
    left = tuple(op for op in described.operations.values() if op.id not in spoken)
    return Draft(found, left)


def _whose(place: str, things: Mapping[str, Thing]) -> str | None:
    """The place of the things that another list shows, as `/pets/found` those of `/pets`."""
    thing, around = things[place], place.rpartition("/")[0]
    parent = things.get(around)
    only_list = parent is not None and not thing.group.single and not thing.deeds
    return around if parent and only_list and {*thing.fields} == {*parent.fields} else None


@dataclass(frozen=True)
class Thing:
    """What one group of operations tells of what it keeps."""

    described: Described
    group: Group

    @property
    def is_kept(self) -> bool:
        """Whether something seems to be kept there that can be listed, or asked for by a name."""
        return bool(self.fields) and (self._rows is not None or "GET" in self.group.single)

    @property
    def calls(self) -> tuple[Operation, ...]:
        return (*self.deeds.values(), *([self.group.whole["GET"]] if self._rows else []))

    def parts(self, collections: Mapping[str, str]) -> Iterator[Part]:
        """`collections` are the names of those of this API, by their places."""
        yield Entry("kind", self.kind, self._kind[2])
        yield from self._within(collections)
        yield from self._naming()
        yield from self._times()
        sent = Sent(self._schemas, self._prose, self._maker, self._deed_of_making, self.fields)
        yield from sent.fields(self.key, self._filtered)
        for deed, operation in self.deeds.items():
            yield Entry(deed, operation.given, f"{operation.method} {operation.path}")
        yield from self._shows()
        if self.kind == "log" and self.instant is not None:
            yield from sent.duplicates(self.instant)
        if self._rows is not None:
            yield Entry("list", tuple(self._lister.parts()))

    def as_list(self) -> tuple[Part, ...]:
        """The list alone, as a question for the things that it shows."""
        assert self._rows is not None
        call, at = self.group.whole["GET"].given, self._rows[0] or "''"
        asks = f"{call} shows some of them, too. Is it the list, where there is no other?"
        return (Question(asks, (f"list: {{call: {call}, rows: {at}}}",)),)

    # -- what there is -------------------------------------------------------------------------

    @cached_property
    def _schemas(self) -> Fields:
        return Fields(self.described.document)

    @cached_property
    def _prose(self) -> Prose:
        return Prose(self.described.document)

    @cached_property
    def _noun(self) -> str:
        said = [w for w in self.group.path.split("/") if w and "{" not in w]
        return snake(said[-1].removesuffix(".json")) if said else "things"

    @property
    def _maker(self) -> Operation | None:
        return self.group.whole.get("POST")

    @cached_property
    def _rows(self) -> tuple[str, Schemas, str] | None:
        shown = self.group.whole.get("GET")
        return None if shown is None else self._schemas.rows(shown, self._noun)

    @cached_property
    def _shown(self) -> tuple[str, Schemas]:
        """Where answers show a thing, and its fields."""
        for shower in (self.group.single.get("GET"), self._maker):
            if shower is not None and (found := self._schemas.thing(shower, self._noun))[1]:
                return found
        return "", {}

    @cached_property
    def fields(self) -> Schemas:
        rows: Schemas = self._rows[1] if self._rows else {}
        return {**rows, **self._shown[1]}

    @cached_property
    def _body(self) -> Schemas:
        return self._schemas.body(self._maker)

    @cached_property
    def _lister(self) -> Lister:
        assert self._rows is not None
        moment = self.instant or next(iter(self._made), None)
        return Lister(
            asked=Asked(self.group.whole["GET"], self._schemas, self._prose),
            rows=self._rows,
            fields=self._rows[1],
            key=self.key,
            moment=moment,
            is_log=self.kind == "log",
        )

    @cached_property
    def _filtered(self) -> frozenset[str]:
        """The fields that the list filters by."""
        if self._rows is None:
            return frozenset()
        filters = plain(self._lister.parts()).get("filters", {})
        return frozenset(n if isinstance(how, str) else how["field"] for n, how in filters.items())

    # -- kind and key --------------------------------------------------------------------------

    @cached_property
    def _kind(self) -> tuple[str | None, Kind, str]:
        """The time of a record where the things are records in time; the kind; and why."""
        single = self.group.single
        given = [name for name in instants(self._body) if name in self.fields]
        if given and not single and self._rows is not None:
            return given[0], "log", f"{given[0]} is sent with each; none has a path of its own"
        shown = instants(self.fields)
        nouns = {singular(word) for word in self._noun.split("_")}
        if shown and not single and self._maker is None and nouns & RECORDS:
            return shown[0], "log", f"{self._noun} with a time, which are only listed"
        if self._rows is not None or self._maker is not None or len(single) > 1:
            why = f"things by {{{self.group.variable}}} in the path"
            return None, "collection", why if self.group.variable else "they are listed"
        return None, "lookup", "there is nothing but to ask for one"

    @property
    def kind(self) -> Kind:
        return self._kind[1]

    @property
    def instant(self) -> str | None:
        return self._kind[0]

    @cached_property
    def key(self) -> str | None:
        return self._key[0]

    @cached_property
    def _key(self) -> tuple[str | None, str]:
        variable = self.group.variable
        ids = [found for each in IDS if (found := matching(each, self.fields))]
        if variable is None:
            return (ids[0], "the rows have it; no path names one") if ids else (None, "")
        word, noun = snake(variable), singular(self._noun)
        for each in (word, word.removeprefix(f"{noun}_"), words(variable)[-1], f"{noun}_{word}"):
            if found := matching(each, self.fields):
                also = "" if found == variable else f", {found} in answers"
                return found, f"{{{variable}}} in the path{also}"
        if ids:
            return ids[0], f"{{{variable}}} in the path, by all appearance {ids[0]} in answers"
        return None, ""

    def _naming(self) -> Iterator[Part]:
        if self.key is not None:
            named = f"{self._key[1]}; {self._namer}" if self._namer else self._key[1]
            yield Entry("id" if self.kind == "log" else "key", self.key, named)
        elif self.group.variable:
            asks = f"Which field of an answer holds {{{self.group.variable}}} of the path?"
            yield Question(asks, (f"key: {next(iter(self.fields))}",))
        elif self.kind == "collection":
            yield Question("Which field tells them apart?", (f"key: {next(iter(self.fields))}",))

    @property
    def _namer(self) -> str:
        """Who names a thing, as `resources.read` takes it from the body of what makes one."""
        maker, key = self._maker, self.key
        if maker is None or key is None:
            return ""
        if key not in maker.arguments:
            return f"the server names, {maker.given} takes none"
        if key in maker.required:
            return f"the client names, {maker.given} needs it"
        return f"either names, {maker.given} may take it"

    # -- times, deeds, places --------------------------------------------------------------------

    def _times(self) -> Iterator[Part]:
        if self.instant is not None:
            sent = self.instant in self._body and self._maker is not None
            why = "a time that is sent with each" if sent else "the time in the rows"
            yield Entry("instant", self.instant, why)
        for name, found in (("made_at", self._made), ("changed_at", self._changed)):
            if found:
                yield Entry(name, found, "a time that no call sends, by its name")

    @cached_property
    def _own(self) -> list[str]:
        """The times that the server puts on things."""
        sent = {*self._body, self.instant}
        return [name for name in instants(self.fields) if name not in sent]

    @property
    def _made(self) -> list[str]:
        return [n for n in self._own if {*words(n)} & MADE and n not in self._changed][:1]

    @property
    def _changed(self) -> list[str]:
        return [n for n in self._own if {*words(n)} & CHANGED][:1]

    @property
    def _deed_of_making(self) -> Deed:
        return "append" if self.kind == "log" else "create"

    @cached_property
    def deeds(self) -> Mapping[Deed, Operation]:
        """What the operations do with one thing."""
        whole, single = self.group.whole, self.group.single
        named = [op for m in ("PUT", "PATCH") if (op := whole.get(m)) and self.key in op.arguments]
        changers = [*(single.get(m) for m in ("PATCH", "PUT")), *named, single.get("POST")]
        made: dict[Deed, Operation | None] = {
            self._deed_of_making: self._maker,
            "read": single.get("GET"),
            "update": next(filter(None, changers), None),
            "delete": single.get("DELETE"),
        }
        return {deed: found for deed in DEEDS if (found := made.get(deed)) is not None}

    def _shows(self) -> Iterator[Part]:
        at = self._shown[0]
        if not at:
            return
        yield Entry("shows", at, "answers wrap the thing")
        name = at[1:]
        if self._maker is not None and name in self._body:
            yield Question(f"Bodies wrap it in {name}, too; no entry here says that yet.")

    def _within(self, collections: Mapping[str, str]) -> Iterator[Part]:
        """What a thing belongs to: the collections whose things its path names."""
        found: dict[str, str] = {}
        steps = self.group.path.split("/")
        for at, step in enumerate(steps):
            variable = VARIABLE.fullmatch(step)
            if variable is None:
                continue
            parent = collections.get(place_of("/".join(steps[:at])))
            if parent and all(variable[1] in op.arguments for op in self.calls):
                found[variable[1]] = parent
                continue
            asks = f"Which collection is {{{variable[1]}}} of? Without one, fixtures.arguments"
            yield Question(f"{asks} names it.", (f"within: {{{variable[1]}: COLLECTION}}",))
        if found:
            yield Entry("within", found, f"the path: {self.group.path}")
