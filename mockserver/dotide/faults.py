"""The faults of the dotide API."""

from __future__ import annotations

from streamproof.mockserver.dotide.answer_faults import ANSWER_FAULTS
from streamproof.mockserver.dotide.call_faults import CALL_FAULTS
from streamproof.mockserver.dotide.content_faults import CONTENT_FAULTS
from streamproof.mockserver.dotide.create_faults import CREATE_FAULTS
from streamproof.mockserver.dotide.datapoint_faults import DATAPOINT_FAULTS
from streamproof.mockserver.dotide.delete_faults import DELETE_FAULTS
from streamproof.mockserver.dotide.field_faults import FIELD_FAULTS
from streamproof.mockserver.dotide.filter_faults import FILTER_FAULTS
from streamproof.mockserver.dotide.garbled_faults import GARBLED_FAULTS
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
    *GARBLED_FAULTS,
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
