"""Requests and answers as people read them: one line a step, and a `curl` line that repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from streamproof.contracts import shell
from streamproof.contracts.wire import Outcome
from streamproof.specs.wording import brief

_LONGEST = 2000  # characters of a request's target, or of its body, that a step shows
_LONGEST_FIELD = 300  # and of a field of a form
_LONGEST_FORM = 50_000  # octets of a form that an argument of a command holds when it is encoded


@dataclass(frozen=True, slots=True)
class Step:
    """``POST /datastreams {"id": "a"}``, and ``201 {"id": "a", …}``; `race` where others were sent
    at the same time."""

    sent: str
    answer: str
    race: int | None = None
    times: str = ""

    def __str__(self) -> str:
        at_once = "at once: " if self.race is not None else ""
        return f"{at_once}{self.sent} -> {self.answer}{self.times and f' ({self.times})'}"


def step(outcome: Outcome, answer: str | None = None) -> Step:
    """The step without its credentials; its answer shortened, unless `answer` tells it."""
    request = outcome.request
    if request.form is not None:
        content = " ".join(f"{n}={brief(v, _LONGEST_FIELD)}" for n, v in request.form)
        content += "".join(
            f" (then without {n})" if v is None else f" (then {n}={v})" for n, v in request.altered
        )
    else:
        content = brief((request.content or b"").decode("utf-8", "replace"), _LONGEST)
    parts = (request.method, brief(request.target, _LONGEST), content)
    told = str(outcome) if answer is None else answer
    return Step(" ".join(part for part in parts if part), told, outcome.race)


def curl(
    outcome: Outcome,
    api: str,
    base_url: str,
    names: Mapping[str, str] = {},
    signed: str | None = None,
) -> str:
    """A command line (of bash) that sends the request again, and shows the answer's head and body.

    Credentials of the user's stand as shell variables (``STREAMPROOF_BASIC``, …), never as values,
    made-up ones as they are; a signed form is signed anew by the API's signature module. `names`
    gives a variable for what a server named, `signed` the one that holds the signed form, if it
    was made before.
    """
    request, scheme = outcome.request, outcome.auth
    parts = ["curl", "-sSi", "-X", request.method]
    if "/." in request.path:
        parts.append("--path-as-is")
    if any(sign in request.target for sign in "[]{}"):
        parts.append("-g")
    in_url = {quote(value, safe=""): variable for value, variable in names.items()}
    url = shell.word((outcome.url or base_url) + request.target, in_url)
    if scheme is not None:
        proof = next(iter(_proofs(outcome).values()))
        match scheme.kind:
            case "basic" if scheme.word is not None:
                encoded = f'$(printf %s "{proof}" | base64 -w0)'
                parts += ["-H", f'"Authorization: {scheme.word} {encoded}"']
            case "basic":
                parts += ["-u", f'"{proof}"']
            case "bearer":
                word = scheme.word or "Bearer"
                parts += ["-H", f'"Authorization: {word} {proof}"']
            case "header":
                parts += ["-H", f'"{scheme.parameter}: {proof}"']
            case "cookie":
                parts += ["-b", f'"{scheme.parameter}={proof}"']
            case "query":
                url += f'"{"&" if request.query else "?"}{scheme.parameter}={proof}"'
    if (command := signer(outcome, api, names)) is not None:
        long = len(request.content or b"") > _LONGEST_FORM
        made = f"$({command})" if signed is None else f"${{{signed}}}"
        parts += ["-d", f"@<({command})" if long else f'"{made}"']
    elif request.content is not None:
        file = shell.file(request.content)
        data = f"@{file}" if file else shell.word(request.content, names)
        parts += ["--data-binary" if file else "--data-raw", data]
        if request.header("Content-Type") is None:
            parts += ["-H", "Content-Type:"]  # or curl would call it a form
    for name, value in request.headers:
        text = f"{name}: {value}" if value else f"{name};"
        parts += ["-H", shell.word(text.encode("latin-1", "replace"))]
    return " ".join([*parts, url])


def _proofs(outcome: Outcome) -> dict[str, str]:
    credentials = () if outcome.auth is None else outcome.auth.credentials
    return {n: outcome.proofs.get(n, f"$STREAMPROOF_{n.upper()}") for n in credentials}


def signer(outcome: Outcome, api: str, names: Mapping[str, str] = {}) -> str | None:
    """The command that prints the signed form of a step, if it sent one. Made-up credentials are
    given to it, the user's own it finds in the environment."""
    request, scheme, proofs = outcome.request, outcome.auth, _proofs(outcome)
    if scheme is None or scheme.kind != "signature" or request.form is None:
        return None
    parts = ["python", "-m", f"streamproof.specs.{api}.{scheme.module}"]
    for name, option in (("app_key", "--key"), ("app_secret", "--secret")):
        own = f"$STREAMPROOF_{name.upper()}"
        if proofs.get(name, own) != own:
            parts += [option, f'"{proofs[name]}"']
    fields = [*(request.form or ()), *((n, v) for n, v in request.altered if v is not None)]
    odd = any("\0" in value or not _plain(value) for _, value in fields)

    def said(name: str, value: str) -> str:
        if odd:
            value = quote(value, safe=" {}[]:,\"'/+", errors="surrogatepass")
        return shell.word(f"{name}={value}", names)

    parts += ["--quoted"] if odd else []
    for name, changed in request.altered:
        parts += ["--drop", name] if changed is None else ["--set", said(name, changed)]
    return " ".join([*parts, *(said(name, value) for name, value in request.form or ())])


def _plain(text: str) -> bool:
    """Whether UTF-8 can hold it."""
    return text.encode("utf-8", "ignore").decode() == text
