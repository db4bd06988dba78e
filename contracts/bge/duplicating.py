"""stream.md > write_stream > duplicates: the same entity, element and time again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from streamproof.contracts.bge import calls, times
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held, shown
from streamproof.contracts.bge.series import placed
from streamproof.contracts.check import Check, Trial, Unavailable, Unmet, check
from streamproof.contracts.laws import duplicates, unique
from streamproof.contracts.laws.duplicates import BOTH_FOUND, OLDER_FOUND, Stored, Write
from streamproof.contracts.races import CLIENTS, ROUNDS


def writing(trial: Trial, key: Key, data: Any = None, **more: Any) -> Write:
    """A write of `data`, to be sent later."""
    content = {"name": "leo"} if data is None else data
    return lambda: trial.client.call("write", **key.item(json.dumps(content)), **more)


def forbidding(trial: Trial) -> dict[str, Any]:
    """The flag that forbids duplicates in so many words."""
    return {"duplicate_enabled": trial.learn(_false_spelling)}


def _false_spelling(trial: Trial) -> str:
    """The text that forbids duplicates: the first of some with which they aren't stored."""
    here = ground(trial)
    for text in ("false", "False", "0"):
        [key] = here.keys(1)
        sent = {**key.item('{"probe": true}'), "duplicate_enabled": text}
        if here.fine and not trial.client.call("write", **sent).accepted:
            continue
        before = len(held(trial, here, [key]))
        trial.client.call("write", **sent)
        if before and len(held(trial, here, [key])) == before:
            return text
    return "false"


def stored_at(trial: Trial, here: Ground, *keys: Key) -> Stored:
    """The ids that range shows under the keys of one example."""
    return lambda at_least=0: calls.ids(held(trial, here, keys, at_least=at_least))


def _repeated(data: Any) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """The same key again, without permission, stores no second record."""
        here = ground(trial)
        [key] = here.keys(1)
        flag = forbidding(trial)
        duplicates.not_stored_twice(
            trial,
            lambda: placed(trial, key, {"name": "leo"}, **(flag if here.fine else {})),
            writing(trial, key, data, **flag),
            stored_at(trial, here, key),
        )

    return run


@check("bge/write/duplicate-of-flagged", OLDER_FOUND)
def _of_flagged(trial: Trial) -> None:
    """A record that was let in by the flag keeps later writes without it out."""
    here = ground(trial)
    [key] = here.keys(1)
    first = writing(trial, key, duplicate_enabled="true")
    again = writing(trial, key, **forbidding(trial))
    duplicates.not_stored_twice(trial, first, again, stored_at(trial, here, key))


@check("bge/write/duplicate-keeps-older", unique.OLD_ONE_READ)
def _keeps_older(trial: Trial) -> None:
    """Whatever the second write is answered, the first record stays as it was."""
    here = ground(trial)
    [key] = here.keys(1)
    outcome = writing(trial, key, **here.permit())()
    older = calls.stream_id(trial.given(outcome, "a write"))
    unique.taken_key_changes_nothing(
        trial,
        create=lambda: outcome,
        again=writing(trial, key, {"name": "tom"}, **forbidding(trial)),
        read=lambda: shown(trial, older),
    )


@check("bge/write/duplicate-allowed", BOTH_FOUND)
def _allowed(trial: Trial) -> None:
    """With permission the same key holds two records."""
    here = ground(trial)
    [key] = here.keys(1)
    first = writing(trial, key, **here.permit())
    other = writing(trial, key, duplicate_enabled="true")
    duplicates.stored_beside(trial, first, other, stored_at(trial, here, key))


def _differing(entity: int, element: int) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """A write whose key differs in its entity or its data element is no duplicate."""
        here = ground(trial)
        [moment] = here.moments(1)
        _no_duplicate(trial, here, here.key_at(moment), here.key_at(moment, entity, element))

    return run


@check("bge/write/other-time-no-duplicate", BOTH_FOUND)
def _other_time(trial: Trial) -> None:
    """A write whose key differs in its time, by the least step that is kept, is no duplicate."""
    here = ground(trial)
    if here.fine:
        [key] = here.keys(1)
        later = here.key_at(key.instant + here.step)
    else:
        try:
            key, later, *_ = free_keys(trial, here, 2)
        except Unavailable:
            raise
        except Unmet:
            key, later = here.keys(2)
    _no_duplicate(trial, here, key, later)


def _no_duplicate(trial: Trial, here: Ground, key: Key, other: Key) -> None:
    """A record of one key keeps none of the other key out. Where the other may be taken already,
    its record is permitted to be a duplicate of that."""
    free = here.fine or not held(trial, here, [other])
    duplicates.stored_beside(
        trial,
        lambda: placed(trial, key, {"name": "leo"}),
        writing(trial, other, **(forbidding(trial) if free else here.permit())),
        stored_at(trial, here, key, other),
    )


def count_of_two(
    trial: Trial, extra: Mapping[str, Any], write: Callable[..., Callable[[], Any]] = writing
) -> int:
    """What shows the default of `duplicate_enabled`: how many records a second write makes."""
    here = ground(trial)
    [key] = here.keys(1)
    trial.given(write(trial, key, **here.permit())(), "the first write")
    before = stored_at(trial, here, key)(1)
    trial.require(before, "the first record, found", "bge/write/found-by-range")
    write(trial, key, **(forbidding(trial) if extra else {}))()
    after = stored_at(trial, here, key)(len(before))
    trial.require(len(after) >= len(before), "the first record, found again")
    return len(after) - len(before)


def _races(trial: Trial) -> duplicates.Raced:
    """Rounds of equal writes at once, each round under a key of its own."""
    here = ground(trial)
    *keys, lonely = free_keys(trial, here, ROUNDS + 1)
    content = json.dumps({"name": "leo"})
    rounds = [
        [trial.client.request("write", **key.item(content), **forbidding(trial))] * CLIENTS
        for key in keys
    ]

    def stored(at_least: int) -> list[int]:
        found = [calls.instant(row) for row in held(trial, here, keys, at_least=at_least)]
        return [found.count(key.instant) for key in keys]

    def alone() -> bool:
        trial.given(writing(trial, lonely, **forbidding(trial))(), "a write alone")
        return bool(held(trial, here, [lonely], at_least=1))

    return duplicates.raced(trial, rounds, stored, alone)


def free_keys(trial: Trial, here: Ground, count: int) -> list[Key]:
    """Keys of one entity and one data element that nothing has: `count` of them, or at least two
    where only years are taken, and few are left."""
    if here.fine:
        return here.keys(count)
    for entity, element in product(range(len(here.entities)), range(len(here.elements))):
        keys = [here.key_at(times.first_of(year), entity, element) for year in here.years]
        taken = {calls.instant(row) for row in held(trial, here, keys)}
        free = [key for key in keys if key.instant not in taken]
        if len(free) > 1:
            return free[:count]
    raise Unmet("fixtures.time_span: one with two years that no record has yet")


@check("bge/write/concurrent-one-stored", duplicates.RACE)
def _concurrent_one_stored(trial: Trial) -> None:
    duplicates.at_most_one_stored(trial, trial.once(_races))


@check("bge/write/concurrent-retry", duplicates.RACE)
def _concurrent_retry(trial: Trial) -> None:
    duplicates.retry_stores(trial, trial.once(_races))


CHECKS = (
    Check("bge/write/duplicate-not-stored", _repeated(None), (OLDER_FOUND,)),
    Check("bge/write/duplicate-despite-other-data", _repeated({"name": "tom"}), (OLDER_FOUND,)),
    _of_flagged,
    _keeps_older,
    _allowed,
    Check("bge/write/other-entity-no-duplicate", _differing(1, -1), (BOTH_FOUND,)),
    Check("bge/write/other-element-no-duplicate", _differing(0, -2), (BOTH_FOUND,)),
    _other_time,
    _concurrent_one_stored,
    _concurrent_retry,
)
