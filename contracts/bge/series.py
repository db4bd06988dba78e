"""Series of records that checks read and never change, each written once per run, or found where
nothing may be written (`found`)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamproof.contracts.bge import calls, found
from streamproof.contracts.bge.calls import Key, Row
from streamproof.contracts.bge.found import Pair, survey
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held
from streamproof.contracts.check import Trial, Unmet
from streamproof.contracts.wire import Outcome

# Written neither in the order of time nor against it, so that order of writing shows as such.
_ORDER = (5, 0, 8, 3, 10, 1, 6, 9, 2, 7, 4)
_CROWD = 105  # more than the largest page holds
_BATCH = 15
_FEW = 5  # found records that a window can be laid through


@dataclass(frozen=True, slots=True)
class Stored:
    """A record of our own: its id, its key, and the data that was written."""

    id: str
    key: Key
    data: Any


@dataclass(frozen=True, slots=True)
class Series:
    """Records of one entity and one data element; `query` asks for them, with room around."""

    records: Sequence[Stored]
    query: Mapping[str, Any]

    @property
    def ids(self) -> list[str]:
        return [record.id for record in self.records]

    def own(self, rows: Iterable[Row]) -> list[Row]:
        """Its records among rows, in their order."""
        return [row for row in rows if calls.identify(row) in self.ids]

    @property
    def places(self) -> dict[str, int]:
        """Where each record lies in time."""
        return {record.id: record.key.instant for record in self.records}


def store(trial: Trial, key: Key, data: Any = None, **more: Any) -> Stored:
    """Write a record that other rules answer for."""
    content = {"name": trial.names.letters()} if data is None else data
    payload = trial.given(placed(trial, key, content, **more), "a write")
    return Stored(calls.stream_id(payload), key, content)


def placed(trial: Trial, key: Key, data: Any, **more: Any) -> Outcome:
    """Write a record; with permission where the server takes its key for a taken one."""
    sent = {**key.item(json.dumps(data)), **ground(trial).permit(), **more}
    outcome = trial.client.call("write", **sent)
    if outcome.rejected:
        outcome = trial.client.call("write", **{**sent, "duplicate_enabled": "true"})
    return outcome


def a_record_of_each(trial: Trial) -> None:
    """A record of each entity, of the first data element, that had time to show."""
    if trial.reads_only:
        trial.learn(survey)
        return
    here = ground(trial)
    for place, moment in enumerate(here.moments(len(here.entities))):
        store(trial, here.key_at(moment, place, 0))
    time.sleep(here.patience_s)


def plain(trial: Trial) -> Series:
    """Eleven records of distinct times, some a second apart and some the least step."""
    if trial.reads_only:
        return _of_pair(trial, trial.learn(survey).pair)
    here = ground(trial)
    return _series(trial, _spread(here), 0, 0)


def other_element(trial: Trial) -> Series:
    """Records at the times of `plain`, of another data element."""
    if trial.reads_only:
        entity, element = trial.learn(survey).pair
        return _meanwhile(trial, [(entity, e) for e in ground(trial).elements if e != element])
    return _beside(trial, 0, 1)


def other_entity(trial: Trial) -> Series:
    """Records at the times of `plain`, of another entity."""
    if trial.reads_only:
        entity, element = trial.learn(survey).pair
        return _meanwhile(trial, [(e, element) for e in ground(trial).entities if e != entity])
    return _beside(trial, 1, 0)


def tied(trial: Trial) -> Series:
    """Twelve records at three times, four at each, written with permission."""
    if trial.reads_only:
        pairs = dict.fromkeys((trial.learn(survey).pair, *trial.learn(survey).stretches))
        return _there(trial, *found.ties(trial, [*pairs]))
    here = ground(trial)
    keys = [here.key_at(moment, 0, 0) for moment in here.moments(3) for _ in range(4)]
    return _written(trial, keys, duplicate_enabled="true")


def crowd(trial: Trial) -> Series:
    """More records than the largest page holds, written in small batches."""
    if trial.reads_only:
        pair, rows = found.many(trial)
        return Series([_stored(row, pair) for row in rows], ground(trial).asked(*pair))
    here = ground(trial)
    entity = min(1, len(here.entities) - 1)
    keys = [here.key_at(moment, entity) for moment in here.moments(_CROWD)]
    records: list[Stored] = []
    for first in range(0, _CROWD, _BATCH):
        some = keys[first : first + _BATCH]
        items = [key.item({"name": trial.names.letters()}) for key in some]
        payload = trial.given(
            trial.client.call("batch_write", streams=items, **here.permit()), "a batch"
        )
        told = calls.answers(payload)
        trial.require(len(told) == len(items), "an answer for each item of a batch")
        for key, item, answer in zip(some, items, told, strict=True):
            record_id = calls.stream_id({"stream_id": calls.told(answer, "stream_id")})
            records.append(Stored(record_id, key, item["stream_data"]))
    return _settled(trial, records)


def of_sample(trial: Trial) -> Series:
    """Records of the entity that `bound_sample` is bound to."""
    here = ground(trial)
    _, entity = bound_sample(trial)
    if trial.reads_only:
        return _of_pair(trial, found.best_of(trial, entity))
    if entity not in here.entities:
        raise Unmet("fixtures.biosamples: one that is bound to one of fixtures.entities")
    return _series(trial, _spread(here), here.entities.index(entity), 0)


def beside_sample(trial: Trial) -> Series:
    """Records at the times of `of_sample`, of another entity than the sample's."""
    here, moments = ground(trial), [r.key.instant for r in trial.once(of_sample).records[:4]]
    own = here.entities.index(bound_sample(trial)[1])
    return _series(trial, moments, 0 if own else 1, 0)


def bound_sample(trial: Trial) -> tuple[str, str]:
    """A sample that is bound to an entity, and that entity; one that may be written to if any."""
    bound = {s: e for s, e in calls.fixture(trial, "biosamples").items() if e is not None}
    writable = {s: e for s, e in bound.items() if e in trial.fixtures.get("entities", ())}
    if trial.reads_only:
        has = {pair[0] for pair, rows in trial.learn(survey).stretches.items() if any(rows)}
        writable = {s: e for s, e in bound.items() if e in has}
    first = next(iter((writable or bound).items()), None)
    if first is None:
        raise Unmet("fixtures.biosamples: a sample that is bound to an entity")
    return first


def by_sample(trial: Trial) -> dict[str, Any]:
    """The query of `of_sample`, by the sample instead of the entity."""
    query = dict(trial.once(of_sample).query)
    del query["fundamental_entity_id"]
    return {**query, "biosample_id": bound_sample(trial)[0]}


def _of_pair(trial: Trial, pair: Pair) -> Series:
    series = _there(trial, pair, found.members(trial, pair))
    distinct = len({*series.places.values()})
    trial.require(distinct >= _FEW, f"{_FEW} records of one entity and data element, in a row")
    return series


def _meanwhile(trial: Trial, pairs: Sequence[Pair]) -> Series:
    """Records of one of the pairs that lie in the window of `plain`."""
    query = trial.once(plain).query
    for entity, element in pairs:
        whose = {"fundamental_entity_id": entity, "data_element_id": element}
        outcome = trial.client.call("range", **{**query, **whose})
        if not outcome.accepted:
            continue
        rows = calls.page(outcome.payload).records
        own = [r for r in rows if (calls.entity(r), calls.element(r)) == (entity, element)]
        if own:
            records = [_stored(row, (entity, element)) for row in own[: len(_ORDER)]]
            return Series(records, {**query, **whose})
    raise Unmet("records of two entities, and of two data elements, at about one time")


def _there(trial: Trial, pair: Pair, rows: Sequence[Row]) -> Series:
    """Those of `rows` that are still there."""
    trial.require(rows, found.NOTHING)
    window = found.around(ground(trial), [calls.instant(row) for row in rows])
    query = {**ground(trial).asked(*pair), **window}
    now = calls.listed(trial, **query, limit=found.LARGEST)
    records = [_stored(row, pair) for row in now if calls.identify(row) in calls.ids(rows)]
    return Series(sorted(records, key=lambda record: record.key.instant), query)


def _stored(row: Row, pair: Pair) -> Stored:
    key = Key(*pair, str(row["stream_generate_time"]), calls.instant(row))
    return Stored(calls.identify(row), key, row.get("stream_data"))


def _spread(here: Ground) -> list[int]:
    """Eleven moments: a second and the least step in turn."""
    first, *seconds = here.moments(8)
    steps = [moment + here.step for moment in seconds[:3]] if here.fine else here.moments(3)
    return sorted({first, *seconds, *steps})


def _beside(trial: Trial, entity: int, element: int) -> Series:
    moments = [record.key.instant for record in trial.once(plain).records[:4]]
    return _series(trial, moments, entity, element)


def _series(trial: Trial, moments: Sequence[int], entity: int, element: int) -> Series:
    here = ground(trial)
    order = [i for i in _ORDER if i < len(moments)]
    keys = [here.key_at(moments[i], entity, element) for i in order]
    return _written(trial, keys)


def _written(trial: Trial, keys: Sequence[Key], **more: Any) -> Series:
    return _settled(trial, [store(trial, key, **more) for key in keys])


def _settled(trial: Trial, records: Sequence[Stored]) -> Series:
    """A series whose records had time to show; whether they do is for others to judge."""
    here = ground(trial)
    if len({record.id for record in records}) < len(records):
        raise Unmet("a stream_id of its own for each record", "bge/write/new-stream-id")
    ids = [record.id for record in records]
    rows = held(trial, here, [record.key for record in records], ids)
    if not set(ids) & set(calls.ids(rows)):
        raise Unmet("the ids that writes answered, in range", "bge/write/found-by-range")
    places = [record.key.instant for record in records]
    key = records[0].key
    window = here.window(min(places), max(places))
    return Series(records, {**here.asked(key.entity, key.element), **window})
