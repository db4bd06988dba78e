"""`streamproof probe`, and silent points that `check --dialect` pins."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streamproof import cli
from streamproof.config import read_dialects, read_pins
from streamproof.contracts.pins import Pins
from streamproof.contracts.probe import observe_all
from streamproof.contracts.report.document import document
from streamproof.contracts.report.observed import toml
from streamproof.contracts.run import Options, Run, Selection, Target, run
from streamproof.contracts.transport import WsgiTransport
from streamproof.contracts.verdict import Headline, Verdict
from streamproof.mockserver.config import MockConfig
from streamproof.mockserver.in_thread import RunningMock, serve_in_thread
from streamproof.specs.dialect import Value
from streamproof.specs.errors import SpecError
from tests.contracts.dotide.targets import DOTIDE, good

BASIC = ("--basic", "demo-client:demo-secret")
CHOSEN: dict[str, Value] = {"limit_zero": "ignored", "duplicate_id_status": 422}

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line, in this process: exit code, standard output, standard error."""

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["streamproof", *args])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code = ended.value.code
        return (code if isinstance(code, int) else 0, *capsys.readouterr())

    return call


@pytest.fixture(scope="module")
def served() -> Iterator[RunningMock]:
    with serve_in_thread(MockConfig(dialects={"dotide": CHOSEN})) as server:
        yield server


def test_the_mock_takes_the_file_of_a_probe_unchanged(
    command: Command, served: RunningMock, tmp_path: Path
) -> None:
    file = tmp_path / "dialect.toml"
    at = ("--url", f"{served.url}/v1/demo", *BASIC)
    code, out, _ = command("probe", "dotide", *at, "--lang", "en", "-o", str(file))
    assert code == 0
    assert "As without `limit`." in out
    assert " 0 left" in out
    found = read_dialects(file)["dotide"]
    assert {point: found[point] for point in CHOSEN} == CHOSEN
    text = file.read_text("utf-8")
    for part in ("What does `limit=0` answer?", "`limit=0` 返回什么？", "limit=0 -> 200"):
        assert part in text
    assert "# default_limit: not seen: " in text
    assert "demo-secret" not in text


def test_nobody_there_is_inconclusive(command: Command) -> None:
    nowhere = ("--url", "http://127.0.0.1:9/v1/demo", *BASIC)
    code, out, _ = command("probe", "dotide", *nowhere)
    assert code == 3
    assert "nothing can be seen" in out


def test_no_token_that_was_made_is_told() -> None:
    given: list[str] = []

    def noting(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        content = b"".join(app(environ, start))
        made = json.loads(content) if content else None
        if isinstance(made, dict) and "access_token" in made:
            given.append(made["access_token"])
        return [content]

    app = good()
    transport = WsgiTransport(noting, "http://localhost/v1/demo")
    target = Target(DOTIDE, transport, DOTIDE.fixtures["credentials"], DOTIDE.fixtures)
    seen = observe_all(target, points=("both_credentials", "absent_scope_fields"))
    assert [each.choice for each in seen.observations] == ["header", "empty"]
    assert seen.cleanup.left == 0
    told = toml(DOTIDE, seen.observations, (), seen.secrets)
    assert given
    assert not [token for token in given if token in told]


def test_looks_go_by_what_others_have_left() -> None:
    """A default limit takes a hundred streams to be seen: they need not be made for it alone."""

    def created(*points: str) -> int:
        transport = WsgiTransport(good(), "http://localhost/v1/demo")
        target = Target(DOTIDE, transport, DOTIDE.fixtures["credentials"], DOTIDE.fixtures)
        seen = observe_all(target, points=points)
        why = {each.point: each.why for each in seen.observations}
        assert "all of 101 streams" in why["default_limit"]
        return seen.cleanup.created

    assert created("duplicate_id_status", "recreate_deleted", "default_limit") == created(
        "default_limit"
    )


# -- in a run -------------------------------------------------------------------------------------


def judged(only: tuple[str, ...] = (), pins: dict[str, Value] | None = None, **more: Any) -> Run:
    transport = WsgiTransport(good(**CHOSEN), "http://localhost/v1/demo")
    target = Target(DOTIDE, transport, DOTIDE.fixtures["credentials"], DOTIDE.fixtures)
    options = Options(Selection(only), 1, pins=Pins(pins or {}, "dialect.toml"), **more)
    return run(target, options)


def test_a_whole_run_observes_and_cleans_up() -> None:
    done = judged(observe=True, max_examples=1, shrink_requests=0)
    told = {each["point"]: each for each in document(done)["observations"]}
    assert told.keys() == DOTIDE.dialect.points.keys()
    assert told["limit_zero"]["choice"] == "ignored"
    assert told["duplicate_id_status"]["choice"] == 422
    assert told["default_limit"]["choice"] is None
    assert "streamproof probe" in told["default_limit"]["why"]
    assert done.cleanup.left == 0
    assert done.ended is None


def test_a_narrowed_run_observes_nothing() -> None:
    assert judged(("dotide/create/status",), observe=True).observations == ()


@pytest.mark.parametrize(
    ("choice", "verdict"), [("ignored", Verdict.PASSED), ("empty", Verdict.FAILED)]
)
def test_a_pinned_point_is_a_rule(choice: str, verdict: Verdict) -> None:
    done = judged(("dotide/dialect/*",), {"limit_zero": choice})
    (ruling,) = done.rulings
    assert (ruling.rule.id, ruling.verdict) == ("dotide/dialect/limit_zero", verdict)
    expected = Headline.CONFORMS if verdict is Verdict.PASSED else Headline.DOES_NOT_CONFORM
    assert done.headline is expected
    json.dumps(document(done))


def test_a_pinned_point_that_cannot_be_seen_leaves_the_verdict_open() -> None:
    done = judged(("dotide/dialect/*",), {"default_limit": "none"})
    assert [r.verdict for r in done.rulings] == [Verdict.NOT_TESTED]
    assert "all of 101 streams" in done.rulings[0].message
    assert done.headline is Headline.INCONCLUSIVE


def test_pins_of_another_api_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "dialect.toml"
    file.write_text("[bge]\n")
    with pytest.raises(SpecError, match="dotide: a table of silent points expected"):
        read_pins(file, DOTIDE)
