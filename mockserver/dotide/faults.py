"""The faults of the dotide API, in the order of its rulebook."""

from __future__ import annotations

from streamproof.mockserver.dotide.call_faults import CALL_FAULTS
from streamproof.mockserver.dotide.create_faults import CREATE_FAULTS
from streamproof.mockserver.dotide.delete_faults import DELETE_FAULTS
from streamproof.mockserver.dotide.field_faults import FIELD_FAULTS
from streamproof.mockserver.dotide.list_faults import LIST_FAULTS
from streamproof.mockserver.dotide.update_faults import UPDATE_FAULTS
from streamproof.mockserver.faults import Fault

FAULTS: tuple[Fault, ...] = (
    *CALL_FAULTS,
    *LIST_FAULTS,
    *CREATE_FAULTS,
    *FIELD_FAULTS,
    *UPDATE_FAULTS,
    *DELETE_FAULTS,
)
