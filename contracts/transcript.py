"""Requests and answers as people read them: one line a step, and a `curl` line that repeats it."""

from __future__ import annotations

import shlex

from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import brief

_LONGEST = 2000  # characters of a request's target, or of its body, that a step shows


def step(outcome: Outcome) -> str:
    """``POST /datastreams {"id": "a"} -> 201 {"id": "a", …}``"""
    request = outcome.request
    content = (request.content or b"").decode("utf-8", "replace")
    sent = " ".join(
        part
        for part in (request.method, brief(request.target, _LONGEST), brief(content, _LONGEST))
        if part
    )
    return f"{sent} -> {outcome}"


def curl(outcome: Outcome, api: str, base_url: str) -> str:
    """A command line (of bash) that sends the request again.

    Credentials stand as shell variables (``STREAMPROOF_BASIC``, …), never as values; a signed
    form is signed anew by the API's signature module.
    """
    request, scheme = outcome.request, outcome.auth
    parts = ["curl", "-sS", "-X", request.method]
    if "/." in request.path:
        parts.append("--path-as-is")
    url, data = shlex.quote(base_url + request.target), request.content
    if scheme is not None:
        variable = next(f"$STREAMPROOF_{name.upper()}" for name in scheme.credentials)
        match scheme.kind:
            case "basic" if scheme.word is not None:
                encoded = f'$(printf %s "{variable}" | base64 -w0)'
                parts += ["-H", f'"Authorization: {scheme.word} {encoded}"']
            case "basic":
                parts += ["-u", f'"{variable}"']
            case "bearer":
                word = scheme.word or "Bearer"
                parts += ["-H", f'"Authorization: {word} {variable}"']
            case "header":
                parts += ["-H", f'"{scheme.parameter}: {variable}"']
            case "cookie":
                parts += ["-b", f'"{scheme.parameter}={variable}"']
            case "query":
                url += f'"{"&" if request.query else "?"}{scheme.parameter}={variable}"'
            case "signature" if request.form is not None:
                fields = " ".join(shlex.quote(f"{n}={v}") for n, v in request.form)
                signer = f"python -m streamproof.specs.{api}.{scheme.module}"
                parts += ["--data-raw", f'"$({signer} {fields})"']
                data = None
    if data is not None:
        parts += ["--data-raw", _shell_bytes(data)]
        if request.header("Content-Type") is None:
            parts += ["-H", "Content-Type:"]  # or curl would call it a form
    for name, value in request.headers:
        parts += ["-H", shlex.quote(f"{name}: {value}" if value else f"{name};")]
    return " ".join([*parts, url])


def _shell_bytes(data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return "$'" + "".join(f"\\x{byte:02x}" for byte in data) + "'"
    return shlex.quote(text)
