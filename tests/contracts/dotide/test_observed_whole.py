"""Whole dialects at once, of the mock and of servers with none of its code: what is seen is so."""

from __future__ import annotations

import random
from typing import Final

import pytest

from streamproof.contracts.client import Client
from streamproof.contracts.names import Names
from streamproof.contracts.observations import Observation, Observing
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.specs.dialect import Value
from tests.contracts.dotide.targets import DOTIDE, good
from tests.others.trials import Case, server_of

POINTS: Final = DOTIDE.dialect.points


def seen(app: WsgiApp) -> dict[str, Observation]:
    transport = WsgiTransport(app, "http://localhost/v1/demo")
    client = Client(DOTIDE, transport, DOTIDE.fixtures["credentials"])
    observing = Observing(client, Names("observing"), DOTIDE.fixtures, dear=POINTS)
    return {each.point: each for each in observing.all()}


def wrong(found: dict[str, Observation], dialect: dict[str, Value]) -> dict[str, object]:
    """What is seen and isn't so, also that it is no choice; and the faults of observers."""
    return {
        name: (each.choice, dialect.get(name), each.consistent, each.crash or each.why)
        for name, each in found.items()
        if each.crash
        or each.odd
        or (
            name in dialect
            and each.seen
            and (each.choice, each.consistent) != (dialect[name], True)
        )
    }


def drawn(seed: int) -> dict[str, Value]:
    dice = random.Random(seed)
    return {
        name: dice.choice([choice.value for choice in point.choices])
        for name, point in POINTS.items()
        if point.mock
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_dialect_is_seen_as_it_is(seed: int) -> None:
    dialect = drawn(seed)
    found = seen(good(**dialect))
    assert not wrong(found, dialect)
    assert sum(each.seen for each in found.values()) > len(POINTS) / 3


# -- servers with no line of the mock's ----------------------------------------------------------

_FRIENDLY: Final[dict[str, Value]] = {
    "collation": "code_point",
    "list_properties_name": "properties",
    "empty_ids": "everything",
    "empty_tags": "everything",
    "offset_without_limit": "applied",
    "limit_zero": "ignored",
    "limit_negative": "rejected",
    "limit_malformed": "rejected",
    "offset_zero": "first_page",
    "offset_negative": "rejected",
    "offset_malformed": "rejected",
    "default_limit": "none",
    "largest_limit": "none",
    "over_largest_limit": "clamped",
    "duplicate_id_status": 409,
    "race_loser_status": "as_duplicate",
    "recreate_deleted": "accepted",
    "generated_id_form": "object_id",
    "id_empty": "rejected",
    "id_reserved": "accepted",
    "id_comma": "accepted",
    "id_dots": "rejected",
    "id_blanks": "kept",
    "id_control": "rejected",
    "id_longest": 255,
    "id_normalization": "distinct",
    "id_case": "distinct",
    "required_fields": "none",
    "absent_fields": "null",
    "absent_current": "null",
    "null_in_create": "absent",
    "null_in_update": "clears",
    "unknown_fields": "ignored",
    "wrong_type": "rejected",
    "non_object_body": "rejected",
    "empty_body": "as_empty",
    "tags_order": "sent",
    "tags_repeated": "collapsed",
    "tags_case": "distinct",
    "empty_tag": "kept",
    "comma_in_tag": "kept",
    "nested_property_names": "accepted",
    "property_values": "any",
    "put_body": "merge",
    "put_properties": "replace",
    "put_type": "ignored",
    "put_id": "ignored",
    "put_unchanged": "moves",
    "unknown_id_status": 404,
    "delete_unknown": "accepted",
    "time_precision": "milliseconds",
    "offset_form": "colon",
    "unknown_tz": "rejected",
    "tz_against_header": "tz",
    "tz_in_query": "ignored",
    "location_form": "absolute",
    "location_host": "request",
    "invalid_status": 422,
    "malformed_json_status": 400,
    "error_form": "message",
    "both_credentials": "either",
    "token_without_right": 404,
    "list_by_token": "filtered",
    "create_by_token": "within_scope",
    "scopes_malformed": "rejected",
    "absent_scope_fields": "empty",
    "window_edges": "closed",
    "same_instant": "replaced",
    "instant_malformed": "rejected",
    "datapoint_malformed": "rejected",
    "interval_malformed": "rejected",
    "interval_unit": "milliseconds",
    "interval_times": "of_the_clock",
    "missing_content_type": "read_as_json",
    "other_content_type": "read_as_json",
    "unreadable_query": "replaced",
    "wrong_method": 405,
    "trailing_slash": "same",
    "repeated_parameter": "first",
    "unknown_parameters": "ignored",
    "largest_body": 65536,
}
# What each service does otherwise; None: nothing that dialect.yaml knows.
_OTHERWISE: Final[dict[str, dict[str, Value]]] = {
    "old": {
        "collation": "ignore_case",
        "list_properties_name": "attributes",
        "limit_zero": "rejected",
        "offset_zero": "rejected",
        "default_limit": 3,
        "largest_limit": 5,
        "duplicate_id_status": 400,
        "recreate_deleted": "rejected",
        "absent_fields": "omitted",
        "absent_current": "omitted",
        "empty_body": "rejected",
        "tags_order": "sorted",
        "put_body": "replace",
        "unknown_id_status": 400,
        "delete_unknown": "rejected",
        "time_precision": "seconds",
        "offset_form": "zulu",
        "location_form": "path",
        "token_without_right": 403,
        "list_by_token": "rejected",
        "create_by_token": "none",
        "absent_scope_fields": "omitted",
        "window_edges": "without_end",
        "same_instant": "rejected",
        "interval_unit": "seconds",
        "interval_times": "otherwise",
        "invalid_status": 400,
        "error_form": "empty",
    },
    "strict": {
        "collation": "natural",
        "empty_ids": "rejected",
        "empty_tags": "rejected",
        "offset_without_limit": "rejected",
        "limit_zero": "rejected",
        "offset_zero": "rejected",
        "over_largest_limit": "rejected",
        "duplicate_id_status": 403,
        "id_reserved": "rejected",
        "id_comma": "rejected",
        "id_blanks": "rejected",
        "id_longest": 40,
        "required_fields": "all",
        "null_in_create": "rejected",
        "null_in_update": "rejected",
        "unknown_fields": "rejected",
        "empty_body": "rejected",
        "empty_tag": "rejected",
        "comma_in_tag": "rejected",
        "property_values": "scalars",
        "put_body": "reject",
        "put_type": "rejected",
        "put_id": "rejected",
        "put_unchanged": "stays",
        "delete_unknown": "rejected",
        "time_precision": "microseconds",
        "offset_form": "compact",
        "location_host": None,
        "list_by_token": "rejected",
        "window_edges": "open",
        "interval_times": "otherwise",
        "invalid_status": 403,
        "malformed_json_status": 403,
        "error_form": "text",
        "missing_content_type": None,
        "other_content_type": None,
        "content_encoding": None,
        "wrong_method": 403,
        "unknown_parameters": "rejected",
        "largest_body": None,
    },
    "lenient": {
        "collation": "ignore_case",
        "limit_negative": "ignored",
        "limit_malformed": "ignored",
        "offset_negative": "ignored",
        "offset_malformed": "ignored",
        "default_limit": 20,
        "duplicate_id_status": 422,
        "generated_id_form": None,
        "id_normalization": "same",
        "id_case": "same",
        "absent_fields": "empty",
        "absent_current": "empty",
        "unknown_fields": "kept",
        "wrong_type": None,  # to "5.0"
        "non_object_body": "as_empty",
        "tags_case": "same",
        "tags_order": None,
        "put_properties": "merge",
        "put_type": "applied",
        "unknown_tz": "utc",
        "tz_against_header": "header",
        "location_form": None,
        "location_host": None,
        "race_loser_status": 503,
        "list_by_token": None,  # anybody may read
        "create_by_token": "all",
        "absent_scope_fields": None,  # null
        "same_instant": "kept",
        "interval_malformed": "ignored",
        "interval_times": "otherwise",
        "malformed_json_status": 422,
        "both_credentials": None,
    },
}


@pytest.mark.parametrize("who", _OTHERWISE)
def test_another_service_is_seen_as_it_is(who: str) -> None:
    dialect = {**_FRIENDLY, **_OTHERWISE[who]}
    found = seen(server_of(Case("dotide", who), hurry=True))
    mistaken = {
        name: (each.choice, each.why)
        for name, each in found.items()
        if each.crash or (each.seen and name in dialect and each.choice != dialect[name])
    }
    assert not mistaken
    odd = {name for name, each in found.items() if each.odd}
    unknown = {name for name in found if name not in dialect or dialect[name] is None}
    assert odd <= unknown | {"content_encoding"}
    assert sum(each.seen for each in found.values()) > len(POINTS) / 2
