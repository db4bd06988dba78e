"""Calls of any kind that break a rule: one function and one sentence each."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from http import HTTPStatus

from streamproof.mockserver.call import ABSENT, Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.dotide.authentication import databases
from streamproof.mockserver.dotide.fault_tools import without_header
from streamproof.mockserver.faults import Proceed, fault


@fault("dotide/any/basic.refused")
def _basic_refused(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes access tokens only."""
    scheme = (call.request.header("Authorization") or "").partition(" ")[0]
    return proceed(without_header(call) if scheme.lower() == "basic" else call)


@fault("dotide/any/bearer-token.refused")
def _bearer_refused(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes access tokens in the query only, where the query may hold them."""
    scheme = (call.request.header("Authorization") or "").partition(" ")[0]
    otherwise = "queryToken" in call.operation.security
    return proceed(without_header(call) if otherwise and scheme.lower() == "bearer" else call)


@fault("dotide/any/no-credentials.unauthorized")
def _unauthorized(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 401 in place of 404."""
    answer = proceed(call)
    refused = answer.rule == "dotide/any/no-credentials"
    return replace(answer, status=HTTPStatus.UNAUTHORIZED) if refused else answer


@fault("dotide/any/wrong-secret.let-in")
def _any_secret(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes any secret."""
    answer = proceed(call)
    refused = answer.rule == "dotide/any/wrong-secret"
    return proceed(authentic(call, context)) if refused else answer


@fault("dotide/any/unknown-token.forbidden")
def _forbidden(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 403 to an unknown access token."""
    answer = proceed(call)
    refused = answer.rule == "dotide/any/unknown-token"
    return replace(answer, status=HTTPStatus.FORBIDDEN) if refused else answer


@fault("dotide/any/refused-without-effect.carried-out")
def _carried_out(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Refuses a call for its credentials, and carries it out all the same."""
    answer = proceed(call)
    if (answer.rule or "").startswith("dotide/any/"):
        proceed(authentic(call, context))
    return answer


@fault("dotide/any/other-database.let-in")
def _neighbour(proceed: Proceed, call: Call, context: Context) -> Answer:
    """Takes the credentials of any data base for any other."""
    answer = proceed(call)
    refused = answer.rule == "dotide/any/other-database"
    return proceed(authentic(call, context)) if refused else answer


@fault("dotide/any/timezone-header.ignored")
def _header_ignored(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Takes no notice of the header `Timezone`."""
    return proceed(call.changed(Timezone=ABSENT))


@fault("dotide/any/json-content-type.html")
def _html(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Calls its JSON `text/html`."""
    answer = proceed(call)
    if not answer.accepted or answer.body is None:
        return answer
    return replace(answer, headers={**answer.headers, "Content-Type": "text/html"})


@fault("dotide/any/no-server-error.breaks-down")
def _breaks_down(proceed: Proceed, call: Call, _context: Context) -> Answer:
    """Answers 500 to what it would have to reject as unreadable or of a wrong type."""
    answer = proceed(call)
    rule = answer.rule or ""
    if rule.endswith(("/malformed-json", "/non_object_body", "/wrong_type", "_malformed")):
        return replace(answer, status=HTTPStatus.INTERNAL_SERVER_ERROR)
    return answer


def authentic(call: Call, context: Context) -> Call:
    """The call with the right credentials, where its data base has any."""
    known = databases(context.fixtures).get(call.request.variables["database"], {})
    header = f"Basic {b64encode(known.get('basic', '').encode()).decode()}"
    headers = {**call.request.headers, "authorization": header}
    return replace(call, request=replace(call.request, headers=headers))
