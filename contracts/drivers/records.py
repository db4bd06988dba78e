"""Records of a log that are told apart by some of their fields: written, and looked for by them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timezone
from typing import Any, Final

from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Lists, Row
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.wire import Outcome, Request

_ODD: Final = 7 * timeline.SECOND  # so that an instant is no whole minute


@dataclass(frozen=True, slots=True)
class Record:
    """A record that may be written, more than once: where it stands, its fields, and what is sent
    beside them. Its instant is `at`."""

    trial: Trial = field(repr=False)
    lists: Lists = field(repr=False)
    where: Mapping[str, Any]
    fields: Mapping[str, Any]
    extra: Mapping[str, Any]
    at: int

    @classmethod
    def of(cls, trial: Trial, lists: Lists, where: Mapping[str, Any] | None = None) -> Record:
        """One that is like no other, in a new place where none is told."""
        things, instant = Things(lists.api, lists.resource), str(lists.resource.instant)
        trial.require(
            instant in things.maker.arguments, f"a {instant} that whoever makes a record sets"
        )
        where = things.place(trial) if where is None else where
        at = timeline.fresh(trial.names) + _ODD
        given = {instant: timeline.written(at)}
        fields = things.fields(trial, **given)
        record = cls(trial, lists, where, fields, forbidding(trial, things), at)
        new = {n: things.different(trial, n) for n in record.same if record.sends(n, but=instant)}
        return replace(record, fields={**fields, **new})

    @property
    def things(self) -> Things:
        return Things(self.lists.api, self.lists.resource)

    @property
    def same(self) -> tuple[str, ...]:
        """The fields in which duplicates agree."""
        duplicates = self.lists.resource.duplicates
        return () if duplicates is None else duplicates.same

    def sends(self, name: str, but: str = "") -> bool:
        """Whether a field is one that a call sends and a check may fill."""
        resource = self.lists.resource
        return name != but and name in resource.fields and name in self.things.maker.arguments

    # -- written -------------------------------------------------------------------------------

    @property
    def request(self) -> Request:
        return self.things.request(self.trial, self.where, self.fields, self.extra)

    def write(self) -> Outcome:
        return self.trial.client.send(self.request)

    # -- others --------------------------------------------------------------------------------

    def spelled(self, zone: timezone) -> Record:
        """The same, with its instant written in another zone."""
        instant = str(self.lists.resource.instant)
        spelled = timeline.written(self.at, zone)
        return replace(self, fields={**self.fields, instant: spelled})

    def others(self) -> dict[str, Any]:
        """Other values of the fields in which duplicates may differ."""
        free = (n for n in self.lists.resource.fields if n not in self.same and self.sends(n))
        found = {n: self._another(n) for n in free if n in self.fields}
        return {name: value for name, value in found.items() if value is not None}

    def differing(self) -> list[Record]:
        """Records that differ in one of the fields in which duplicates agree. Of times one is a
        minute apart, and where they are shown to the second another a second."""
        things, instant = self.things, str(self.lists.resource.instant)
        found = []
        for name in self.same:
            if name in self.lists.resource.within:
                found.append(replace(self, where=things.place(self.trial)))
            elif name == instant:
                steps = [timeline.MINUTE]
                if self.trial.learn(
                    _Seconds(f"{self.lists.api.home.key}/{self.lists.resource.name}", self.lists)
                ):
                    steps.append(timeline.SECOND)
                found += [replace(self, at=self.at + step).spelled(UTC) for step in steps]
            elif self.sends(name) and (value := self._another(name)) is not None:
                found.append(replace(self, fields={**self.fields, name: value}))
        self.trial.require(found, f"another value of one of {', '.join(self.same)}")
        return found

    def _another(self, name: str) -> Any:
        """Another value of a field; None where there is none."""
        things = self.things
        try:
            value = things.different(self.trial, name, 1)
        except Unmet:
            return None
        return None if things.alike(name, self.fields.get(name), value) else value

    # -- looked for ----------------------------------------------------------------------------

    def among(self, rows: Sequence[Row]) -> list[Row]:
        """The rows that agree with it in all fields in which duplicates agree."""
        alike = self.things.alike
        told = [n for n in self.same if n in self.fields]
        return [row for row in rows if all(alike(n, self.fields[n], row.get(n)) for n in told)]


@dataclass(frozen=True, slots=True)
class _Seconds:
    """Tells whether times are shown to the second: for `Trial.learn`."""

    name: str
    lists: Lists = field(compare=False, repr=False)

    def __call__(self, trial: Trial) -> bool:
        record = Record.of(trial, self.lists)
        trial.given(record.write(), "a record")
        rows = until(
            lambda: record.among(self.lists.everything(trial, record.where)), bool, SETTLE_S
        )
        instant = str(self.lists.resource.instant)
        return any(timeline.read(row.get(instant)) == record.at for row in rows)


def kept(*records: Record) -> Callable[..., list[str]]:
    """A look for the ids of what is listed of these records, once there are `at_least` as many, or
    they had time to show. Rows without a key are counted."""
    places = [
        r.where for n, r in enumerate(records) if r.where not in [p.where for p in records[:n]]
    ]

    def look() -> list[str]:
        found: list[str] = []
        for place in places:
            rows = records[0].lists.everything(records[0].trial, place)
            mine = [r.among(rows) for r in records if r.where == place]
            shown = [row for row in rows if any(row in rows for rows in mine)]
            found += [_id(records[0], row, len(found) + n) for n, row in enumerate(shown)]
        return found

    def stored(at_least: int = 0) -> list[str]:
        return until(look, lambda found: len(found) >= at_least, SETTLE_S)

    return stored


def _id(record: Record, row: Row, n: int) -> str:
    lists = record.lists
    return lists.identify(row) if lists.resource.key in row else f"row {n}"


def forbidding(trial: Trial, things: Things) -> dict[str, Any]:
    """What forbids duplicates, where leaving it out would permit them."""
    duplicates = things.resource.duplicates
    if duplicates is None or duplicates.permit is None:
        return {}
    name, permits = duplicates.permit
    schema = things.maker.schemas.get(name, {})
    if "default" not in schema or str(schema["default"]).lower() != str(permits).lower():
        return {}
    trial.require(schema.get("type") == "boolean", f"a value of {name} that permits no duplicates")
    return {name: str(permits).lower() != "true"}
