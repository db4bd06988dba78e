"""What only a sequence of calls shows: a call that harms what another left."""

from __future__ import annotations

from streamproof.mockserver.bge.tampering import only_rows, payload, remembered
from streamproof.mockserver.bge.write_faults import DUPLICATE, standing
from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import Proceed, fault

_RULE = "bge/any/model"


@fault("bge/any/model.stranger-unsettles", on="any")
def _stranger_unsettles(proceed: Proceed, call: Call, context: Context) -> Answer:
    """After a call for an unknown entity, the next write of a taken key hides the older records."""
    unsettled, hidden = remembered(context, _RULE), remembered(context, f"{_RULE} hidden")
    answer = proceed(call)
    if call.operation.id == "range":
        return only_rows(answer, context, lambda row: row["stream_id"] not in hidden)
    if call.operation.id == "write" and unsettled.pop("since", False) and _judged(answer):
        new = payload(answer, context)["stream_id"] if answer.accepted else None
        found = (row["stream_id"] for row in standing(proceed, call, context))
        hidden |= dict.fromkeys(each for each in found if each != new)
    if call.operation.id in ("write", "batch_write"):
        streams = call.arguments.get("streams")
        items = streams if isinstance(streams, list) else [call.arguments]
        known = context.fixtures["entities"]
        if any(isinstance(i, dict) and i.get("fundamental_entity_id") not in known for i in items):
            unsettled["since"] = True
    return answer


def _judged(answer: Answer) -> bool:
    """Whether a write was good, but for what it may repeat."""
    return answer.accepted or answer.rule == DUPLICATE
