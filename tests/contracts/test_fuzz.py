"""Calls that are made up: the same for the same seed, in the run's own names, and worth it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
import schemathesis

from streamproof.contracts import fuzz
from streamproof.contracts.names import PREFIX
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiApp, WsgiTransport
from streamproof.contracts.verdict import Verdict
from streamproof.contracts.wire import Answer
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.specs import api
from tests.contracts.dotide import targets

RULE = "any/no-server-error"
URLS = {"dotide": "http://localhost/v1/demo", "bge": "http://localhost"}
FAULTS = {"dotide": "breaks-down", "bge": "odd-limit"}
SIGNED = {"app_key", "signature_nonce", "timestamp", "sign"}


Request = tuple[str, str, bytes | None]  # method, target, body


class Recorded(WsgiTransport):
    """A transport that keeps what it sent."""

    def __init__(self, app: WsgiApp, url: str) -> None:
        super().__init__(app, url)
        self.sent: list[Request] = []

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        self.sent.append((method, target, body))
        return super().exchange(method, target, headers, body)


def checked(name: str, *faults: str, only: str = RULE, **options: Any) -> tuple[Run, list[Request]]:
    """A run of some rules of an API against the mock, and what was sent."""
    loaded = api.load(name)
    app = create_app(MockConfig(apis=(name,), faults=tuple(f"{name}/{RULE}.{f}" for f in faults)))
    transport = Recorded(app, URLS[name])
    target = Target(loaded, transport, loaded.fixtures["credentials"], loaded.fixtures)
    selection = Selection((f"{name}/{only}",))
    return run(target, Options(**{"selection": selection, "seed": 1, **options})), transport.sent


def failed(found: Run) -> list[str]:
    return [ruling.rule.id for ruling in found.rulings if ruling.verdict is Verdict.FAILED]


def of_a_servers_name(request: Request) -> bool:
    """Whether a request looks at or removes a stream that its server named."""
    method, target, _ = request
    named = target.startswith("/datastreams/") and PREFIX not in target
    return method in ("GET", "DELETE") and named


def form(body: bytes | None) -> dict[str, str]:
    """The fields of a form but those of its signature, which has a nonce."""
    fields = parse_qsl((body or b"").decode("latin-1"), keep_blank_values=True)
    return {name: value for name, value in fields if name not in SIGNED}


def settled(request: Request) -> object:
    """What of a request is settled by seed and run id: all but nonces and what servers name."""
    method, target, body = request
    sent = str(form(body) if b"signature_nonce=" in (body or b"") else body)
    return method, target, re.sub("[0-9a-f-]{36}", "id", sent)


@pytest.mark.parametrize("name", URLS)
def test_a_seed_settles_what_is_sent(name: str) -> None:
    def sent(seed: int) -> list[object]:
        _, requests = checked(name, seed=seed, run_id="abcdefgh", max_examples=4)
        own = (settled(request) for request in requests if not of_a_servers_name(request))
        return sorted(own, key=str)  # the clean-up goes side by side

    once = sent(1)
    assert sent(1) == once
    assert sent(2) != once


@pytest.mark.parametrize("name", URLS)
def test_a_good_server_withstands_it_all(name: str) -> None:
    for seed in range(3):
        found, _ = checked(name, seed=seed, max_examples=3)
        assert [r.verdict for r in found.rulings] == [Verdict.PASSED], seed


@pytest.mark.parametrize("name", URLS)
def test_the_fault_is_found_and_nothing_else_is_blamed(name: str) -> None:
    found, _ = checked(name, FAULTS[name], only="*", max_examples=3)
    assert failed(found) == [f"{name}/{RULE}"]


@pytest.mark.parametrize("name", URLS)
def test_a_run_takes_few_requests(name: str) -> None:
    """Of what is made up at most 60 to an operation; the classics come on top."""
    few, many = (
        next(r.finding.requests for r in checked(name, max_examples=n)[0].rulings) for n in (1, 20)
    )
    assert (many - few) / len(api.load(name).operations) <= 60
    assert few < 450


def test_streams_are_touched_only_under_names_of_the_run() -> None:
    _, sent = checked("dotide", max_examples=20)
    for method, target, body in (request for request in sent if not of_a_servers_name(request)):
        path = target.partition("?")[0]
        if path not in ("/datastreams", "/access_tokens"):
            assert unquote(path).startswith(f"/datastreams/{PREFIX}"), (method, target)
        try:
            fields = json.loads(body or b"")
        except (ValueError, RecursionError):
            continue
        if method == "POST" and isinstance(fields, dict) and isinstance(fields.get("id"), str):
            assert fields["id"].startswith(PREFIX)


def test_records_are_written_only_at_times_of_the_run() -> None:
    _, sent = checked("bge", max_examples=20)
    times: list[object] = []
    known = api.load("bge").fixtures["entities"]
    for _, target, body in sent:
        fields = form(body)
        if target.endswith("/write") and fields.get("fundamental_entity_id") in known:
            times.append(fields.get("stream_generate_time"))
        if target.endswith("/batch_write"):
            times += list(_times(fields.get("streams", "")))
    first, last = (int(day[:4]) for day in api.load("bge").fixtures["time_span"])
    texts = [time for time in times if isinstance(time, str)]
    assert len(texts) > 100
    assert all(first <= int(text[:4]) < last for text in texts)


def _times(streams: str) -> list[object]:
    try:
        items = json.loads(streams)
    except (ValueError, RecursionError):
        return []
    members = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return [item.get("stream_generate_time") for item in members]


KNOWN = {"id", "name", "type", "tags", "properties", "tz"}
ODD: dict[str, Callable[[targets.Call], object]] = {
    "a character beyond 16 bits": lambda call: any(c > "\uffff" for c in str(call.fields)),
    "a control character": lambda call: any("\0" < c < " " for c in str(call.fields.get("name"))),
    "a number that is no integer": lambda call: "." in call.query.get("limit", ""),
    "an unknown field": lambda call: "id" in call.fields and call.fields.keys() - KNOWN,
}


def test_what_is_made_up_is_none_of_the_classics() -> None:
    seen: set[str] = set()

    def bend(call: targets.Call, proceed: targets.Proceed) -> targets.Answer:
        seen.update(odd for odd, is_there in ODD.items() if is_there(call))
        return proceed(call)

    for seed in range(3):
        if seen != ODD.keys():
            targets.judged(targets.bent(bend), f"dotide/{RULE}", seed=seed)
    assert seen == ODD.keys()


def test_a_series_that_is_not_known_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemathesis, "__version__", "4.33.0")
    with pytest.raises(fuzz.Unsuited, match=r"4\.32\.x is needed, 4\.33\.0 is installed"):
        fuzz.made_up(api.load("bge").operations["bind"])
    found, _ = checked("bge")
    assert [r.verdict for r in found.rulings] == [Verdict.HARNESS_ERROR]
    assert "4.33.0 is installed" in found.rulings[0].message


def test_it_is_loaded_when_it_is_used_and_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text("this is none")
    code = """if True:
        import sys
        from streamproof.contracts.bge import checks
        from streamproof.contracts.dotide import checks
        assert "schemathesis" not in sys.modules
        from tests.contracts.test_fuzz import checked
        checked("dotide", max_examples=2)
    """
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["schemathesis.toml"]
