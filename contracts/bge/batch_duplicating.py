"""stream.md > batch_write_stream > duplicates: against the store, and within the batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from streamproof.contracts.bge import calls, duplicating
from streamproof.contracts.bge.batching import batch, items
from streamproof.contracts.bge.calls import Key
from streamproof.contracts.bge.duplicating import forbidding, free_keys, stored_at, writing
from streamproof.contracts.bge.ground import Ground
from streamproof.contracts.bge.learning import ground
from streamproof.contracts.bge.looking import held
from streamproof.contracts.check import Check, Trial, check
from streamproof.contracts.laws import duplicates
from streamproof.contracts.laws.duplicates import BOTH_FOUND, OLDER_FOUND, Write

Writer = Callable[..., Write]

_BESIDE = "an item of another key in the same batch, found"


def _batching(trial: Trial, key: Key, **more: Any) -> Write:
    """A batch of one item, to be sent later."""
    item = key.item({"name": "leo"})  # what `writing` writes: only the key is to be judged
    return lambda: trial.client.call("batch_write", streams=[item], **more)


def _against_store(first: Writer, again: Writer) -> Callable[[Trial], None]:
    def run(trial: Trial) -> None:
        """The same key again, without permission, stores no second record."""
        here = ground(trial)
        [key] = here.keys(1)
        duplicates.not_stored_twice(
            trial,
            first(trial, key, **here.permit()),
            again(trial, key, **forbidding(trial)),
            stored_at(trial, here, key),
        )

    return run


@check("bge/batch_write/duplicate-in-store-allowed", BOTH_FOUND)
def _in_store_allowed(trial: Trial) -> None:
    """With permission an item of a key that is taken is stored beside the older record."""
    here = ground(trial)
    [key] = here.keys(1)
    duplicates.stored_beside(
        trial,
        _batching(trial, key, **here.permit()),
        _batching(trial, key, duplicate_enabled="true"),
        stored_at(trial, here, key),
    )


@check("bge/batch_write/duplicate-in-batch-not-stored", _BESIDE)
def _in_batch_not_stored(trial: Trial) -> None:
    """Of two equal items of one batch at most one is stored; an item of another key is."""
    here, flag = ground(trial), forbidding(trial)
    key, other = free_keys(trial, here, 2)
    new = _stored_by(trial, here, [key, other], [key, key, other], most=2, **flag)
    trial.holds(
        new[key] <= 1,
        "stored-twice",
        expected="at most one record of two equal items",
        actual=f"{new[key]} records",
    )
    if new[other]:
        trial.witness(_BESIDE)


@check("bge/batch_write/duplicate-in-batch-allowed", BOTH_FOUND)
def _in_batch_allowed(trial: Trial) -> None:
    """With permission both of two equal items are stored."""
    here = ground(trial)
    [key] = here.keys(1)
    new = _stored_by(trial, here, [key], [key, key], most=2, duplicate_enabled="true")
    trial.holds(
        new[key] == 2,
        "not-both-stored",
        expected="a record of each of two equal items",
        actual=f"{new[key]} records",
    )
    trial.witness(BOTH_FOUND)


def _stored_by(
    trial: Trial, here: Ground, keys: Sequence[Key], sent: Sequence[Key], most: int, **flag: Any
) -> dict[Key, int]:
    """How many records a batch added under each key: in all as many as `most`, if all is well."""

    def count(at_least: int = 0) -> dict[Key, int]:
        instants = [calls.instant(row) for row in held(trial, here, keys, at_least=at_least)]
        return {key: instants.count(key.instant) for key in keys}

    before = dict.fromkeys(keys, 0) if here.fine else count()
    batch(trial, items(trial, sent), **flag)
    after = count(sum(before.values()) + most)
    return {key: found - before[key] for key, found in after.items()}


def count_of_two(trial: Trial, extra: Mapping[str, Any]) -> int:
    """What shows the default of `duplicate_enabled`: how many records a second batch makes."""
    return duplicating.count_of_two(trial, extra, _batching)


CHECKS = (
    Check(
        "bge/batch_write/duplicate-in-store-not-stored",
        _against_store(_batching, _batching),
        (OLDER_FOUND,),
    ),
    Check("bge/batch_write/sees-single-writes", _against_store(writing, _batching), (OLDER_FOUND,)),
    Check(
        "bge/batch_write/seen-by-single-writes", _against_store(_batching, writing), (OLDER_FOUND,)
    ),
    _in_store_allowed,
    _in_batch_not_stored,
    _in_batch_allowed,
)
