"""Targets for the tests: the mock over WSGI, as it is or with its traffic altered on the way."""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from streamproof.specs.bge import signature

BGE = api.load("bge")

Form = dict[str, str]
Before = Callable[[str, Form], Form]
After = Callable[[str, Form, Any], Any]


def mock(**dialect: Any) -> WsgiApp:
    return create_app(MockConfig(apis=("bge",), dialects={"bge": dialect}))


def check(
    app: WsgiApp, *only: str, fixtures: Mapping[str, Any] | None = None, **options: Any
) -> Run:
    """A run against `app` of the rules `only`, or of all."""
    target = Target(
        BGE,
        WsgiTransport(app, "http://localhost"),
        BGE.fixtures["credentials"],
        BGE.fixtures if fixtures is None else fixtures,
    )
    options = {"seed": 1, "max_examples": 10, **options}
    return run(target, Options(selection=Selection(only=only), **options))


def verdicts(found: Run) -> dict[str, str]:
    return {ruling.rule.id: ruling.verdict.value for ruling in found.rulings}


def reason(found: Run, rule: str) -> str:
    """Why a rule failed, in one word; otherwise its verdict and message."""
    [ruling] = [ruling for ruling in found.rulings if ruling.rule.id == rule]
    mismatch = ruling.finding.mismatch
    return mismatch.reason if mismatch else f"{ruling.verdict.value}: {ruling.message}"


def altered(app: WsgiApp, *, before: Before | None = None, after: After | None = None) -> WsgiApp:
    """`app` behind a gateway that changes forms (and signs them anew) and the data of answers.

    `before(operation, form)` gives the form to send, `after(operation, form, data)` the data to
    answer of an accepted call.
    """

    def gateway(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        operation = environ["PATH_INFO"].rpartition("/")[2]
        content = environ["wsgi.input"].read()
        form = dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
        sent = before(operation, dict(form)) if before else form
        if sent != form:
            content = urlencode(_signed(sent)).encode()
        environ |= {"wsgi.input": io.BytesIO(content), "CONTENT_LENGTH": str(len(content))}
        begun: list[Any] = []
        body = b"".join(app(environ, lambda *answer: begun.extend(answer)))
        if after and begun[0].startswith("200"):
            answer = json.loads(body)
            if answer["code"] == 0:
                body = json.dumps(
                    {**answer, "data": after(operation, form, answer["data"])}
                ).encode()
        start(begun[0], [(n, v) for n, v in begun[1] if n.lower() != "content-length"])
        return [body]

    return gateway


def _signed(form: Form) -> Form:
    fields = {n: v for n, v in form.items() if n not in ("app_key", "sign")}
    nonce, timestamp = fields.pop("signature_nonce", "0" * 32), fields.pop("timestamp", "")
    return signature.signed(fields, **BGE.fixtures["credentials"], nonce=nonce, timestamp=timestamp)
