"""Evidence sent again shows the fault where it is, collides with nothing, and leaves nothing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamproof.contracts.again import Again
from streamproof.contracts.auth import spelled, unspelled
from streamproof.contracts.bind import checks_of
from streamproof.contracts.client import Client
from streamproof.contracts.evidence import Evidence, read
from streamproof.contracts.meter import RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.report.files import write
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.wire import Outcome, Request
from streamproof.mockserver.app import create_app
from streamproof.mockserver.config import MockConfig
from streamproof.resend import resend
from streamproof.specs import api
from streamproof.specs.errors import SpecError

FAULTS = (
    "dotide/list/pages.off-by-one",
    "dotide/create/generated-id.not-its-own",
    "dotide/any/wrong-secret.let-in",
    "dotide/any/other-database.let-in",
    "dotide/any/odd-text-kept.ends-at-nul",
    "dotide/any/refused-without-effect.carried-out",
    "dotide/delete/not-readable.once-more",
    "dotide/delete/others-stay.prefix",
    "bge/range/sort-desc.ascending",
    "bge/write/duplicate-keeps-older.data-replaced",
    "bge/any/changed-field-rejected.additions",
)


def target(name: str, *faults: str) -> Target:
    """A fresh mock of an API, with faults."""
    spec = api.load(name)
    url = "http://localhost" + ("/v1/demo" if name == "dotide" else "")
    app = create_app(MockConfig(apis=(name,), faults=faults))
    return Target(spec, WsgiTransport(app, url), spec.fixtures["credentials"], spec.fixtures)


def failed(where: Target, rule: str, folder: Path) -> tuple[Run, Path]:
    done = run(where, Options(Selection((rule,)), 1))
    write(done, folder)
    return done, folder / "evidence" / f"{rule.replace('/', '.')}.har"


def again(evidence: Evidence, where: Target, run_id: str = "zzzzzzzz") -> Again:
    client = Client(where.api, where.transport, where.credentials)
    return Again(evidence, client, checks_of(where.api)[1], Names(run_id), where.fixtures)


def judgements(sent: Iterator[tuple[Outcome, Outcome]]) -> list[bool]:
    """For each step, whether it was answered as it was recorded: names and times beside."""

    def outline(outcome: Outcome) -> Any:
        length = len(outcome.data) if isinstance(outcome.data, list) else None
        code = outcome.data.get("code") if isinstance(outcome.data, dict) else None
        return outcome.status, length, code, len(outcome.body)

    return [outline(before) == outline(now) for before, now in sent]


@pytest.mark.parametrize("fault", FAULTS)
def test_it_shows_the_fault_where_it_is(fault: str, tmp_path: Path) -> None:
    name, rule = fault.split("/")[0], fault.split(".")[0]
    faulty = target(name, fault)
    done, file = failed(faulty, rule, tmp_path)
    evidence = read(file, faulty.api)
    (ruling,) = done.rulings
    assert [step.request for step in evidence.steps] == [s.request for s in ruling.finding.steps]
    assert all(judgements(again(evidence, faulty).send()))
    if fault != "bge/range/sort-desc.ascending" and "data-replaced" not in fault:
        assert not all(judgements(again(evidence, target(name)).send()))


def test_names_of_the_recorded_run_are_sent_no_more(tmp_path: Path) -> None:
    faulty = target("dotide", "dotide/list/pages.off-by-one")
    done, file = failed(faulty, "dotide/list/pages", tmp_path)
    evidence = read(file, faulty.api)
    pairs = list(again(evidence, faulty).send())
    old, new = Names(done.run_id), Names("zzzzzzzz")
    for _, now in pairs:
        text = f"{now.request.target} {now.request.body!r}"
        assert not any(stem in text for stem in old.stems)
        assert any(stem in text for stem in new.stems)


def test_dates_move_within_their_year_and_together(tmp_path: Path) -> None:
    faulty = target("bge", "bge/range/sort-desc.ascending")
    _, file = failed(faulty, "bge/range/sort-desc", tmp_path)
    pairs = list(again(read(file, faulty.api), faulty).send())

    def times(request: Any) -> list[str]:
        return [v for n, v in request.form if n.endswith("time") and len(v) > 4]

    moved = [
        (a, b)
        for before, now in pairs
        for a, b in zip(times(before.request), times(now.request), strict=True)
    ]
    assert moved
    assert all(a != b and (a[:4], a[10:]) == (b[:4], b[10:]) for a, b in moved)


def test_what_is_made_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    faulty = target("dotide", "dotide/list/pages.off-by-one")
    _, file = failed(faulty, "dotide/list/pages", tmp_path)
    good = target("dotide")
    assert resend(read(file, good.api), good, rate=None)
    told = capsys.readouterr().out
    assert "9 created, 9 deleted, 0 left" in told
    assert "demo-secret" not in told
    assert told.count("  recorded  ") == 13
    left = Client(good.api, good.transport, good.credentials).call("list", limit=500).payload
    assert [row["id"] for row in left] == [d["id"] for d in good.fixtures["datastreams"]]


def test_where_the_server_names_nothing_anew_nothing_more_is_sent(tmp_path: Path) -> None:
    """Else the next request would go to what the recorded run has made, or to somebody's own."""
    faulty = target("dotide", "dotide/create/generated-id.not-its-own")
    _, file = failed(faulty, "dotide/create/generated-id", tmp_path)
    evidence = read(file, faulty.api)
    asked: list[str] = []

    def refusing(environ: dict[str, Any], start: Any) -> list[bytes]:
        asked.append(environ["REQUEST_METHOD"])
        start("422 No", [("Content-Type", "application/json")])
        return [b'{"message": "no"}']

    deaf = Target(
        faulty.api,
        WsgiTransport(refusing, "http://localhost/v1/demo"),
        faulty.credentials,
        faulty.fixtures,
    )
    with pytest.raises(RunEnded, match="which the next requests are about"):
        list(again(evidence, deaf).send())
    assert "GET" not in asked[-1:]


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("DELETE", "/datastreams/boiler", "may change what this run didn't make"),
        ("DELETE", "/datastreams/..%2Fboiler", "may change what this run didn't make"),
        ("DELETE", "/other/boiler", "is no call of delete"),
        ("PUT", "/datastreams/sproofabcdefghaaaaa", "is no call of delete"),
    ],
)
def test_nothing_of_others_is_changed(method: str, path: str, told: str) -> None:
    """Evidence may come from anybody, and of a server that gives out short ids."""
    where = target("dotide")
    step = Outcome(Request(where.api.operations["delete"], method, path), 204, True)
    base = where.transport.url
    evidence = Evidence("dotide/delete/status", base, "abcdefgh", (replace(step, url=base),))
    with pytest.raises(RunEnded, match=told):
        list(again(evidence, where).send())


# -- what can't be sent ------------------------------------------------------------------------


@contextmanager
def refused(text: str) -> Iterator[None]:
    with pytest.raises(SpecError, match=text) as fault:
        yield
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    "content",
    ["{", "[]", "{}", '{"log": 1}', '{"log": {"creator": {"name": "Firefox"}}}', "[" * 100_000],
)
def test_what_is_no_evidence_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.har"
    file.write_text(content, "utf-8")
    with refused("is no evidence of a run"):
        read(file, api.load("dotide"))
    with refused("No such file"):
        read(tmp_path / "y.har", api.load("dotide"))


def test_evidence_of_another_api_is_refused(tmp_path: Path) -> None:
    _, file = failed(
        target("bge", "bge/range/sort-desc.ascending"), "bge/range/sort-desc", tmp_path
    )
    with refused("is of bge, and the target of dotide"):
        read(file, api.load("dotide"))


def test_a_credential_that_is_missing_is_named(tmp_path: Path) -> None:
    faulty = target("dotide", "dotide/any/other-database.let-in")
    _, file = failed(faulty, "dotide/any/other-database", tmp_path)
    bare = Target(faulty.api, faulty.transport, {"basic": "a:b"}, {})
    evidence = read(file, faulty.api)
    theirs = any("OTHER" in str(step.proofs) for step in evidence.steps)
    assert theirs
    with refused("was sent with other_basic, which this target has none of"):
        again(evidence, bare)


def test_a_second_place_needs_the_recorded_path(tmp_path: Path) -> None:
    faulty = target("dotide", "dotide/any/other-database.let-in")
    _, file = failed(faulty, "dotide/any/other-database", tmp_path)
    moved = Target(
        faulty.api,
        WsgiTransport(lambda *_: [], "http://localhost/api/v1/demo"),
        faulty.credentials,
        faulty.fixtures,
    )
    with refused("give --url with the path of that"):
        again(read(file, faulty.api), moved)


@given(st.text(max_size=30), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_how_a_credential_is_spelled_can_be_read_again(made_up: str, secret: str) -> None:
    own = {secret: "STREAMPROOF_BASIC"}
    for value in (secret, secret[:-1], secret.swapcase(), f'x{secret}"$y', made_up):
        text = spelled(value, own)
        assert unspelled(text, {"STREAMPROOF_BASIC": secret}) == value


def test_only_what_is_evidence_of_ours_names_its_steps(tmp_path: Path) -> None:
    faulty = target("dotide", "dotide/list/pages.off-by-one")
    _, file = failed(faulty, "dotide/list/pages", tmp_path)
    content = json.loads(file.read_text("utf-8"))
    del content["log"]["entries"][0]["_operation"]
    file.write_text(json.dumps(content), "utf-8")
    with refused("is no evidence of a run"):
        read(file, faulty.api)
