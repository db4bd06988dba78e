"""The form of bge answers: granted, refused, or not even readable."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.parsing import Unreadable
from streamproof.mockserver.problems import Rejected
from streamproof.specs.dialect import Dialect

_NOT_JSON = {
    "stream_data": "bge/write/data-not-json-rejected",
    "streams": "bge/batch_write/not-an-array-rejected",
}


def grant(context: Context, answer: Answer) -> Answer:
    """The answer to an accepted call: its data, wrapped unless the dialect says bare."""
    if context.dialect["envelope"] == "bare":
        return answer
    return replace(answer, body=_wrapped(0, "", answer.body))


def refuse(context: Context, rejection: Rejected) -> Answer:
    """A rejection: a code other than 0, and the status that the dialect gives it."""
    reason = rejection.status or HTTPStatus.BAD_REQUEST
    status, code = context.dialect["rejection_status"], context.dialect["rejection_code"]
    return Answer(
        status=int(reason) if status == "by_reason" else status,
        body=_wrapped(
            int(reason) if code == "by_reason" else code, message(context.dialect, rejection), None
        ),
    )


def message(dialect: Dialect, rejection: Rejected) -> str:
    """What a rejected call or a failed item is told."""
    return rejection.detail if dialect["rejection_message"] == "detailed" else "rejected"


def unreadable(_context: Context, _call: Call, fault: Unreadable) -> Rejected:
    """The rejection of fields that can't be read. A form in no UTF-8 can't be signed rightly."""
    rule = _NOT_JSON.get(fault.part, "bge/any/wrong-signature-rejected")
    return Rejected(rule, str(fault))


def _wrapped(code: int, msg: str, data: Any) -> dict[str, Any]:
    return {"code": code, "msg": msg, "data": data}
