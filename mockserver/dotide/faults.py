"""The faults of the dotide API."""

from __future__ import annotations

from collections.abc import Mapping

from streamproof.mockserver.dotide import (
    answer_faults,
    call_faults,
    content_faults,
    create_faults,
    datapoint_faults,
    delete_faults,
    field_faults,
    filter_faults,
    identity_faults,
    list_faults,
    newest_faults,
    odd_faults,
    rights_faults,
    token_faults,
    update_faults,
    zone_faults,
)
from streamproof.mockserver.faults import Fault, gathered

FAULTS: tuple[Fault, ...] = gathered(
    answer_faults,
    call_faults,
    content_faults,
    create_faults,
    datapoint_faults,
    delete_faults,
    field_faults,
    filter_faults,
    identity_faults,
    list_faults,
    newest_faults,
    odd_faults,
    rights_faults,
    token_faults,
    update_faults,
    zone_faults,
)

_LESS = ("lacking", "retyped")
_AS_CREATED = {"dotide/read/as-created": "One of the two answers that it compares lacks a member."}
_REFUSED = {"dotide/any/token-refused-without-effect": "It reads what a refused create sent."}
BESIDE: Mapping[str, Mapping[str, str]] = {
    **{f"dotide/{of}/shape.{way}": _AS_CREATED for of in ("create", "read") for way in _LESS},
    "dotide/read/shape.wrapped": {
        "dotide/create/race-stores-winner": "The winner of a race can't be read in this form.",
    },
    "dotide/delete/not-listed.still-listed": dict.fromkeys(
        ("dotide/any/token-permissions", "dotide/any/public-writes-refused"),
        "A removal that is only pretended asks for no right.",
    ),
    "dotide/any/model.datastreams-unlisted": {
        "dotide/any/accepted-readable": "Odd datastreams are removed between looks at others.",
    },
    "dotide/read/unknown-id.accepted": _REFUSED,
    "dotide/read/unknown-id.beside-others": _REFUSED,
    "dotide/create_datapoints/shape.wrapped": {
        "dotide/create_datapoints/several": "What was stored isn't found in this form.",
    },
}
"""Of the faults that are made of rules: what can't hold beside them."""
