"""What an OpenAPI file declares is judged with no code of the API's: a good server conforms, and
each broken one fails the rule that it breaks."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.specs import api
from streamproof.specs.api import Api
from tests.fieldpost.server import KEY, Fieldpost

FOLDER = Path(__file__).parents[2] / "examples" / "fieldpost"
FULL = api.load(str(FOLDER))


def judged(spec: Api, server: Any, only: tuple[str, ...] = (), **fixtures: Any) -> Run:
    target = Target(spec, WsgiTransport(server, "http://localhost/v1"), {"key": KEY}, fixtures)
    options = Options(Selection(only), seed=1, run_id="fieldpost", max_examples=6)
    return run(target, options)


def verdicts(run: Run, *wanted: Verdict) -> set[str]:
    return {ruling.rule.id for ruling in run.rulings if ruling.verdict in wanted}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Api:
    """The API as its openapi.yaml alone describes it."""
    folder = tmp_path_factory.mktemp("alone") / "fieldpost"
    folder.mkdir()
    shutil.copy(FOLDER / "openapi.yaml", folder)
    return api.load(str(folder))


def test_a_good_server_conforms_and_nothing_stays() -> None:
    server = Fieldpost()

    run = judged(FULL, server)

    assert run.headline is Headline.CONFORMS
    assert run.cleanup.left == 0
    assert server.devices == {}


def test_a_server_that_shows_whole_seconds_conforms() -> None:
    run = judged(FULL, Bent(Fieldpost(), answer=whole_seconds))

    assert run.headline is Headline.CONFORMS
    assert run.cleanup.left == 0


def test_without_resources_nothing_is_changed_that_nobody_named(alone: Api) -> None:
    server = Fieldpost()
    server._register({"serial": "TH-1", "model": "m"})

    run = judged(alone, server)

    assert run.headline is Headline.INCONCLUSIVE
    assert not verdicts(run, Verdict.FAILED, Verdict.HARNESS_ERROR)
    assert "TH-1" in server.devices
    assert "fieldpost/list_devices/limit-maximum" in verdicts(run, Verdict.PASSED)
    [removal] = [r for r in run.rulings if r.rule.id == "fieldpost/remove_device/status"]
    assert "fixtures.arguments.removeDevice.serial" in removal.message


def test_named_arguments_let_more_be_judged(alone: Api) -> None:
    server = Fieldpost()
    server._register({"serial": "TH-1", "model": "m"})
    arguments = {"getDevice": {"serial": "TH-1"}}

    run = judged(alone, server, ("fieldpost/get_device/*",), arguments=arguments)

    assert verdicts(run, Verdict.PASSED) == {
        "fieldpost/get_device/status",
        "fieldpost/get_device/shape",
    }


def test_a_target_that_cant_delete_is_told_so_after_one_thing() -> None:
    def no_delete(environ: dict[str, Any], status: int, body: Any) -> tuple[int, Any]:
        return (405, None) if environ["REQUEST_METHOD"] == "DELETE" else (status, body)

    def kept(environ: dict[str, Any]) -> None:
        if environ["REQUEST_METHOD"] == "DELETE":
            environ["PATH_INFO"] = environ["RAW_URI"] = "/v1/nothing"

    server = Fieldpost()

    run = judged(FULL, Bent(server, request=kept, answer=no_delete))

    assert run.headline is Headline.INCONCLUSIVE
    assert len(server.devices) == 1
    assert run.cleanup.left == 1


@dataclass(frozen=True, slots=True)
class Bent:
    """A good server whose requests and answers somebody bends on the way."""

    server: Fieldpost
    request: Callable[[dict[str, Any]], None] = lambda _environ: None
    answer: Callable[[dict[str, Any], int, Any], tuple[int, Any]] = lambda _e, s, b: (s, b)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        told: list[Any] = []
        self.request(environ)
        body = b"".join(self.server(environ, lambda *parts: told.extend(parts)))
        status, content = self.answer(environ, int(told[0][:3]), json.loads(body) if body else None)
        sent = b"" if content is None else json.dumps(content).encode()
        headers = [(n, v) for n, v in told[1] if n != "Content-Length"]
        start(f"{status} Bent", [*headers, ("Content-Length", str(len(sent)))])
        return [sent]


def whole_seconds(environ: dict[str, Any], status: int, body: Any) -> tuple[int, Any]:
    """Shows times to the second."""
    told = json.dumps(body)
    return status, json.loads(re.sub(r"(T\d\d:\d\d:\d\d)\.\d+Z", r"\1Z", told))


def anybody(environ: dict[str, Any]) -> None:
    """Lets in whoever calls."""
    environ["HTTP_X_API_KEY"] = KEY


def any_key(environ: dict[str, Any]) -> None:
    """Lets in whoever sends a key, whatever it is."""
    if "HTTP_X_API_KEY" in environ:
        environ["HTTP_X_API_KEY"] = KEY


def clamping(environ: dict[str, Any]) -> None:
    """Takes 100 for a limit of 101."""
    environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("limit=101", "limit=100")


def without_model(environ: dict[str, Any]) -> None:
    """Puts in a model where none is sent."""
    change_body(environ, lambda body: {"model": "unknown", **body})


def any_serial(environ: dict[str, Any]) -> None:
    """Drops what may not stand in a serial."""

    def cleaned(body: dict[str, Any]) -> dict[str, Any]:
        serial = body.get("serial")
        if isinstance(serial, str):
            kept = "".join(c for c in serial if c.isascii() and (c.isalnum() or c == "-"))
            body["serial"] = kept[:64] or "empty"
        return body

    change_body(environ, cleaned)


def change_body(
    environ: dict[str, Any], change: Callable[[dict[str, Any]], Mapping[str, Any]]
) -> None:
    body = environ["wsgi.input"].read()
    if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"].endswith("/devices"):
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            body = json.dumps(change(json.loads(body))).encode()
    environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def made_with_200(environ: dict[str, Any], status: int, body: Any) -> tuple[int, Any]:
    """Answers 200 to what is created."""
    return (200 if status == 201 else status), body


def without_label(environ: dict[str, Any], status: int, body: Any) -> tuple[int, Any]:
    """Leaves out a member that the schema needs."""
    if isinstance(body, dict):
        body.pop("label", None)
    return status, body


def server_error(environ: dict[str, Any], status: int, body: Any) -> tuple[int, Any]:
    """Breaks at an odd cursor."""
    return (500, body) if status == 400 and "cursor" in environ["QUERY_STRING"] else (status, body)


BROKEN: dict[str, dict[str, Any]] = {
    "any/no-credentials": {"request": anybody},
    "any/wrong-key": {"request": any_key},
    "any/no-server-error": {"answer": server_error},
    "list_devices/limit-maximum": {"request": clamping},
    "register_device/model-required": {"request": without_model},
    "register_device/serial-pattern": {"request": any_serial},
    "register_device/status": {"answer": made_with_200},
    "get_device/shape": {"answer": without_label},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_server_fails_the_rule_that_it_breaks(rule: str) -> None:
    server = Bent(Fieldpost(), **BROKEN[rule])
    run = judged(FULL, server, (f"fieldpost/{rule}",))
    assert verdicts(run, Verdict.FAILED) == {f"fieldpost/{rule}"}
