"""A call of a sequence, made, and what it shows in the words of the model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from streamproof.contracts.bge import calls
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.looking import held, retrieve
from streamproof.contracts.bge.model import Answer, Call, Flag, Item, Pair, Row, Seen, State
from streamproof.contracts.bge.ranging import unknown
from streamproof.contracts.check import Trial
from streamproof.contracts.values import spelled
from streamproof.contracts.wire import Outcome

_WRITES = ("write", "batch_write")


@dataclass(slots=True)
class Performer:
    """The target as one example meets it.

    `forbid` is the flag in so many words. `serials` has the serial number of the item that was
    first answered each id.
    """

    trial: Trial
    here: Ground
    keys: tuple[Key, ...]
    forbid: Mapping[str, Any]
    serials: dict[str, int] = field(default_factory=dict)
    _used: dict[Pair, None] = field(default_factory=dict)

    def perform(self, call: Call, state: State) -> Seen:
        """Make a call. After one that writes, every pair that was written to so far is ranged.

        `state` tells which records have to show. Raises `Unmet` where an answer tells nothing.
        """
        match call.operation:
            case "write":
                answer = self._write(call)
            case "batch_write":
                answer = self._batch(call)
            case "range":
                answer = self._range(call)
            case "retrieve":
                answer = self._retrieve(call)
            case _:
                answer = self._bind(call)
        if call.operation not in _WRITES:
            return Seen(answer)
        self._used |= {(item.key.entity, item.key.element): None for item in call.items}
        stored = [record.item for record in state.records]
        return Seen(answer, self._around([*stored, *call.items]))

    def _write(self, call: Call) -> Answer:
        [item] = call.items
        sent = {**item.key.item(item.data), **self._flag(call.flag)}
        outcome = self.trial.client.call("write", **sent)
        if not self._taken(outcome):
            return Answer(False)
        return Answer(True, (self._serial(calls.stream_id(outcome.payload), item.serial),))

    def _batch(self, call: Call) -> Answer:
        streams = [item.key.item(json.loads(item.data)) for item in call.items]
        outcome = self.trial.client.call("batch_write", streams=streams, **self._flag(call.flag))
        if not self._taken(outcome):
            return Answer(False)
        answers = calls.answers(outcome.payload)
        told: list[int | None] = []
        self.trial.require(len(answers) == len(call.items), "an answer for each item")
        for item, answer in zip(call.items, answers, strict=True):
            entity = calls.told(answer, "stream_meta", "fundamental_entity_id")
            self.trial.require(entity == item.key.entity, "answers in the order of the items")
            named = calls.told_id(answer)
            good = answer.get("is_succeed") is True
            self.trial.require(named or not good, "the id of an item that succeeded")
            told.append(self._serial(named, item.serial) if good and named else None)
        return Answer(True, tuple(told))

    def _range(self, call: Call) -> Answer:
        assert call.pair is not None
        places = [key.instant for key in self.keys]
        rows = calls.listed(
            self.trial,
            **self.here.asked(*call.pair),
            **self.here.window(min(places), max(places)),
            sort_direction="asc" if call.ascending else "desc",
        )
        ties = groupby(map(self._row, rows), key=lambda row: row.instant)
        return Answer(
            True,
            rows=tuple(
                row for _, tied in ties for row in sorted(tied, key=lambda row: row.serial or 0)
            ),
        )

    def _retrieve(self, call: Call) -> Answer:
        named = next((name for name, n in self.serials.items() if n == call.serial), None)
        if named is None:
            outcome = self.trial.client.call("retrieve", stream_id=unknown(self.trial))
        else:
            outcome = retrieve(self.trial, named)
        if not self._taken(outcome):
            return Answer(False)
        return Answer(True, rows=(self._row(calls.record(outcome.payload)),))

    def _bind(self, call: Call) -> Answer:
        samples = self.trial.fixtures["biosamples"].items()
        sample = next(name for name, entity in samples if entity == call.entity)
        outcome = self.trial.client.call("bind", biosample_id=sample)
        if not self._taken(outcome):
            return Answer(False)
        told = outcome.payload.get("fundamental_entity_id") if calls.tells(outcome) else None
        self.trial.require(isinstance(told, str), f"an entity: {outcome}")
        return Answer(True, entity=str(told))

    def _around(self, items: Sequence[Item]) -> dict[Pair, set[Row]]:
        """What range shows of the pairs used so far, once `items` had time to show."""
        keys = [key for key in self.keys if (key.entity, key.element) in self._used]
        names = {serial: name for name, serial in self.serials.items()}
        expect = [names[item.serial] for item in items if item.serial in names]
        rows = {self._row(row) for row in held(self.trial, self.here, keys, expect)}
        return {pair: {r for r in rows if (r.entity, r.element) == pair} for pair in self._used}

    def _flag(self, flag: Flag) -> Mapping[str, Any]:
        match flag:
            case Flag.FORBIDDEN:
                return self.forbid
            case Flag.PERMITTED:
                return {"duplicate_enabled": "true"}
            case _:
                return {}

    def _serial(self, named: str, serial: int) -> int:
        return self.serials.setdefault(named, serial)

    def _row(self, row: calls.Row) -> Row:
        return Row(
            self.serials.get(calls.identify(row)),
            str(calls.entity(row)),
            str(calls.element(row)),
            calls.instant(row),
            spelled(row.get("stream_data")),
        )

    def _taken(self, outcome: Outcome) -> bool:
        return self.trial.granted(outcome, outcome.request.operation.id)
