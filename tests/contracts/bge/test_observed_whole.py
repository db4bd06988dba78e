"""Whole dialects at once, of the mock and of servers with none of its code: what is seen is so."""

from __future__ import annotations

from typing import Final

import pytest

from streamproof.specs.dialect import Value
from tests.contracts.bge.servers import BGE
from tests.contracts.bge.test_observations import POINTS, mock, seen
from tests.others.trials import Case, server_of
from tests.probed.__main__ import drawn


@pytest.mark.parametrize("seed", [1, 2])
def test_a_dialect_is_seen_as_it_is(seed: int) -> None:
    dialect = {**drawn(BGE, seed), "visible_after_s": 0}
    found = seen(mock(**dialect))
    mistaken = {
        name: (each.choice, dialect[name], each.why, each.crash)
        for name, each in found.items()
        if each.crash
        or (name in dialect and each.odd)
        or (name in dialect and each.seen and each.choice != dialect[name])
    }
    assert not mistaken
    assert sum(each.seen for each in found.values()) > len(POINTS) * 2 / 3


# What each service does, as its code says; None: nothing that dialect.yaml knows.
_OF_ALL: Final[dict[str, Value]] = {
    "method_get": "rejected",
    "json_body": "rejected",
    "multipart_body": "rejected",
    "content_encoding": "rejected",
    "query_fields": "rejected",
    "data_checked_against_element": "unchecked",
    "big_integers": "exact",
}
_OF: Final[dict[str, dict[str, Value]]] = {
    "bare": {
        "envelope": "bare",
        "duplicate_answer": "older_id",
        "equal_items_in_batch": "last",
        "item_data_as_text": "kept",
        "stream_id_form": "other",
        "year_as_end": "last_instant",
        "nonce_replay": "accepted",
        "signature_expiry_s": 0,
        "missing_nonce": "accepted",
        "time_spellings": None,
        "boolean_spelling": None,
        "over_batch": "rest_fails",
        "empty_batch": "empty",
        "item_bad_time": "item_fails",
    },
    "strict": {
        "write_status": 201,
        "nonce_replay": "rejected",
        "signature_expiry_s": 300,
        "future_timestamp": "rejected",
        "missing_nonce": "rejected",
        "written_zone": "utc",
        "bound_zone": "utc",
        "duplicate_answer": "rejected",
        "equal_items_in_batch": "none",
        "item_data_as_text": "parsed",
        "item_lacks_field": "call_rejected",
        "item_wrong_type": "call_rejected",
        "over_batch": "rejected",
        "unknown_element_on_write": "rejected",
        "stream_data_not_object": None,
        "tie_order": "stream_id",
    },
    "annual": {
        "duplicate_answer": "older_id",
        "duplicate_item_answer": "older_id",
        "equal_items_in_batch": "first",
        "item_data_as_text": "kept",
        "time_spellings": "year",
        "unknown_element_on_write": "accepted",
    },
    "ecmascript": {
        "number_kinds": "merged",
        "big_integers": "rounded",
        "written_zone": "utc8",
        "same_instant_other_spelling": None,
    },
    "go": {"envelope": "bare", "number_kinds": "merged", "big_integers": "rounded"},
}


@pytest.mark.parametrize("who", _OF)
def test_another_service_is_seen_as_it_is(who: str) -> None:
    dialect = {**_OF_ALL, **_OF[who]}
    found = seen(server_of(Case("bge", who), hurry=True))
    assert not {name: each.crash for name, each in found.items() if each.crash}
    mistaken = {
        name: (found[name].choice, choice, found[name].why)
        for name, choice in dialect.items()
        if found[name].seen and found[name].choice != choice
    }
    assert not mistaken
    assert sum(found[name].seen for name in dialect) > len(dialect) / 3
