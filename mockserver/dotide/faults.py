"""The faults of the dotide API."""

from __future__ import annotations

from collections.abc import Mapping

from streamproof.mockserver.dotide.answer_faults import ANSWER_FAULTS
from streamproof.mockserver.dotide.call_faults import CALL_FAULTS
from streamproof.mockserver.dotide.content_faults import CONTENT_FAULTS
from streamproof.mockserver.dotide.create_faults import CREATE_FAULTS
from streamproof.mockserver.dotide.datapoint_faults import DATAPOINT_FAULTS
from streamproof.mockserver.dotide.delete_faults import DELETE_FAULTS
from streamproof.mockserver.dotide.field_faults import FIELD_FAULTS
from streamproof.mockserver.dotide.filter_faults import FILTER_FAULTS
from streamproof.mockserver.dotide.identity_faults import IDENTITY_FAULTS
from streamproof.mockserver.dotide.list_faults import LIST_FAULTS
from streamproof.mockserver.dotide.newest_faults import NEWEST_FAULTS
from streamproof.mockserver.dotide.odd_faults import ODD_FAULTS
from streamproof.mockserver.dotide.rights_faults import RIGHTS_FAULTS
from streamproof.mockserver.dotide.token_faults import TOKEN_FAULTS
from streamproof.mockserver.dotide.update_faults import UPDATE_FAULTS
from streamproof.mockserver.dotide.zone_faults import ZONE_FAULTS
from streamproof.mockserver.faults import Fault

FAULTS: tuple[Fault, ...] = (
    *CALL_FAULTS,
    *IDENTITY_FAULTS,
    *ANSWER_FAULTS,
    *LIST_FAULTS,
    *FILTER_FAULTS,
    *CREATE_FAULTS,
    *FIELD_FAULTS,
    *CONTENT_FAULTS,
    *ODD_FAULTS,
    *ZONE_FAULTS,
    *UPDATE_FAULTS,
    *DELETE_FAULTS,
    *TOKEN_FAULTS,
    *RIGHTS_FAULTS,
    *DATAPOINT_FAULTS,
    *NEWEST_FAULTS,
)

_AS_CREATED = {"dotide/read/as-created": "One of the two answers that it compares lacks a member."}
_LATEST = {"dotide/list/shows-latest": "The row that it compares with a read lacks a member."}
BESIDE: Mapping[str, Mapping[str, str]] = {
    **{f"dotide/{of}/shape.lacking": _AS_CREATED for of in ("create", "read")},
    **{f"dotide/{of}/shape.retyped": _AS_CREATED for of in ("create", "read")},
    **dict.fromkeys(("dotide/list/shape.lacking", "dotide/list/shape.retyped"), _LATEST),
    "dotide/read/shape.wrapped": {
        "dotide/create/race-stores-winner": "The winner of a race can't be read in this form.",
    },
    "dotide/create_datapoints/shape.wrapped": {
        "dotide/create_datapoints/several": "What was stored isn't found in this form.",
    },
}
"""Of the faults that are made of rules: what can't hold beside them."""
