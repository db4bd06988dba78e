"""Faults of what holds for any call: strangers get in, odd texts break the server."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from streamproof.mockserver.call import Answer, Call
from streamproof.mockserver.context import Context
from streamproof.mockserver.faults import ANY, Fault, Proceed
from streamproof.specs.api import Api
from streamproof.specs.declared import NO_CREDENTIALS, wrong_credential
from streamproof.specs.operation import SecurityScheme
from streamproof.specs.rulebook import Rule

_LONG = 2000  # characters


def faults(api: Api, rule: Rule) -> Iterator[Fault]:
    """The faults of a rule that is about every operation; none where it is of another kind."""
    guards = (NO_CREDENTIALS, *map(wrong_credential, api.schemes))
    if rule.id == f"{api.name}/any/no-server-error":
        if all(op.method != "GET" for op in api.operations.values()):
            return
        yield _breaks(rule, "long-text", "a long text", lambda text: len(text) > _LONG)
        yield _breaks(rule, "nul", "a text with NUL in it", lambda text: "\0" in text)
        return
    if rule.id not in [f"{api.name}/{guard}" for guard in guards]:
        return
    ways = [name for name in api.schemes if rule.id == f"{api.name}/{wrong_credential(name)}"]
    reads = [
        op
        for op in api.operations.values()
        if op.method == "GET" and {*op.security} & {*(ways or api.schemes)}
    ]
    yield _let_in(api, rule, "anybody", ANY, f"Lets anybody in: {rule.en}")
    if len(reads) > 1:
        says = f"Lets anybody in to one operation: {rule.en}"
        plainest = min(reads, key=lambda op: len(op.required))
        yield _let_in(api, rule, "one-operation", plainest.id, says)


def _let_in(api: Api, rule: Rule, slug: str, operation: str, says: str) -> Fault:
    def let_in(proceed: Proceed, call: Call, context: Context) -> Answer:
        answer = proceed(call)
        if answer.rule != rule.id:
            return answer
        scheme = api.schemes[call.operation.security[0]]
        key = next(iter(scheme.credentials))
        return proceed(_signed(call, scheme, context.fixtures["credentials"][key]))

    return Fault(f"{rule.id}.{slug}", operation, let_in, says)


def _signed(call: Call, scheme: SecurityScheme, value: str) -> Call:
    """The call with a good credential."""
    request, name = call.request, scheme.parameter
    if scheme.kind == "query":
        others = [(n, v) for n, v in request.query_fields if n != name]
        return replace(call, request=replace(request, query=urlencode([*others, (name, value)])))
    header, text = {
        "basic": ("authorization", f"Basic {b64encode(value.encode()).decode()}"),
        "bearer": ("authorization", f"Bearer {value}"),
        "cookie": ("cookie", f"{name}={value}"),
    }.get(scheme.kind, (name.lower(), value))
    return replace(call, request=replace(request, headers={**request.headers, header: text}))


def _breaks(rule: Rule, slug: str, what: str, is_odd: Callable[[str], bool]) -> Fault:
    def breaks(proceed: Proceed, call: Call, _context: Context) -> Answer:
        answer = proceed(call)
        texts = [value for value in call.without_body.values() if isinstance(value, str)]
        if call.operation.method == "GET" and any(map(is_odd, texts)):
            return replace(answer, status=500)
        return answer

    return Fault(f"{rule.id}.{slug}", ANY, breaks, f"Breaks at {what}.")
