"""Who calls, by whichever security scheme of openapi.yaml the call uses."""

from __future__ import annotations

from streamproof.mockserver import credentials
from streamproof.mockserver.call import Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.engine.answers import described
from streamproof.mockserver.problems import Rejected
from streamproof.specs.declared import NO_CREDENTIALS, wrong_credential


def authenticate(context: Context, call: Call) -> None:
    """Raise `Rejected` unless a credential of one of the operation's schemes is right."""
    operation, known = call.operation, context.fixtures["credentials"]
    if not operation.security:
        return
    status = described(operation, 401, 403, 404, 400)
    sent = {
        name: found
        for name in operation.security
        if (found := credentials.of(context.api.schemes[name], call.request)) is not None
    }
    for name, value in sent.items():
        keys = context.api.schemes[name].credentials
        if any(credentials.same(value, known.get(key)) for key in keys):
            return
    if sent:
        name = next(iter(sent))
        detail = f"the credential of {name} is not known; send one that the mock printed"
        raise Rejected(f"{context.api.name}/{wrong_credential(name)}", detail, status)
    ways = " or ".join(operation.security)
    detail = f"the call carries no credential; send one of {ways}"
    raise Rejected(f"{context.api.name}/{NO_CREDENTIALS}", detail, status)
